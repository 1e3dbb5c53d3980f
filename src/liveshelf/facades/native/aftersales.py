"""After-sale cases, for staff: the queue by clock, and what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, TypeAlias

import msgspec
from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body as MultiPart
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.aftersales import granting, queries, rules, service
from liveshelf.aftersales.types import Case, CaseState, Side
from liveshelf.facades.native.aftersale_bodies import (
    CaseApproval,
    CaseExplained,
    CaseInspected,
    CaseOffer,
    CaseParcel,
    CaseSaying,
    CaseShown,
)
from liveshelf.facades.native.aftersale_views import Asker, CaseDetail, CaseView, case_detail, case_page, case_views
from liveshelf.facades.native.media import BODY_MAX, MediaView, Upload
from liveshelf.facades.native.shell import Cursor, Limit, LongId, once, staff
from liveshelf.flows.upload import upload
from liveshelf.kernel.ids import OrderId
from liveshelf.media.rules import BYTES_MAX
from liveshelf.media.types import media_path
from liveshelf.orders.types import Order
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

Group = Annotated[Literal["to_do", "with_buyer", "refunding", "ended", "all"], QueryParameter(name="group")]
OfOrder = Annotated[LongId | None, QueryParameter(name="order_id", description="Only the cases of this order.")]
_S = CaseState
GROUPS: dict[str, frozenset[CaseState]] = {
    "to_do": frozenset({_S.APPLIED, _S.INSPECTING, _S.RESENDING}),
    "with_buyer": frozenset({_S.AWAITING_RETURN}),
    "refunding": frozenset({_S.REFUNDING}),
    "ended": frozenset({_S.REFUNDED, _S.EXCHANGED, _S.REFUSED, _S.WITHDRAWN, _S.CLOSED}),
    "all": frozenset(_S),
}


class CaseGroupCount(msgspec.Struct, frozen=True):
    """How many cases a group has, and how many of them have missed a limit."""

    many: int
    breached: int


class ShopCasePage(msgspec.Struct, frozen=True):
    """A page of the shop's cases; `counts` by group, whatever was asked for."""

    items: list[CaseView]
    next: str | None
    counts: dict[str, CaseGroupCount]


@get("/shops/{shop_id:int}/aftersales", dependencies=staff("aftersales.read"), tags=["aftersales"])
async def list_cases(
    operator: Operator,
    runtime: Runtime,
    *,
    group: Group = "to_do",
    order_id: OfOrder = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> ShopCasePage:
    """The shop's cases. What waits for the shop comes by its clock, the most urgent first; the rest newest first."""
    asker = _asker(operator)
    async with runtime.db.read(operator.shop) as tx:
        counted = await queries.counts(tx)
        if order_id is not None:
            found = await queries.of_orders(tx, [OrderId(order_id)])
            items, following = await case_views(tx, runtime, found, asker), None
        else:
            find = queries.by_clock if group in {"to_do", "with_buyer"} else queries.newest
            page = await case_page(tx, runtime, await find(tx, GROUPS[group], cursor=cursor, limit=limit), asker)
            items, following = page.items, page.next
    counts = {
        name: CaseGroupCount(
            sum(counted[state].many for state in states), sum(counted[state].breached for state in states)
        )
        for name, states in GROUPS.items()
    }
    return ShopCasePage(items, following, counts)


@get("/shops/{shop_id:int}/aftersales/{case_id:int}", dependencies=staff("aftersales.read"), tags=["aftersales"])
async def one_case(case_id: LongId, operator: Operator, runtime: Runtime) -> CaseDetail:
    """One case with its log."""
    return await _shown(runtime, operator, case_id)


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/approve",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def approve(case_id: LongId, data: CaseApproval, operator: Operator, runtime: Runtime) -> CaseDetail:
    """Take the review's next step; the last one grants the case."""
    return await _act(
        runtime,
        operator,
        "approve",
        case_id,
        data=data,
        do=lambda tx, case, order: granting.approve(
            tx, case, order, role=operator.role, step=data.step, text=data.text
        ),
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/refuse",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def refuse(case_id: LongId, data: CaseExplained, operator: Operator, runtime: Runtime) -> CaseDetail:
    """CaseSaying no, and why."""
    return await _act(
        runtime,
        operator,
        "refuse",
        case_id,
        data=data,
        do=lambda tx, case, _order: granting.refuse(tx, case, role=operator.role, text=data.text),
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/offer",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def offer(case_id: LongId, data: CaseOffer, operator: Operator, runtime: Runtime) -> CaseDetail:
    """CaseOffer a part of the money for keeping the goods."""
    return await _act(
        runtime,
        operator,
        "offer",
        case_id,
        data=data,
        do=lambda tx, case, _order: granting.offer(
            tx, case, role=operator.role, amount_fen=data.amount_fen, text=data.text
        ),
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/say",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def say(case_id: LongId, data: CaseSaying, operator: Operator, runtime: Runtime) -> CaseDetail:
    """Write to the buyer, and promise a time where a decision is owed."""
    return await _act(
        runtime,
        operator,
        "say",
        case_id,
        data=data,
        do=lambda tx, case, _order: service.say(tx, case, data.text, data.pictures, until=rules.in_utc(data.until)),
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/note",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def note(case_id: LongId, data: CaseExplained, operator: Operator, runtime: Runtime) -> CaseDetail:
    """Write something that the staff alone reads."""
    return await _act(
        runtime, operator, "note", case_id, data=data, do=lambda tx, case, _order: service.note(tx, case, data.text)
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/accept-return",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def accept_return(case_id: LongId, data: CaseInspected, operator: Operator, runtime: Runtime) -> CaseDetail:
    """The goods are back: the money or the replacement follows."""
    return await _act(
        runtime,
        operator,
        "accept_return",
        case_id,
        data=data,
        do=lambda tx, case, order: granting.accept_return(tx, case, order, restock=data.restock, text=data.text),
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/refuse-return",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def refuse_return(case_id: LongId, data: CaseShown, operator: Operator, runtime: Runtime) -> CaseDetail:
    """The goods came back otherwise than they were sent."""
    return await _act(
        runtime,
        operator,
        "refuse_return",
        case_id,
        data=data,
        do=lambda tx, case, _order: granting.refuse_return(tx, case, text=data.text, pictures=data.pictures),
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/resend",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def resend(case_id: LongId, data: CaseParcel, operator: Operator, runtime: Runtime) -> CaseDetail:
    """The replacement is with a carrier."""
    parcel = rules.checked_parcel(data.carrier, data.number)
    return await _act(
        runtime, operator, "resend", case_id, data=data, do=lambda tx, case, _order: granting.resend(tx, case, parcel)
    )


@post(
    "/shops/{shop_id:int}/aftersales/{case_id:int}/refund-instead",
    status_code=200,
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
)
async def refund_instead(case_id: LongId, data: CaseExplained, operator: Operator, runtime: Runtime) -> CaseDetail:
    """No replacement after all: the money goes back."""
    return await _act(
        runtime,
        operator,
        "refund_instead",
        case_id,
        data=data,
        do=lambda tx, case, order: granting.refund_instead(tx, case, order, text=data.text),
    )


@post(
    "/shops/{shop_id:int}/aftersales/pictures",
    dependencies=staff("aftersales.write"),
    tags=["aftersales"],
    request_max_body_size=BODY_MAX,
)
async def show_picture_to_buyer(
    data: Annotated[Upload, MultiPart(media_type=RequestEncodingType.MULTI_PART)], operator: Operator, runtime: Runtime
) -> MediaView:
    """A picture for a case (JPEG, PNG, GIF or WebP, up to 10 MB). Gone after three days unless a case shows it."""
    content = await data.file.read(BYTES_MAX + 1)
    kept = await upload(runtime, operator.actor, operator.shop, content, temporary=True)
    return MediaView(kept.media_id, media_path(kept.media_id), kept.width, kept.height, kept.bytes)


Body: TypeAlias = CaseApproval | CaseExplained | CaseOffer | CaseSaying | CaseInspected | CaseShown | CaseParcel


async def _act(
    runtime: Runtime,
    operator: Operator,
    verb: str,
    case_id: int,
    *,
    data: Body,
    do: Callable[[Tx, Case, Order], Awaitable[object]],
) -> CaseDetail:
    async def work(tx: Tx) -> bool:
        case, order = await service.take(tx, case_id)
        await do(tx, case, order)
        return True

    name = f"aftersales.{verb}"
    await runtime.db.write(operator.actor, operator.shop, work, once=once(name, data.request_id, [case_id, data], bool))
    return await _shown(runtime, operator, case_id)


async def _shown(runtime: Runtime, operator: Operator, case_id: int) -> CaseDetail:
    async with runtime.db.read(operator.shop) as tx:
        return await case_detail(tx, runtime, await queries.case(tx, case_id), _asker(operator))


def _asker(operator: Operator) -> Asker:
    return Asker(Side.STAFF, role=operator.role)


ROUTES = [
    list_cases,
    one_case,
    approve,
    refuse,
    offer,
    say,
    note,
    accept_return,
    refuse_return,
    resend,
    refund_instead,
    show_picture_to_buyer,
]
