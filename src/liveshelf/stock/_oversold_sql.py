"""Statements about what was promised and is gone, and about what other systems say of counts."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.stock._tables import stock, stock_changes, stock_holds, stock_oversold
from liveshelf.stock.types import HoldState

# What is promised and gone. Due at once, and again after a while should the job not come to its end.
SHOPS_SHORT = select(stock.c.shop_id).where(stock.c.short > 0, stock.c.short_try_at <= bindparam("now")).distinct()
_short_due = (
    select(stock.c.sku_id, stock.c.pool)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.short > 0, stock.c.short_try_at <= bindparam("moment"))
    .order_by(stock.c.sku_id, stock.c.pool)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
    .cte("due")
)
TAKE_SHORT = (
    update(stock)
    .where(
        stock.c.shop_id == bindparam("shop"), stock.c.sku_id == _short_due.c.sku_id, stock.c.pool == _short_due.c.pool
    )
    .values(short_try_at=bindparam("next_try", type_=Instant))
    .returning(stock.c.sku_id, stock.c.pool)
)
SHORT = select(stock.c.short_since).where(
    stock.c.shop_id == bindparam("shop"),
    stock.c.sku_id == bindparam("sku"),
    stock.c.pool == bindparam("which_pool"),
)
PROMISED = select(func.coalesce(func.sum(stock_holds.c.quantity - stock_holds.c.returned), 0)).where(
    stock_holds.c.shop_id == bindparam("shop"),
    stock_holds.c.order_id == bindparam("order"),
    stock_holds.c.sku_id == bindparam("sku"),
    stock_holds.c.pool == bindparam("which_pool"),
    stock_holds.c.state.in_([HoldState.HELD, HoldState.COMMITTED]),
)
NAME_OVERSOLD = pg_insert(stock_oversold).on_conflict_do_nothing()
OVERSOLD = (
    select(stock_oversold)
    .where(stock_oversold.c.shop_id == bindparam("shop"), stock_oversold.c.order_id < bindparam("before"))
    .order_by(stock_oversold.c.order_id.desc(), stock_oversold.c.sku_id)
    .limit(bindparam("most"))
)


KEEP_CHANGES = insert(stock_changes)
CHANGES_NAMED = select(stock_changes).where(
    stock_changes.c.shop_id == bindparam("shop"),
    stock_changes.c.source == bindparam("of_source"),
    stock_changes.c.reference.in_(bindparam("references", expanding=True)),
)
NEWEST_SETS = (
    select(
        stock_changes.c.sku_id,
        stock_changes.c.pool,
        stock_changes.c.ordered_by,
        func.max(stock_changes.c.position).label("position"),
    )
    .where(
        stock_changes.c.shop_id == bindparam("shop"),
        stock_changes.c.source == bindparam("of_source"),
        stock_changes.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger))),
        stock_changes.c.kind == "set",
        stock_changes.c.outcome == "applied",
    )
    .group_by(stock_changes.c.sku_id, stock_changes.c.pool, stock_changes.c.ordered_by)
)
# One batch of a source at a time: the same reference sent twice at once is followed once, and what is newest is decided
# in the order in which batches arrive.
ONE_SOURCE = select(func.pg_advisory_xact_lock(bindparam("space"), bindparam("which")))
CHANGES = (
    select(stock_changes)
    .where(stock_changes.c.shop_id == bindparam("shop"), stock_changes.c.change_id < bindparam("before"))
    .order_by(stock_changes.c.change_id.desc())
    .limit(bindparam("most"))
)
OF_OUTCOME = stock_changes.c.outcome == bindparam("of_outcome")
OF_SOURCE = stock_changes.c.source == bindparam("of_source")
OF_SKU = stock_changes.c.sku_id == bindparam("of_sku")
