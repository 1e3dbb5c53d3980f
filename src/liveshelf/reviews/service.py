"""Commands on cases. `flows.listing` moves the goods in step; nobody else calls these."""

from __future__ import annotations

import msgspec

from liveshelf.kernel.ids import AuditId, GoodsId, new_number
from liveshelf.platform.db import Tx
from liveshelf.reviews import _sql
from liveshelf.reviews._tables import review_verdicts
from liveshelf.reviews.errors import CaseNotWaiting
from liveshelf.reviews.events import CaseOverdue
from liveshelf.reviews.types import CardSeen, Case, CaseState, Stage, Verdict

_JUDGED_IN = {Stage.MACHINE: CaseState.MACHINE, Stage.PERSON: CaseState.WAITING}


async def open_case(tx: Tx, audit_id: AuditId, goods_id: GoodsId, submitted: CardSeen) -> None:
    """Begin the review of a submission with the machine stage. The card that was last decided about is kept beside
    it.
    """
    await tx.execute(
        _sql.INSERT_CASE.values(
            shop_id=tx.shop,
            audit_id=audit_id,
            goods_id=goods_id,
            state=CaseState.MACHINE.value,
            submitted=msgspec.to_builtins(submitted),
            previous=await tx.scalar(_sql.LAST_DECIDED, goods=goods_id),
            submitted_at=tx.now,
            machine_due_at=tx.now + _sql.MACHINE_PATIENCE,
        )
    )


async def withdraw(tx: Tx, audit_id: AuditId) -> None:
    """Close a case that nobody has decided. Raises `CaseNotWaiting`."""
    if await tx.scalar(_sql.WITHDRAW, which=audit_id, moment=tx.now) is None:
        raise CaseNotWaiting(audit_id=str(audit_id))


async def give(tx: Tx, case: Case, verdict: Verdict) -> CaseState:
    """Write a verdict down and move the case: the machine's pass leads to a person, or, in development, to approval.

    A person judges only what the machine has passed, so an approval always has two passes or the development mark.
    Raises `CaseNotWaiting` when the case is not (or no longer) before the verdict's stage.
    """
    became = _became(verdict)
    changes: dict[str, object] = {"state": became.value}
    if became is CaseState.WAITING:
        changes["waiting_since"] = tx.now
    else:
        changes["decided_at"] = tx.now
    statement = _sql.MOVE.values(**changes)
    if await tx.scalar(statement, which=case.audit_id, was=_JUDGED_IN[verdict.stage].value) is None:
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
    return became


async def void(tx: Tx, audit_id: AuditId) -> None:
    """Let an approved case wait for a person: its approval was development mode's. Raises `CaseNotWaiting`."""
    statement = _sql.MOVE.values(state=CaseState.WAITING.value, waiting_since=tx.now, decided_at=None)
    if await tx.scalar(statement, which=audit_id, was=CaseState.APPROVED.value) is None:
        raise CaseNotWaiting(audit_id=str(audit_id))


async def ask_again(tx: Tx, limit: int) -> int:
    """Ask once more for the machine stage of cases that it has not come to in time. Returns how many."""
    later = tx.now + _sql.MACHINE_PATIENCE
    rows = await tx.all(_sql.POSTPONE_OVERDUE, moment=tx.now, later=later, most=limit)
    for row in rows:
        tx.emit(CaseOverdue(audit_id=row.audit_id), stream=f"review:{row.audit_id}")
    return len(rows)


def _became(verdict: Verdict) -> CaseState:
    if not verdict.passed:
        return CaseState.REJECTED
    if verdict.stage is Stage.MACHINE and not verdict.development:
        return CaseState.WAITING
    return CaseState.APPROVED
