"""Another price before payment: by the merchant, for the whole order or for lines, with a reason that the buyer reads.

Lines stay as they were bought; what is agreed on now stands beside them (`Line.due_fen`). The open payment ends, so the
next one starts at the new amount. Money of the old amount that was under way all the same does not pay the order: it
goes back whole (`flows.pay.settle`), and the order waits to be paid at the price that was agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liveshelf.kernel.fen import MAX_FEN, Fen, split
from liveshelf.kernel.ids import OrderId, SkuId, new_number
from liveshelf.orders import _sql
from liveshelf.orders._tables import order_price_changes
from liveshelf.orders.errors import PriceChanged, PriceInvalid
from liveshelf.orders.events import OrderRepriced
from liveshelf.orders.rules import clean_reason
from liveshelf.orders.service import check_to_pay, lock, remember
from liveshelf.orders.types import Order, OrderState, Why
from liveshelf.payments import service as payments
from liveshelf.platform.db import Tx


async def change_total(tx: Tx, order_id: OrderId, *, total_fen: Fen, seen_fen: Fen, reason: str) -> Order:
    """Another total, shared over the lines by what they cost now. `seen_fen` is the total that was on the screen.

    Raises `OrderUnknown`, `OrderNotToPay`, `PriceChanged`, `PriceInvalid`, `ReasonInvalid`.
    """
    order = await _open(tx, order_id, seen_fen)
    if not 1 <= total_fen <= MAX_FEN:
        raise PriceInvalid(field="total_fen")
    return await _agree(tx, order, split(total_fen, [line.due_fen for line in order.lines]), reason)


async def change_lines(
    tx: Tx, order_id: OrderId, *, lines: Sequence[tuple[SkuId, Fen]], seen_fen: Fen, reason: str
) -> Order:
    """Other amounts for these lines, each at least 1 fen. Raises as `change_total`."""
    order = await _open(tx, order_id, seen_fen)
    wanted = dict(lines)
    if not wanted or len(wanted) != len(lines) or not wanted.keys() <= {line.sku_id for line in order.lines}:
        raise PriceInvalid(field="lines")
    if any(not 1 <= fen <= MAX_FEN for fen in wanted.values()):
        raise PriceInvalid(field="lines")
    return await _agree(tx, order, [wanted.get(line.sku_id, line.due_fen) for line in order.lines], reason)


async def _open(tx: Tx, order_id: OrderId, seen_fen: Fen) -> Order:
    order = await lock(tx, order_id)
    check_to_pay(order, tx.now)
    if order.total_fen != seen_fen:
        raise PriceChanged(total_fen=order.total_fen)
    return order


async def _agree(tx: Tx, order: Order, amounts: Sequence[Fen], reason: str) -> Order:
    reason = clean_reason(reason)
    total = Fen(sum(amounts))
    if not 1 <= total <= MAX_FEN:
        raise PriceInvalid(field="total_fen")
    if total == order.total_fen and list(amounts) == [line.due_fen for line in order.lines]:
        return order
    if await tx.scalar(_sql.REPRICE, order=order.order_id, total=total) is None:
        raise AssertionError("an order under lock was repriced beside it")
    for number, (line, became) in enumerate(zip(order.lines, amounts, strict=True), 1):
        if became != line.due_fen:
            tx.append(
                order_price_changes,
                change_id=new_number(),
                order_id=order.order_id,
                line_no=number,
                was_fen=line.due_fen,
                became_fen=became,
                at=tx.now,
            )
    await payments.close(tx, [order.order_id])
    facts = {"was_fen": order.total_fen, "became_fen": total, "reason": reason}
    remember(tx, order.order_id, OrderState.TO_PAY, OrderState.TO_PAY, why=Why.PRICE_CHANGED, facts=facts)
    tx.emit(
        OrderRepriced(order_id=order.order_id, customer_id=order.customer_id, was_fen=order.total_fen, total_fen=total),
        stream=f"order:{order.order_id}",
    )
    changed = [replace(line, agreed_fen=became) for line, became in zip(order.lines, amounts, strict=True)]
    return replace(order, total_fen=total, lines=tuple(changed))
