"""Reads: payments, refunds and kept notifications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, PaymentId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.payments import _refunds_sql, _sql
from liveshelf.payments.types import Callback, Paid, Payment, PaymentState, Refund, RefundReason, RefundState
from liveshelf.platform.db import ReadTx


async def payment(tx: ReadTx, payment_id: PaymentId) -> Payment | None:
    """The payment of an id."""
    row = await tx.one(_sql.PAYMENT_BY_ID, payment=payment_id)
    return None if row is None else as_payment(row)


async def latest_of(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, Payment]:
    """The payment to show for each order: the one that was paid, else the latest; absent when none was tried."""
    ids = sorted(set(order_ids))
    rows = await tx.all(_sql.LATEST_OF_ORDERS, orders=ids) if ids else []
    return {OrderId(row.order_id): as_payment(row) for row in rows}


async def any_paid(tx: ReadTx) -> bool:
    """Whether anything was ever paid in the shop."""
    return bool(await tx.scalar(_sql.ANY_PAID))


async def paid_of(tx: ReadTx, order_id: OrderId) -> Paid:
    """What was paid for an order, and what of it goes back: nothing and nothing when it was not paid."""
    return (await paid_of_many(tx, [order_id]))[order_id]


async def paid_of_many(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, Paid]:
    """As `paid_of`, for each of these orders."""
    ids = sorted(set(order_ids))
    rows = await tx.all(_refunds_sql.PAID_OF_ORDERS, orders=ids) if ids else []
    found = {row.order_id: Paid(Fen(int(row.paid_fen)), Fen(int(row.refunded_fen))) for row in rows}
    return {order_id: found.get(order_id, Paid(Fen(0), Fen(0))) for order_id in ids}


async def refund(tx: ReadTx, refund_id: int) -> Refund | None:
    """The refund of an id."""
    row = await tx.one(_refunds_sql.BY_ID, refund=refund_id)
    return None if row is None else as_refund(row)


async def refunds_page(
    tx: ReadTx,
    *,
    state: RefundState | None = None,
    trouble: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Refund]:
    """The shop's refunds, newest first; with `trouble` only those that were late, are overdue or have a problem."""
    most = clamp_limit(limit)
    statement, args = _refunds_sql.PAGE, dict[str, object](before=below(cursor), most=most + 1)
    if state is not None:
        statement, args = statement.where(_refunds_sql.IN_STATE), {**args, "wanted": state.value}
    if trouble:
        statement = statement.where(_refunds_sql.IS_LATE)
    rows = await tx.all(statement, **args)
    return page_of([as_refund(row) for row in rows], most, lambda one: (one.refund_id,))


async def refunds_of(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, list[Refund]]:
    """The refunds of each order, oldest first; an order without one is absent."""
    ids = sorted(set(order_ids))
    found: dict[OrderId, list[Refund]] = {}
    for row in await tx.all(_refunds_sql.OF_ORDERS, orders=ids) if ids else []:
        found.setdefault(OrderId(row.order_id), []).append(as_refund(row))
    return found


async def callback(tx: ReadTx, callback_id: int) -> Callback | None:
    """A notification as it was kept."""
    row = await tx.one(_sql.CALLBACK, callback=callback_id)
    return None if row is None else as_callback(row)


def as_payment(row: Row[Any]) -> Payment:
    """The payment of a row."""
    return Payment(
        PaymentId(row.payment_id),
        OrderId(row.order_id),
        row.provider,
        row.merchant,
        PaymentState(row.state),
        Fen(row.amount_fen),
        row.provider_ref,
        row.created_at,
        row.expires_at,
        row.paid_at,
        Fen(row.refunded_fen),
    )


def as_refund(row: Row[Any]) -> Refund:
    """The refund of a row."""
    return Refund(
        row.refund_id,
        OrderId(row.order_id),
        PaymentId(row.payment_id),
        Fen(row.amount_fen),
        RefundReason(row.reason),
        row.key,
        RefundState(row.state),
        row.round,
        row.owed_at,
        row.sent_at,
        row.settled_at,
        row.late_at,
        row.problem,
        row.arrive_from_on,
        row.arrive_by_on,
        row.overdue_at,
    )


def as_callback(row: Row[Any]) -> Callback:
    """The notification of a row."""
    return Callback(
        row.callback_id,
        row.provider,
        row.merchant,
        row.notice_id,
        row.headers,
        bytes(row.body),
        row.processed_at is not None,
    )
