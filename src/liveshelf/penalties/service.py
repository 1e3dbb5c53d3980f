"""Commands on penalties. `flows.penalise` stops rooms and takes goods off sale in step."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.accounts import queries as accounts
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.ids import AccountId, AuditId, GoodsId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.penalties import _sql, rules
from liveshelf.penalties.errors import (
    PenaltyAppealRefused,
    PenaltyMissing,
    PenaltyOver,
    ReasonInvalid,
)
from liveshelf.penalties.events import PenaltyEnded, PenaltyImposed, PenaltyReversed, PenaltyUpheld
from liveshelf.penalties.queries import as_penalty
from liveshelf.penalties.types import AppealState, Level, Penalty, PenaltyState, Violation
from liveshelf.platform.db import Tx
from liveshelf.reviews import service as reviews
from liveshelf.reviews.errors import ReviewerNotIndependent
from liveshelf.reviews.types import Content, ReviewKind, SubjectRef
from liveshelf.shops import service as shops
from liveshelf.trail.service import record

LIMIT = "penalties.limit"


async def impose(tx: Tx, violation: Violation) -> Penalty:
    """Penalise the transaction's shop at the rule's level, or at the one that the repeat policy raises it to.

    A severe one forbids live commerce at once. Raises `RuleUnknown`, `ViolationInvalid`, `ReviewerNotIndependent`.
    """
    rule = rules.check_violation(violation, tx.now)
    await _must_be_independent(tx)
    past = [as_penalty(row) for row in await tx.all(_sql.OF_SHOP_LOCKED)]
    level = rules.raised(rule.level, past, tx.now)
    penalty_id = new_number()
    await tx.execute(
        _sql.INSERT.values(
            shop_id=tx.shop,
            penalty_id=penalty_id,
            level=level.value,
            raised_from=None if level is rule.level else rule.level.value,
            rule=rule.code,
            state=PenaltyState.IN_FORCE.value,
            what=violation.what.strip(),
            quote=violation.quote.strip(),
            room_id=violation.room_id,
            video_s=violation.video_s,
            happened_at=violation.happened_at,
            imposed_by=str(tx.actor),
            imposed_at=tx.now,
            ends_at=tx.now + rules.LIMITED_FOR if level is Level.GENERAL else None,
            appeal_state=AppealState.NONE.value,
        )
    )
    if level is Level.SEVERE and not _banned(past):
        await shops.block(tx)
    record(tx, "penalties.impose", _subject(penalty_id), level=level.value, rule=rule.code, what=violation.what)
    _tell(tx, PenaltyImposed(penalty_id=penalty_id, level=level.value, rule=rule.code))
    return await locked(tx, penalty_id)


async def locked(tx: Tx, penalty_id: int) -> Penalty:
    """The penalty, kept from others until the commit. Raises `PenaltyMissing`."""
    row = await tx.one(_sql.ONE_LOCKED, which=penalty_id)
    if row is None:
        raise PenaltyMissing(penalty_id=str(penalty_id))
    return as_penalty(row)


async def acknowledge(tx: Tx, penalty_id: int) -> None:
    """The shop has read it; a warning ends by that. Raises `PenaltyMissing`, `PenaltyOver`."""
    penalty = await locked(tx, penalty_id)
    if penalty.acknowledged_at is not None or penalty.state is PenaltyState.REVERSED:
        raise PenaltyOver(penalty_id=str(penalty_id))
    changes: dict[str, object] = {"acknowledged_by": str(tx.actor), "acknowledged_at": tx.now}
    if penalty.level is Level.MINOR and penalty.state is PenaltyState.IN_FORCE:
        changes |= {"state": PenaltyState.ENDED.value, "ended_at": tx.now}
    await tx.execute(_sql.CHANGE.values(**changes), which=penalty_id)
    record(tx, "penalties.acknowledge", _subject(penalty_id))


async def appeal(tx: Tx, penalty_id: int, words: str) -> AuditId:
    """Ask somebody else to look at a penalty: once, within `rules.APPEAL_WITHIN`. It stays in force meanwhile.

    Raises `PenaltyMissing`, `ReasonInvalid`, `PenaltyAppealRefused`.
    """
    words = _checked(words)
    penalty = await locked(tx, penalty_id)
    late = penalty.imposed_at + rules.APPEAL_WITHIN <= tx.now
    if late or penalty.appeal_state is not AppealState.NONE or penalty.state is PenaltyState.REVERSED:
        raise PenaltyAppealRefused(penalty_id=str(penalty_id), late=late)
    audit_id = await reviews.submit(
        tx,
        SubjectRef(_subject(penalty_id)),
        kind=ReviewKind.APPEAL,
        content=_content(penalty, words),
        title=rules.BY_CODE[penalty.violation.rule].zh,
        barred=(penalty.imposed_by,),
    )
    changes = {"appeal_state": AppealState.OPEN.value, "appeal": words, "appealed_at": tx.now}
    await tx.execute(_sql.CHANGE.values(**changes, appeal_audit_id=audit_id), which=penalty_id)
    record(tx, "penalties.appeal", _subject(penalty_id), audit_id=str(audit_id))
    return audit_id


async def uphold(tx: Tx, penalty_id: int) -> None:
    """The appeal was refused: the penalty stays. Raises `PenaltyMissing`."""
    penalty = await locked(tx, penalty_id)
    if penalty.appeal_state is not AppealState.OPEN:
        return
    await tx.execute(_sql.CHANGE.values(appeal_state=AppealState.UPHELD.value), which=penalty_id)
    record(tx, "penalties.uphold", _subject(penalty_id))
    _tell(tx, PenaltyUpheld(penalty_id=penalty_id, level=penalty.level.value, rule=penalty.violation.rule))


async def reverse(tx: Tx, penalty_id: int, reason: str) -> Penalty:
    """Take a penalty back, by authority or because its appeal was granted; the last ban's reversal lets the shop live
    again. An open appeal is granted by it.

    Raises `PenaltyMissing`, `ReasonInvalid`, `PenaltyOver`.
    """
    reason = _checked(reason)
    past = {one.penalty_id: one for one in map(as_penalty, await tx.all(_sql.OF_SHOP_LOCKED))}
    penalty = past.pop(penalty_id, None)
    if penalty is None:
        raise PenaltyMissing(penalty_id=str(penalty_id))
    if penalty.state is PenaltyState.REVERSED:
        raise PenaltyOver(penalty_id=str(penalty_id))
    changes: dict[str, object] = {
        "state": PenaltyState.REVERSED.value,
        "reversed_by": str(tx.actor),
        "reversed_at": tx.now,
        "reversal_reason": reason,
    }
    if penalty.appeal_state is AppealState.OPEN:
        changes["appeal_state"] = AppealState.GRANTED.value
    await tx.execute(_sql.CHANGE.values(**changes), which=penalty_id)
    if penalty.level is Level.SEVERE and penalty.state is PenaltyState.IN_FORCE and not _banned(list(past.values())):
        await shops.unblock(tx)
    record(tx, "penalties.reverse", _subject(penalty_id), reason=reason)
    _tell(tx, PenaltyReversed(penalty_id=penalty_id, level=penalty.level.value, rule=penalty.violation.rule))
    return penalty


async def end_due(tx: Tx, limit: int) -> int:
    """End the limits whose time is over; how many."""
    rows = await tx.all(_sql.END_DUE, moment=tx.now, most=limit)
    for row in rows:
        record(tx, "penalties.end", _subject(row.penalty_id))
        _tell(tx, PenaltyEnded(penalty_id=row.penalty_id, level=row.level, rule=row.rule))
    return len(rows)


async def note_taken_off(tx: Tx, goods_id: GoodsId, audit_id: AuditId) -> None:
    """Remember that a ban took a goods off sale."""
    await tx.execute(_sql.NOTE_GOODS.values(shop_id=tx.shop, goods_id=goods_id, audit_id=audit_id, taken_off_at=tx.now))


async def forget_taken_off(tx: Tx, goods_id: GoodsId) -> None:
    """The goods was put back, or is nobody's concern any more."""
    await tx.execute(_sql.FORGET_GOODS, which=goods_id)


async def _must_be_independent(tx: Tx) -> None:
    if tx.actor.kind is ActorKind.REVIEWER and tx.actor.id.isdigit():
        memberships = await accounts.memberships(tx, AccountId(int(tx.actor.id)))
        if any(one.shop == tx.shop for one in memberships):
            raise ReviewerNotIndependent


def _banned(past: Sequence[Penalty]) -> bool:
    return any(one.level is Level.SEVERE and one.state is PenaltyState.IN_FORCE for one in past)


def _checked(words: str) -> str:
    words = words.strip()
    if not 1 <= len(words) <= rules.REASON_MAX or not is_plain(words.replace("\n", " ")):
        raise ReasonInvalid(field="reason")
    return words


def _content(penalty: Penalty, words: str) -> Content:
    violation = penalty.violation
    texts = {"appeal": words, "what": violation.what, "quote": violation.quote}
    facts: dict[str, str | int | None] = {
        "rule": rules.BY_CODE[violation.rule].zh,
        "level": penalty.level.value,
        "happened_at": violation.happened_at.isoformat(),
        "room_id": violation.room_id,
        "video_s": violation.video_s,
    }
    return Content({name: text for name, text in texts.items() if text}, (), facts)


def _subject(penalty_id: int) -> str:
    return f"penalty:{penalty_id}"


def _tell(tx: Tx, event: PenaltyImposed | PenaltyEnded | PenaltyReversed | PenaltyUpheld) -> None:
    tx.emit(event, stream=_subject(event.penalty_id))
