"""Reads: payments and kept notifications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, PaymentId
from liveshelf.payments import _sql
from liveshelf.payments.types import Callback, Payment, PaymentState
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
        PaymentState(row.state),
        Fen(row.amount_fen),
        row.provider_ref,
        row.created_at,
        row.expires_at,
        row.paid_at,
    )


def as_callback(row: Row[Any]) -> Callback:
    """The notification of a row."""
    return Callback(
        row.callback_id, row.provider, row.notice_id, row.headers, bytes(row.body), row.processed_at is not None
    )
