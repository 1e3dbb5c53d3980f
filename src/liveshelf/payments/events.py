"""What has happened to payments, and what is due."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class PaymentPaid(Event, frozen=True):
    """Money came."""

    name: ClassVar[str] = "payment.paid"
    payment_id: int
    order_id: int
    amount_fen: int


class PaymentRefunded(Event, frozen=True):
    """Money went back."""

    name: ClassVar[str] = "payment.refunded"
    payment_id: int
    order_id: int
    amount_fen: int


class PaymentCheckDue(Event, frozen=True):
    """No notification came so far: the provider is to be asked."""

    name: ClassVar[str] = "payment.check_due"
    payment_id: int


class PaymentRefundDue(Event, frozen=True):
    """Money is to be sent back (again)."""

    name: ClassVar[str] = "payment.refund_due"
    payment_id: int


class CallbackDue(Event, frozen=True):
    """A stored notification was not processed yet."""

    name: ClassVar[str] = "payment.callback_due"
    callback_id: int
