"""Stocktakes for staff, and what the auditor found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.products import SpecView
from liveshelf.facades.native.shell import Cursor, Limit, Plain, RequestId, SmallId, instant, once, staff
from liveshelf.facades.native.stock_levels import named_skus, specs_of
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import INT32_MAX, SkuId
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import audit, stocktake
from liveshelf.stock.rules import ON_HAND_MAX
from liveshelf.stock.types import AuditKind, CountLine, Lines, Pool, Stocktake, StocktakeState
from liveshelf.trail import service as trail

Shown = Annotated[Lines, QueryParameter(description="All lines, those not counted, or those that differ.")]
Sku = Annotated[int, msgspec.Meta(ge=1, le=INT32_MAX)]


class NewStocktake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be counted: these SKUs, or with null all that the pool keeps."""

    request_id: RequestId
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    pool: Pool = Pool.GENERAL
    sku_ids: Annotated[list[Sku], msgspec.Meta(min_length=1, max_length=1_000)] | None = None


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found of one SKU."""

    request_id: RequestId
    counted: Annotated[int, msgspec.Meta(ge=0, le=ON_HAND_MAX)]


class CloseStocktake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the differences are to be made true."""

    request_id: RequestId
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StocktakeView(msgspec.Struct, frozen=True):
    """A stocktake, with how many of its lines were counted and how many differ."""

    stocktake_id: int
    title: str
    pool: Pool
    state: StocktakeState
    opened_at: str
    opened_by: str
    closed_at: str | None
    closed_by: str | None
    reason: str | None
    lines: int
    counted: int
    different: int


class StocktakePage(msgspec.Struct, frozen=True):
    """A page of stocktakes."""

    items: list[StocktakeView]
    next: str | None
    total: int | None


class CountLineView(msgspec.Struct, frozen=True):
    """One SKU. `on_hand` is what the books said at the moment of counting, `difference` what was found beyond it."""

    sku_id: int
    title: str
    specs: list[SpecView]
    picture_url: str | None
    on_hand: int | None
    counted: int | None
    difference: int | None
    counted_at: str | None
    counted_by: str | None


class StocktakeLinesView(msgspec.Struct, frozen=True):
    """A stocktake with a page of its lines."""

    stocktake: StocktakeView
    items: list[CountLineView]
    next: str | None
    total: int | None


class DifferenceView(msgspec.Struct, frozen=True):
    """Counters that differ from the books: on hand, held and sold, as counted and as summed."""

    sku_id: int
    pool: Pool
    counted: list[int]
    summed: list[int]


class AuditView(msgspec.Struct, frozen=True):
    """What the auditor found."""

    audit_id: str
    kind: AuditKind
    began_at: str
    ended_at: str
    skus: int
    moves: int
    differences: list[DifferenceView]


class AuditPage(msgspec.Struct, frozen=True):
    """A page of audits."""

    items: list[AuditView]
    next: str | None
    total: int | None


@get("/shops/{shop_id:int}/stocktakes", dependencies=staff("goods.read"), tags=["stock"])
async def list_stocktakes(
    operator: Operator, runtime: Runtime, *, cursor: Cursor = None, limit: Limit = None
) -> StocktakePage:
    """Stocktakes, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await stocktake.stocktakes(tx, cursor=cursor, limit=limit)
        return StocktakePage([await _view(tx, one) for one in page.items], page.next, page.total)


@post("/shops/{shop_id:int}/stocktakes", dependencies=staff("stock.write"), tags=["stock"])
async def open_stocktake(data: NewStocktake, operator: Operator, runtime: Runtime) -> StocktakeView:
    """Open a stocktake; selling goes on. One at a time in a pool."""
    skus = None if data.sku_ids is None else [SkuId(one) for one in data.sku_ids]

    async def work(tx: Tx) -> int:
        number = await stocktake.begin(tx, data.title, pool=data.pool, sku_ids=skus)
        trail.record(tx, "stocktakes.open", f"stocktake:{number}", title=data.title, pool=data.pool.value)
        return number

    number = await runtime.db.write(
        operator.actor, operator.shop, work, once=once("stocktakes.open", data.request_id, data, int)
    )
    return await _shown(runtime, operator, number)


@get("/shops/{shop_id:int}/stocktakes/{stocktake_id:int}", dependencies=staff("goods.read"), tags=["stock"])
async def one_stocktake(
    stocktake_id: SmallId,
    operator: Operator,
    runtime: Runtime,
    *,
    q: Annotated[str, QueryParameter(max_length=100, description="Part of the product's title.")] = "",
    show: Annotated[
        Lines, QueryParameter(description="All lines, those not counted, or those that differ.")
    ] = Lines.ALL,
    cursor: Cursor = None,
    limit: Limit = None,
) -> StocktakeLinesView:
    """A stocktake with a page of its lines."""
    async with runtime.db.read(operator.shop) as tx:
        found = await stocktake.stocktake(tx, stocktake_id)
        named = await named_skus(tx, q) if q.strip() else None
        page = await stocktake.lines(tx, stocktake_id, show=show, named=named, cursor=cursor, limit=limit)
        items = await _lines(tx, page.items)
        return StocktakeLinesView(await _view(tx, found), items, page.next, page.total)


@put(
    "/shops/{shop_id:int}/stocktakes/{stocktake_id:int}/lines/{sku_id:int}",
    dependencies=staff("stock.write"),
    tags=["stock"],
)
async def count_line(
    stocktake_id: SmallId, sku_id: SmallId, data: Counted, *, operator: Operator, runtime: Runtime
) -> CountLineView:
    """Write down what was found of a SKU; again replaces it."""

    async def work(tx: Tx) -> int:
        await stocktake.count(tx, stocktake_id, SkuId(sku_id), data.counted)
        return sku_id

    await runtime.db.write(
        operator.actor,
        operator.shop,
        work,
        once=once("stocktakes.count", data.request_id, (stocktake_id, sku_id, data), int),
    )
    async with runtime.db.read(operator.shop) as tx:
        page = await stocktake.lines(tx, stocktake_id, named=[SkuId(sku_id)])
        (line,) = await _lines(tx, page.items)
    return line


@post(
    "/shops/{shop_id:int}/stocktakes/{stocktake_id:int}/close",
    dependencies=staff("stock.write"),
    tags=["stock"],
    status_code=200,
)
async def close_stocktake(
    stocktake_id: SmallId, data: CloseStocktake, operator: Operator, runtime: Runtime
) -> StocktakeView:
    """Make the differences true. Where buyers hold more than there is, their newest orders lose it."""

    async def work(tx: Tx) -> int:
        changed = await stocktake.close(tx, stocktake_id, data.reason)
        trail.record(tx, "stocktakes.close", f"stocktake:{stocktake_id}", changed=changed, reason=data.reason)
        return stocktake_id

    await runtime.db.write(
        operator.actor,
        operator.shop,
        work,
        once=once("stocktakes.close", data.request_id, (stocktake_id, data), int),
    )
    return await _shown(runtime, operator, stocktake_id)


@post(
    "/shops/{shop_id:int}/stocktakes/{stocktake_id:int}/cancel",
    dependencies=staff("stock.write"),
    tags=["stock"],
    status_code=200,
)
async def cancel_stocktake(stocktake_id: SmallId, data: Plain, operator: Operator, runtime: Runtime) -> StocktakeView:
    """Give a stocktake up; nothing changes."""

    async def work(tx: Tx) -> int:
        await stocktake.cancel(tx, stocktake_id)
        trail.record(tx, "stocktakes.cancel", f"stocktake:{stocktake_id}")
        return stocktake_id

    await runtime.db.write(
        operator.actor,
        operator.shop,
        work,
        once=once("stocktakes.cancel", data.request_id, stocktake_id, int),
    )
    return await _shown(runtime, operator, stocktake_id)


@get("/shops/{shop_id:int}/stock/audits", dependencies=staff("goods.read"), tags=["stock"])
async def list_audits(operator: Operator, runtime: Runtime, *, cursor: Cursor = None, limit: Limit = None) -> AuditPage:
    """What the auditor found, the latest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await audit.audits(tx, cursor=cursor, limit=limit)
    items = [
        AuditView(
            str(one.audit_id),
            one.kind,
            instant(one.began_at),
            instant(one.ended_at),
            one.skus,
            one.moves,
            [DifferenceView(each.sku_id, each.pool, list(each.counted), list(each.summed)) for each in one.differences],
        )
        for one in page.items
    ]
    return AuditPage(items, page.next, page.total)


@post("/shops/{shop_id:int}/stock/audits", dependencies=staff("stock.write"), tags=["stock"], status_code=202)
async def ask_audit(data: Plain, operator: Operator, runtime: Runtime) -> None:
    """Have everything read again, as soon as the worker comes to it."""

    async def work(tx: Tx) -> int:
        await audit.ask(tx)
        return 0

    await runtime.db.write(operator.actor, operator.shop, work, once=once("stock.audit", data.request_id, "ask", int))


async def _shown(runtime: Runtime, operator: Operator, stocktake_id: int) -> StocktakeView:
    async with runtime.db.read(operator.shop) as tx:
        return await _view(tx, await stocktake.stocktake(tx, stocktake_id))


async def _view(tx: ReadTx, one: Stocktake) -> StocktakeView:
    names = await accounts.names(tx, [who for who in (one.opened_by, one.closed_by) if who is not None])
    return StocktakeView(
        one.stocktake_id,
        one.title,
        one.pool,
        one.state,
        instant(one.opened_at),
        names.get(one.opened_by, one.opened_by),
        instant(one.closed_at),
        None if one.closed_by is None else names.get(one.closed_by, one.closed_by),
        one.reason,
        one.lines,
        one.counted,
        one.different,
    )


async def _lines(tx: ReadTx, lines: Sequence[CountLine]) -> list[CountLineView]:
    offers = await goods.offers(tx, [line.sku_id for line in lines])
    names = await accounts.names(tx, [line.counted_by for line in lines if line.counted_by is not None])
    found = []
    for line in lines:
        offer = offers.get(line.sku_id)
        found.append(
            CountLineView(
                line.sku_id,
                "" if offer is None else offer.title,
                specs_of(offer),
                None if offer is None else media_path(offer.picture_media_id),
                line.on_hand,
                line.counted,
                line.difference,
                instant(line.counted_at),
                None if line.counted_by is None else names.get(line.counted_by, line.counted_by),
            )
        )
    return found


ROUTES = [
    list_stocktakes,
    open_stocktake,
    one_stocktake,
    count_line,
    close_stocktake,
    cancel_stocktake,
    list_audits,
    ask_audit,
]
