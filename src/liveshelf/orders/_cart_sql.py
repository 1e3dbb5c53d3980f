"""Statements of the cart."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.orders._tables import cart_lines
from liveshelf.platform.schema import Instant

_mine = (cart_lines.c.shop_id == bindparam("shop"), cart_lines.c.customer_id == bindparam("customer"))
_line = (*_mine, cart_lines.c.sku_id == bindparam("sku"))
_ids = func.any(bindparam("ids", type_=ARRAY(BigInteger)))
_newest_first = (cart_lines.c.added_at.desc(), cart_lines.c.sku_id.desc())

LINES = select(cart_lines).where(*_mine).order_by(*_newest_first)
COUNT = select(func.count()).select_from(cart_lines).where(*_mine)

PUT = (
    pg_insert(cart_lines)
    .values(
        shop_id=bindparam("shop"),
        customer_id=bindparam("customer"),
        sku_id=bindparam("sku"),
        quantity=bindparam("count", type_=Integer),
        selected=True,
        seen_fen=bindparam("seen", type_=BigInteger),
        added_at=bindparam("moment", type_=Instant),
        room_id=bindparam("room", type_=BigInteger),
    )
    .on_conflict_do_update(
        index_elements=[cart_lines.c.shop_id, cart_lines.c.customer_id, cart_lines.c.sku_id],
        set_={
            "quantity": bindparam("count", type_=Integer),
            "selected": True,
            "seen_fen": bindparam("seen", type_=BigInteger),
            "added_at": bindparam("moment", type_=Instant),
            "room_id": bindparam("room", type_=BigInteger),
        },
    )
)
SET_QUANTITY = update(cart_lines).where(*_line).values(quantity=bindparam("count")).returning(cart_lines.c.sku_id)
SELECT_ONLY = update(cart_lines).where(*_mine).values(selected=cart_lines.c.sku_id == _ids)
REMOVE = delete(cart_lines).where(*_mine, cart_lines.c.sku_id == _ids)
CLEAR = delete(cart_lines).where(*_mine)

# Rows of one cart and SKU are only ever deleted under that SKU's counter, which the batch holds already: two batches
# can't wait for each other here.
_bought = (
    func.unnest(bindparam("customers", type_=ARRAY(BigInteger)), bindparam("skus", type_=ARRAY(BigInteger)))
    .table_valued("who", "what", name="bought")
    .render_derived()
)
SETTLE = delete(cart_lines).where(
    cart_lines.c.shop_id == bindparam("shop"),
    cart_lines.c.customer_id == _bought.c.who,
    cart_lines.c.sku_id == _bought.c.what,
)

_of_guest = (
    select(
        cart_lines.c.shop_id,
        bindparam("member", type_=BigInteger),
        cart_lines.c.sku_id,
        cart_lines.c.quantity,
        cart_lines.c.selected,
        cart_lines.c.seen_fen,
        cart_lines.c.added_at,
        cart_lines.c.room_id,
    )
    .where(cart_lines.c.shop_id == bindparam("shop"), cart_lines.c.customer_id == bindparam("guest"))
    .order_by(cart_lines.c.sku_id)
)
_merge = pg_insert(cart_lines).from_select([column.name for column in cart_lines.columns], _of_guest)
MERGE = _merge.on_conflict_do_update(
    index_elements=[cart_lines.c.shop_id, cart_lines.c.customer_id, cart_lines.c.sku_id],
    set_={
        "quantity": func.least(cart_lines.c.quantity + _merge.excluded.quantity, bindparam("most", type_=Integer)),
        "selected": literal(value=True),
        "seen_fen": _merge.excluded.seen_fen,
        "added_at": func.greatest(cart_lines.c.added_at, _merge.excluded.added_at),
        "room_id": _merge.excluded.room_id,
    },
)
_kept = select(cart_lines.c.sku_id).where(*_mine).order_by(*_newest_first).limit(bindparam("most"))
TRIM = delete(cart_lines).where(and_(*_mine), cart_lines.c.sku_id.not_in(_kept))
