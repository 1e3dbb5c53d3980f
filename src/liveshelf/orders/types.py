"""Values of the orders capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.goods.types import Spec
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, GoodsId, MediaId, OrderId, ProductId, RoomId, SkuId
from liveshelf.kernel.states import Transitions


class OrderState(StrEnum):
    """The life of an order, as far as the house goes: shipping and what follows comes with fulfilment."""

    TO_PAY = "to_pay"
    TO_SHIP = "to_ship"
    CLOSED = "closed"


ORDER = Transitions(
    name="order",
    initial={OrderState.TO_PAY},
    edges={
        OrderState.TO_PAY: {OrderState.TO_SHIP, OrderState.CLOSED},
        OrderState.CLOSED: {OrderState.TO_SHIP},  # a payment that came late, honoured because stock allowed
        OrderState.TO_SHIP: set(),
    },
)


class CloseReason(StrEnum):
    """Why an order closed without being paid."""

    UNPAID = "unpaid"
    CANCELLED = "cancelled"


class Why(StrEnum):
    """What made an order move: the words of its timeline."""

    PLACED = "placed"
    PAID = "paid"
    PAID_LATE = "paid_late"
    CANCELLED = "cancelled"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was bought, as it was at that moment."""

    sku_id: SkuId
    product_id: ProductId
    goods_id: GoodsId | None
    title: str
    specs: tuple[Spec, ...]
    picture_media_id: MediaId
    price_fen: Fen
    quantity: int

    @property
    def amount_fen(self) -> Fen:
        """Price times quantity."""
        return Fen(self.price_fen * self.quantity)


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its lines. `expires_at` is when it closes if it is still unpaid."""

    order_id: OrderId
    customer_id: CustomerId
    state: OrderState
    total_fen: Fen
    room_id: RoomId | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    lines: tuple[Line, ...]

    @property
    def units(self) -> int:
        """How many pieces."""
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed, by the actor named. Its stock is held already, in the same transaction."""

    order: Order
    actor: Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's timeline: when, who, and why it moved."""

    at: datetime
    actor: str
    why: Why


@dataclass(frozen=True, slots=True)
class Figures:
    """Sales of a room or a day: orders placed, money paid, pieces paid."""

    orders: int
    paid_fen: Fen
    units: int
