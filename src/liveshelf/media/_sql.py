"""Statements of the media capability."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select

from liveshelf.media._tables import media
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows

# Rows outlive their expiry by this much, so that a transaction which saw one valid has long ended when its bytes may
# go.
GRACE = timedelta(hours=1)

_mine = media.c.shop_id == bindparam("shop")

BY_ID = select(media).where(_mine, media.c.media_id == bindparam("which"))
INSERT = insert(media).returning(media)

# Copies of the same content share one permanent row: a goods sent again keeps the address of its cover.
PERMANENT_TWIN = (
    select(media)
    .where(
        _mine,
        media.c.sha256 == bindparam("digest"),
        media.c.content_type == bindparam("content"),
        media.c.kind == bindparam("sort"),
        media.c.expires_at.is_(None),
    )
    .order_by(media.c.created_at, media.c.media_id)
    .limit(1)
)

SHOPS_EXPIRED = select(media.c.shop_id).where(media.c.expires_at < bindparam("now", type_=Instant) - GRACE).distinct()
PENDING = board_rows("media", media.c.media_id, media.c.expires_at + GRACE, _mine, media.c.expires_at.is_not(None))
_EXPIRED = (
    select(media.c.media_id)
    .where(_mine, media.c.expires_at < bindparam("before", type_=Instant))
    .order_by(media.c.expires_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
DELETE_EXPIRED = delete(media).where(_mine, media.c.media_id.in_(_EXPIRED)).returning(media.c.sha256)

# Over all shops: the storage keeps equal bytes once, whoever uploaded them. Not in the path of any request.
STILL_NAMED = select(media.c.sha256).where(media.c.sha256.in_(bindparam("digests", expanding=True))).distinct()
