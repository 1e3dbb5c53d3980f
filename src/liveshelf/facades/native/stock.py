"""Stock for staff: count it, adjust it, and read its ledger."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.products import SkuView, SpecView
from liveshelf.facades.native.shell import Cursor, Limit, RequestId, SmallId, instant, once, staff
from liveshelf.goods import queries as goods
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.ids import SkuId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import queries, service
from liveshelf.stock.errors import SetOrAdjust, StockUnknown
from liveshelf.stock.rules import ON_HAND_MAX
from liveshelf.stock.types import MoveKind, Pool
from liveshelf.trail import service as trail

_CUSTOMER = f"{ActorKind.CUSTOMER.value}:"


class StockChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`set` is what was counted; `adjust` is how many more, or fewer when negative.

    A `set` below what buyers hold is refused, unless `although_held` says that it is so: then the newest orders lose
    what is missing and their money goes back.
    """

    request_id: RequestId
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    set: Annotated[int, msgspec.Meta(ge=0, le=ON_HAND_MAX)] | None = None
    adjust: Annotated[int, msgspec.Meta(ge=-ON_HAND_MAX, le=ON_HAND_MAX)] | None = None
    pool: Pool = Pool.GENERAL
    although_held: bool = False


class StockMoveView(msgspec.Struct, frozen=True):
    """One line of the ledger. `quantity` is signed; `on_hand` is what was there afterwards."""

    at: str
    pool: Pool
    kind: MoveKind
    quantity: int
    on_hand: int
    reason: str
    by: str


class StockMovePage(msgspec.Struct, frozen=True):
    """A page of the ledger."""

    items: list[StockMoveView]
    next: str | None
    total: int | None


@put("/shops/{shop_id:int}/skus/{sku_id:int}/stock", dependencies=staff("stock.write"), tags=["stock"])
async def change_stock(sku_id: SmallId, data: StockChange, operator: Operator, runtime: Runtime) -> SkuView:
    """Count or adjust what is on hand. What buyers hold can't be taken from them."""
    if (data.set is None) == (data.adjust is None):
        raise SetOrAdjust(field="set")

    async def change(tx: Tx) -> int:
        if data.set is None:
            level = await service.adjust(tx, SkuId(sku_id), data.adjust or 0, data.reason, pool=data.pool)
        else:
            count = service.declare if data.although_held else service.set_on_hand
            level = await count(tx, SkuId(sku_id), data.set, data.reason, pool=data.pool)
        trail.record(
            tx, "stock.count", f"sku:{sku_id}", on_hand=level.on_hand, pool=data.pool.value, reason=data.reason
        )
        return level.on_hand

    await runtime.db.write(
        operator.actor, operator.shop, change, once=once("stock.change", data.request_id, (sku_id, data), int)
    )
    return await _shown(runtime, operator, SkuId(sku_id))


@get("/shops/{shop_id:int}/skus/{sku_id:int}/moves", dependencies=staff("goods.read"), tags=["stock"])
async def list_moves(
    sku_id: SmallId, operator: Operator, runtime: Runtime, cursor: Cursor = None, *, limit: Limit = None
) -> StockMovePage:
    """The ledger of a SKU, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.moves(tx, SkuId(sku_id), cursor=cursor, limit=limit)
        names = await accounts.names(tx, [move.actor for move in page.items])
    items = [
        StockMoveView(
            instant(move.at),
            move.pool,
            move.kind,
            move.quantity,
            move.on_hand_after,
            move.reason,
            "buyer" if move.actor.startswith(_CUSTOMER) else names.get(move.actor, move.actor.partition(":")[0]),
        )
        for move in page.items
    ]
    return StockMovePage(items, page.next, page.total)


async def _shown(runtime: Runtime, operator: Operator, sku_id: SkuId) -> SkuView:
    async with runtime.db.read(operator.shop) as tx:
        offer = (await goods.offers(tx, [sku_id])).get(sku_id)
        skus = (await goods.skus(tx, [offer.product_id]))[offer.product_id] if offer else []
        sku = next((one for one in skus if one.sku_id == sku_id), None)
        level = (await queries.levels(tx, [sku_id])).get(sku_id)
    if sku is None or level is None:
        raise StockUnknown(sku_id=sku_id)
    return SkuView(
        sku.sku_id,
        [SpecView(spec.name, spec.value) for spec in sku.specs],
        sku.price_fen,
        sku.list_price_fen,
        level.on_hand,
        level.held,
        level.available,
    )


ROUTES = [change_stock, list_moves]
