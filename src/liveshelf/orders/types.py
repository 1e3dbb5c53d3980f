"""Values of the orders capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from liveshelf.goods.types import DeliveryKind, Spec
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, GoodsId, MediaId, OrderId, ProductId, RoomId, SkuId
from liveshelf.kernel.states import Transitions


class OrderState(StrEnum):
    """The life of an order. After-sale cases run beside it and move it only when all of it was refunded."""

    TO_PAY = "to_pay"
    TO_SHIP = "to_ship"
    PARTLY_SHIPPED = "partly_shipped"
    TO_RECEIVE = "to_receive"
    DONE = "done"
    CLOSED = "closed"


ORDER = Transitions(
    name="order",
    initial={OrderState.TO_PAY},
    edges={
        OrderState.TO_PAY: {OrderState.TO_SHIP, OrderState.CLOSED},
        OrderState.TO_SHIP: {OrderState.PARTLY_SHIPPED, OrderState.TO_RECEIVE, OrderState.CLOSED},
        OrderState.PARTLY_SHIPPED: {OrderState.TO_RECEIVE, OrderState.CLOSED},
        OrderState.TO_RECEIVE: {OrderState.DONE, OrderState.CLOSED},
        OrderState.DONE: set(),
        # A payment that came late, honoured because stock allowed. An order that was paid once never comes back.
        OrderState.CLOSED: {OrderState.TO_SHIP},
    },
)
SHIPPED = frozenset({OrderState.PARTLY_SHIPPED, OrderState.TO_RECEIVE, OrderState.DONE})


class CloseReason(StrEnum):
    """Why an order closed. The first two close what was not paid, the others give back what was."""

    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    OVERSOLD = "oversold"  # a count from outside left nothing to send; also of what was not paid yet
    ABNORMAL = "abnormal"  # nobody settled what was wrong with it in time
    REFUNDED = "refunded"  # all of it was refunded


PAID_REASONS = frozenset({CloseReason.OVERSOLD, CloseReason.ABNORMAL, CloseReason.REFUNDED})


class Why(StrEnum):
    """What made an order move: the words of its timeline."""

    PLACED = "placed"
    PAID = "paid"
    PAID_LATE = "paid_late"
    CANCELLED = "cancelled"
    UNPAID = "unpaid"
    OVERSOLD = "oversold"
    ABNORMAL = "abnormal"
    REFUNDED = "refunded"
    SHIPPED_PART = "shipped_part"
    SHIPPED = "shipped"
    RECEIVED = "received"
    RECEIVED_IN_TIME = "received_in_time"  # nobody said otherwise before the time was up
    # What does not move it.
    PACKED = "packed"
    UNPACKED = "unpacked"
    PARCEL_CORRECTED = "parcel_corrected"
    REST_WITHDRAWN = "rest_withdrawn"  # pieces will not be sent, their money went back
    RECEIPT_EXTENDED = "receipt_extended"
    PRICE_CHANGED = "price_changed"
    ADDRESS_ASKED = "address_asked"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_WITHDRAWN = "address_withdrawn"
    FLAGGED = "flagged"
    ABNORMAL_SETTLED = "abnormal_settled"
    ABNORMAL_OVERDUE = "abnormal_overdue"
    AFTERSALE = "aftersale"


class Flag(StrEnum):
    """A colour that the merchant marks an order with; what it means is theirs."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"


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
    delivery: DeliveryKind = DeliveryKind.SHIPPED
    agreed_fen: Fen | None = None  # what the merchant changed the line's amount to before payment

    @property
    def amount_fen(self) -> Fen:
        """Price times quantity, as it was bought."""
        return Fen(self.price_fen * self.quantity)

    @property
    def due_fen(self) -> Fen:
        """What is to be paid for the line: the lines' sum is the order's total."""
        return self.amount_fen if self.agreed_fen is None else self.agreed_fen


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its lines. `expires_at` is when it closes if it is still unpaid; `shipped_at` when the last piece
    left; `receive_due_at` when it counts as received if nobody says otherwise.
    """

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
    shipped_at: datetime | None = None
    done_at: datetime | None = None
    receive_due_at: datetime | None = None
    receipt_extended: bool = False
    remark: str = ""
    flag: Flag | None = None

    @property
    def units(self) -> int:
        """How many pieces."""
        return sum(line.quantity for line in self.lines)

    @property
    def shipped(self) -> bool:
        """Whether a parcel goes out for it, and so an address is needed."""
        return any(line.delivery is DeliveryKind.SHIPPED for line in self.lines)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders to list: all of these hold. `since` and `until` are when they were placed; `buyers`, when any are
    named, whose they are (`search.resolved` reads them out of the text).
    """

    state: OrderState | None = None
    text: str = ""
    room_id: RoomId | None = None
    since: datetime | None = None
    until: datetime | None = None
    flag: Flag | None = None
    buyers: tuple[CustomerId, ...] = ()


EVERY = Filter()


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed, `by` the actor so written. Its stock is held already, in the same transaction. `address`
    and `papers` are sealed.
    """

    order: Order
    by: str
    address: bytes | None = None
    papers: bytes | None = None


class AddressWhy(StrEnum):
    """How an order came by this version of its address."""

    PLACED = "placed"  # with the order
    CHOSEN = "chosen"  # by the buyer, before it was paid
    CHANGED = "changed"  # at the buyer's request, granted by the shop


@dataclass(frozen=True, slots=True)
class Delivery:
    """One version of the address of an order: its own copy. `sealed` is `None` once the customer was erased."""

    order_id: OrderId
    version: int
    sealed: bytes | None
    why: AddressWhy
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's timeline: when, who, why it moved, and what a reader needs besides."""

    at: datetime
    actor: str
    why: Why
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sales of a room or a day: orders placed, money paid, pieces paid."""

    orders: int
    paid_fen: Fen
    units: int


@dataclass(frozen=True, slots=True)
class CartLine:
    """So many pieces of a SKU that a buyer means to have. `seen_fen` is the price that was shown when it was added,
    `room_id` the live room where that was.
    """

    sku_id: SkuId
    quantity: int
    selected: bool
    seen_fen: Fen
    added_at: datetime
    room_id: RoomId | None = None
