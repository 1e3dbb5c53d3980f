"""Reads: somebody's notices, and how many are unread."""

from __future__ import annotations

from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.messages import _sql
from liveshelf.messages.types import Notice
from liveshelf.platform.db import ReadTx


async def page(
    tx: ReadTx, reader: str, *, unread_only: bool = False, cursor: str | None = None, limit: int | None = None
) -> Page[Notice]:
    """The reader's notices, the latest first."""
    size = clamp_limit(limit)
    statement = _sql.UNREAD if unread_only else _sql.PAGE
    rows = await tx.all(statement, who=reader, before=below(cursor), most=size + 1)
    found = [Notice(r.notice_id, r.kind, r.subject, r.facts, r.created_at, r.read_at) for r in rows]
    return page_of(found, size, lambda one: (one.notice_id,))


async def unread(tx: ReadTx, reader: str) -> int:
    """How many the reader has not read, counted up to `UNREAD_SHOWN`."""
    return int(await tx.scalar(_sql.COUNT_UNREAD, who=reader))
