"""Commands: keep a picture, make it permanent, forget what has expired."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from liveshelf.kernel.ids import MediaId
from liveshelf.media import _sql, queries
from liveshelf.media.errors import MediaMissing
from liveshelf.media.events import MediaExpired
from liveshelf.media.types import Media, Picture
from liveshelf.platform.db import ReadTx, Tx

LIFE = timedelta(days=3)  # of temporary media, in business time: WeChat's rule
_RANDOM_BYTES = 24  # ids are addresses of public files: not to be guessed
_SIGN = 1 << 63


async def keep(tx: Tx, picture: Picture, sha256: str, *, kind: str, temporary: bool) -> Media:
    """A row for a picture whose bytes the storage already holds under `sha256`. `kind` is `image` or `thumb`."""
    return await _insert(
        tx,
        kind=kind,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        bytes=len(picture.data),
        sha256=sha256,
        fingerprint=_signed(picture.fingerprint),
        expires_at=tx.now + LIFE if temporary else None,
    )


async def keep_permanent(tx: Tx, picture: Picture, sha256: str) -> Media:
    """As `keep` for an image that stays; what is there already is not written twice."""
    twin = await _twin(tx, sha256, picture.content_type, "image")
    return twin or await keep(tx, picture, sha256, kind="image", temporary=False)


async def make_permanent(tx: Tx, media_id: str) -> Media:
    """A permanent copy of a media of this shop; permanent media is its own. Equal content gets the same copy.

    Raises `MediaMissing` when the id is unknown or its time is over.
    """
    found = await queries.media(tx, media_id)
    if found is None:
        raise MediaMissing(media_id=media_id)
    if found.expires_at is None:
        return found
    if (twin := await _twin(tx, found.sha256, found.content_type, found.kind)) is not None:
        return twin
    return await _insert(
        tx,
        kind=found.kind,
        content_type=found.content_type,
        width=found.width,
        height=found.height,
        bytes=found.bytes,
        sha256=found.sha256,
        fingerprint=_signed(found.fingerprint),
        expires_at=None,
    )


async def forget_expired(tx: Tx, limit: int) -> int:
    """Delete rows of temporary media whose time has long been over, and tell which bytes they named. Returns how many
    rows.
    """
    rows = await tx.all(_sql.DELETE_EXPIRED, before=tx.now - _sql.GRACE, most=limit)
    if rows:
        tx.emit(MediaExpired(sha256s=sorted({row.sha256 for row in rows})), stream="media")
    return len(rows)


async def unnamed(tx: ReadTx, sha256s: Sequence[str]) -> list[str]:
    """Which of the contents no row of any shop names any more."""
    named = {row.sha256 for row in await tx.all(_sql.STILL_NAMED, digests=list(sha256s))} if sha256s else set()
    return [one for one in sha256s if one not in named]


async def _twin(tx: Tx, sha256: str, content_type: str, kind: str) -> Media | None:
    return queries.as_media(await tx.one(_sql.PERMANENT_TWIN, digest=sha256, content=content_type, sort=kind))


async def _insert(tx: Tx, *, expires_at: datetime | None, **columns: object) -> Media:
    media_id = MediaId(f"{tx.shop:x}-{secrets.token_urlsafe(_RANDOM_BYTES)}")
    row = await tx.one(
        _sql.INSERT.values(shop_id=tx.shop, media_id=media_id, created_at=tx.now, expires_at=expires_at, **columns)
    )
    return cast("Media", queries.as_media(row))


def _signed(fingerprint: int) -> int:
    return fingerprint - (_SIGN << 1) if fingerprint >= _SIGN else fingerprint
