"""A customer's cart (购物车): what they mean to buy, until they do. It holds no stock and fixes no price.

The price that was seen when a thing was added is kept beside it, so that a change can be told. A guest's cart goes
along when they sign in; what was ordered leaves the cart in the order's own transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row

from liveshelf.customers import service as customers
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, RoomId, SkuId
from liveshelf.orders import _cart_sql as _sql
from liveshelf.orders.errors import CartFull, CartLineUnknown, OrderLimit
from liveshelf.orders.rules import QUANTITY_MAX
from liveshelf.orders.types import CartLine
from liveshelf.platform.db import ReadTx, Tx

CART_MAX = 100  # lines of one cart: a screen's worth of scrolling, and one statement to read


async def lines(tx: ReadTx, customer_id: CustomerId) -> list[CartLine]:
    """What is in the cart, added last first."""
    return [_line(row) for row in await tx.all(_sql.LINES, customer=customer_id)]


async def count(tx: ReadTx, customer_id: CustomerId) -> int:
    """How many different things are in the cart."""
    return int(await tx.scalar(_sql.COUNT, customer=customer_id))


async def add(
    tx: Tx, customer_id: CustomerId, sku_id: SkuId, *, quantity: int, seen_fen: Fen, room_id: RoomId | None = None
) -> int:
    """So many more pieces of a SKU, at most `QUANTITY_MAX` in all; it is selected. Returns how many there are now.

    Raises `OrderLimit`, `CartFull`, `BuyerUnknown`. The caller has made sure that the SKU and the room are the shop's.
    """
    _check(quantity)
    await customers.lock(tx, customer_id)
    present = {line.sku_id: line.quantity for line in await lines(tx, customer_id)}
    if sku_id not in present and len(present) >= CART_MAX:
        raise CartFull(most=CART_MAX)
    total = min(present.get(sku_id, 0) + quantity, QUANTITY_MAX)
    await tx.execute(
        _sql.PUT, customer=customer_id, sku=sku_id, count=total, seen=seen_fen, moment=tx.now, room=room_id
    )
    return total


async def set_quantity(tx: Tx, customer_id: CustomerId, sku_id: SkuId, *, quantity: int) -> None:
    """Exactly so many pieces. Raises `OrderLimit`, `CartLineUnknown`."""
    _check(quantity)
    if await tx.scalar(_sql.SET_QUANTITY, customer=customer_id, sku=sku_id, count=quantity) is None:
        raise CartLineUnknown(sku_id=sku_id)


async def select(tx: Tx, customer_id: CustomerId, sku_ids: Collection[SkuId]) -> None:
    """Exactly these lines are meant to be bought next; ids that are not in the cart are passed over."""
    await tx.execute(_sql.SELECT_ONLY, customer=customer_id, ids=sorted(sku_ids))


async def remove(tx: Tx, customer_id: CustomerId, sku_ids: Collection[SkuId]) -> None:
    """Take lines out. What is not there is no error."""
    await tx.execute(_sql.REMOVE, customer=customer_id, ids=sorted(sku_ids))


async def settle(tx: Tx, bought: Sequence[tuple[CustomerId, SkuId]]) -> None:
    """What was ordered out of carts leaves them: one statement for a whole batch of orders."""
    if bought:
        await tx.execute(_sql.SETTLE, customers=[who for who, _ in bought], skus=[sku_id for _, sku_id in bought])


async def move(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> None:
    """The guest's cart goes into the member's: pieces of one thing add up within the limit, the newest lines stay.

    The caller holds both customers, as a merge does.
    """
    await tx.execute(_sql.MERGE, guest=guest_id, member=member_id, most=QUANTITY_MAX)
    await tx.execute(_sql.CLEAR, customer=guest_id)
    await tx.execute(_sql.TRIM, customer=member_id, most=CART_MAX)


async def clear(tx: Tx, customer_id: CustomerId) -> None:
    """Empty the cart."""
    await tx.execute(_sql.CLEAR, customer=customer_id)


def _check(quantity: int) -> None:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise OrderLimit(field="quantity", most=QUANTITY_MAX)


def _line(row: Row[Any]) -> CartLine:
    room_id = None if row.room_id is None else RoomId(row.room_id)
    return CartLine(SkuId(row.sku_id), row.quantity, row.selected, Fen(row.seen_fen), row.added_at, room_id)
