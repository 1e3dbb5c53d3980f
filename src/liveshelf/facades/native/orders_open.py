"""What is open around orders, for staff: abnormal ones by the time they have left, and wishes for another address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.customers import postal
from liveshelf.facades.native.order_views import OrderView, order_views
from liveshelf.facades.native.order_work_views import AbnormalCaseView, AddressRequestView, case_view, request_view
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, once, staff
from liveshelf.flows import address as flow
from liveshelf.kernel.ids import OrderId
from liveshelf.orders import abnormal, address_requests, queries
from liveshelf.orders.abnormal_kinds import AbnormalKind
from liveshelf.orders.rules import REASON_MAX
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

Kind = Annotated[AbnormalKind | None, QueryParameter(name="kind")]
_REQUEST = "/shops/{shop_id:int}/address-requests/{request_id:int}"


class AbnormalRow(msgspec.Struct, frozen=True):
    """An open case with its order."""

    case: AbnormalCaseView
    order: OrderView


class AbnormalPage(msgspec.Struct, frozen=True):
    """Open cases, the least time left first."""

    items: list[AbnormalRow]
    next: str | None
    count: int


class AddressText(msgspec.Struct, frozen=True):
    """An address as people read it."""

    name: str
    phone: str
    place: str
    street: str


class AddressRequestRow(msgspec.Struct, frozen=True):
    """A wish for another address with its order; both addresses masked, `null` once the buyer was erased."""

    request: AddressRequestView
    order: OrderView
    now: AddressText | None
    wanted: AddressText | None


class AddressRequestPage(msgspec.Struct, frozen=True):
    """Open wishes, the least time left first."""

    items: list[AddressRequestRow]
    next: str | None
    count: int


class Whole(msgspec.Struct, frozen=True):
    """Both addresses, unmasked."""

    now: AddressText | None
    wanted: AddressText | None


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why not; the buyer reads it."""

    request_id: RequestId
    reason: Annotated[str, msgspec.Meta(max_length=REASON_MAX * 2)]


@get("/shops/{shop_id:int}/abnormal-orders", dependencies=staff("orders.read"), tags=["orders"])
async def list_abnormal(
    operator: Operator, runtime: Runtime, *, kind: Kind = None, cursor: Cursor = None, limit: Limit = None
) -> AbnormalPage:
    """Abnormal orders that nobody has settled yet."""
    async with runtime.db.read(operator.shop) as tx:
        page = await abnormal.open_cases(tx, kind=kind, cursor=cursor, limit=limit)
        found = await queries.orders(tx, [case.order_id for case in page.items])
        views = {view.order_id: view for view in await order_views(tx, list(found.values()), as_buyer=False)}
        names = await accounts.names(tx, [case.flagged_by for case in page.items])
        count = await abnormal.count_open(tx)
    rows = [AbnormalRow(case_view(case, names), views[str(case.order_id)]) for case in page.items]
    return AbnormalPage(rows, page.next, count)


@get("/shops/{shop_id:int}/address-requests", dependencies=staff("orders.read"), tags=["orders"])
async def list_address_requests(
    operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None
) -> AddressRequestPage:
    """Wishes for another address that wait for their answer."""
    async with runtime.db.read(operator.shop) as tx:
        page = await address_requests.waiting(tx, cursor=cursor, limit=limit)
        ids = [one.order_id for one in page.items]
        found = await queries.orders(tx, ids)
        views = {view.order_id: view for view in await order_views(tx, list(found.values()), as_buyer=False)}
        present = await queries.delivery(tx, ids)
        count = await address_requests.count_open(tx)
    rows = [
        AddressRequestRow(
            request_view(one),
            views[str(one.order_id)],
            _text(runtime, present[one.order_id].sealed if one.order_id in present else None),
            _text(runtime, one.address),
        )
        for one in page.items
    ]
    return AddressRequestPage(rows, page.next, count)


@post(f"{_REQUEST}/whole", status_code=200, dependencies=staff("orders.write"), tags=["orders"])
async def see_whole(request_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> Whole:  # noqa: ARG001 - looking twice is recorded twice
    """Both addresses unmasked. Each look stands in the trail."""
    async with runtime.db.read(operator.shop) as tx:
        request = await address_requests.one(tx, request_id)
        present = (await queries.delivery(tx, [request.order_id])).get(request.order_id)

    async def work(tx: Tx) -> None:
        trail.record(tx, "address.read", f"order:{request.order_id}")

    await runtime.db.write(operator.actor, operator.shop, work)
    return Whole(
        _text(runtime, present.sealed if present else None, whole=True), _text(runtime, request.address, whole=True)
    )


@post(f"{_REQUEST}/approve", status_code=200, dependencies=staff("orders.write"), tags=["orders"])
async def approve_address(request_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> OrderView:
    """Grant it: the order goes to the new address, and labels that were printed are void."""

    async def work(tx: Tx) -> int:
        return await flow.grant_change(tx, request_id)

    return await _answered(runtime, operator, work, mark=("address.approve", data.request_id, str(request_id)))


@post(f"{_REQUEST}/refuse", status_code=200, dependencies=staff("orders.write"), tags=["orders"])
async def refuse_address(request_id: LongId, data: Refusal, operator: Operator, runtime: Runtime) -> OrderView:
    """Refuse it with a reason."""

    async def work(tx: Tx) -> int:
        return await address_requests.refuse(tx, request_id, reason=data.reason)

    return await _answered(runtime, operator, work, mark=("address.refuse", data.request_id, [str(request_id), data]))


def _text(runtime: Runtime, sealed: bytes | None, *, whole: bool = False) -> AddressText | None:
    if not sealed:
        return None
    address = postal.open_address(runtime.keys, sealed)
    shown = address if whole else postal.masked(address)
    return AddressText(shown.name, shown.phone, postal.place_text(shown), shown.street)


async def _answered(
    runtime: Runtime,
    operator: Operator,
    work: Callable[[Tx], Awaitable[int]],
    *,
    mark: tuple[str, str, object],
) -> OrderView:
    order_id = await runtime.db.write(operator.actor, operator.shop, work, once=once(*mark, int))
    async with runtime.db.read(operator.shop) as tx:
        (view,) = await order_views(tx, [await queries.order(tx, OrderId(order_id))], as_buyer=False)
    return view


ROUTES = [list_abnormal, list_address_requests, see_whole, approve_address, refuse_address]
