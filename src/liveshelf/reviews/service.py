"""Commands on cases. `flows.casework` moves the subject in step with a verdict; nobody else decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import AuditId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform import limits
from liveshelf.platform.calendar import working_days
from liveshelf.platform.db import Tx
from liveshelf.reviews import _sql, judges
from liveshelf.reviews._tables import review_verdicts
from liveshelf.reviews.errors import (
    AppealInvalid,
    AppealRefused,
    CaseNotTaken,
    CaseNotWaiting,
    CaseTaken,
    SubmissionInvalid,
)
from liveshelf.reviews.events import CaseAppealed, CaseDecided, CaseOverdue, CaseSubmitted
from liveshelf.reviews.types import (
    PLANS,
    Case,
    CaseState,
    Content,
    ReviewClock,
    ReviewKind,
    Stage,
    SubjectRef,
    Verdict,
)
from liveshelf.trail.service import record

APPEAL_WITHIN = timedelta(days=15)  # business time, from the verdict
APPEAL_MAX = 500
TITLE_MAX = 200
TEXTS_MAX, PICTURES_MAX, TEXT_MAX = 60, 40, 20_000  # above the largest product
DUE = "reviews.due"

_JUDGED_IN = {Stage.MACHINE: CaseState.MACHINE, Stage.PERSON: CaseState.WAITING}


async def submit(
    tx: Tx,
    subject: SubjectRef,
    *,
    kind: ReviewKind,
    content: Content,
    title: str,
    clock: ReviewClock | None = None,
    audit_id: AuditId | None = None,
    persons: int | None = None,
    barred: Sequence[str] = (),
) -> AuditId:
    """Begin the review of a submission; what was last decided about this subject is kept beside it. `clock` and
    `persons` take the place of the kind's own; `audit_id` is given where the subject has stored it already; `barred`
    are reviewers, as "reviewer:41", who may not judge it.

    Raises `SubmissionInvalid`.
    """
    _check(title, content)
    plan = PLANS[kind]
    number = AuditId(new_number()) if audit_id is None else audit_id
    before = await tx.one(_sql.LAST_DECIDED, about=subject)
    days = (clock or plan.clock).working_days
    await tx.execute(
        _sql.INSERT_CASE.values(
            shop_id=tx.shop,
            audit_id=number,
            kind=kind.value,
            subject=subject,
            title=title,
            state=(CaseState.MACHINE if plan.machine else CaseState.WAITING).value,
            submitted=msgspec.to_builtins(content),
            previous=None if before is None else before.submitted,
            follows=None if before is None else before.audit_id,
            submitted_by=str(tx.actor),
            submitted_at=tx.now,
            machine_due_at=tx.now + _sql.MACHINE_PATIENCE if plan.machine else None,
            waiting_since=None if plan.machine else tx.now,
            due_at=(await working_days(tx)).due_at(tx.now, days),
            persons=persons or plan.persons,
            barred=list(barred) or None,
        )
    )
    tx.emit(CaseSubmitted(audit_id=number, kind=kind.value, subject=subject), stream=f"review:{number}")
    return number


async def withdraw(tx: Tx, audit_id: AuditId) -> None:
    """Close a case that nobody has decided. Raises `CaseNotWaiting`."""
    row = await tx.one(_sql.WITHDRAW, which=audit_id, moment=tx.now)
    if row is None:
        raise CaseNotWaiting(audit_id=str(audit_id))
    if row.missed_at is not None:
        await limits.settled(tx, DUE, [f"review:{audit_id}"])


async def give(tx: Tx, case: Case, verdict: Verdict) -> CaseState:
    """Write a verdict down and move the case: the machine's pass leads to a person, or, in development, to approval; a
    person's to the second one where two are needed.

    A person judges only what the machine has passed or can't look at, so an approval always has two passes or the
    development mark. Raises `CaseNotWaiting` when the case is not (or no longer) before the verdict's stage, and as
    `judges.check`.
    """
    if case.state is not _JUDGED_IN[verdict.stage]:
        raise CaseNotWaiting(audit_id=str(case.audit_id), state=case.state.value)
    if verdict.stage is Stage.PERSON:
        await judges.check(tx, case)
        await judges.waive(tx, case)
    became = _became(case, verdict)
    changes: dict[str, object] = {"state": became.value, "taken_by": None, "taken_at": None}
    if became is not CaseState.WAITING:
        changes["decided_at"] = tx.now
    elif verdict.stage is Stage.PERSON:
        changes["first_pass_by"] = str(tx.actor)
    else:
        changes["waiting_since"] = tx.now
    seen = {"was": case.state.value, "first": case.first_pass_by, "who": str(tx.actor)}
    if await tx.scalar(_sql.MOVE.values(**changes), which=case.audit_id, **seen) is None:
        raise CaseNotWaiting(audit_id=str(case.audit_id), state=case.state.value)
    tx.append(
        review_verdicts,
        verdict_id=new_number(),
        audit_id=case.audit_id,
        stage=verdict.stage.value,
        passed=verdict.passed,
        findings=msgspec.to_builtins(verdict.findings),
        reasons=list(verdict.reasons),
        note=verdict.note,
        development=verdict.development,
        actor=str(tx.actor),
        at=tx.now,
    )
    if became is not CaseState.WAITING:
        await _decided(tx, case, verdict)
    return became


async def take(tx: Tx, case: Case) -> None:
    """Work on a case: nobody else judges it from now on. Raises as `judges.check`, and `CaseNotWaiting`."""
    _must_wait(case)
    await judges.check(tx, case)
    await _take(tx, case, who=str(tx.actor), holder=None)
    record(tx, "reviews.take", case.subject, audit_id=str(case.audit_id))


async def take_over(tx: Tx, case: Case) -> None:
    """Work on a case that another has, knowing it. Raises as `judges.check_person`, and `CaseNotWaiting`."""
    _must_wait(case)
    await judges.check_person(tx, case, str(tx.actor))
    await _take(tx, case, who=str(tx.actor), holder=case.taken_by)
    record(tx, "reviews.take_over", case.subject, audit_id=str(case.audit_id), holder=case.taken_by)


async def hand_over(tx: Tx, case: Case, to: Actor) -> None:
    """Give a case that the actor works on to another reviewer. Raises `CaseNotTaken`, `CaseNotWaiting`, and, for the
    other one, as `judges.check_person`.
    """
    _must_wait(case)
    _must_hold(tx, case)
    await judges.check_person(tx, case, str(to))
    await _take(tx, case, who=str(to), holder=str(tx.actor))
    record(tx, "reviews.hand_over", case.subject, audit_id=str(case.audit_id), to=str(to))


async def release(tx: Tx, case: Case) -> None:
    """Put a case back into the queue. Raises `CaseNotTaken`, `CaseNotWaiting`."""
    _must_wait(case)
    _must_hold(tx, case)
    if await tx.scalar(_sql.RELEASE, which=case.audit_id, holder=str(tx.actor)) is None:
        raise CaseNotTaken(audit_id=str(case.audit_id))
    record(tx, "reviews.release", case.subject, audit_id=str(case.audit_id))


async def release_all(tx: Tx, holder: Actor) -> int:
    """Put back every case of the transaction's shop that somebody works on, because they leave. How many it were."""
    freed = [row.audit_id for row in await tx.all(_sql.RELEASE_ALL, holder=str(holder))]
    for audit_id in freed:
        record(tx, "reviews.release", f"review:{audit_id}", holder=str(holder))
    return len(freed)


async def appeal(tx: Tx, case: Case, words: str) -> None:
    """Let a rejected case be judged anew, once, by others; by two persons where no person has judged it yet.

    Raises `AppealInvalid`, `AppealRefused`.
    """
    words = words.strip()
    if not 1 <= len(words) <= APPEAL_MAX or not is_plain(words.replace("\n", " ")):
        raise AppealInvalid(field="text")
    rows = await tx.all(_sql.VERDICTS, ids=[case.audit_id])
    needed = case.persons if any(row.stage == Stage.PERSON for row in rows) else 2
    found = await tx.scalar(
        _sql.APPEAL,
        which=case.audit_id,
        since=tx.now - APPEAL_WITHIN,
        words=words,
        moment=tx.now,
        due=(await working_days(tx)).due_at(tx.now, PLANS[ReviewKind.APPEAL].clock.working_days),
        needed=needed,
    )
    if found is None:
        raise AppealRefused(audit_id=str(case.audit_id), state=case.state.value)
    tx.emit(
        CaseAppealed(audit_id=case.audit_id, kind=case.kind.value, subject=case.subject),
        stream=f"review:{case.audit_id}",
    )
    record(tx, "reviews.appeal", case.subject, audit_id=str(case.audit_id))


async def void(tx: Tx, audit_id: AuditId, *, kind: ReviewKind) -> None:
    """Let an approved case wait for a person: its approval was development mode's. Raises `CaseNotWaiting`."""
    statement = _sql.MOVE.values(
        state=CaseState.WAITING.value,
        waiting_since=tx.now,
        decided_at=None,
        due_at=(await working_days(tx)).due_at(tx.now, PLANS[kind].clock.working_days),
        missed_at=None,
    )
    if await tx.scalar(statement, which=audit_id, was=CaseState.APPROVED.value, first=None, who=str(tx.actor)) is None:
        raise CaseNotWaiting(audit_id=str(audit_id))


async def ask_again(tx: Tx, limit: int) -> int:
    """Ask once more for the machine stage of cases that it has not come to in time. Returns how many."""
    later = tx.now + _sql.MACHINE_PATIENCE
    rows = await tx.all(_sql.POSTPONE_OVERDUE, moment=tx.now, later=later, most=limit)
    for row in rows:
        tx.emit(CaseOverdue(audit_id=row.audit_id), stream=f"review:{row.audit_id}")
    return len(rows)


async def note_missed(tx: Tx, limit: int) -> int:
    """Write down which cases were not decided within their working days; how many. They stay in the queue."""
    rows = await tx.all(_sql.MARK_MISSED, moment=tx.now, most=limit)
    await limits.missed(tx, DUE, [(f"review:{row.audit_id}", row.due_at) for row in rows])
    return len(rows)


def _check(title: str, content: Content) -> None:
    if not 1 <= len(title) <= TITLE_MAX:
        raise SubmissionInvalid(field="title")
    if len(content.texts) > TEXTS_MAX or any(len(text) > TEXT_MAX for text in content.texts.values()):
        raise SubmissionInvalid(field="texts")
    if len(content.pictures) > PICTURES_MAX:
        raise SubmissionInvalid(field="pictures")


def _must_wait(case: Case) -> None:
    if case.state is not CaseState.WAITING:
        raise CaseNotWaiting(audit_id=str(case.audit_id), state=case.state.value)


def _must_hold(tx: Tx, case: Case) -> None:
    if case.taken_by != str(tx.actor):
        raise CaseNotTaken(audit_id=str(case.audit_id))


async def _take(tx: Tx, case: Case, *, who: str, holder: str | None) -> None:
    if await tx.scalar(_sql.TAKE, which=case.audit_id, who=who, holder=holder, moment=tx.now) is None:
        raise CaseTaken(audit_id=str(case.audit_id))


async def _decided(tx: Tx, case: Case, verdict: Verdict) -> None:
    if case.missed:
        await limits.settled(tx, DUE, [f"review:{case.audit_id}"])
    tx.emit(
        CaseDecided(
            audit_id=case.audit_id,
            kind=case.kind.value,
            subject=case.subject,
            title=case.title,
            passed=verdict.passed,
            reasons=list(verdict.reasons),
            note=verdict.note,
        ),
        stream=f"review:{case.audit_id}",
    )


def _became(case: Case, verdict: Verdict) -> CaseState:
    if not verdict.passed:
        return CaseState.REJECTED
    if verdict.stage is Stage.MACHINE and not verdict.development:
        return CaseState.WAITING
    if verdict.stage is Stage.PERSON and case.first_pass_by is None and case.persons > 1:
        return CaseState.WAITING
    return CaseState.APPROVED
