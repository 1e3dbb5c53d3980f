"""Reads: applications with their history, papers, and the platform's queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.qualifications import _sql
from liveshelf.qualifications.errors import ApplicationMissing, PaperUnknown
from liveshelf.qualifications.types import (
    Application,
    ApplicationKind,
    ApplicationState,
    Paper,
    PaperKind,
    PaperState,
    Step,
    Subject,
)

SAME_MAX = 20  # other shops with the same number that are named


async def application(tx: ReadTx, kind: ApplicationKind) -> Application | None:
    """The shop's application of a kind, or `None` when it has made none."""
    row = await tx.one(_sql.APPLICATION, which=kind.value)
    return None if row is None else as_application(row)


async def locked(tx: ReadTx, kind: ApplicationKind) -> Application:
    """The application, kept from others until the commit. Raises `ApplicationMissing`."""
    row = await tx.one(_sql.APPLICATION_LOCKED, which=kind.value)
    if row is None:
        raise ApplicationMissing(kind=kind.value)
    return as_application(row)


async def application_held(tx: ReadTx, kind: ApplicationKind) -> Application | None:
    """The application, which nobody moves until the commit."""
    row = await tx.one(_sql.APPLICATION_HELD, which=kind.value)
    return None if row is None else as_application(row)


async def steps(tx: ReadTx) -> dict[ApplicationKind, list[Step]]:
    """What happened to the shop's applications, oldest first."""
    found: dict[ApplicationKind, list[Step]] = {kind: [] for kind in ApplicationKind}
    for row in await tx.all(_sql.MOVES):
        step = Step(row.was, row.became, row.actor, tuple(row.reasons), row.note, row.at)
        found[ApplicationKind(row.kind)].append(step)
    return found


async def subject(tx: ReadTx) -> Subject | None:
    """Who the shop belongs to, as its approved application says; `None` before that and for the operator's own."""
    found = await application(tx, ApplicationKind.OPENING)
    return found.subject if found is not None and found.state is ApplicationState.APPROVED else None


async def papers(tx: ReadTx) -> list[Paper]:
    """Every paper of the shop, the latest first."""
    return [as_paper(row) for row in await tx.all(_sql.PAPERS)]


async def paper(tx: ReadTx, paper_id: int) -> Paper:
    """A paper. Raises `PaperUnknown`."""
    row = await tx.one(_sql.PAPER, which=paper_id)
    if row is None:
        raise PaperUnknown(paper_id=str(paper_id))
    return as_paper(row)


async def same_numbers(tx: ReadTx, found: Sequence[Paper]) -> Mapping[int, list[ShopId]]:
    """Other shops that show papers with the same numbers, by paper: one statement for however many."""
    macs = sorted({one.number_mac for one in found})
    rows = await tx.all(_sql.SHOPS_WITH_NUMBERS, macs=macs, most=SAME_MAX * len(macs)) if macs else []
    shops: defaultdict[bytes, list[ShopId]] = defaultdict(list)
    for row in rows:
        shops[bytes(row.number_mac)].append(ShopId(row.shop_id))
    return {one.paper_id: [shop for shop in shops[one.number_mac] if shop != one.shop] for one in found}


async def queue(
    tx: ReadTx, state: ApplicationState, *, cursor: str | None = None, limit: int | None = None
) -> Page[Application]:
    """Applications of all shops in a state, for the platform's people; by shop."""
    size = clamp_limit(limit)
    key = decode_cursor(cursor, int, str)
    after, kind = (int(key[0]), str(key[1])) if key else (-1, "")
    rows = await tx.all(_sql.QUEUE, state=state.value, after=after, after_kind=kind, most=size + 1)
    return page_of([as_application(row) for row in rows], size, lambda one: (one.shop, one.kind.value))


async def papers_waiting(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Paper]:
    """Papers of all shops that wait for a decision, the oldest first."""
    size = clamp_limit(limit)
    key = decode_cursor(cursor, int)
    rows = await tx.all(_sql.PAPERS_WAITING, after=key[0] if key else 0, most=size + 1)
    return page_of([as_paper(row) for row in rows], size, lambda one: (one.paper_id,))


def valid_kinds(found: Sequence[Paper], tx: ReadTx) -> set[PaperKind]:
    """The kinds of which a paper counts now."""
    return {one.kind for one in found if one.valid(tx.now)}


def as_application(row: Row[Any]) -> Application:
    """The application of a row."""
    return Application(
        ShopId(row.shop_id),
        ApplicationKind(row.kind),
        ApplicationState(row.state),
        Subject(row.subject) if row.subject else None,
        row.mode,
        tuple(row.categories),
        row.sealed,
        row.submissions,
        row.submitted_at,
        None if row.audit_id is None else AuditId(row.audit_id),
        row.expected_on,
        row.decided_at,
        row.decided_by,
        tuple(row.reasons),
        row.note,
    )


def as_paper(row: Row[Any]) -> Paper:
    """The paper of a row."""
    return Paper(
        ShopId(row.shop_id),
        row.paper_id,
        PaperKind(row.kind),
        PaperState(row.state),
        row.number_tail,
        bytes(row.number_mac),
        row.valid_until,
        row.content_type,
        row.bytes,
        row.pages,
        row.submitted_at,
        row.submitted_by,
        None if row.audit_id is None else AuditId(row.audit_id),
        row.expected_on,
        row.decided_at,
        row.decided_by,
        tuple(row.reasons),
        row.note,
        row.expires_at,
        row.file_sha256,
        row.sealed,
    )
