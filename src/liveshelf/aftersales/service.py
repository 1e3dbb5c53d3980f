"""Commands that every part of a case's life shares: take it for oneself, move it, write into its log.

Whoever acts on a case locks its order first, then reads the case: payment, shipping and other cases of the order wait,
and of two who decide at once the second sees what the first did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from liveshelf.aftersales import _sql, queries, rules, words
from liveshelf.aftersales._tables import aftersale_log
from liveshelf.aftersales.errors import CaseStateRefuses, CaseUnknown, EvidenceInvalid, LogFull, OfferMissing
from liveshelf.aftersales.events import CaseMoved, CaseSpoken
from liveshelf.aftersales.types import CASE, Case, CaseState, Flow, Said, Side
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, MediaId, OrderId, new_number
from liveshelf.media import service as media
from liveshelf.media.errors import MediaMissing
from liveshelf.orders import service as orders
from liveshelf.orders import stops
from liveshelf.orders.types import Order
from liveshelf.platform import limits
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.stock import service as stock

_SIDES = {ActorKind.CUSTOMER: Side.BUYER, ActorKind.STAFF: Side.STAFF, ActorKind.REVIEWER: Side.PLATFORM}
_ENDS = frozenset({CaseState.REFUNDED, CaseState.EXCHANGED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.CLOSED})
# Where an arbitration has nothing left to decide.
_SETTLED = frozenset({CaseState.REFUNDING, CaseState.EXCHANGED, CaseState.WITHDRAWN, CaseState.CLOSED})
# Where nothing is sent instead any more.
_NO_REPLACEMENT = frozenset({CaseState.WITHDRAWN, CaseState.CLOSED, CaseState.REFUSED, CaseState.REFUNDING})


async def take(tx: Tx, case_id: int, *, customer_id: CustomerId | None = None) -> tuple[Case, Order]:
    """The case and its order, for this transaction alone; only the buyer's own when one is named. Raises
    `CaseUnknown`.
    """
    found = await queries.case(tx, case_id, customer_id=customer_id)
    order = await orders.lock(tx, found.order_id)
    case = await queries.case(tx, case_id, customer_id=customer_id)
    if case.shop != tx.shop:
        raise CaseUnknown
    return case, order


async def flow_of(tx: ReadTx, case: Case) -> Flow:
    """The review flow that was in force when the case began."""
    return (await queries.flows(tx, [case.flow_version]))[case.flow_version]


def require(case: Case, *states: CaseState) -> None:
    """Raises `CaseStateRefuses` unless the case is in one of these states."""
    if case.state not in states:
        raise CaseStateRefuses(state=case.state.value)


async def move(
    tx: Tx,
    case: Case,
    becomes: CaseState,
    said: Said,
    *,
    text: str = "",
    pictures: Sequence[MediaId] = (),
    about_fen: Fen | None = None,
    **changes: Any,  # noqa: ANN401 - columns of the case
) -> Case:
    """Move a case along an edge: its clocks of the state before end, its log gets a row, the event is told.

    `about_fen` is the amount that the log names; `changes` are columns that change with the state. An exchange that
    ends otherwise gives back what it held. Raises `CaseStateRefuses` when somebody else was faster.
    """
    if not CASE.allows(case.state, becomes):
        raise CaseStateRefuses(state=case.state.value)
    values = {
        "answer_due_at": None,
        "promised_at": None,
        "offer_fen": None,
        "due_at": None,
        "ended_at": tx.now if becomes in _ENDS else None,
        **changes,
    }
    moved = await tx.scalar(
        _sql.MOVE.values(state=becomes.value, **values), which=case.case_id, was=case.state.value, at_step=case.step
    )
    if moved is None:
        raise CaseStateRefuses(state=case.state.value)
    write(tx, case, said, text=text, pictures=pictures, amount_fen=about_fen, became=becomes)
    await acted(tx, case)
    if not case.shipped:
        await stops.free(tx, case.order_id, claim=case.case_id)
    if case.arbitration is not None and becomes in _SETTLED:
        # The two have agreed, or the platform itself has just decided, which then stands there already.
        await tx.execute(
            _sql.END_ARBITRATION.values(decided_at=tx.now, due_at=None, actor=str(tx.actor)), which=case.case_id
        )
    if holds_replacement(case) and becomes in _NO_REPLACEMENT:
        await stock.release(tx, [replacement_of(case)])
    tx.emit(
        CaseMoved(
            case_id=case.case_id,
            order_id=case.order_id,
            customer_id=case.customer_id,
            state=becomes.value,
            said=said.value,
            by=side_of(tx).value,
            amount_fen=values.get("amount_fen", case.amount_fen),
        ),
        stream=f"order:{case.order_id}",
    )
    columns = {name: value for name, value in values.items() if name in _COPIED}
    return replace(case, state=becomes, **columns)


_COPIED = frozenset({"answer_due_at", "promised_at", "offer_fen", "due_at", "ended_at", "amount_fen", "step"})


async def say(tx: Tx, case: Case, text: str, pictures: Sequence[str], *, until: datetime | None = None) -> None:
    """Write a message that both sides read.

    The buyer's starts the shop's clock unless it runs; the shop's stops it. While the shop owes a decision its message
    alone would park the case: it must name the time of the decision, unless one is promised already. Raises
    `PromiseNeeded`, `PromiseInvalid`, `TextInvalid`, `TextIllegal`, `EvidenceInvalid`, `LogFull`, `CaseStateRefuses`.
    """
    require(case, *(state for state in CaseState if state not in _ENDS or state is CaseState.REFUSED))
    text = await words.checked(tx, text, empty=bool(pictures))
    await _check_log(tx, case)
    shown = await checked_pictures(tx, pictures)
    side = side_of(tx)
    if side is Side.BUYER:
        if case.answer_due_at is None and case.state is not CaseState.REFUSED:
            await change(tx, case, answer_due_at=tx.now + case.answer_within)
    elif side is Side.STAFF:
        changes: dict[str, Any] = {"answer_due_at": None}
        if until is not None:
            rules.check_promise(case, until, tx.now)
            changes |= {"promised_at": until, "promises": case.promises + 1}
        else:
            rules.check_parking(case)
        await change(tx, case, **changes)
        await acted(tx, case)
    said = Said.MESSAGE if until is None else Said.PROMISED
    write(tx, case, said, text=text, pictures=shown, until=until)
    _spoken(tx, case, said)


async def note(tx: Tx, case: Case, text: str) -> None:
    """Write a note that the staff alone reads. No clock stops by it. Raises `TextInvalid`, `LogFull`."""
    await _check_log(tx, case)
    write(tx, case, Said.NOTE, text=rules.checked_text(text), internal=True)


async def offer(tx: Tx, case: Case, amount_fen: int, text: str) -> None:
    """Offer a part of the money, without anything being sent back; it stands until it is answered or replaced."""
    await change(tx, case, offer_fen=amount_fen, answer_due_at=None, promised_at=None)
    write(tx, case, Said.OFFERED, text=text, amount_fen=Fen(amount_fen))
    _spoken(tx, case, Said.OFFERED)


async def decline_offer(tx: Tx, case: Case, *, offer_fen: int) -> None:
    """The buyer does not take it: the shop is to decide again, and its clock runs. Raises `OfferMissing`."""
    if case.offer_fen is None or case.offer_fen != offer_fen:
        raise OfferMissing(offer_fen=case.offer_fen)
    due = tx.now + case.answer_within if case.state is CaseState.APPLIED else None
    await change(tx, case, offer_fen=None, answer_due_at=due)
    write(tx, case, Said.OFFER_DECLINED, amount_fen=case.offer_fen)
    _spoken(tx, case, Said.OFFER_DECLINED)


async def change(tx: Tx, case: Case, **values: Any) -> None:  # noqa: ANN401 - columns of the case
    """Change columns of a case that the transaction holds, without moving it."""
    await tx.execute(_sql.CHANGE.values(**values), which=case.case_id)


def write(
    tx: Tx,
    case: Case,
    said: Said,
    *,
    text: str = "",
    pictures: Sequence[MediaId] = (),
    amount_fen: Fen | None = None,
    until: datetime | None = None,
    became: CaseState | None = None,
    internal: bool = False,
) -> None:
    """Write a row of the case's log."""
    tx.append(
        aftersale_log,
        entry_id=new_number(),
        case_id=case.case_id,
        said=said,
        was=None if became is None else case.state,
        became=became,
        side=side_of(tx),
        internal=internal,
        text=text,
        pictures=list(pictures),
        amount_fen=amount_fen,
        until=until,
        actor=str(tx.actor),
        at=tx.now,
    )


async def acted(tx: Tx, case: Case) -> None:
    """The shop or the platform does something after all: the limits it had missed are over, however late."""
    if case.breached and side_of(tx) in {Side.STAFF, Side.PLATFORM}:
        for clock in ("answer", "promise", "resend", "arbitrate"):
            await limits.settled(tx, f"aftersales.{clock}", [subject_of(case)])


def subject_of(case: Case) -> str:
    """What the board of clocks and the report of missed limits call a case."""
    return f"aftersale:{case.case_id}"


async def checked_pictures(tx: Tx, pictures: Sequence[str]) -> list[MediaId]:
    """The media of this shop that these ids name, kept from now on. Raises `EvidenceInvalid`."""
    if len(pictures) > rules.PICTURES_MAX:
        raise EvidenceInvalid(field="pictures", most=rules.PICTURES_MAX)
    found = []
    for one in dict.fromkeys(pictures):
        try:
            found.append((await media.make_permanent(tx, one)).media_id)
        except MediaMissing as error:
            raise EvidenceInvalid(field="pictures") from error
    return found


async def move_customer(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> None:
    """The guest's cases are the member's from now on."""
    await tx.execute(_sql.MOVE_CUSTOMER, guest=guest_id, member=member_id)


async def forget(tx: Tx, customer_id: CustomerId) -> None:
    """Take a customer's own words and pictures out of the logs; that something was said, and when, stays."""
    await tx.execute(_sql.FORGET_WORDS, customer=customer_id)
    await tx.execute(_sql.FORGET_APPEALS, customer=customer_id)


def side_of(tx: Tx) -> Side:
    """On whose side the transaction's actor stands."""
    return _SIDES.get(tx.actor.kind, Side.SYSTEM)


def holds_replacement(case: Case) -> bool:
    """Whether stock is held for what the buyer is to get instead."""
    return any(line.want_sku_id is not None for line in case.lines) and case.state in {
        CaseState.AWAITING_RETURN,
        CaseState.INSPECTING,
        CaseState.RESENDING,
    }


def replacement_of(case: Case) -> OrderId:
    """The name under which the stock of an exchange is held: the case's own number, which is never an order's."""
    return OrderId(case.case_id)


async def _check_log(tx: ReadTx, case: Case) -> None:
    if await tx.scalar(_sql.COUNT_LOG, which=case.case_id) >= rules.LOG_MAX:
        raise LogFull(most=rules.LOG_MAX)


def _spoken(tx: Tx, case: Case, said: Said) -> None:
    tx.emit(
        CaseSpoken(
            case_id=case.case_id,
            order_id=case.order_id,
            customer_id=case.customer_id,
            said=said.value,
            by=side_of(tx).value,
        ),
        stream=f"order:{case.order_id}",
    )
