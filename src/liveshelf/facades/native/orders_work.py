"""What staff do with an order: ship it, correct a parcel, change its price, remark on it, flag it, export orders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec
from litestar import get, post

from liveshelf.accounts.errors import NotPermitted
from liveshelf.accounts.types import Operator
from liveshelf.batches import service as batches
from liveshelf.facades.native.order_views import OrderView, order_views
from liveshelf.facades.native.shell import LongId, Plain, RequestId, SmallId, once, staff
from liveshelf.flows import codes, order_export
from liveshelf.fulfilment import codes as pool
from liveshelf.fulfilment.carriers import CARRIERS, NUMBER_MAX
from liveshelf.kernel.fen import MAX_FEN, Fen
from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.orders import abnormal, queries, reminders, repricing, shipping
from liveshelf.orders.abnormal_kinds import KINDS, AbnormalKind, Outcome
from liveshelf.orders.rules import LINES_MAX, QUANTITY_MAX, REASON_MAX
from liveshelf.orders.types import Flag, OrderState
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

_WRITE = staff("orders.write")
_ORDER = "/shops/{shop_id:int}/orders/{order_id:int}"
Note = Annotated[str, msgspec.Meta(max_length=REASON_MAX * 2)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
Number = Annotated[str, msgspec.Meta(max_length=NUMBER_MAX * 2)]
Amount = Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]


class CarrierView(msgspec.Struct, frozen=True):
    """A carrier and, where it is known, what its numbers look like (a regular expression)."""

    code: str
    name_zh: str
    name_en: str
    pattern: str


class AbnormalKindView(msgspec.Struct, frozen=True):
    """A kind of trouble: in which states staff may flag it, and what the clock does after 24 hours."""

    kind: AbnormalKind
    states: list[OrderState]
    outcome: Outcome


class PiecesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of a SKU."""

    sku_id: SmallId
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]


class ParcelIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel. Without `lines` it takes what is left. `pack` keeps it here; `ship` hands it over at once."""

    request_id: RequestId
    carrier: Code
    tracking_no: Number
    how: Literal["ship", "pack"] = "ship"
    lines: Annotated[list[PiecesIn], msgspec.Meta(min_length=1, max_length=LINES_MAX)] | None = None


class LabelIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another carrier or number."""

    request_id: RequestId
    carrier: Code
    tracking_no: Number


class LineAmount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line's amount from now on."""

    sku_id: SmallId
    amount_fen: Amount


class PriceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another price: `total_fen` for the whole order, or `lines`. `seen_fen` is the total that was on the screen."""

    request_id: RequestId
    seen_fen: Amount
    reason: Note
    total_fen: Amount | None = None
    lines: Annotated[list[LineAmount], msgspec.Meta(min_length=1, max_length=LINES_MAX)] | None = None


class RemarkIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The merchant's own remark and flag; both may be emptied."""

    request_id: RequestId
    remark: Note
    flag: Flag | None


class FlagIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with the order."""

    request_id: RequestId
    kind: AbnormalKind
    note: Note


class AnswerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it was settled."""

    request_id: RequestId
    answer: Note


class ExportIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to export. `whole` asks for buyers' names unmasked, which needs `orders.write` and stands in the trail."""

    request_id: RequestId
    language: Literal["zh", "en"] = "zh"
    state: OrderState | None = None
    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    room_id: SmallId | None = None
    whole: bool = False


class CodesLeft(msgspec.Struct, frozen=True):
    """A SKU that is sold by code: how many codes are left of how many there ever were."""

    sku_id: int
    left: int
    all: int


class ExportBegun(msgspec.Struct, frozen=True):
    """The batch that makes the file."""

    batch_id: str


@get("/carriers", tags=["orders"])
async def list_carriers() -> list[CarrierView]:
    """Every carrier. Public: it is no secret how carriers are called."""
    return [CarrierView(one.code, one.name_zh, one.name_en, one.pattern) for one in CARRIERS]


@get("/abnormal-kinds", tags=["orders"])
async def list_abnormal_kinds() -> list[AbnormalKindView]:
    """The closed list of what can be wrong with an order."""
    return [
        AbnormalKindView(kind, [state for state in OrderState if state in rule.states], rule.outcome)
        for kind, rule in KINDS.items()
        if rule.by_staff
    ]


@post(f"{_ORDER}/parcels", status_code=200, dependencies=_WRITE, tags=["orders"])
async def send_parcel(order_id: LongId, data: ParcelIn, operator: Operator, runtime: Runtime) -> OrderView:
    """Pack a parcel, and hand it over unless it is only packed."""
    lines = None if data.lines is None else [(SkuId(line.sku_id), line.quantity) for line in data.lines]
    verb = shipping.ship if data.how == "ship" else shipping.pack

    async def work(tx: Tx) -> None:
        await verb(tx, OrderId(order_id), carrier=data.carrier, tracking_no=data.tracking_no, lines=lines)

    return await _done(runtime, operator, order_id, work, once_=("orders.parcel", data.request_id, data))


@post(f"{_ORDER}/parcels/{{parcel_id:int}}/hand-over", status_code=200, dependencies=_WRITE, tags=["orders"])
async def hand_over_parcel(
    order_id: LongId, parcel_id: LongId, *, data: Plain, operator: Operator, runtime: Runtime
) -> OrderView:
    """The carrier has taken a packed parcel."""

    async def work(tx: Tx) -> None:
        await shipping.hand_over(tx, OrderId(order_id), parcel_id=parcel_id)

    return await _done(runtime, operator, order_id, work, once_=("orders.hand_over", data.request_id, parcel_id))


@post(f"{_ORDER}/parcels/{{parcel_id:int}}/label", status_code=200, dependencies=_WRITE, tags=["orders"])
async def correct_parcel(
    order_id: LongId, parcel_id: LongId, *, data: LabelIn, operator: Operator, runtime: Runtime
) -> OrderView:
    """Correct a packed parcel's carrier or number, or issue its label again."""

    async def work(tx: Tx) -> None:
        await shipping.correct(
            tx, OrderId(order_id), parcel_id=parcel_id, carrier=data.carrier, tracking_no=data.tracking_no
        )

    return await _done(runtime, operator, order_id, work, once_=("orders.label", data.request_id, [parcel_id, data]))


@post(f"{_ORDER}/parcels/{{parcel_id:int}}/unpack", status_code=200, dependencies=_WRITE, tags=["orders"])
async def unpack_parcel(
    order_id: LongId, parcel_id: LongId, *, data: Plain, operator: Operator, runtime: Runtime
) -> OrderView:
    """Take a packed parcel apart."""

    async def work(tx: Tx) -> None:
        await shipping.unpack(tx, OrderId(order_id), parcel_id=parcel_id)

    return await _done(runtime, operator, order_id, work, once_=("orders.unpack", data.request_id, parcel_id))


@post(f"{_ORDER}/price", status_code=200, dependencies=_WRITE, tags=["orders"])
async def change_price(order_id: LongId, data: PriceIn, operator: Operator, runtime: Runtime) -> OrderView:
    """Another price before payment, with a reason that the buyer reads."""

    async def work(tx: Tx) -> None:
        seen = Fen(data.seen_fen)
        if data.lines is None:
            total = Fen(data.total_fen or 0)
            await repricing.change_total(tx, OrderId(order_id), total_fen=total, seen_fen=seen, reason=data.reason)
        else:
            lines = [(SkuId(line.sku_id), Fen(line.amount_fen)) for line in data.lines]
            await repricing.change_lines(tx, OrderId(order_id), lines=lines, seen_fen=seen, reason=data.reason)
        trail.record(tx, "orders.price", f"order:{order_id}", seen_fen=data.seen_fen)

    return await _done(runtime, operator, order_id, work, once_=("orders.price", data.request_id, data))


@post(f"{_ORDER}/remark", status_code=200, dependencies=_WRITE, tags=["orders"])
async def remark_order(order_id: LongId, data: RemarkIn, operator: Operator, runtime: Runtime) -> OrderView:
    """Write the shop's own remark and flag on an order."""

    async def work(tx: Tx) -> None:
        await reminders.remark(tx, OrderId(order_id), text=data.remark, flag=data.flag)

    return await _done(runtime, operator, order_id, work, once_=("orders.remark", data.request_id, data))


@post(f"{_ORDER}/cases", status_code=200, dependencies=_WRITE, tags=["orders"])
async def flag_order(order_id: LongId, data: FlagIn, operator: Operator, runtime: Runtime) -> OrderView:
    """Say that something is wrong with an order. Its 24 hours begin."""

    async def work(tx: Tx) -> None:
        await abnormal.flag(tx, OrderId(order_id), kind=data.kind, note=data.note)

    return await _done(runtime, operator, order_id, work, once_=("orders.flag", data.request_id, data))


@post(f"{_ORDER}/cases/{{case_id:int}}/settle", status_code=200, dependencies=_WRITE, tags=["orders"])
async def settle_case(
    order_id: LongId, case_id: LongId, *, data: AnswerIn, operator: Operator, runtime: Runtime
) -> OrderView:
    """Say how it was settled, before its 24 hours are over."""

    async def work(tx: Tx) -> None:
        await abnormal.settle(tx, OrderId(order_id), case_id=case_id, answer=data.answer)

    return await _done(runtime, operator, order_id, work, once_=("orders.settle", data.request_id, [case_id, data]))


@post(f"{_ORDER}/codes", status_code=200, dependencies=_WRITE, tags=["orders"])
async def give_codes(order_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> OrderView:
    """Give an order the redeem codes that were missing when it was paid."""

    async def work(tx: Tx) -> None:
        await codes.give_again(tx, OrderId(order_id))

    return await _done(runtime, operator, order_id, work, once_=("orders.codes", data.request_id, None))


@get("/shops/{shop_id:int}/codes", dependencies=staff("stock.write"), tags=["orders"])
async def list_codes(operator: Operator, runtime: Runtime) -> list[CodesLeft]:
    """How many redeem codes each SKU has left."""
    async with runtime.db.read(operator.shop) as tx:
        found = await pool.left(tx)
    return [CodesLeft(sku_id, left, everything) for sku_id, (left, everything) in sorted(found.items())]


@post("/shops/{shop_id:int}/orders/exports", status_code=201, dependencies=staff("orders.read"), tags=["orders"])
async def export_orders(data: ExportIn, operator: Operator, runtime: Runtime) -> ExportBegun:
    """Begin to write orders into an XLSX file. Look at the batch for its progress and the file."""
    if data.whole and "orders.write" not in operator.permissions:
        raise NotPermitted(permission="orders.write")
    state = data.state.value if data.state else ""
    options = {"language": data.language, "state": state, "q": data.q, "whole": "1" if data.whole else ""}
    options["room"] = "" if data.room_id is None else str(data.room_id)

    async def work(tx: Tx) -> int:
        trail.record(tx, "orders.export", "orders", state=state, whole=data.whole)
        return await batches.begin_export(tx, order_export.KIND, file_name="orders.xlsx", options=options)

    mark = once("orders.export", data.request_id, data, int)
    batch_id: int = await runtime.db.write(operator.actor, operator.shop, work, once=mark)
    return ExportBegun(str(batch_id))


async def _done(
    runtime: Runtime,
    operator: Operator,
    order_id: int,
    work: Callable[[Tx], Awaitable[None]],
    *,
    once_: tuple[str, str, object],
) -> OrderView:
    operation, request_id, request = once_
    mark = once(operation, request_id, [str(order_id), request], type(None))
    await runtime.db.write(operator.actor, operator.shop, work, once=mark)
    async with runtime.db.read(operator.shop) as tx:
        (view,) = await order_views(tx, [await queries.order(tx, OrderId(order_id))], as_buyer=False)
    return view


ROUTES = [
    list_carriers,
    list_abnormal_kinds,
    send_parcel,
    hand_over_parcel,
    correct_parcel,
    unpack_parcel,
    change_price,
    remark_order,
    flag_order,
    settle_case,
    give_codes,
    list_codes,
    export_orders,
]
