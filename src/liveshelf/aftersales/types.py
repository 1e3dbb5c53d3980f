"""Values of the aftersales capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liveshelf.accounts.types import Role
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, MediaId, OrderId, ShopId, SkuId
from liveshelf.kernel.states import Transitions


class CaseKind(StrEnum):
    """What the buyer asks for."""

    REFUND = "refund"
    RETURN = "return"
    EXCHANGE = "exchange"


class CaseState(StrEnum):
    """The life of a case. Arbitration stands beside it."""

    APPLIED = "applied"
    AWAITING_RETURN = "awaiting_return"
    INSPECTING = "inspecting"
    RESENDING = "resending"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


_S = CaseState
CASE = Transitions(
    name="after-sale case",
    initial={_S.APPLIED},
    edges={
        _S.APPLIED: {_S.AWAITING_RETURN, _S.REFUNDING, _S.REFUSED, _S.WITHDRAWN, _S.CLOSED},
        _S.AWAITING_RETURN: {_S.INSPECTING, _S.REFUNDING, _S.WITHDRAWN, _S.CLOSED},
        _S.INSPECTING: {_S.REFUNDING, _S.RESENDING, _S.REFUSED, _S.CLOSED},
        _S.RESENDING: {_S.EXCHANGED, _S.REFUNDING, _S.CLOSED},
        _S.REFUSED: {_S.REFUNDING, _S.CLOSED},  # only the platform reopens what was refused
        _S.REFUNDING: {_S.REFUNDED},
        _S.REFUNDED: set(),
        _S.EXCHANGED: set(),
        _S.WITHDRAWN: set(),
        _S.CLOSED: set(),
    },
)

# What keeps its pieces: nobody can apply for them a second time. What came in exchange may be asked for anew.
CLAIMING = frozenset(
    {
        _S.APPLIED,
        _S.AWAITING_RETURN,
        _S.INSPECTING,
        _S.RESENDING,
        _S.REFUNDING,
        _S.REFUNDED,
    }
)
OPEN = frozenset({_S.APPLIED, _S.AWAITING_RETURN, _S.INSPECTING, _S.RESENDING, _S.REFUNDING})


class Responsibility(StrEnum):
    """Whose fault it is."""

    MERCHANT = "merchant"
    BUYER = "buyer"
    CARRIER = "carrier"
    NONE = "none"


class FreightBy(StrEnum):
    """Who pays for sending goods back."""

    MERCHANT = "merchant"
    BUYER = "buyer"


class Side(StrEnum):
    """Who speaks in a case's log."""

    BUYER = "buyer"
    STAFF = "staff"
    PLATFORM = "platform"
    SYSTEM = "system"


class Said(StrEnum):
    """What a row of the log tells."""

    APPLIED = "applied"
    APPROVED_STEP = "approved_step"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    MESSAGE = "message"
    NOTE = "note"  # among staff
    PROMISED = "promised"
    OFFERED = "offered"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    SENT_BACK = "sent_back"
    RETURN_ACCEPTED = "return_accepted"
    RETURN_REFUSED = "return_refused"
    INSPECTED_BY_CLOCK = "inspected_by_clock"
    RESENT = "resent"
    REFUNDED_INSTEAD = "refunded_instead"
    REFUNDED = "refunded"
    NOT_SENT_BACK = "not_sent_back"
    ANSWER_MISSED = "answer_missed"
    PROMISE_MISSED = "promise_missed"
    RESEND_MISSED = "resend_missed"
    ARBITER_CALLED = "arbiter_called"
    ARBITER_GRANTED = "arbiter_granted"
    ARBITER_DISMISSED = "arbiter_dismissed"
    ORDER_CLOSED = "order_closed"
    PIECES_GONE = "pieces_gone"  # among staff: so many had left before the money was granted, and do not come back


class When(StrEnum):
    """When a reason can be given: what has not arrived can't be broken."""

    ALWAYS = "always"
    UNSENT = "unsent"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody wants something back. `pictures` says that it must be shown; `kinds` what it can lead to, `when`
    whether that is before or after the goods were sent.
    """

    code: str
    zh: str
    en: str
    responsibility: Responsibility
    pictures: bool
    freight_by: FreightBy
    kinds: tuple[CaseKind, ...]
    active: bool = True
    when: When = When.ALWAYS

    def fits(self, *, shipped: bool) -> bool:
        """Whether it can be given for pieces that were sent, or were not."""
        return self.when is When.ALWAYS or (self.when is When.SENT) == shipped


@dataclass(frozen=True, slots=True)
class Band:
    """Amounts up to `upto_fen` (none: without limit) and who looks at them, in order. No steps: granted at once."""

    upto_fen: Fen | None
    steps: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A shop's review flow. Version 0 is what the house begins with."""

    version: int
    bands: tuple[Band, ...]

    def steps(self, amount_fen: int) -> tuple[Role, ...]:
        """Who looks at a case of this amount."""
        return next(band.steps for band in self.bands if band.upto_fen is None or amount_fen <= band.upto_fen)


@dataclass(frozen=True, slots=True)
class Address:
    """Where goods are sent back to."""

    name: str
    phone: str
    region: str
    street: str


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """One of the shop's addresses, sealed as it is kept."""

    address_id: int
    sealed: bytes
    standard: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """A carrier, and its number of the parcel."""

    carrier: str
    number: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """So many pieces of a line. `most_fen` is what they can give back; `want_sku_id` what an exchange brings."""

    line_no: int
    sku_id: SkuId
    quantity: int
    most_fen: Fen
    want_sku_id: SkuId | None


@dataclass(frozen=True, slots=True)
class Arbitration:
    """The platform's part in a case: called for, and once decided what and why."""

    called_at: datetime
    why: str
    due_at: datetime | None
    decided_at: datetime | None
    amount_fen: Fen | None
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class Case:
    """One after-sale case.

    `amount_fen` is what goes back when it is granted. `answer_due_at` is when the shop must have answered;
    `promised_at` until when it promised a decision; `due_at` is the limit of the state: to send back, to inspect, to
    send the replacement.
    """

    shop: ShopId
    case_id: int
    order_id: OrderId
    customer_id: CustomerId
    kind: CaseKind
    state: CaseState
    shipped: bool
    reason: Reason
    lines: tuple[CaseLine, ...]
    amount_fen: Fen
    flow_version: int
    step: int
    offer_fen: Fen | None
    answer_due_at: datetime | None
    promised_at: datetime | None
    promises: int
    due_at: datetime | None
    breached: bool
    sealed_address: bytes | None
    sent_back: Parcel | None
    resent: Parcel | None
    arbitration: Arbitration | None
    created_at: datetime
    ended_at: datetime | None
    answer_hours: int = 6

    @property
    def answer_within(self) -> timedelta:
        """How long the shop has for each answer in this case: what it promised when the case was opened."""
        return timedelta(hours=self.answer_hours)

    @property
    def most_fen(self) -> Fen:
        """The most that its pieces can give back."""
        return Fen(sum(line.most_fen for line in self.lines))

    @property
    def refund_key(self) -> str:
        """The name of its refund: always the same, so it is owed once."""
        return f"aftersale:{self.case_id}"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of a case's log."""

    entry_id: int
    at: datetime
    side: Side
    actor: str
    said: Said
    internal: bool
    text: str
    pictures: tuple[MediaId, ...]
    amount_fen: Fen | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """What a line of an order can still give back: so many pieces, and what each number of them is worth."""

    line_no: int
    quantity: int
    shipped: int
    worth_fen: tuple[Fen, ...]  # of the next 1, 2, … pieces


@dataclass(frozen=True, slots=True)
class Application:
    """What a buyer asks for: (line number, pieces, SKU wanted instead)."""

    kind: CaseKind
    reason_code: str
    lines: tuple[tuple[int, int, SkuId | None], ...]
    amount_fen: int | None  # less than everything, or everything
    text: str
    pictures: tuple[str, ...]
