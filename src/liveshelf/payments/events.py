"""What has happened to payments and refunds, and what is due."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class PaymentPaid(Event, frozen=True):
    """Money came."""

    name: ClassVar[str] = "payment.paid"
    payment_id: int
    order_id: int
    amount_fen: int


class RefundOwed(Event, frozen=True):
    """Money must go back."""

    name: ClassVar[str] = "refund.owed"
    refund_id: int
    order_id: int
    amount_fen: int
    reason: str
    key: str


class RefundSent(Event, frozen=True):
    """The provider has taken a refund on: the money is on its way."""

    name: ClassVar[str] = "refund.sent"
    refund_id: int
    order_id: int
    amount_fen: int


class RefundSettled(Event, frozen=True):
    """The provider says that the money is back."""

    name: ClassVar[str] = "refund.settled"
    refund_id: int
    order_id: int
    amount_fen: int
    reason: str
    key: str


class RefundLate(Event, frozen=True):
    """A refund was not sent within its limit: an alarm, somebody must look."""

    name: ClassVar[str] = "refund.late"
    refund_id: int
    order_id: int
    amount_fen: int


class RefundOverdue(Event, frozen=True):
    """A refund that was sent has not arrived in 1 to 3 working days: somebody must ask the provider."""

    name: ClassVar[str] = "refund.overdue"
    refund_id: int
    order_id: int
    amount_fen: int


class PaymentCheckDue(Event, frozen=True):
    """No notification came so far: the provider is to be asked."""

    name: ClassVar[str] = "payment.check_due"
    payment_id: int


class RefundDue(Event, frozen=True):
    """A refund is to be sent (again), or asked about."""

    name: ClassVar[str] = "refund.due"
    refund_id: int


class CallbackDue(Event, frozen=True):
    """A stored notification was not processed yet."""

    name: ClassVar[str] = "payment.callback_due"
    callback_id: int
