"""The pinned comment (置顶): one sentence of the room's people that stays in sight of everybody."""

from __future__ import annotations

from liveshelf.compliance import queries as compliance
from liveshelf.compliance import screen
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import _line, rules
from liveshelf.rooms.errors import CommentRefused
from liveshelf.rooms.events import NoticeChanged
from liveshelf.trail import service as trail


async def pin(tx: Tx, room_id: RoomId, text: str) -> None:
    """Pin this, in place of what was pinned. What the lexicon only doubts is refused too: nobody reads it again before
    it is seen. Raises `RoomMissing`, `RoomStateRefuses`, `CommentInvalid`, `CommentRefused`.
    """
    kept = rules.check_comment(text)
    if screen.text(kept, field="room", lexicon=await compliance.lexicon(tx)):
        raise CommentRefused(field="text")
    await _become(tx, room_id, kept)


async def unpin(tx: Tx, room_id: RoomId) -> None:
    """Nothing is pinned any more. Raises `RoomMissing`, `RoomStateRefuses`."""
    await _become(tx, room_id, "")


async def _become(tx: Tx, room_id: RoomId, text: str) -> None:
    room = await _line.opened(tx, room_id)
    if room.notice == text:
        return
    await _line.tell(tx, room, NoticeChanged(text=text), notice=text)
    trail.record(tx, "rooms.notice", f"room:{room_id}", text=text)
