"""When promised pieces are gone: the newest orders lose them, each by itself, and what was paid goes back.

A count, a file or another system says that there are fewer than buyers were promised. That is recorded at once
(`stock`), nothing more is sold, and a timer calls this until nothing is short. Order of arrival decides: who came last
loses first, paid or not, and an order loses as a whole. What was shipped is nobody's to take back.
"""

from __future__ import annotations

from functools import partial

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import INT63_MAX, OrderId, ShopId, SkuId
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.types import CloseReason, Order, OrderState
from liveshelf.payments import queries as payment_queries
from liveshelf.payments import refunds
from liveshelf.payments.types import RefundReason
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import oversold
from liveshelf.stock.types import Cause, Place, Pool


async def settle(runtime: Runtime, shop: ShopId, *, sku_id: int, pool: str) -> None:
    """Close orders until nothing is short of this SKU, one transaction an order, so that a stop between two loses
    nothing. Repeating it finds its work done.
    """
    place = (SkuId(sku_id), Pool(pool))
    below: int | None = INT63_MAX
    while below is not None:
        below = await runtime.db.write(SYSTEM, shop, partial(take_from_newest, place=place, below=below))


async def take_from_newest(tx: Tx, *, place: Place, below: int = INT63_MAX) -> int | None:
    """Close the newest order below an id that was promised pieces from here; the id to go on below, `None` at the end.

    The order is locked before its payment and its stock, as everywhere, and looked at again under the lock.
    """
    order_id = await order_queries.newest_unshipped(tx, place[0], before=below)
    if order_id is None:
        await oversold.write_off(tx, place)
        return None
    order = await orders.lock(tx, order_id)
    quantity = await oversold.pieces_of(tx, order_id, place)
    found = await oversold.locked(tx, place)
    if found is None or found[0].short == 0 or found[1] is None:
        return None
    if quantity:
        refund_fen = await _close(tx, order)
        if refund_fen is not None:
            await oversold.name(
                tx,
                order_id,
                place,
                cause=Cause.CUT,
                quantity=quantity,
                refund_fen=refund_fen,
                detected_at=found[1],
            )
    return order_id


async def name_late_payment(tx: Tx, order: Order, *, refund_fen: Fen) -> None:
    """An order was paid after its hold had run out, and its pieces were gone: by name, with what goes back."""
    for line in order.lines:
        await oversold.name(
            tx,
            order.order_id,
            (line.sku_id, Pool.GENERAL),
            cause=Cause.LATE_PAYMENT,
            quantity=line.quantity,
            refund_fen=refund_fen,
            detected_at=tx.now,
        )


async def _close(tx: Tx, order: Order) -> Fen | None:
    """Close the order; what of its money goes back, `None` when it can't be closed any more."""
    if order.state is OrderState.TO_PAY and await orders.close_oversold(tx, order):
        return Fen(0)
    if order.state is OrderState.TO_SHIP and await orders.close_paid(tx, order, reason=CloseReason.OVERSOLD):
        left = (await payment_queries.paid_of(tx, order.order_id)).left_fen
        if left > 0:
            await refunds.owe(
                tx, order.order_id, amount_fen=left, reason=RefundReason.OVERSOLD, key=_key(order.order_id)
            )
        return left
    return None


def _key(order_id: OrderId) -> str:
    """One refund an order, whoever finds it short."""
    return f"oversold:{order_id}"
