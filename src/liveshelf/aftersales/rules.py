"""Pure decisions about cases: what a line can give back, who reviews what, who may do what next, and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Literal, Protocol, TypeAlias

import msgspec

from liveshelf.accounts.types import Role
from liveshelf.aftersales.errors import (
    AddressInvalid,
    FlowInvalid,
    ParcelInvalid,
    PromiseInvalid,
    PromiseNeeded,
    TextInvalid,
)
from liveshelf.aftersales.types import Address, Band, Case, CaseKind, CaseState, Flow, Parcel
from liveshelf.kernel.fen import MAX_FEN, Fen, split
from liveshelf.kernel.text import is_plain

WARN_BEFORE = timedelta(hours=1)  # the owner hears of an answer that is about to be late
PROMISE_MAX = timedelta(days=7)
PROMISES_MAX = 3
RETURN_TIME = timedelta(days=7)  # for the buyer to hand the goods to a carrier
INSPECT_TIME = timedelta(days=10)  # from then on: the way, and the look at them; afterwards the money goes back
RESEND_TIME = timedelta(days=3)
APPEAL_TIME = timedelta(days=7)  # after a refusal
ARBITER_TIME = timedelta(days=3)
COVERED_TIME = timedelta(days=15)  # after an order is done
TEXT_MAX = 500
PICTURES_MAX = 9
CASES_MAX = 30  # of one order, ended ones too: somebody who applies and withdraws without end is stopped
LOG_MAX = 200  # rows of one case; a person reads them all
BANDS_MAX = 6
STEPS_MAX = 2  # and the inspection: three operations of the staff at the most (S-309)
ADDRESSES_MAX = 10
ADDRESS_PURPOSE = "return-address"

BuyerVerb: TypeAlias = Literal["withdraw", "send_back", "say", "accept_offer", "decline_offer", "call_arbiter"]
StaffVerb: TypeAlias = Literal[
    "approve",
    "refuse",
    "offer",
    "say",
    "promise",
    "note",
    "accept_return",
    "refuse_return",
    "resend",
    "refund_instead",
]

DEFAULT_FLOW = Flow(
    0,
    (
        Band(Fen(50_00), ()),
        Band(Fen(500_00), (Role.SERVICE,)),
        Band(None, (Role.SERVICE, Role.OWNER)),
    ),
)
# Whoever may take a later step may take an earlier one.
_RANK = {Role.SERVICE: 1, Role.OPERATOR: 2, Role.ADMIN: 3, Role.OWNER: 4}
_ENDED = frozenset({CaseState.REFUNDED, CaseState.EXCHANGED, CaseState.WITHDRAWN, CaseState.CLOSED})
_PHONE = re.compile(r"[0-9+][0-9 -]{5,19}")
_NUMBER = re.compile(r"[A-Za-z0-9-]{6,32}")
_PART_MAX = {"name": 20, "region": 60, "street": 120}


class Sealer(Protocol):
    """The part of the installation's keys that an address needs."""

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """An authenticated cipher text."""
        ...

    def decrypt(self, purpose: str, sealed: bytes) -> str:
        """Undo `encrypt`."""
        ...


def worth(paid_fen: int, weights: Mapping[int, int], quantities: Mapping[int, int]) -> dict[int, list[Fen]]:
    """What the first 0, 1, 2, … pieces of each line are worth, of what was paid for all lines.

    Both steps, from the order to its lines and from a line to its pieces, go by the largest remainder: all pieces
    together are the whole to the fen.
    """
    numbers = sorted(weights)
    shares = split(Fen(paid_fen), [weights[number] for number in numbers])
    return {
        number: [Fen(sum_) for sum_ in accumulate(split(share, [1] * quantities[number]), initial=0)]
        for number, share in zip(numbers, shares, strict=True)
    }


def next_worth(cumulative: Sequence[int], *, claimed: int, claimed_fen: int, quantity: int) -> Fen:
    """What the next `quantity` pieces can give back when `claimed` pieces, worth `claimed_fen`, are taken already.

    Counted from the line's own sums, so that whichever cases came and went, all pieces together are the whole line.
    """
    return Fen(max(0, cumulative[claimed + quantity] - claimed_fen))


def check_flow(bands: Sequence[Band]) -> tuple[Band, ...]:
    """The bands of a flow, from small to large. Raises `FlowInvalid` on a gap or on what is never reached."""
    if not 1 <= len(bands) <= BANDS_MAX:
        raise FlowInvalid(field="bands", problem="count", most=BANDS_MAX)
    before = 0
    for at, band in enumerate(bands):
        last = at == len(bands) - 1
        if band.upto_fen is None and not last:
            raise FlowInvalid(field=f"bands.{at}.upto_fen", problem="unreachable", band=at + 1)
        if band.upto_fen is not None:
            if last:
                raise FlowInvalid(field=f"bands.{at}.upto_fen", problem="gap", band=at)
            if not before < band.upto_fen <= MAX_FEN:
                raise FlowInvalid(field=f"bands.{at}.upto_fen", problem="unreachable", band=at)
            before = band.upto_fen
        ranks = [_RANK.get(role, 0) for role in band.steps]
        if len(ranks) > STEPS_MAX or 0 in ranks:
            raise FlowInvalid(field=f"bands.{at}.steps", problem="steps", band=at)
        if ranks != sorted(set(ranks)):
            # After the owner nobody's word changes anything, and nobody is asked twice.
            raise FlowInvalid(field=f"bands.{at}.steps", problem="unreachable", band=at)
    return tuple(bands)


def may_take(role: Role | None, step: Role) -> bool:
    """Whether somebody of this role may take a step of the review."""
    return role is not None and _RANK.get(role, 0) >= _RANK[step]


def may_grant(flow: Flow, amount_fen: int, role: Role | None) -> bool:
    """Whether somebody of this role may grant an amount alone: every step of its band is theirs."""
    return all(may_take(role, step) for step in flow.steps(amount_fen)) and role in _RANK


def next_step(case: Case, flow: Flow) -> Role | None:
    """Whose look the case waits for."""
    steps = flow.steps(case.amount_fen)
    return steps[case.step] if case.step < len(steps) else None


def buyer_may(case: Case, now: datetime) -> list[BuyerVerb]:
    """What the buyer may do next."""
    verbs: list[BuyerVerb] = []
    if case.state in {CaseState.APPLIED, CaseState.AWAITING_RETURN}:
        verbs.append("withdraw")
    if case.state is CaseState.AWAITING_RETURN:
        verbs.append("send_back")
    if case.offer_fen is not None:
        verbs += ["accept_offer", "decline_offer"]
    if may_call_arbiter(case, now):
        verbs.append("call_arbiter")
    if case.state not in _ENDED:
        verbs.append("say")
    return verbs


def staff_may(case: Case, flow: Flow, role: Role | None) -> list[StaffVerb]:
    """What somebody of the staff may do next."""
    if role not in _RANK:
        return []
    verbs: list[StaffVerb] = []
    if case.state is CaseState.APPLIED:
        step = next_step(case, flow)
        if step is None or may_take(role, step):
            verbs += ["approve", "refuse"]
        verbs.append("promise")
    if may_offer(case):
        verbs.append("offer")
    if case.state is CaseState.INSPECTING:
        verbs += ["accept_return", "refuse_return"]
    if case.state is CaseState.RESENDING:
        verbs += ["resend", "refund_instead"]
    if case.state not in _ENDED:
        verbs += ["say", "note"]
    return verbs


def may_offer(case: Case) -> bool:
    """A part of the money for keeping the goods: while they are there, also while the platform looks at a refusal."""
    appealed = case.arbitration is not None and case.arbitration.decided_at is None
    open_ = case.state in {CaseState.APPLIED, CaseState.AWAITING_RETURN}
    return case.shipped and case.most_fen > 0 and (open_ or (case.state is CaseState.REFUSED and appealed))


def may_call_arbiter(case: Case, now: datetime) -> bool:
    """The platform can be called once: for a while after a refusal, or when the shop has missed a limit."""
    if case.arbitration is not None:
        return False
    if case.state is CaseState.REFUSED:
        return case.ended_at is not None and now < case.ended_at + APPEAL_TIME
    return case.breached and case.state in {CaseState.APPLIED, CaseState.INSPECTING, CaseState.RESENDING}


def waits_for_shop(case: Case) -> bool:
    """Whether the shop owes a decision: a message alone would park the case."""
    return case.state is CaseState.APPLIED and case.offer_fen is None


def check_promise(case: Case, until: datetime, now: datetime) -> None:
    """Raises `PromiseInvalid` unless the time lies ahead, within bounds, and later than what was promised before."""
    if not now < until <= now + PROMISE_MAX or case.promises >= PROMISES_MAX:
        raise PromiseInvalid(field="until", most=PROMISES_MAX)
    if case.promised_at is not None and until <= case.promised_at:
        raise PromiseInvalid(field="until", most=PROMISES_MAX)


def in_utc(at: datetime | None) -> datetime | None:
    """An instant as somebody wrote it, in UTC. Raises `PromiseInvalid` when it has no zone."""
    if at is not None and at.tzinfo is None:
        raise PromiseInvalid(field="until", most=PROMISES_MAX)
    return None if at is None else at.astimezone(UTC)


def check_parking(case: Case) -> None:
    """Raises `PromiseNeeded` when a message alone would park a case that the shop owes a decision on."""
    if waits_for_shop(case) and case.promised_at is None:
        raise PromiseNeeded(field="until")


def checked_text(text: str, *, empty: bool = False) -> str:
    """A text of the log. Raises `TextInvalid`. Line breaks are fine, other control characters are not."""
    text = text.strip()
    if len(text) > TEXT_MAX or (not text and not empty) or not is_plain(text.replace("\n", "").replace("\r", "")):
        raise TextInvalid(field="text")
    return text


def checked_parcel(carrier: str, number: str) -> Parcel:
    """A carrier and its number as they are kept. Raises `ParcelInvalid`."""
    carrier, number = carrier.strip(), re.sub(r"\s", "", number).upper()
    if not 1 <= len(carrier) <= TEXT_MAX // 10 or not is_plain(carrier):
        raise ParcelInvalid(field="carrier")
    if _NUMBER.fullmatch(number) is None:
        raise ParcelInvalid(field="number")
    return Parcel(carrier, number)


def seal_address(keys: Sealer, address: Address) -> bytes:
    """An address as it is kept. Raises `AddressInvalid`."""
    parts = {"name": address.name, "region": address.region, "street": address.street}
    for field, text in parts.items():
        if not 1 <= len(text.strip()) <= _PART_MAX[field] or not is_plain(text):
            raise AddressInvalid(field=field)
    if _PHONE.fullmatch(address.phone.strip()) is None:
        raise AddressInvalid(field="phone")
    kept = {**{field: text.strip() for field, text in parts.items()}, "phone": address.phone.strip()}
    return keys.encrypt(ADDRESS_PURPOSE, msgspec.json.encode(kept).decode())


def open_address(keys: Sealer, sealed: bytes) -> Address:
    """Undo `seal_address`."""
    return msgspec.json.decode(keys.decrypt(ADDRESS_PURPOSE, sealed), type=Address)


def kinds_of(*, shipped: bool) -> tuple[CaseKind, ...]:
    """What can be asked for pieces that were sent, or were not."""
    return (CaseKind.REFUND, CaseKind.RETURN, CaseKind.EXCHANGE) if shipped else (CaseKind.REFUND,)
