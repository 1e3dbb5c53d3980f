"""Commands of what viewers bring: comments, likes, and being there.

None of them takes the room's line (`service`): a talkative audience never delays a push, and neither ever delays a
sale.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from liveshelf.compliance import queries as compliance
from liveshelf.compliance import screen
from liveshelf.compliance.types import certain
from liveshelf.kernel.ids import AccountId, CustomerId, RoomId, new_number
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.reviews import service as reviews
from liveshelf.reviews.service import TITLE_MAX
from liveshelf.reviews.types import Content, ReviewKind, SubjectRef
from liveshelf.rooms import _sql, mutes, queries, rules
from liveshelf.rooms.errors import (
    CommentMissing,
    CommentRefused,
    CommentsClosed,
    CommentTooSoon,
    LikesClosed,
    RoomMissing,
    RoomMuted,
)
from liveshelf.rooms.events import CommentReleased
from liveshelf.rooms.messages import Author, Comment
from liveshelf.rooms.question_rules import is_question
from liveshelf.rooms.types import ON_AIR, Room
from liveshelf.trail import service as trail

COMMENTS_KEPT = _sql.COMMENTS_KEPT
_ID_MS_SHIFT = 22  # comment ids begin with wall time in milliseconds (`kernel.ids.TimeOrdered`)
PAUSE_MS = 1_000  # between two comments of one buyer, in wall time
_LOCK_SPACE = 0x6C73_03  # first key of the advisory locks of comment authors
_STALE = timedelta(minutes=1)  # after this a gateway that stopped without a word is forgotten


async def comment(tx: Tx, room_id: RoomId, *, text: str, customer_id: CustomerId, name: str) -> Comment:
    """A buyer says something in a broadcast. `name` is the buyer's present one.

    What the lexicon only doubts waits for a person and stands on no page until then, while its author sees it as said.

    Raises `RoomMissing`, `CommentsClosed`, `CommentInvalid`, `CommentRefused`, `RoomMuted`, `Muted`, and
    `CommentTooSoon` within a second of the last one.
    """
    await mutes.must_not_be_muted(tx, room_id, customer_id)
    room, kept, doubted = await _sayable(tx, room_id, text, field="comment")
    if room.muted_at is not None:
        raise RoomMuted
    await tx.execute(_sql.LOCK_AUTHOR, space=_LOCK_SPACE, author=customer_id % 2**31)
    comment_id = new_number()
    last = await tx.scalar(_sql.LAST_COMMENT_OF, customer=customer_id)
    if last is not None and (comment_id >> _ID_MS_SHIFT) - (last >> _ID_MS_SHIFT) < PAUSE_MS:
        raise CommentTooSoon(retry_after_s=1)
    await _insert(tx, room_id, comment_id, kept, customer_id=customer_id, held=doubted)
    if doubted:
        await _ask(tx, room_id, comment_id, {"comment": kept})
    return _as_said(comment_id, Author("buyer", name), kept, tx.now)


async def comment_as_anchor(tx: Tx, room_id: RoomId, *, text: str, account_id: AccountId) -> Comment:
    """Staff say something, under the name of the room's anchor. What is doubted waits for a person, as a buyer's does.

    Raises as `comment`, without the pause.
    """
    room, kept, doubted = await _sayable(tx, room_id, text, field="reply")
    comment_id = new_number()
    await _insert(tx, room_id, comment_id, kept, account_id=account_id, held=doubted)
    if doubted:
        await _ask(tx, room_id, comment_id, {"reply": kept})
    trail.record(tx, "rooms.comment", f"room:{room_id}", comment_id=comment_id)
    return _as_said(comment_id, Author("staff", room.anchor_name), kept, tx.now)


async def hide_comment(tx: Tx, room_id: RoomId, comment_id: int) -> None:
    """Take a comment away from every page. A second time changes nothing. Raises `RoomMissing`, `CommentMissing`."""
    await _room(tx, room_id)
    if await tx.scalar(_sql.HIDE_COMMENT, room=room_id, comment=comment_id, b_hidden_at=tx.now) is not None:
        trail.record(tx, "rooms.hide_comment", f"room:{room_id}", comment_id=comment_id)
    elif await tx.one(_sql.COMMENT, room=room_id, comment=comment_id) is None:
        raise CommentMissing(comment_id=str(comment_id))


async def release_comment(tx: Tx, room_id: RoomId, comment_id: int) -> None:
    """Show a comment that waited for a person. A second time changes nothing."""
    if await tx.scalar(_sql.RELEASE_COMMENT, room=room_id, comment=comment_id, number=new_number()) is not None:
        tx.emit(CommentReleased(room_id=room_id), stream=f"comments:{room_id}")


async def drop_comment(tx: Tx, room_id: RoomId, comment_id: int) -> None:
    """Keep a comment that waited for a person off every page."""
    await tx.execute(_sql.DROP_COMMENT, room=room_id, comment=comment_id, b_hidden_at=tx.now)


async def move_comments(tx: Tx, *, guest: CustomerId, member: CustomerId) -> None:
    """What a guest said belongs to the member they signed in as; so does their being muted."""
    await mutes.move(tx, guest=guest, member=member)
    await tx.execute(_sql.MOVE_COMMENTS, from_customer=guest, to_customer=member)


async def comments_of(tx: ReadTx, customer_id: CustomerId) -> list[dict[str, object]]:
    """What a buyer said anywhere in the shop: room, text and when."""
    rows = await tx.all(_sql.COMMENTS_OF, customer=customer_id)
    return [{"room_id": row.room_id, "text": row.text, "at": row.at} for row in rows]


async def forget_comments(tx: Tx, customer_id: CustomerId) -> None:
    """A buyer was erased: what they said is gone."""
    await mutes.forget(tx, customer_id)
    await tx.execute(_sql.DELETE_COMMENTS_OF, customer=customer_id)


async def forget_old(tx: Tx, limit: int) -> int:
    """Delete what buyers said more than 90 days ago; how many comments."""
    return len(await tx.all(_sql.DELETE_OLD_COMMENTS, before=tx.now - COMMENTS_KEPT, most=limit))


async def likable(tx: ReadTx, room_id: RoomId) -> None:
    """Whether the room takes likes now. Raises `RoomMissing`, `LikesClosed`."""
    room = await _room(tx, room_id)
    if room.switches.close_like or room.state not in ON_AIR:
        raise LikesClosed


async def like(tx: Tx, likes: Mapping[RoomId, int]) -> None:
    """Count likes of several rooms, gathered from many viewers."""
    rows = [{"b_shop": tx.shop, "b_room": room, "b_likes": likes[room]} for room in sorted(likes)]
    await tx.conn.execute(_sql.ADD_LIKES, rows)


async def be_present(tx: Tx, gateway: str, viewers: Mapping[RoomId, int]) -> None:
    """How many distinct viewers each room has at this gateway, as of now in wall time."""
    wall = wall_now()
    await tx.execute(_sql.DELETE_STALE_PRESENCE, stale=wall - _STALE)
    rows = [
        {"shop_id": tx.shop, "room_id": room, "gateway": gateway, "viewers": viewers[room], "seen_at": wall}
        for room in sorted(viewers)
    ]
    if rows:
        await tx.conn.execute(_sql.PUT_PRESENCE, rows)


async def _sayable(tx: Tx, room_id: RoomId, text: str, *, field: str) -> tuple[Room, str, bool]:
    """The room, the text as it is kept, and whether it is doubted."""
    room = await _room(tx, room_id)
    if room.switches.close_comment or room.state not in ON_AIR:
        raise CommentsClosed
    kept = rules.check_comment(text)
    found = screen.text(kept, field=field, lexicon=await compliance.lexicon(tx))
    if certain(found) is not None:
        raise CommentRefused(field="text")
    return room, kept, bool(found)


async def _ask(tx: Tx, room_id: RoomId, comment_id: int, said: Mapping[str, str]) -> None:
    """Let a person look at what was said."""
    subject = SubjectRef(f"comment:{room_id}:{comment_id}")
    (text,) = said.values()
    await reviews.submit(tx, subject, kind=ReviewKind.COMMENT, content=Content(said), title=text[:TITLE_MAX])


async def _room(tx: ReadTx, room_id: RoomId) -> Room:
    room = await queries.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    return room


async def _insert(
    tx: Tx,
    room_id: RoomId,
    comment_id: int,
    text: str,
    *,
    customer_id: CustomerId | None = None,
    account_id: AccountId | None = None,
    held: bool = False,
) -> None:
    statement = _sql.INSERT_COMMENT.values(
        shop_id=tx.shop,
        comment_id=comment_id,
        room_id=room_id,
        customer_id=customer_id,
        account_id=account_id,
        text=text,
        at=tx.now,
        held_at=tx.now if held else None,
        asks=customer_id is not None and is_question(text),
    )
    await tx.execute(statement)


def _as_said(comment_id: int, by: Author, text: str, at: datetime) -> Comment:
    return Comment(str(comment_id), by, text, at.isoformat().replace("+00:00", "Z"))
