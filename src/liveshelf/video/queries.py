"""Reads: a room's picture, and what of pictures is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import INT63_MAX, RoomId, ShopId
from liveshelf.kernel.paging import Page, decode_cursor, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.video import _sql
from liveshelf.video.types import Stream

SHOPS_LOST = _sql.SHOPS_DUE  # whose clock is in the flows, since it moves rooms
_PLAIN = (
    "generation",
    "delay_s",
    "run",
    "began_at",
    "kbps",
    "frames_per_10_s",
    "keyframe_every_ms",
    "recorded_ms",
    "recorded_bytes",
    "halted_at",
    "removed_at",
)


async def stream(tx: ReadTx, room_id: RoomId) -> Stream:
    """The picture of a room, which is known to be there."""
    row = await tx.one(_sql.STREAM, room=room_id)
    return Stream(room_id) if row is None else as_stream(row)


async def streams(tx: ReadTx, room_ids: Sequence[RoomId]) -> dict[RoomId, Stream]:
    """The pictures of several rooms."""
    rows = await tx.all(_sql.STREAMS, rooms=list(room_ids)) if room_ids else ()
    known = {RoomId(row.room_id): as_stream(row) for row in rows}
    return {room_id: known.get(room_id, Stream(room_id)) for room_id in room_ids}


async def recorded(tx: ReadTx, *, cursor: str | None = None, limit: int) -> Page[Stream]:
    """A page of the rooms that had a picture, the latest first. Raises `CursorInvalid`."""
    last = decode_cursor(cursor, int)
    before = int(last[0]) if last else INT63_MAX
    found = [as_stream(row) for row in await tx.all(_sql.RECORDED, before=before, most=limit + 1)]
    return page_of(found, limit, lambda one: (one.room_id,))


async def totals(tx: ReadTx) -> tuple[int, int]:
    """How many recordings the shop has, and their bytes."""
    row = (await tx.all(_sql.TOTALS))[0]
    return row.recordings, int(row.bytes)


async def held_by(tx: ReadTx, ingest: str) -> list[tuple[ShopId, RoomId, int]]:
    """What senders a process has: shop, room and run."""
    rows = await tx.all(_sql.HELD_BY, b_ingest=ingest)
    return [(ShopId(row.shop_id), RoomId(row.room_id), row.run) for row in rows]


def as_stream(row: Row[Any]) -> Stream:
    """The picture of a row."""
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Stream(RoomId(row.room_id), sending=row.ingest is not None, **{name: values[name] for name in _PLAIN})
