"""What has happened to orders."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class OrderPlaced(Event, frozen=True):
    """An order holds its stock and waits to be paid."""

    name: ClassVar[str] = "order.placed"
    order_id: int
    customer_id: int
    room_id: int | None
    total_fen: int
    units: int


class OrderPaid(Event, frozen=True):
    """An order was paid and waits to be shipped."""

    name: ClassVar[str] = "order.paid"
    order_id: int
    room_id: int | None
    total_fen: int
    late: bool


class OrderClosed(Event, frozen=True):
    """An order closed. `reason` says whether it was unpaid, or paid and to be refunded."""

    name: ClassVar[str] = "order.closed"
    order_id: int
    room_id: int | None
    reason: str


class OrderShipped(Event, frozen=True):
    """A parcel of an order was handed over. `whole` says that nothing is left here."""

    name: ClassVar[str] = "order.shipped"
    order_id: int
    customer_id: int
    room_id: int | None
    parcel_id: int
    whole: bool


class OrderDone(Event, frozen=True):
    """An order arrived: its buyer said so, or nobody said otherwise in time."""

    name: ClassVar[str] = "order.done"
    order_id: int
    customer_id: int
    room_id: int | None
    by_itself: bool


class PaymentReminderDue(Event, frozen=True):
    """The time to pay an order is nearly up."""

    name: ClassVar[str] = "order.payment_reminder_due"
    order_id: int
    customer_id: int
    expires_at: str


class OrderRepriced(Event, frozen=True):
    """The merchant changed what an unpaid order costs."""

    name: ClassVar[str] = "order.repriced"
    order_id: int
    customer_id: int
    was_fen: int
    total_fen: int


class OrderFlagged(Event, frozen=True):
    """Something is wrong with an order; it is to be settled before `due_at`."""

    name: ClassVar[str] = "order.flagged"
    order_id: int
    case_id: int
    kind: str
    due_at: str


class AbnormalReminder(Event, frozen=True):
    """An abnormal order is still open and its time runs."""

    name: ClassVar[str] = "order.abnormal_reminder"
    order_id: int
    case_id: int
    kind: str
    due_at: str


class AbnormalOverdue(Event, frozen=True):
    """Nobody settled an abnormal order in 24 hours. `outcome` is `refund` when it was closed, `keep` when it stays."""

    name: ClassVar[str] = "order.abnormal_overdue"
    order_id: int
    customer_id: int
    case_id: int
    kind: str
    outcome: str


class AddressAsked(Event, frozen=True):
    """A buyer asks for another address."""

    name: ClassVar[str] = "order.address_asked"
    order_id: int
    request_id: int
    answer_due_at: str


class AddressAnswered(Event, frozen=True):
    """Staff answered a buyer's wish for another address."""

    name: ClassVar[str] = "order.address_answered"
    order_id: int
    customer_id: int
    request_id: int
    approved: bool


class AddressRequestOverdue(Event, frozen=True):
    """A buyer's wish for another address waits too long for its answer."""

    name: ClassVar[str] = "order.address_request_overdue"
    order_id: int
    request_id: int
    answer_due_at: str
