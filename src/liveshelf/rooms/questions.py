"""Questions among the comments of a room: what was asked, and what has been answered, by whom.

A question is answered once: of two who take the same one, the second is told who was first, and says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _questions_sql, _sql, queries
from liveshelf.rooms.errors import CommentMissing, RoomMissing
from liveshelf.rooms.messages import Comment
from liveshelf.trail import service as trail

OPEN_SHOWN = 100
ANSWERED_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Question:
    """A comment that asks something. `answered_by` is an actor as it is written down."""

    comment: Comment
    answered_by: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The newest open questions, the oldest of them first; how many are open in all; what was answered last."""

    waiting: list[Question]
    waits: int
    answered: list[Question]


async def asked(tx: ReadTx, room_id: RoomId) -> Asked:
    """The questions of a room. Raises `RoomMissing`."""
    room = await queries.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    open_rows = (await tx.all(_questions_sql.OPEN, room=room_id, most=OPEN_SHOWN))[::-1]
    done_rows = await tx.all(_questions_sql.ANSWERED, room=room_id, most=ANSWERED_SHOWN)
    rows = [*open_rows, *done_rows]
    found = [
        Question(comment, row.answered_by, row.answered_at)
        for row, comment in zip(rows, await queries.as_comments(tx, room, rows), strict=True)
    ]
    waits = int(await tx.scalar(_questions_sql.COUNT_OPEN, room=room_id))
    return Asked(found[: len(open_rows)], waits, found[len(open_rows) :])


async def answer(tx: Tx, room_id: RoomId, comment_id: int) -> str | None:
    """Take a question as answered; who answered it before, if anybody did. Raises `RoomMissing`, and `CommentMissing`
    for what is no question of this room, or stands on no page.
    """
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    mark = {"moment": tx.now, "actor": str(tx.actor)}
    if await tx.scalar(_questions_sql.ANSWER, room=room_id, comment=comment_id, **mark) is not None:
        trail.record(tx, "rooms.answer", f"room:{room_id}", comment_id=str(comment_id))
        return None
    row = await tx.one(_sql.COMMENT, room=room_id, comment=comment_id)
    if row is None or row.answered_by is None:
        raise CommentMissing(comment_id=str(comment_id))
    before: str = row.answered_by
    return before
