"""Who helps in one room: up to ten assistants (小助手), and a second anchor (主播副号)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _people_sql, _sql, members, queries, rules
from liveshelf.rooms._line import locked, opened
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.people_errors import (
    AssistantMissing,
    AssistantsFull,
    AssistantTaken,
    SubAnchorIsAnchor,
    SubAnchorRefused,
    SubAnchorSame,
    SubAnchorSet,
    SubAnchorUnverified,
)
from liveshelf.rooms.types import Room
from liveshelf.trail import service as trail

ASSISTANTS_MAX = 10


@dataclass(frozen=True, slots=True)
class Assistant:
    """Somebody who helps in a room, under the name that they have there."""

    wechat_id: str
    nickname: str
    openid: str
    added_at: datetime


async def add(tx: Tx, room_id: RoomId, people: Sequence[tuple[str, str]]) -> None:
    """Let people help in a room, as (WeChat id, nickname); all of them or none.

    Raises `RoomMissing`, `RoomStateRefuses`, `AssistantMissing` (an id that none has), `AssistantTaken`,
    `AssistantsFull`, `NicknameInvalid`.
    """
    await opened(tx, room_id)
    present = {one.wechat_id for one in await listed(tx, room_id)}
    for wechat_id, nickname in people:
        if not rules.is_wechat_id(wechat_id):
            raise AssistantMissing(field="username")
        if wechat_id in present:
            raise AssistantTaken(field="username")
        present.add(wechat_id)
        person = await members.known(tx, wechat_id, nickname=nickname)
        called = members.checked_nickname(nickname or person.nickname)
        await tx.execute(
            _people_sql.INSERT_ASSISTANT.values(
                shop_id=tx.shop, room_id=room_id, wechat_id=wechat_id, nickname=called, added_at=tx.now
            )
        )
    if len(present) > ASSISTANTS_MAX:
        raise AssistantsFull(most=ASSISTANTS_MAX)
    trail.record(tx, "rooms.add_assistants", f"room:{room_id}", count=len(people))


async def rename(tx: Tx, room_id: RoomId, wechat_id: str, nickname: str) -> None:
    """Call an assistant otherwise. Raises `RoomMissing`, `AssistantMissing`, `NicknameInvalid`."""
    await locked(tx, room_id)
    statement = _people_sql.SET_ASSISTANT.values(nickname=members.checked_nickname(nickname))
    if not (await tx.execute(statement, b_shop=tx.shop, b_room=room_id, b_who=wechat_id)).rowcount:
        raise AssistantMissing


async def remove(tx: Tx, room_id: RoomId, wechat_id: str) -> None:
    """Somebody helps no more. Raises `RoomMissing`, `AssistantMissing`."""
    await locked(tx, room_id)
    if await tx.scalar(_people_sql.DELETE_ASSISTANT, room=room_id, who=wechat_id) is None:
        raise AssistantMissing
    trail.record(tx, "rooms.remove_assistant", f"room:{room_id}")


async def listed(tx: ReadTx, room_id: RoomId) -> list[Assistant]:
    """A room's assistants, in the order in which they came. Raises `RoomMissing`."""
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    return [
        Assistant(row.wechat_id, row.nickname, row.openid, row.added_at)
        for row in await tx.all(_people_sql.ASSISTANTS, room=room_id)
    ]


async def add_sub_anchor(tx: Tx, room_id: RoomId, wechat_id: str) -> None:
    """Name the second anchor of a room that has none. Raises as `change_sub_anchor`, and `SubAnchorSet`."""
    room = await opened(tx, room_id)
    await _may_be(tx, room, wechat_id)
    if room.sub_anchor_wechat:
        raise SubAnchorSet
    await _set(tx, room, wechat_id)


async def change_sub_anchor(tx: Tx, room_id: RoomId, wechat_id: str) -> None:
    """Name the second anchor, in place of who it was.

    Raises `RoomMissing`, `RoomStateRefuses`, `SubAnchorRefused`, `SubAnchorIsAnchor`, `SubAnchorSame`,
    `SubAnchorUnverified`.
    """
    room = await opened(tx, room_id)
    await _may_be(tx, room, wechat_id)
    await _set(tx, room, wechat_id)


async def remove_sub_anchor(tx: Tx, room_id: RoomId) -> None:
    """The room has no second anchor any more; none before is no error. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await opened(tx, room_id)
    if room.sub_anchor_wechat:
        await _set(tx, room, "")


async def _may_be(tx: Tx, room: Room, wechat_id: str) -> None:
    if not rules.is_wechat_id(wechat_id):
        raise SubAnchorRefused(field="wechat_id")
    if wechat_id == room.anchor_wechat:
        raise SubAnchorIsAnchor
    if wechat_id == room.sub_anchor_wechat:
        raise SubAnchorSame
    if await members.unverified(tx, wechat_id):
        raise SubAnchorUnverified


async def _set(tx: Tx, room: Room, wechat_id: str) -> None:
    # No page shows it, so it takes no number.
    statement = _sql.UPDATE_ROOM.values(sub_anchor_wechat=wechat_id)
    await tx.execute(statement, b_shop=tx.shop, b_room=room.room_id)
    trail.record(tx, "rooms.set_sub_anchor", f"room:{room.room_id}", named=bool(wechat_id))
