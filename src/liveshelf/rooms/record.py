"""What a broadcast leaves behind, for whoever writes it down: the room also when it was deleted, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Row, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.schema import Instant
from liveshelf.rooms import _sql, queries
from liveshelf.rooms._tables import room_comments
from liveshelf.rooms.types import Room

_SHOP: BindParameter[int] = bindparam("shop")
# What waits for a person was never shown, and is no part of the broadcast.
_SAID = and_(
    room_comments.c.shop_id == _SHOP, room_comments.c.room_id == bindparam("room"), room_comments.c.held_at.is_(None)
)
_AFTER = (
    select(room_comments)
    .where(_SAID, room_comments.c.comment_id > bindparam("after", type_=BigInteger))
    .order_by(room_comments.c.comment_id)
    .limit(bindparam("most"))
)
_AMONG = select(room_comments).where(
    _SAID, room_comments.c.comment_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
)
_HIDDEN = (
    select(room_comments)
    .where(_SAID, room_comments.c.hidden_at >= bindparam("since", type_=Instant))
    .order_by(room_comments.c.hidden_at, room_comments.c.comment_id)
)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that was shown."""

    comment_id: int
    by_staff: bool
    text: str
    at: datetime
    hidden_at: datetime | None


async def room(tx: ReadTx, room_id: RoomId) -> Room | None:
    """The room, also a deleted one."""
    row = await tx.one(_sql.SALES_ROOM, room=room_id)
    return None if row is None else queries.as_room(row)


async def said_after(tx: ReadTx, room_id: RoomId, *, after: int, most: int) -> list[Said]:
    """Comments with higher ids than `after`, at most `most`, oldest first."""
    return [_said(row) for row in await tx.all(_AFTER, room=room_id, after=after, most=most)]


async def said(tx: ReadTx, room_id: RoomId, comment_ids: Sequence[int]) -> dict[int, Said]:
    """What is still kept of these comments."""
    rows = await tx.all(_AMONG, room=room_id, ids=list(comment_ids)) if comment_ids else []
    return {row.comment_id: _said(row) for row in rows}


async def hidden_since(tx: ReadTx, room_id: RoomId, since: datetime) -> list[Said]:
    """Comments that were taken away at an instant or later, in that order."""
    return [_said(row) for row in await tx.all(_HIDDEN, room=room_id, since=since)]


def _said(row: Row[Any]) -> Said:
    return Said(row.comment_id, row.customer_id is None, row.text, row.at, row.hidden_at)
