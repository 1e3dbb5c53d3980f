"""Commands on papers: handed in, decided, opened.

A paper's number and its file lie sealed (AES-256-GCM). What is decided about is what was handed in: a newer paper of
the same kind takes the place of one that waits, and stands beside one that was approved until it is approved itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from liveshelf.kernel.ids import new_number
from liveshelf.kernel.text import is_plain
from liveshelf.kernel.time import begins, china_day
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.qualifications import _sql, deciding, queries
from liveshelf.qualifications.errors import (
    ApplicationInvalid,
    PaperDateInvalid,
    PaperNotWaiting,
    TooManyPapers,
)
from liveshelf.qualifications.events import PaperDecided
from liveshelf.qualifications.files import PaperFile
from liveshelf.qualifications.numbers import checked_number, masked
from liveshelf.qualifications.papers import CATALOGUE, KINDS
from liveshelf.qualifications.types import (
    FLAG_BEFORE,
    GoodsKind,
    Paper,
    PaperDraft,
    PaperKind,
    PaperState,
    Verdict,
    Window,
)
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
    """Keep a paper whose sealed file is in the storage already. Returns its id.

    Raises as `checked`, and `TooManyPapers`.
    """
    draft = checked(draft, today=china_day(tx.now))
    if await tx.scalar(_sql.COUNT_PAPERS) >= PAPERS_MAX:
        raise TooManyPapers
    await tx.execute(_sql.REPLACE_WAITING, which=draft.kind.value)
    paper_id = new_number()
    mac = keys.mac(_NUMBER, f"{draft.kind.value}:{draft.number}".encode())
    clock = await deciding.clock(tx, window(draft.kind))
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
            expected_on=clock.expected_on,
            due_at=clock.due_at,
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


async def decide(tx: Tx, paper_id: int, verdict: Verdict) -> None:
    """Let a paper count, or not. Raises `PaperUnknown`, `PaperNotWaiting`, `DeciderNotIndependent`."""
    await deciding.must_be_independent(tx)
    await _settle(tx, await queries.paper(tx, paper_id), verdict)


async def decide_all(tx: Tx, kinds: Iterable[PaperKind], verdict: Verdict) -> None:
    """Decide the papers of these kinds that wait: they were judged together with the application that they belong
    to.
    """
    wanted = set(kinds)
    for paper in await queries.papers(tx):
        if paper.kind in wanted and paper.state is PaperState.WAITING:
            await _settle(tx, paper, verdict)


def opened(tx: Tx, paper: Paper) -> None:
    """Write down that somebody looked at a paper."""
    record(tx, "papers.view", f"paper:{paper.paper_id}", kind=paper.kind.value)


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
