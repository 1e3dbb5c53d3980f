"""Reads: media rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import MediaId
from liveshelf.media import _sql
from liveshelf.media.types import Media, shop_of
from liveshelf.platform.db import ReadTx

_SIGN = 1 << 63  # PostgreSQL's integers have a sign, fingerprints have not


async def media(tx: ReadTx, media_id: str) -> Media | None:
    """The media row of an id of this shop, or `None` when there is none or its time is over."""
    found = await stored(tx, media_id)
    return found if found and (found.expires_at is None or found.expires_at > tx.now) else None


async def stored(tx: ReadTx, media_id: str) -> Media | None:
    """The media row of an id, also when its time is over: to compare what was sent before."""
    # Also keeps texts that PostgreSQL can't hold away from it.
    return as_media(await tx.one(_sql.BY_ID, which=media_id)) if shop_of(media_id) == tx.shop else None


def as_media(row: Row[Any] | None) -> Media | None:
    """The media of a row."""
    if row is None:
        return None
    return Media(
        MediaId(row.media_id),
        row.kind,
        row.content_type,
        row.width,
        row.height,
        row.bytes,
        row.sha256,
        row.fingerprint % (_SIGN << 1),
        row.created_at,
        row.expires_at,
    )
