"""Statements about what bounds selling: safety stock, thresholds, purchase limits."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.stock._tables import stock, stock_holds, stock_limit_skus, stock_limits, stock_settings
from liveshelf.stock.types import Pool

SETTINGS = select(stock_settings.c.safety, stock_settings.c.low_at).where(stock_settings.c.shop_id == bindparam("shop"))
_set = pg_insert(stock_settings)
SET_SETTINGS = _set.values(
    shop_id=bindparam("shop"), safety=bindparam("b_safety"), low_at=bindparam("b_low_at")
).on_conflict_do_update(
    index_elements=[stock_settings.c.shop_id],
    set_={"safety": _set.excluded.safety, "low_at": _set.excluded.low_at},
)
# In the order of their ids, as every lock of counters.
LOCK_GENERAL = (
    select(stock.c.sku_id)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.pool == Pool.GENERAL)
    .order_by(stock.c.sku_id)
    .with_for_update(key_share=True)
)
FOLLOW_SETTINGS = (
    update(stock)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.pool == Pool.GENERAL)
    .values(
        safety=func.coalesce(stock.c.own_safety, bindparam("b_safety", type_=Integer)),
        low_at=func.coalesce(stock.c.own_low_at, bindparam("b_low_at", type_=Integer)),
    )
)
SET_BOUNDS = (
    update(stock)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.sku_id == bindparam("sku"), stock.c.pool == Pool.GENERAL)
    .values(
        own_safety=bindparam("b_own_safety", type_=Integer),
        own_low_at=bindparam("b_own_low_at", type_=Integer),
        safety=bindparam("b_safety", type_=Integer),
        low_at=bindparam("b_low_at", type_=Integer),
        version=stock.c.version + 1,
    )
    .returning(stock.c.sku_id)
)

_skus = bindparam("skus", type_=ARRAY(BigInteger))
# The limits of SKUs, each with every SKU that it counts, for this transaction alone: two orders of two SKUs of one
# product, which lock different counters, meet here. Always after the counters, so there is no circle.
_of_these = select(stock_limit_skus.c.limit_id).where(
    stock_limit_skus.c.shop_id == bindparam("shop"), stock_limit_skus.c.sku_id == func.any(_skus)
)
LOCK_LIMITS = (
    select(stock_limits.c.limit_id)
    .where(stock_limits.c.shop_id == bindparam("shop"), stock_limits.c.limit_id.in_(_of_these))
    .order_by(stock_limits.c.limit_id)
    .with_for_update()
)
LIMITS = (
    select(
        stock_limits.c.limit_id,
        stock_limits.c.most,
        stock_limits.c.product_id,
        func.array_agg(stock_limit_skus.c.sku_id).label("sku_ids"),
    )
    .join(
        stock_limit_skus,
        (stock_limit_skus.c.shop_id == stock_limits.c.shop_id)
        & (stock_limit_skus.c.limit_id == stock_limits.c.limit_id),
    )
    .where(stock_limits.c.shop_id == bindparam("shop"), stock_limits.c.limit_id.in_(_of_these))
    .group_by(stock_limits.c.limit_id, stock_limits.c.most, stock_limits.c.product_id)
    .order_by(stock_limits.c.limit_id)
)
LIMIT_OF = select(stock_limits.c.limit_id).where(
    stock_limits.c.shop_id == bindparam("shop"),
    (stock_limits.c.sku_id == bindparam("sku", type_=BigInteger))
    | (stock_limits.c.product_id == bindparam("product", type_=BigInteger)),
)
DROP_LIMIT = (
    delete(stock_limits)
    .where(stock_limits.c.shop_id == bindparam("shop"), stock_limits.c.limit_id == bindparam("which"))
    .returning(stock_limits.c.limit_id)
)
LIMITED_SKUS = select(stock_limit_skus.c.sku_id).where(
    stock_limit_skus.c.shop_id == bindparam("shop"), stock_limit_skus.c.limit_id == bindparam("which")
)
NEW_LIMIT = pg_insert(stock_limits)
JOIN_LIMIT = pg_insert(stock_limit_skus).on_conflict_do_nothing()
_still = (
    select(stock_limit_skus.c.sku_id)
    .where(stock_limit_skus.c.shop_id == stock.c.shop_id, stock_limit_skus.c.sku_id == stock.c.sku_id)
    .exists()
)
MARK_LIMITED = (
    update(stock).where(stock.c.shop_id == bindparam("shop"), stock.c.sku_id == func.any(_skus)).values(limited=_still)
)
RETURNED = (
    select(stock_holds.c.order_id, stock_holds.c.sku_id, func.sum(stock_holds.c.returned).label("pieces"))
    .where(
        stock_holds.c.shop_id == bindparam("shop"),
        stock_holds.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))),
        stock_holds.c.returned > 0,
    )
    .group_by(stock_holds.c.order_id, stock_holds.c.sku_id)
)
