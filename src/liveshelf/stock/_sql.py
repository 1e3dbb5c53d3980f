"""Statements of the stock capability, each with the race it stands in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Integer, Text, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.stock._tables import stock, stock_holds, stock_moves
from liveshelf.stock.types import HoldState, Pool

_COUNTERS = select(
    stock.c.sku_id,
    stock.c.pool,
    stock.c.on_hand,
    stock.c.held,
    stock.c.sold,
    stock.c.version,
    stock.c.safety,
    stock.c.low_at,
    stock.c.low_since.is_not(None).label("low"),
    stock.c.short,
    stock.c.limited,
).where(
    stock.c.shop_id == bindparam("shop"),
    stock.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger))),
    stock.c.pool == func.any(bindparam("pools", type_=ARRAY(Text))),
)

LEVELS = _COUNTERS

# Whoever changes counters locks them here first, always in the order of their ids: two transactions over the same SKUs
# can't wait for each other in a circle, and what is read is the newest committed state. NO KEY: foreign keys of holds
# pass beside it.
LOCK = _COUNTERS.order_by(stock.c.sku_id, stock.c.pool).with_for_update(key_share=True)

_change = (
    func.unnest(
        bindparam("skus", type_=ARRAY(BigInteger)),
        bindparam("pools", type_=ARRAY(Text)),
        bindparam("on_hands", type_=ARRAY(Integer)),
        bindparam("helds", type_=ARRAY(Integer)),
        bindparam("solds", type_=ARRAY(Integer)),
        bindparam("shorts", type_=ARRAY(Integer)),
        bindparam("lows", type_=ARRAY(Boolean)),
        bindparam("versions", type_=ARRAY(BigInteger)),
    )
    .table_valued("sku_id", "pool", "on_hand", "held", "sold", "short", "low", "version", name="change")
    .render_derived()
)
_moment = bindparam("moment", type_=Instant)

# One statement a batch, of rows locked above. The version it read must still stand: a change that went round the lock
# would be seen. `short` grows by outside counts alone, so on every other path the CHECK on `held` stands in the way of
# a mistake of ours.
WRITE = (
    update(stock)
    .where(
        stock.c.shop_id == bindparam("shop"),
        stock.c.sku_id == _change.c.sku_id,
        stock.c.pool == _change.c.pool,
        stock.c.version == _change.c.version - 1,
    )
    .values(
        on_hand=_change.c.on_hand,
        held=_change.c.held,
        sold=_change.c.sold,
        short=_change.c.short,
        short_since=case((_change.c.short > 0, func.coalesce(stock.c.short_since, _moment))),
        short_try_at=case((_change.c.short > 0, func.coalesce(stock.c.short_try_at, _moment))),
        low_since=case((_change.c.low, func.coalesce(stock.c.low_since, _moment))),
        version=_change.c.version,
    )
    .returning(stock.c.sku_id)
)

# A SKU is opened once; opening it again (a repeated job) changes nothing.
OPEN = pg_insert(stock).on_conflict_do_nothing().returning(stock.c.sku_id)

# Resolves what is still held and nothing else, so a hold is resolved exactly once whoever comes second.
RESOLVE = (
    update(stock_holds)
    .where(
        stock_holds.c.shop_id == bindparam("shop"),
        stock_holds.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))),
        stock_holds.c.state == HoldState.HELD,
    )
    .values(state=bindparam("becomes"), resolved_at=bindparam("moment"))
    .returning(stock_holds.c.order_id, stock_holds.c.sku_id, stock_holds.c.pool, stock_holds.c.quantity)
)

# What an order bought and still has, for this transaction alone: two returns of one order come one after the other, so
# together they never bring back more than was sold.
LOCK_SOLD = (
    select(
        stock_holds.c.sku_id, stock_holds.c.pool, stock_holds.c.attempt, stock_holds.c.quantity, stock_holds.c.returned
    )
    .where(
        stock_holds.c.shop_id == bindparam("shop"),
        stock_holds.c.order_id == bindparam("order"),
        stock_holds.c.state == HoldState.COMMITTED,
    )
    .order_by(stock_holds.c.sku_id, stock_holds.c.pool, stock_holds.c.attempt)
    .with_for_update(key_share=True)
)
TAKE_BACK = (
    update(stock_holds)
    .where(
        stock_holds.c.shop_id == bindparam("shop"),
        stock_holds.c.order_id == bindparam("of_order"),
        stock_holds.c.sku_id == bindparam("of_sku"),
        stock_holds.c.pool == bindparam("of_pool"),
        stock_holds.c.attempt == bindparam("of_attempt"),
    )
    .values(returned=stock_holds.c.returned + bindparam("pieces"))
)

HOLDS = (
    select(stock_holds)
    .where(stock_holds.c.shop_id == bindparam("shop"), stock_holds.c.order_id == bindparam("order"))
    .order_by(stock_holds.c.attempt, stock_holds.c.sku_id)
)

MOVES = (
    select(stock_moves)
    .where(
        stock_moves.c.shop_id == bindparam("shop"),
        stock_moves.c.sku_id == bindparam("sku"),
        stock_moves.c.pool == func.any(bindparam("pools", type_=ARRAY(Text))),
        stock_moves.c.move_id < bindparam("before"),
    )
    .order_by(stock_moves.c.move_id.desc())
    .limit(bindparam("most"))
)

# A page of SKUs, the newest first, by their counters in the general pool: each SKU has those.
_general = (stock.c.shop_id == bindparam("shop"), stock.c.pool == Pool.GENERAL)
PAGE = (
    select(stock.c.sku_id)
    .where(*_general, stock.c.sku_id < bindparam("before"))
    .order_by(stock.c.sku_id.desc())
    .limit(bindparam("most"))
)
ARE_LOW = stock.c.on_hand - stock.c.held - stock.c.safety <= stock.c.low_at
ARE_SHORT = stock.c.short > 0
ARE_NAMED = stock.c.sku_id == func.any(bindparam("named", type_=ARRAY(BigInteger)))
OWN_BOUNDS = select(stock.c.sku_id, stock.c.own_safety, stock.c.own_low_at).where(
    *_general, stock.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger)))
)

LOW = (
    select(func.count())
    .select_from(stock)
    .where(
        stock.c.shop_id == bindparam("shop"),
        stock.c.pool == Pool.GENERAL,
        stock.c.on_hand - stock.c.held - stock.c.safety <= stock.c.low_at,
    )
)
