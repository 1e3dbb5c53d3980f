"""Commands on applications: to open a shop, and to broadcast.

draft → submitted → approved, or rejected with reasons and submitted again. Submitting opens a case in the review queue,
which has the clock and the verdict; an appeal lets a rejected application be judged anew. Every move is written down.
"""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.adapters.payments.merchants import merchant_shown
from liveshelf.kernel.ids import new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.signing import Keys
from liveshelf.qualifications import _sql, casework, live, paperwork, queries
from liveshelf.qualifications._tables import moves
from liveshelf.qualifications.errors import ApplicationInvalid, ApplicationRefuses, MerchantNotBound, PapersMissing
from liveshelf.qualifications.events import ApplicationDecided, ApplicationSubmitted
from liveshelf.qualifications.rights import SUBJECT_PAPERS, SUBJECT_WINDOWS, Mode
from liveshelf.qualifications.types import (
    APPLICATION,
    Application,
    ApplicationKind,
    ApplicationState,
    PaperKind,
    PaperState,
    Subject,
)
from liveshelf.reviews.errors import AppealRefused
from liveshelf.reviews.types import Case, Content, Verdict
from liveshelf.shops import queries as shop_queries
from liveshelf.shops import service as shops
from liveshelf.shops.policy import policy
from liveshelf.trail.service import record

HOLDER_MAX = 60
_SEAL = "qualification-holder"
_KIND_OF = {review: kind for kind, review in casework.KINDS.items()}


async def draft_opening(tx: Tx, keys: Keys, *, subject: Subject, holder: str) -> None:
    """Say who the shop belongs to; as often as wanted before it is submitted and after a rejection.

    Raises `ApplicationInvalid`, `ApplicationRefuses`.
    """
    holder = holder.strip()
    if not 1 <= len(holder) <= HOLDER_MAX or not is_plain(holder):
        raise ApplicationInvalid(f"A name has 1 to {HOLDER_MAX} plain characters.", field="holder")
    sealed = keys.encrypt(_SEAL, holder)
    await _draft(tx, ApplicationKind.OPENING, subject=subject.value, sealed=sealed)


async def draft_live(tx: Tx, *, mode: Mode, categories: Sequence[int]) -> None:
    """Say how the shop will broadcast and what. Raises `ApplicationInvalid`, `CategoryUnknown`,
    `ApplicationRefuses`.
    """
    chosen = live.checked_categories(categories)
    await _draft(tx, ApplicationKind.LIVE, mode=mode.value, categories=list(chosen))


async def submit(tx: Tx, kind: ApplicationKind) -> None:
    """Hand an application in: a case of the review queue. The subject's papers that wait are judged with it.

    Raises `ApplicationMissing`, `ApplicationRefuses`, `PapersMissing`; a live one also `LivePermissionMissing`,
    `RightMissing` and `CategoriesUnmatched`.
    """
    application = await queries.locked(tx, kind)
    _must_move(application, ApplicationState.SUBMITTED)
    if kind is ApplicationKind.OPENING:
        subject = application.subject
        if subject is None:
            raise ApplicationInvalid(field="subject")
        await _need_subject_papers(tx, subject)
    else:
        subject = await live.must_apply(tx, application)
    window = SUBJECT_WINDOWS[subject or Subject.ENTERPRISE]
    audit_id = await casework.submitted(
        tx,
        casework.application_ref(tx.shop, kind),
        kind=casework.KINDS[kind],
        content=_content(application),
        title=(await shop_queries.shop(tx)).name,
        window=window,
    )
    if kind is ApplicationKind.OPENING and subject is not None:
        await paperwork.judge_with(tx, SUBJECT_PAPERS[subject], audit_id)
    await _move(
        tx,
        application,
        ApplicationState.SUBMITTED,
        audit_id=audit_id,
        submissions=application.submissions + 1,
        submitted_at=tx.now,
        expected_on=await casework.expected_on(tx, window),
        decided_at=None,
        decided_by="",
        reasons=[],
        note="",
    )
    tx.emit(ApplicationSubmitted(kind=kind.value), stream=f"application:{kind.value}")


async def decided(tx: Tx, case: Case, verdict: Verdict) -> None:
    """Follow the verdict on an application's case. Of an opening, the subject's papers are decided along. Raises
    `ApplicationRefuses`.
    """
    kind = _KIND_OF[case.kind]
    application = await queries.locked(tx, kind)
    await _move(
        tx,
        application,
        ApplicationState.APPROVED if verdict.passed else ApplicationState.REJECTED,
        reasons_given=verdict.reasons,
        note_given=verdict.note,
        decided_at=tx.now,
        decided_by=str(tx.actor),
        reasons=list(verdict.reasons),
        note=verdict.note,
    )
    if kind is ApplicationKind.OPENING:
        await paperwork.decide_with(tx, case.audit_id, verdict)
    tx.emit(ApplicationDecided(kind=kind.value, passed=verdict.passed), stream=f"application:{kind.value}")


async def reopened(tx: Tx, case: Case) -> None:
    """An appeal lets the application wait again as it was submitted, with its papers. Raises `AppealRefused` when it
    was changed or submitted again since.
    """
    kind = _KIND_OF[case.kind]
    application = await queries.locked(tx, kind)
    if application.audit_id != case.audit_id or application.state is not ApplicationState.REJECTED:
        raise AppealRefused(audit_id=str(case.audit_id), state=application.state.value)
    if kind is ApplicationKind.OPENING:
        await paperwork.reopen_with(tx, case.audit_id)
    await _move(
        tx,
        application,
        ApplicationState.SUBMITTED,
        decided_at=None,
        decided_by="",
        reasons=[],
        note="",
    )


async def open_for_orders(tx: Tx, *, simulated: bool) -> None:
    """Open an approved shop that waited for its merchant. `simulated` says whether payment is. Raises
    `ApplicationMissing`, `ApplicationRefuses`, `MerchantNotBound`.
    """
    application = await queries.locked(tx, ApplicationKind.OPENING)
    if application.state is not ApplicationState.APPROVED:
        raise ApplicationRefuses(state=application.state.value)
    if not await merchant_bound(tx, simulated=simulated):
        raise MerchantNotBound
    await shops.open_shop(tx)


async def merchant_bound(tx: ReadTx, *, simulated: bool) -> bool:
    """Whether the shop can be paid: under a merchant of its own, or by the simulator where the policy lets that
    count.
    """
    if simulated and (await policy(tx)).simulator_is_merchant:
        return True
    return await merchant_shown(tx, tx.shop) is not None


async def missing_papers(tx: ReadTx, subject: Subject) -> list[PaperKind]:
    """The subject's papers of which none is there that waits or counts."""
    found = await queries.papers(tx)
    there = {
        one.kind for one in found if one.state in {PaperState.WAITING, PaperState.APPROVED} and not one.expired(tx.now)
    }
    return [kind for kind in SUBJECT_PAPERS[subject] if kind not in there]


def holder(keys: Keys, application: Application) -> str:
    """The name that the shop belongs to. Raises `SealBrokenError`."""
    return keys.decrypt(_SEAL, application.sealed) if application.sealed else ""


def _content(application: Application) -> Content:
    """What the queue keeps of an application: who the shop belongs to stays sealed, and papers stay behind links."""
    if application.kind is ApplicationKind.OPENING and application.subject is not None:
        return Content(facts={"subject": application.subject.value})
    return Content(facts={"mode": application.mode, "categories": ", ".join(map(str, application.categories))})


async def _need_subject_papers(tx: Tx, subject: Subject) -> None:
    missing = await missing_papers(tx, subject)
    if missing:
        raise PapersMissing(field="papers", missing=[kind.value for kind in missing])


async def _draft(tx: Tx, kind: ApplicationKind, **columns: object) -> None:
    await shop_queries.shop(tx)
    blank: dict[str, object] = {
        "shop_id": tx.shop,
        "kind": kind.value,
        "state": ApplicationState.DRAFT.value,
        "subject": None,
        "mode": "",
        "categories": [],
        "sealed": b"",
        "submissions": 0,
        "decided_by": "",
        "reasons": [],
        "note": "",
        "created_at": tx.now,
    }
    await tx.execute(_sql.INSERT_APPLICATION.values({**blank, **columns}))
    application = await queries.locked(tx, kind)
    if ApplicationState.SUBMITTED not in APPLICATION.edges[application.state]:
        raise ApplicationRefuses(state=application.state.value)
    # What was rejected is another thing from now on, so its verdict can't be appealed against any more.
    await tx.execute(_sql.EDIT_APPLICATION.values(**columns, audit_id=None), which=kind.value)
    record(tx, "applications.draft", f"application:{kind.value}")


def _must_move(application: Application, became: ApplicationState) -> None:
    if not APPLICATION.allows(application.state, became):
        raise ApplicationRefuses(state=application.state.value)


async def _move(
    tx: Tx,
    application: Application,
    became: ApplicationState,
    *,
    reasons_given: Sequence[str] = (),
    note_given: str = "",
    **columns: object,
) -> None:
    _must_move(application, became)
    was, kind = application.state, application.kind
    statement = _sql.MOVE_APPLICATION.values(state=became.value, **columns)
    if await tx.scalar(statement, which=kind.value, was=was.value) is None:
        raise ApplicationRefuses(state=was.value)
    tx.append(
        moves,
        move_id=new_number(),
        kind=kind.value,
        was=was.value,
        became=became.value,
        actor=str(tx.actor),
        reasons=list(reasons_given),
        note=note_given,
        at=tx.now,
    )
    record(tx, f"applications.{became.value}", f"application:{kind.value}", reasons=list(reasons_given))
