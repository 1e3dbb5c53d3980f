"""Commands: open and close payments, take in notifications. Nothing here calls a provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, PaymentId, new_number
from liveshelf.payments import _sql, ledger, queries
from liveshelf.payments.events import PaymentPaid
from liveshelf.payments.types import Callback, Payment, PaymentState
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx

ASK_AFTER = timedelta(seconds=30)  # without a notification the provider is asked; business time
PROCESS_AFTER = timedelta(seconds=5)  # a kept notification that its request did not process; wall time


async def open_payment(
    tx: Tx, order_id: OrderId, *, amount_fen: Fen, provider: str, merchant: str, expires_at: datetime
) -> Payment:
    """The open payment of an order: the one there is, or a new one."""
    row = await tx.one(
        _sql.OPEN.values(
            shop_id=tx.shop,
            payment_id=new_number(),
            order_id=order_id,
            provider=provider,
            merchant=merchant,
            state=PaymentState.PENDING,
            amount_fen=amount_fen,
            created_at=tx.now,
            expires_at=expires_at,
            poll_at=tx.now + ASK_AFTER,
            refunded_fen=0,
        )
    )
    if row is None:
        row = await tx.one(_sql.OPEN_OF_ORDER, order=order_id)
    if row is None:  # closed between the two statements: the order is closing, which the caller holds locked
        raise AssertionError("an order under lock lost its open payment")
    return queries.as_payment(row)


async def mark_paid(tx: Tx, payment: Payment, *, provider_ref: str, paid_at: datetime) -> bool:
    """Money came. False when that was known already."""
    done = await tx.one(_sql.MARK_PAID, payment=payment.payment_id, moment=paid_at, ref=provider_ref)
    if done is None:
        return False
    ledger.paid(tx, payment)
    tx.emit(
        PaymentPaid(payment_id=payment.payment_id, order_id=payment.order_id, amount_fen=payment.amount_fen),
        stream=f"order:{payment.order_id}",
    )
    return True


async def close(tx: Tx, orders: Sequence[OrderId]) -> None:
    """Nobody is to pay these orders any more; the provider is told a moment later."""
    await tx.execute(_sql.CLOSE, orders=list(orders), moment=tx.now)


async def stop_asking(tx: Tx, payment_id: PaymentId) -> None:
    """The provider has said its last word about this payment."""
    await tx.execute(_sql.STOP_ASKING, payment=payment_id)


async def keep_callback(
    tx: Tx, *, provider: str, merchant: str, notice_id: str, headers: Mapping[str, str], body: bytes
) -> int:
    """Keep a verified notification verbatim; the id of the one kept before when it is a repetition."""
    kept = await tx.scalar(
        _sql.KEEP_CALLBACK.values(
            shop_id=tx.shop,
            callback_id=new_number(),
            provider=provider,
            merchant=merchant,
            notice_id=notice_id,
            headers=dict(headers),
            body=body,
            received_at=tx.now,
            try_at=wall_now() + PROCESS_AFTER,
        )
    )
    if kept is None:
        kept = await tx.scalar(_sql.CALLBACK_BY_NOTICE, who=provider, notice=notice_id)
    return int(kept)


async def lock_callback(tx: Tx, callback_id: int) -> Callback | None:
    """A kept notification, for this transaction alone."""
    row = await tx.one(_sql.LOCK_CALLBACK, callback=callback_id)
    return None if row is None else queries.as_callback(row)


async def finish_callback(tx: Tx, callback_id: int) -> None:
    """The consequences of a notification were drawn, in this transaction."""
    await tx.execute(_sql.FINISH_CALLBACK, callback=callback_id, moment=tx.now)
