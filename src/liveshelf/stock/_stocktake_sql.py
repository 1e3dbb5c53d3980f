"""Statements of stocktakes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.stock._tables import stock, stocktake_lines, stocktakes

_of_shop = stocktakes.c.shop_id == bindparam("shop")
_this = (_of_shop, stocktakes.c.stocktake_id == bindparam("which"))
_lines_of = (stocktake_lines.c.shop_id == bindparam("shop"), stocktake_lines.c.stocktake_id == bindparam("which"))
_counted = stocktake_lines.c.counted.is_not(None)
_different = stocktake_lines.c.counted != stocktake_lines.c.on_hand

# One open count a shop and pool; a second one finds the index.
OPEN = pg_insert(stocktakes).on_conflict_do_nothing().returning(stocktakes.c.stocktake_id)
_kept = select(
    stock.c.shop_id,
    bindparam("which", type_=BigInteger).label("stocktake_id"),
    stock.c.sku_id,
).where(stock.c.shop_id == bindparam("shop"), stock.c.pool == bindparam("of_pool"))
ADD_ALL = pg_insert(stocktake_lines).from_select(
    ["shop_id", "stocktake_id", "sku_id"], _kept.order_by(stock.c.sku_id.desc()).limit(bindparam("most"))
)
ADD_THESE = (
    pg_insert(stocktake_lines)
    .from_select(
        ["shop_id", "stocktake_id", "sku_id"],
        _kept.where(stock.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger)))),
    )
    .returning(stocktake_lines.c.sku_id)
)
# Counting shares it, closing has it alone: what is closed is not counted on.
SHARE = select(stocktakes.c.state, stocktakes.c.pool).where(*_this).with_for_update(read=True, key_share=True)
LOCK = select(stocktakes.c.state, stocktakes.c.pool).where(*_this).with_for_update()
COUNT = (
    update(stocktake_lines)
    .where(*_lines_of, stocktake_lines.c.sku_id == bindparam("sku"))
    .values(
        on_hand=bindparam("there", type_=Integer),
        counted=bindparam("found", type_=Integer),
        counted_at=bindparam("moment", type_=Instant),
        counted_by=bindparam("who"),
    )
    .returning(stocktake_lines.c.sku_id)
)
DIFFERENT = (
    select(stocktake_lines.c.sku_id, (stocktake_lines.c.counted - stocktake_lines.c.on_hand).label("by"))
    .where(*_lines_of, _different)
    .order_by(stocktake_lines.c.sku_id)
)
END = (
    update(stocktakes)
    .where(*_this, stocktakes.c.state == "open")
    .values(
        state=bindparam("becomes"),
        closed_at=bindparam("moment", type_=Instant),
        closed_by=bindparam("who"),
        reason=bindparam("because"),
    )
)
_figures = (
    select(
        func.count().label("lines"),
        func.count().filter(_counted).label("counted"),
        func.count().filter(_different).label("different"),
    )
    .where(
        stocktake_lines.c.shop_id == stocktakes.c.shop_id,
        stocktake_lines.c.stocktake_id == stocktakes.c.stocktake_id,
    )
    .lateral("figures")
)
_with_figures = select(stocktakes, _figures.c.lines, _figures.c.counted, _figures.c.different).select_from(stocktakes)
PAGE = (
    _with_figures.join(_figures, _of_shop)
    .where(_of_shop, stocktakes.c.stocktake_id < bindparam("before"))
    .order_by(stocktakes.c.stocktake_id.desc())
    .limit(bindparam("most"))
)
ONE = _with_figures.join(_figures, _of_shop).where(*_this)
LINES = (
    select(stocktake_lines)
    .where(*_lines_of, stocktake_lines.c.sku_id < bindparam("before"))
    .order_by(stocktake_lines.c.sku_id.desc())
    .limit(bindparam("most"))
)
ONLY_OPEN = stocktake_lines.c.counted.is_(None)
ONLY_DIFFERENT = _different
ONLY_NAMED = stocktake_lines.c.sku_id == func.any(bindparam("named", type_=ARRAY(BigInteger)))
