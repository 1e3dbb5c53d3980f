"""Reads: what was announced, which rules bind, and what somebody still has to acknowledge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row

from liveshelf.announcements import _sql
from liveshelf.announcements.errors import AcknowledgeFirst, AnnouncementMissing
from liveshelf.announcements.types import Announcement, AnnouncementKind, Draft
from liveshelf.kernel.ids import AccountId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx

PENDING_MAX = 20


async def announcement(tx: ReadTx, announcement_id: int) -> Announcement:
    """One announcement. Raises `AnnouncementMissing`."""
    row = await tx.one(_sql.ONE, which=announcement_id)
    if row is None:
        raise AnnouncementMissing(announcement_id=str(announcement_id))
    return _as_announcement(row)


async def page(
    tx: ReadTx,
    *,
    kind: AnnouncementKind | None = None,
    pack: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Announcement]:
    """What was announced, the latest first; with `pack` the versions of one rule pack."""
    size = clamp_limit(limit)
    rows = await tx.all(_sql.PAGE, before=below(cursor), kind=kind, pack=pack, most=size + 1)
    return page_of([_as_announcement(row) for row in rows], size, lambda one: (one.announcement_id,))


async def in_force(tx: ReadTx, day: date) -> list[Announcement]:
    """Of each rule pack the version that binds on a day, by name."""
    return [_as_announcement(row) for row in await tx.all(_sql.IN_FORCE, day=day)]


async def pending(tx: ReadTx, account_id: AccountId) -> list[Announcement]:
    """What this person must acknowledge before going on, the oldest first."""
    return [_as_announcement(row) for row in await tx.all(_sql.PENDING, account=account_id, most=PENDING_MAX)]


async def must_have_read(tx: ReadTx, account_id: AccountId) -> None:
    """Whether this person may change anything. Raises `AcknowledgeFirst` while something is to be acknowledged."""
    if found := await pending(tx, account_id):
        raise AcknowledgeFirst(announcement_ids=[str(one.announcement_id) for one in found])


async def read_by(tx: ReadTx, account_id: AccountId, announcement_ids: Iterable[int]) -> set[int]:
    """Which of these a person has acknowledged."""
    ids = sorted(set(announcement_ids))
    rows = await tx.all(_sql.READ_BY, account=account_id, ids=ids) if ids else []
    return {row.announcement_id for row in rows}


async def readers(tx: ReadTx, announcement_ids: Iterable[int]) -> dict[int, int]:
    """How many people have acknowledged each of these."""
    ids = sorted(set(announcement_ids))
    return {row.announcement_id: row.readers for row in (await tx.all(_sql.READERS, ids=ids) if ids else [])}


def _as_announcement(row: Row[Any]) -> Announcement:
    draft = Draft(
        AnnouncementKind(row.kind),
        row.title_zh,
        row.title_en,
        row.body_zh,
        row.body_en,
        row.effective_on,
        row.pack,
        row.must_acknowledge,
    )
    return Announcement(row.announcement_id, draft, row.version, row.published_by, row.published_at)
