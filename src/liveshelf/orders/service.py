"""Commands: place, pay, cancel and close orders. Closing gives the stock back and ends the open payment, in one
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Executable

from liveshelf.kernel.ids import CustomerId, OrderId, RoomId, new_number
from liveshelf.orders import _sql, delivery, queries
from liveshelf.orders._tables import order_history, order_lines, orders
from liveshelf.orders.errors import OrderNotToPay, OrderUnknown
from liveshelf.orders.events import OrderClosed, OrderPaid, OrderPlaced
from liveshelf.orders.types import PAID_REASONS, CloseReason, NewOrder, Order, OrderState, Why
from liveshelf.payments import service as payments
from liveshelf.platform.db import Tx
from liveshelf.shops.time_limits import time_limits_of
from liveshelf.stock import service as stock

CURRENCY = "CNY"


def place(tx: Tx, drafts: Sequence[NewOrder]) -> None:
    """Write orders whose stock was held in this transaction. Their rows go in just before the commit, together with
    everything else's: nothing here is a statement of its own.
    """
    placed = [(draft.order, draft.by) for draft in drafts]
    tx.append_many(
        orders,
        {"state": OrderState.TO_PAY, "currency": CURRENCY, "created_at": tx.now, "version": 1},
        ("order_id", "customer_id", "total_fen", "room_id", "expires_at"),
        [(o.order_id, o.customer_id, o.total_fen, o.room_id, o.expires_at) for o, _ in placed],
    )
    tx.append_many(order_lines, {}, _LINE_COLUMNS, [row for order, _ in placed for row in _line_rows(order)])
    for draft in drafts:
        if draft.address is not None or draft.papers is not None:
            delivery.enclose(tx, draft)
    tx.append_many(
        order_history,
        {"became": OrderState.TO_PAY, "why": Why.PLACED, "at": tx.now},
        ("entry_id", "order_id", "actor"),
        [(n, order.order_id, actor) for n, (order, actor) in zip(new_number.many(len(placed)), placed, strict=True)],
    )
    tx.emit_many([(_placed(order), f"order:{order.order_id}", actor) for order, actor in placed])


async def lock(tx: Tx, order_id: OrderId, *, customer_id: CustomerId | None = None) -> Order:
    """The order, for this transaction alone; only the buyer's own when one is named. Raises `OrderUnknown`."""
    if await tx.scalar(_sql.LOCK, order=order_id) is None:
        raise OrderUnknown
    return await queries.order(tx, order_id, customer_id=customer_id)


async def mark_paid(tx: Tx, order: Order, *, paid_at: datetime) -> bool:
    """The money is here: to ship, with the time limits that the shop promises now. Also from closed, when the payment
    came late and stock was held again. False when it was paid.
    """
    promised = await time_limits_of(tx)
    due = {"ship_due": paid_at + promised.ship_within, "days": promised.receive_days}
    if await tx.scalar(_sql.MARK_PAID, order=order.order_id, moment=paid_at, **due) is None:
        return False
    late = order.state is OrderState.CLOSED
    remember(tx, order.order_id, order.state, OrderState.TO_SHIP, why=Why.PAID_LATE if late else Why.PAID)
    tx.emit(
        OrderPaid(order_id=order.order_id, room_id=order.room_id, total_fen=order.total_fen, late=late),
        stream=f"order:{order.order_id}",
    )
    return True


async def cancel(tx: Tx, order_id: OrderId, *, customer_id: CustomerId) -> None:
    """The buyer does not want it any more. Raises `OrderUnknown`, `OrderNotToPay`; cancelling a cancelled order
    changes nothing.
    """
    order = await lock(tx, order_id, customer_id=customer_id)
    if order.close_reason is CloseReason.CANCELLED:
        return
    if await tx.scalar(_sql.CANCEL, order=order_id, moment=tx.now) is None:
        raise OrderNotToPay(state=order.state.value)
    _closed(tx, order_id, OrderState.TO_PAY, room_id=order.room_id, reason=CloseReason.CANCELLED)
    await payments.close(tx, [order_id])
    await stock.release(tx, [order_id])


async def close_unpaid(tx: Tx, limit: int) -> int:
    """Close up to `limit` orders whose time to pay is up; how many it were."""
    rows = await tx.all(_sql.CLOSE_UNPAID, moment=tx.now, most=limit)
    ids = [OrderId(row.order_id) for row in rows]
    if ids:
        for row in rows:
            _closed(tx, row.order_id, OrderState.TO_PAY, room_id=row.room_id, reason=CloseReason.UNPAID)
        await payments.close(tx, ids)
        await stock.expire(tx, ids)
    return len(ids)


async def close_paid(tx: Tx, order: Order, *, reason: CloseReason) -> bool:
    """Close a paid order of which nothing was shipped, and give back what of its stock was not given back before. The
    caller holds it locked and owes the money back. False, and nothing changed, when it is not to ship any more.
    """
    if not await _close_paid(tx, order, _sql.CLOSE_UNSHIPPED, reason):
        return False
    await stock.give_back_rest(tx, order.order_id, reason=reason.value)
    return True


async def close_refunded(tx: Tx, order: Order) -> bool:
    """Close a paid order all of whose money went back, whether or not it was shipped. What becomes of its goods is
    the case's to say that refunded it. False when it was done or closed before.
    """
    return await _close_paid(tx, order, _sql.CLOSE_REFUNDED, CloseReason.REFUNDED)


async def close_oversold(tx: Tx, order: Order) -> bool:
    """Close an order that nobody has paid, because what it held is gone. False when it is in another state by now."""
    if await tx.scalar(_sql.CLOSE_OVERSOLD, order=order.order_id, moment=tx.now) is None:
        return False
    _closed(tx, order.order_id, OrderState.TO_PAY, room_id=order.room_id, reason=CloseReason.OVERSOLD)
    await payments.close(tx, [order.order_id])
    await stock.release(tx, [order.order_id])
    return True


async def move_customer(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> None:
    """The guest's orders are the member's from now on."""
    await tx.execute(_sql.MOVE_CUSTOMER, guest=guest_id, member=member_id)


def check_to_pay(order: Order, now: datetime) -> None:
    """Raises `OrderNotToPay` unless the order waits to be paid and still has time."""
    if order.state is not OrderState.TO_PAY or order.expires_at <= now:
        raise OrderNotToPay(state=order.state.value)


async def _close_paid(tx: Tx, order: Order, statement: Executable, reason: CloseReason) -> bool:
    if reason not in PAID_REASONS:
        raise AssertionError(reason)
    if await tx.scalar(statement, order=order.order_id, moment=tx.now, reason=reason.value) is None:
        return False
    _closed(tx, order.order_id, order.state, room_id=order.room_id, reason=reason)
    return True


def _closed(tx: Tx, order_id: OrderId, was: OrderState, *, room_id: int | None, reason: CloseReason) -> None:
    remember(tx, order_id, was, OrderState.CLOSED, why=Why(reason.value))
    tx.emit(OrderClosed(order_id=order_id, room_id=room_id, reason=reason.value), stream=f"order:{order_id}")


def remember(
    tx: Tx,
    order_id: OrderId,
    was: OrderState | None,
    became: OrderState,
    *,
    why: Why,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Write a line of the order's timeline, in the transaction of what it tells."""
    tx.append(
        order_history,
        entry_id=new_number(),
        order_id=order_id,
        was=was,
        became=became,
        why=why,
        actor=str(tx.actor),
        facts=None if facts is None else dict(facts),
        at=tx.now,
    )


_LINE_COLUMNS = (
    "order_id",
    "line_no",
    "sku_id",
    "product_id",
    "goods_id",
    "title",
    "specs",
    "picture_media_id",
    "price_fen",
    "quantity",
    "amount_fen",
    "delivery",
)


def _line_rows(order: Order) -> Iterator[tuple[object, ...]]:
    for number, line in enumerate(order.lines, 1):
        yield (
            order.order_id,
            number,
            line.sku_id,
            line.product_id,
            line.goods_id,
            line.title,
            line.specs,
            line.picture_media_id,
            line.price_fen,
            line.quantity,
            line.amount_fen,
            line.delivery,
        )


def _placed(order: Order) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.order_id,
        customer_id=order.customer_id,
        room_id=order.room_id,
        total_fen=order.total_fen,
        units=order.units,
    )


async def forget_room(tx: Tx, room_id: RoomId) -> None:
    """Orders tell no more that they came from this room."""
    await tx.execute(_sql.FORGET_ROOM, room=room_id)
