"""After-sale cases, for buyers: what can be asked for, asking, and what follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from liveshelf.aftersales import applying, arbitration, granting, queries, rules, service
from liveshelf.aftersales.errors import PicturesTooOften
from liveshelf.aftersales.types import Application, Case, CaseKind
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.aftersale_bodies import Amount, CaseParcel, Pictures, Text, Written
from liveshelf.facades.native.aftersale_views import (
    BUYER,
    CaseDetail,
    CasePage,
    CaseView,
    ReasonOfCase,
    case_detail,
    case_page,
    case_views,
    reason_view,
)
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.media import BODY_MAX, MediaView, Upload
from liveshelf.facades.native.order_views import SpecOfLine
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, SmallId, once
from liveshelf.flows.upload import upload
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.media.rules import BYTES_MAX
from liveshelf.media.types import media_path
from liveshelf.orders import queries as orders
from liveshelf.orders.rules import LINES_MAX, QUANTITY_MAX
from liveshelf.orders.types import Order
from liveshelf.platform.db import Tx
from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.runtime import Runtime

_PICTURES = RateLimit(per_s=1 / 20, burst=20)  # a buyer's pictures: two cases full, then three a minute


class LineWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of a line; `want_sku_id` is another choice that an exchange is to bring."""

    line_no: Annotated[int, msgspec.Meta(ge=1, le=LINES_MAX)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
    want_sku_id: SmallId | None = None


class CaseDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the buyer asks for. Without an amount it is all that the pieces can give back."""

    request_id: RequestId
    kind: CaseKind
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    lines: Annotated[list[LineWanted], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    amount_fen: Amount | None = None
    text: Text = ""
    pictures: Pictures = []


class BuyerSays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to the shop."""

    request_id: RequestId
    text: Text = ""
    pictures: Pictures = []


class OfferAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to an offer: the one that was seen."""

    request_id: RequestId
    offer_fen: Amount


class CaseAppeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the platform is to decide."""

    request_id: RequestId
    text: Written


class ChoiceView(msgspec.Struct, frozen=True):
    """Another choice of the same product at the same price."""

    sku_id: int
    specs: list[SpecOfLine]


class LeftOfLine(msgspec.Struct, frozen=True):
    """What a line can still give back: `worth_fen` of the next 1, 2, … pieces; `shipped` of them were sent."""

    line_no: int
    title: str
    specs: list[SpecOfLine]
    picture_url: str
    quantity: int
    shipped: int
    worth_fen: list[int]
    choices: list[ChoiceView]


class OrderAftersales(msgspec.Struct, frozen=True):
    """The cases of an order, and what can still be asked for. No lines: nothing can."""

    cases: list[CaseView]
    lines: list[LeftOfLine]
    reasons: list[ReasonOfCase]


@get("/storefront/{shop_id:int}/orders/{order_id:int}/aftersales", dependencies=buyer(), tags=["aftersales"])
async def of_order(order_id: LongId, buyer: Buyer, runtime: Runtime) -> OrderAftersales:
    """My cases of an order, and what I can still ask for."""
    async with runtime.db.read(buyer.shop) as tx:
        order = await orders.order(tx, OrderId(order_id), customer_id=buyer.customer_id)
        cases = await case_views(tx, runtime, await queries.of_orders(tx, [order.order_id]), BUYER)
        left = [one for one in await applying.left(tx, order) if one.quantity]
        skus = await goods.skus(tx, [order.lines[one.line_no - 1].product_id for one in left]) if left else {}
        reasons = [reason_view(one) for one in await queries.reasons(tx) if one.active]
    lines = []
    for one in left:
        line = order.lines[one.line_no - 1]
        choices = [
            ChoiceView(sku.sku_id, [SpecOfLine(spec.name, spec.value) for spec in sku.specs])
            for sku in skus.get(line.product_id, [])
            if sku.price_fen == line.price_fen
        ]
        lines.append(
            LeftOfLine(
                one.line_no,
                line.title,
                [SpecOfLine(spec.name, spec.value) for spec in line.specs],
                media_path(line.picture_media_id),
                one.quantity,
                one.shipped,
                list(one.worth_fen),
                choices,
            )
        )
    return OrderAftersales(cases, lines, reasons)


@post("/storefront/{shop_id:int}/orders/{order_id:int}/aftersales", dependencies=buyer(), tags=["aftersales"])
async def apply(order_id: LongId, data: CaseDraft, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """Ask for money back, a return or an exchange."""
    wish = Application(
        data.kind,
        data.reason,
        tuple(
            (line.line_no, line.quantity, None if line.want_sku_id is None else SkuId(line.want_sku_id))
            for line in data.lines
        ),
        data.amount_fen,
        data.text,
        tuple(data.pictures),
    )
    case_id = await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: applying.apply(tx, OrderId(order_id), wish, customer_id=buyer.customer_id),
        once=once("aftersales.apply", data.request_id, [order_id, data], int),
    )
    return await _shown(runtime, buyer, case_id)


@get("/storefront/{shop_id:int}/aftersales", dependencies=buyer(), tags=["aftersales"])
async def my_cases(buyer: Buyer, runtime: Runtime, cursor: Cursor = None, limit: Limit = None) -> CasePage:
    """My cases, newest first."""
    async with runtime.db.read(buyer.shop) as tx:
        page = await queries.of_customer(tx, buyer.customer_id, cursor=cursor, limit=limit)
        return await case_page(tx, runtime, page, BUYER)


@get("/storefront/{shop_id:int}/aftersales/{case_id:int}", dependencies=buyer(), tags=["aftersales"])
async def my_case(case_id: LongId, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """One of my cases with its log."""
    return await _shown(runtime, buyer, case_id)


@post(
    "/storefront/{shop_id:int}/aftersales/{case_id:int}/withdraw",
    status_code=200,
    dependencies=buyer(),
    tags=["aftersales"],
)
async def withdraw(case_id: LongId, data: Plain, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """Take an application back."""
    return await _act(
        runtime, buyer, "withdraw", case_id, data=data, do=lambda tx, case, _order: granting.withdraw(tx, case)
    )


@post(
    "/storefront/{shop_id:int}/aftersales/{case_id:int}/send-back",
    status_code=200,
    dependencies=buyer(),
    tags=["aftersales"],
)
async def send_back(case_id: LongId, data: CaseParcel, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """The goods are with a carrier."""
    parcel = rules.checked_parcel(data.carrier, data.number)
    return await _act(
        runtime,
        buyer,
        "send_back",
        case_id,
        data=data,
        do=lambda tx, case, _order: granting.send_back(tx, case, parcel),
    )


@post(
    "/storefront/{shop_id:int}/aftersales/{case_id:int}/say", status_code=200, dependencies=buyer(), tags=["aftersales"]
)
async def say_to_shop(case_id: LongId, data: BuyerSays, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """Write to the shop."""
    return await _act(
        runtime,
        buyer,
        "say",
        case_id,
        data=data,
        do=lambda tx, case, _order: service.say(tx, case, data.text, data.pictures),
    )


@post(
    "/storefront/{shop_id:int}/aftersales/{case_id:int}/accept-offer",
    status_code=200,
    dependencies=buyer(),
    tags=["aftersales"],
)
async def accept_offer(case_id: LongId, data: OfferAnswer, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """Take what the shop offers, and keep the goods."""
    return await _act(
        runtime,
        buyer,
        "accept_offer",
        case_id,
        data=data,
        do=lambda tx, case, order: granting.accept_offer(tx, case, order, offer_fen=data.offer_fen),
    )


@post(
    "/storefront/{shop_id:int}/aftersales/{case_id:int}/decline-offer",
    status_code=200,
    dependencies=buyer(),
    tags=["aftersales"],
)
async def decline_offer(case_id: LongId, data: OfferAnswer, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """Not take it: the shop is to decide again."""
    return await _act(
        runtime,
        buyer,
        "decline_offer",
        case_id,
        data=data,
        do=lambda tx, case, _order: service.decline_offer(tx, case, offer_fen=data.offer_fen),
    )


@post(
    "/storefront/{shop_id:int}/aftersales/{case_id:int}/call-arbiter",
    status_code=200,
    dependencies=buyer(),
    tags=["aftersales"],
)
async def call_arbiter(case_id: LongId, data: CaseAppeal, buyer: Buyer, runtime: Runtime) -> CaseDetail:
    """Ask the platform to decide."""
    return await _act(
        runtime,
        buyer,
        "call_arbiter",
        case_id,
        data=data,
        do=lambda tx, case, order: arbitration.call(tx, case, order, data.text),
    )


@post(
    "/storefront/{shop_id:int}/pictures",
    dependencies=buyer(),
    tags=["aftersales"],
    request_max_body_size=BODY_MAX,
)
async def show_picture(
    data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)], buyer: Buyer, runtime: Runtime
) -> MediaView:
    """A picture for a case (JPEG, PNG, GIF or WebP, up to 10 MB). Gone after three days unless a case shows it."""
    if not _PICTURES.allows(f"{buyer.shop}:{buyer.customer_id}"):
        raise PicturesTooOften(retry_after_s=20)
    content = await data.file.read(BYTES_MAX + 1)
    kept = await upload(runtime, buyer.actor, buyer.shop, content, temporary=True)
    return MediaView(kept.media_id, media_path(kept.media_id), kept.width, kept.height, kept.bytes)


async def _act(
    runtime: Runtime,
    buyer: Buyer,
    verb: str,
    case_id: int,
    *,
    data: Plain | CaseParcel | BuyerSays | OfferAnswer | CaseAppeal,
    do: Callable[[Tx, Case, Order], Awaitable[object]],
) -> CaseDetail:
    async def work(tx: Tx) -> bool:
        case, order = await service.take(tx, case_id, customer_id=buyer.customer_id)
        await do(tx, case, order)
        return True

    name = f"aftersales.{verb}"
    await runtime.db.write(buyer.actor, buyer.shop, work, once=once(name, data.request_id, [case_id, data], bool))
    return await _shown(runtime, buyer, case_id)


async def _shown(runtime: Runtime, buyer: Buyer, case_id: int) -> CaseDetail:
    async with runtime.db.read(buyer.shop) as tx:
        case = await queries.case(tx, case_id, customer_id=buyer.customer_id)
        return await case_detail(tx, runtime, case, BUYER)


ROUTES = [
    of_order,
    apply,
    my_cases,
    my_case,
    withdraw,
    send_back,
    say_to_shop,
    accept_offer,
    decline_offer,
    call_arbiter,
    show_picture,
]
