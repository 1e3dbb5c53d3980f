"""Commands on papers: handed in, decided, opened.

A paper's number and its file lie sealed (AES-256-GCM). Each is a case of the review queue, or is judged with the
application that it belongs to. What is decided about is what was handed in: a newer paper of the same kind takes the
place of one that waits, and stands beside one that was approved until it is approved itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from liveshelf.kernel.ids import AuditId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.kernel.time import begins, china_day
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.qualifications import _sql, casework, queries
from liveshelf.qualifications.errors import (
    ApplicationInvalid,
    ApplicationRefuses,
    PaperDateInvalid,
    PaperNotWaiting,
    TooManyPapers,
)
from liveshelf.qualifications.events import PaperDecided
from liveshelf.qualifications.files import PaperFile
from liveshelf.qualifications.numbers import checked_number, masked
from liveshelf.qualifications.papers import CATALOGUE, KINDS
from liveshelf.qualifications.rights import SUBJECT_PAPERS
from liveshelf.qualifications.types import (
    FLAG_BEFORE,
    ApplicationKind,
    ApplicationState,
    GoodsKind,
    Paper,
    PaperDraft,
    PaperKind,
    PaperState,
    Window,
)
from liveshelf.reviews.errors import AppealRefused
from liveshelf.reviews.types import Case, Content, ReviewKind, Verdict
from liveshelf.trail.service import record

PAPERS_MAX = 200
VALID_YEARS_MAX = 100
NAME_MAX = 120
SEAL = "qualification-paper"
_NUMBER = "qualification-number"


class Facts(msgspec.Struct, frozen=True):
    """What lies sealed beside the file."""

    number: str
    file_name: str


def seal_file(keys: Keys, file: PaperFile) -> bytes:
    """The file as it is stored."""
    return keys.seal(SEAL, file.data)


def open_file(keys: Keys, stored: bytes) -> bytes:
    """Undo `seal_file`. Raises `SealBrokenError`."""
    return keys.unseal(SEAL, stored)


def facts(keys: Keys, paper: Paper) -> Facts:
    """The number and the file's name. Raises `SealBrokenError`."""
    return msgspec.json.decode(keys.decrypt(SEAL, paper.sealed), type=Facts)


def window(kind: PaperKind) -> Window:
    """How long the audit of a paper takes: as the goods that need it; the longest when nothing says."""
    of_goods = [rule.window for rule in KINDS.values() if kind in rule.papers]
    return of_goods[0] if of_goods else KINDS[GoodsKind.CROSS_BORDER].window


def checked(draft: PaperDraft, *, today: date) -> PaperDraft:
    """What comes with a file, judged. Raises `PaperNumberInvalid`, `PaperDateInvalid`, `ApplicationInvalid`."""
    number = checked_number(draft.kind, draft.number, today=today)
    until = draft.valid_until
    if CATALOGUE[draft.kind].expires and until is None:
        raise PaperDateInvalid(field="valid_until")
    if until is not None and not today <= until <= today.replace(day=1) + timedelta(days=366 * VALID_YEARS_MAX):
        raise PaperDateInvalid(field="valid_until")
    name = draft.file_name.strip()[:NAME_MAX]
    if not is_plain(name):
        raise ApplicationInvalid(field="file")
    return PaperDraft(draft.kind, number, until, name)


async def hand_in(tx: Tx, keys: Keys, draft: PaperDraft, *, file: PaperFile, sha256: str) -> int:
    """Keep a paper whose sealed file is in the storage already: a case of the review queue. Returns its id.

    Raises as `checked`, `TooManyPapers`, and `ApplicationRefuses` for a paper of an application that is being judged:
    nobody changes what a reviewer looks at.
    """
    draft = checked(draft, today=china_day(tx.now))
    if await tx.scalar(_sql.COUNT_PAPERS) >= PAPERS_MAX:
        raise TooManyPapers
    await _must_not_be_judged(tx, draft.kind)
    replaced = await tx.all(_sql.REPLACE_WAITING, which=draft.kind.value)
    await casework.close(tx, [AuditId(one.audit_id) for one in replaced if one.audit_id])
    paper_id = new_number()
    mac = keys.mac(_NUMBER, f"{draft.kind.value}:{draft.number}".encode())
    takes = window(draft.kind)
    spec = CATALOGUE[draft.kind]
    audit_id = await casework.submitted(
        tx,
        casework.paper_ref(paper_id),
        kind=ReviewKind.PAPER,
        content=_content(draft),
        title=f"{spec.zh} {spec.en}",
        window=takes,
    )
    expires_at = None if draft.valid_until is None else begins(draft.valid_until + timedelta(days=1))
    sealed = keys.encrypt(SEAL, msgspec.json.encode(Facts(draft.number, draft.file_name)).decode())
    await tx.execute(
        _sql.INSERT_PAPER.values(
            shop_id=tx.shop,
            paper_id=paper_id,
            kind=draft.kind.value,
            state=PaperState.WAITING.value,
            sealed=sealed,
            number_tail=masked(draft.number),
            number_mac=mac,
            valid_until=draft.valid_until,
            file_sha256=sha256,
            content_type=file.content_type,
            bytes=len(file.data),
            pages=file.pages,
            submitted_at=tx.now,
            submitted_by=str(tx.actor),
            audit_id=audit_id,
            expected_on=await casework.expected_on(tx, takes),
            decided_by="",
            reasons=[],
            note="",
            flag_at=None if expires_at is None else expires_at - FLAG_BEFORE,
            expires_at=expires_at,
        )
    )
    await tx.execute(_sql.NOTE_NUMBER.values(number_mac=mac, shop_id=tx.shop, seen_at=tx.now))
    record(tx, "papers.hand_in", f"paper:{paper_id}", kind=draft.kind.value, pages=file.pages)
    return paper_id


async def decided(tx: Tx, case: Case, verdict: Verdict) -> None:
    """Follow the verdict on a paper's case: it counts, or not. Raises `PaperUnknown`, `PaperNotWaiting`."""
    await _settle(tx, await queries.paper(tx, case.number), verdict)


async def reopened(tx: Tx, case: Case) -> None:
    """An appeal lets a paper wait again. Raises `PaperUnknown`, and `AppealRefused` when a newer one of its kind is
    there.
    """
    paper = await queries.paper(tx, case.number)
    if not _is_newest(paper, await queries.papers(tx)) or not await _reopen(tx, paper):
        raise AppealRefused(audit_id=str(case.audit_id), state=paper.state.value)


async def judge_with(tx: Tx, kinds: Iterable[PaperKind], audit_id: AuditId) -> None:
    """Papers of these kinds that wait are judged with an application, under its case."""
    wanted = set(kinds)
    for paper in await queries.papers(tx):
        if paper.kind in wanted and paper.state is PaperState.WAITING and paper.audit_id != audit_id:
            await tx.execute(_sql.JUDGE_WITH, which=paper.paper_id, audit=audit_id)
            await casework.close(tx, [] if paper.audit_id is None else [paper.audit_id])


async def decide_with(tx: Tx, audit_id: AuditId, verdict: Verdict) -> None:
    """Decide the papers that were judged with an application."""
    for paper in await queries.papers(tx):
        if paper.audit_id == audit_id and paper.state is PaperState.WAITING:
            await _settle(tx, paper, verdict)


async def reopen_with(tx: Tx, audit_id: AuditId) -> None:
    """Let the papers that were rejected with an application wait again. Where a newer one of the kind is there, that
    one is judged.
    """
    every = await queries.papers(tx)
    rejected = [one for one in every if one.audit_id == audit_id and one.state is PaperState.REJECTED]
    for paper in rejected:
        if _is_newest(paper, every):
            await _reopen(tx, paper)
    await judge_with(tx, {one.kind for one in rejected}, audit_id)


def opened(tx: Tx, paper: Paper) -> None:
    """Write down that somebody looked at a paper."""
    record(tx, "papers.view", f"paper:{paper.paper_id}", kind=paper.kind.value)


async def _must_not_be_judged(tx: Tx, kind: PaperKind) -> None:
    opening = await queries.application_held(tx, ApplicationKind.OPENING)
    if opening is None or opening.subject is None or opening.state is not ApplicationState.SUBMITTED:
        return
    if kind in SUBJECT_PAPERS[opening.subject]:
        raise ApplicationRefuses("This paper is being judged with the application.", state=opening.state.value)


def _content(draft: PaperDraft) -> Content:
    """What the queue keeps of a paper: neither its number nor its file, which is seen through a link."""
    until = None if draft.valid_until is None else draft.valid_until.isoformat()
    return Content(facts={"paper": draft.kind.value, "valid_until": until})


def _is_newest(paper: Paper, every: Iterable[Paper]) -> bool:
    return not any(one.kind is paper.kind and one.paper_id > paper.paper_id for one in every)


async def _reopen(tx: Tx, paper: Paper) -> bool:
    if await tx.scalar(_sql.REOPEN_PAPER, which=paper.paper_id) is None:
        return False
    record(tx, "papers.reopen", f"paper:{paper.paper_id}", kind=paper.kind.value)
    return True


async def _settle(tx: Tx, paper: Paper, verdict: Verdict) -> None:
    state = PaperState.APPROVED if verdict.passed else PaperState.REJECTED
    statement = _sql.MOVE_PAPER.values(
        state=state.value,
        decided_at=tx.now,
        decided_by=str(tx.actor),
        reasons=list(verdict.reasons),
        note=verdict.note,
    )
    if await tx.scalar(statement, which=paper.paper_id) is None:
        raise PaperNotWaiting(paper_id=str(paper.paper_id), state=paper.state.value)
    tx.emit(
        PaperDecided(paper_id=paper.paper_id, kind=paper.kind.value, passed=verdict.passed),
        stream=f"paper:{paper.paper_id}",
    )
    action = "papers.approve" if verdict.passed else "papers.reject"
    record(tx, action, f"paper:{paper.paper_id}", kind=paper.kind.value, reasons=list(verdict.reasons))
