"""People's own data: what buyers agree to, copies of all that is kept of them, and the shop's side of both."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.customers import privacy
from liveshelf.customers.errors import PurposeUnknown
from liveshelf.customers.privacy import Purpose, Request, RequestKind
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, SmallId, instant, once, staff
from liveshelf.flows import privacy as flow
from liveshelf.kernel.ids import CustomerId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

_MINE = "/storefront/{shop_id:int}/me"
_SHOP = "/shops/{shop_id:int}/privacy"
_CUSTOMER = f"{_SHOP}/customers/{{customer_id:int}}"


class ConsentView(msgspec.Struct, frozen=True):
    """One purpose; `at` is absent as long as nothing was said. An answer to other words is `outdated`."""

    purpose: Purpose
    given: bool
    at: str | None
    outdated: bool


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yes or no."""

    request_id: RequestId
    given: bool


class CopyView(msgspec.Struct, frozen=True):
    """A copy that was asked for. It is made within a minute, and kept for a week."""

    copy_id: str
    asked_at: str
    done_at: str | None
    forget_at: str | None
    ready: bool


class PrivacyRequest(msgspec.Struct, frozen=True):
    """What a customer, or staff for one, asked. `may` says what you may do."""

    privacy_id: str
    customer_id: int
    kind: RequestKind
    asked_by: str
    asked_at: str
    done_at: str | None
    forget_at: str | None
    may: list[str]


class PrivacyPage(msgspec.Struct, frozen=True):
    """A page of requests, the latest first."""

    items: list[PrivacyRequest]
    next: str | None
    total: int | None


@get(f"{_MINE}/consents", dependencies=buyer(), tags=["privacy"])
async def my_consents(buyer: Buyer, runtime: Runtime) -> list[ConsentView]:
    """What I agree to. What is needed to sell and deliver is not asked."""
    return await _consents(runtime, buyer)


@put(f"{_MINE}/consents/{{purpose:str}}", dependencies=buyer(), tags=["privacy"])
async def set_consent(purpose: str, data: Answer, buyer: Buyer, runtime: Runtime) -> list[ConsentView]:
    """Agree to a purpose, or no longer."""
    if purpose not in set(Purpose):
        raise PurposeUnknown
    await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: privacy.say(tx, buyer.customer_id, Purpose(purpose), given=data.given),
    )
    return await _consents(runtime, buyer)


@get(f"{_MINE}/copies", dependencies=buyer(), tags=["privacy"])
async def my_copies(buyer: Buyer, runtime: Runtime) -> list[CopyView]:
    """The copies of my data that I asked for."""
    async with runtime.db.read(buyer.shop) as tx:
        found = await privacy.requests_of(tx, buyer.customer_id)
    return [_copy(one) for one in found if one.kind is RequestKind.EXPORT]


@post(f"{_MINE}/copies", dependencies=buyer(), tags=["privacy"])
async def ask_for_copy(data: Plain, buyer: Buyer, runtime: Runtime) -> CopyView:
    """Ask for a copy of all that is kept of me; once a day."""
    made = await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: privacy.ask_copy(tx, buyer.customer_id),
        once=once("privacy.ask", data.request_id, None, int),
    )
    async with runtime.db.read(buyer.shop) as tx:
        return _copy(await privacy.request(tx, made))


@get(f"{_MINE}/copies/{{copy_id:int}}/file", dependencies=buyer(), tags=["privacy"])
async def my_copy(copy_id: LongId, buyer: Buyer, runtime: Runtime) -> Response[bytes]:
    """The file: JSON, everything that is kept of me."""
    async with runtime.db.read(buyer.shop) as tx:
        content = await privacy.copy_of(tx, runtime.keys, copy_id, customer_id=buyer.customer_id)
    return _file(copy_id, content)


@get(f"{_SHOP}/requests", dependencies=staff("privacy.read"), tags=["privacy"])
async def list_privacy_requests(
    operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None
) -> PrivacyPage:
    """What customers asked about their data, and what staff did for them."""
    async with runtime.db.read(operator.shop) as tx:
        page = await privacy.page(tx, cursor=cursor, limit=limit)
        names = await accounts.names(tx, [one.asked_by for one in page.items])
    items = [_request(one, operator, names.get(one.asked_by, one.asked_by.partition(":")[0])) for one in page.items]
    return PrivacyPage(items, page.next, page.total)


@post(
    f"{_SHOP}/customers/{{customer_id:int}}/copy",
    status_code=204,
    dependencies=staff("privacy.write"),
    tags=["privacy"],
)
async def copy_for_customer(customer_id: SmallId, data: Plain, operator: Operator, runtime: Runtime) -> None:
    """Make a copy for a customer who asked the shop."""

    async def work(tx: Tx) -> int:
        return await privacy.ask_copy(tx, CustomerId(customer_id))

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("privacy.copy_for", data.request_id, customer_id, int)
    )


@post(
    f"{_SHOP}/customers/{{customer_id:int}}/erase",
    status_code=204,
    dependencies=staff("privacy.write"),
    tags=["privacy"],
)
async def erase_customer(customer_id: SmallId, data: Plain, operator: Operator, runtime: Runtime) -> None:  # noqa: ARG001 - erasing twice finds nobody
    """Erase a customer who asked the shop. It can't be undone."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: flow.erase(tx, CustomerId(customer_id)))


@get(f"{_SHOP}/requests/{{privacy_id:int}}/file", dependencies=staff("privacy.write"), tags=["privacy"])
async def customers_copy(privacy_id: LongId, operator: Operator, runtime: Runtime) -> Response[bytes]:
    """The file of a copy, to be handed to the customer. That it was read stands in the record."""

    async def work(tx: Tx) -> str:
        content = await privacy.copy_of(tx, runtime.keys, privacy_id)
        trail.record(tx, "privacy.read_copy", f"privacy:{privacy_id}")
        return content

    return _file(privacy_id, await runtime.db.write(operator.actor, operator.shop, work))


async def _consents(runtime: Runtime, who: Buyer) -> list[ConsentView]:
    async with runtime.db.read(who.shop) as tx:
        said = {one.purpose: one for one in await privacy.consents(tx, who.customer_id)}
    return [
        ConsentView(purpose, one.given, instant(one.at), one.outdated)
        if (one := said.get(purpose)) is not None
        else ConsentView(purpose, given=False, at=None, outdated=False)
        for purpose in Purpose
    ]


def _copy(one: Request) -> CopyView:
    return CopyView(str(one.request_id), instant(one.asked_at), instant(one.done_at), instant(one.forget_at), one.ready)


def _request(one: Request, operator: Operator, by: str) -> PrivacyRequest:
    may = ["read"] if one.ready and "privacy.write" in operator.permissions else []
    done, forget = instant(one.done_at), instant(one.forget_at)
    return PrivacyRequest(str(one.request_id), one.customer_id, one.kind, by, instant(one.asked_at), done, forget, may)


def _file(number: int, content: str) -> Response[bytes]:
    headers: dict[str, Any] = {
        "content-disposition": f'attachment; filename="my-data-{number}.json"',
        "cache-control": "no-store",
    }
    return Response(content.encode(), media_type="application/json", headers=headers)


ROUTES = [
    my_consents,
    set_consent,
    my_copies,
    ask_for_copy,
    my_copy,
    list_privacy_requests,
    copy_for_customer,
    erase_customer,
    customers_copy,
]
