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
