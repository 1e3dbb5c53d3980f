"""Moving pictures and the rooms they belong to: who may send, what a picture does to its room, who may watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import ROLE_PERMISSIONS, Permission
from liveshelf.flows import replay_review
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys
from liveshelf.qualifications import reach
from liveshelf.rooms import members, picture
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import OPEN, OVERRUN, Room, RoomState
from liveshelf.shops import service as shops
from liveshelf.video import keys as video_keys
from liveshelf.video import queries, service
from liveshelf.video.errors import BroadcastOver, PushKeyRefused
from liveshelf.video.types import Figures, Hold, PushAddress, Shown

SEEN = frozenset({RoomState.LIVE, RoomState.ABNORMAL})  # in a pause the picture is hidden
INGEST = Actor(ActorKind.SYSTEM, "ingest")


@dataclass(frozen=True, slots=True)
class Taken:
    """A sender that was let in: where to, and on what terms."""

    shop: ShopId
    room_id: RoomId
    hold: Hold


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a picture at the moment. `goes_on` false: the sender is to be cut off."""

    goes_on: bool
    is_live: bool = False
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Viewing:
    """What decides who sees a room's picture."""

    is_seen: bool
    delay_s: int
    started_at: datetime | None
    ended_at: datetime | None
    recording: str | None = None  # which one everybody may see again

    @property
    def is_replay_open(self) -> bool:
        """Whether there is a replay for everybody."""
        return self.recording is not None


async def push_address(tx: ReadTx, keys: Keys, settings: Settings, room_id: RoomId) -> PushAddress:
    """Where the room's picture is sent to. The same each time, until the key is renewed or the plan's end moves.

    Raises `RoomMissing`, `BroadcastOver`.
    """
    room = await _open(tx, room_id)
    stream = await queries.stream(tx, room_id)
    return video_keys.push_address(
        keys,
        settings,
        shop=tx.shop,
        room_id=room_id,
        generation=stream.generation,
        expires_at=(room.ends_at + OVERRUN).replace(microsecond=0),
    )


async def renew_push_key(tx: Tx, room_id: RoomId) -> None:
    """Make the room's present push key worthless; whoever sends with it is cut off. Raises `RoomMissing`,
    `BroadcastOver`.
    """
    await _open(tx, room_id)
    await service.renew_key(tx, room_id)


async def set_delay(tx: Tx, room_id: RoomId, delay_s: int) -> None:
    """Show the room's picture so many seconds late. Raises `RoomMissing`, `BroadcastOver`, `DelayInvalid`."""
    await _open(tx, room_id)
    await service.set_delay(tx, room_id, delay_s)


async def admit(runtime: Runtime, said: Shown, *, ingest: str, beats: bool = True) -> Taken:
    """Let a sender in whose key is true, on time, of a room that may still be on air, and who is the only one. A hold
    that does not beat is an outside server's, which sees to that itself.

    Raises `PushKeyRefused`, `PushKeyExpired`, `ShopBlocked`, `BroadcastOver`, `AlreadySending`.
    """

    async def work(tx: Tx) -> Hold:
        stream = await queries.stream(tx, said.room_id)
        video_keys.check(runtime.keys, said, generation=stream.generation, now=tx.now)
        try:
            await _open(tx, said.room_id)
        except RoomMissing as error:  # deleted: its key opens nothing any more
            raise PushKeyRefused from error
        await shops.writable(tx)
        return await service.claim(tx, said.room_id, ingest=ingest, beats=beats)

    async with runtime.db.read(said.shop) as tx:  # what a stranger says costs no more than this
        stream = await queries.stream(tx, said.room_id)
        video_keys.check(runtime.keys, said, generation=stream.generation, now=tx.now)
    return Taken(said.shop, said.room_id, await runtime.db.write(INGEST, said.shop, work))


async def beat(tx: Tx, room_id: RoomId, *, hold: Hold, figures: Figures) -> Terms:
    """Say that the picture is there, and hear what holds for it. The first second of a run brings the room back on."""
    room = await rooms.room(tx, room_id)
    held = await service.beat(tx, room_id, hold=hold, figures=figures)
    if room is None or room.state not in OPEN or not held:
        return Terms(goes_on=False)
    if figures.is_seen and _waits_for_picture(room):
        room = await picture.came(tx, room_id)
    return Terms(goes_on=True, is_live=room.state is RoomState.LIVE, started_at=room.started_at)


async def ended(tx: Tx, room_id: RoomId, *, hold: Hold, deliberately: bool) -> None:
    """The sender is gone. One that stopped on purpose pauses the broadcast; one that broke off has some seconds."""
    if await service.let_go(tx, room_id, hold=hold, deliberately=deliberately) and deliberately:
        await picture.stopped(tx, room_id)


async def settle_lost(tx: Tx, limit: int) -> int:
    """Broadcasts whose picture did not come back in time are abnormal. Returns how many were looked at."""
    found = await service.lost(tx, limit)
    for room_id in found:
        if await rooms.room(tx, room_id) is not None:
            await picture.broke_off(tx, room_id)
    return len(found)


async def viewing(tx: ReadTx, room_id: RoomId) -> Viewing | None:
    """What decides who sees the picture of a room, or `None` when there is no such room."""
    room = await rooms.room(tx, room_id)
    if room is None:
        return None
    stream = await queries.stream(tx, room_id)
    is_over = room.state is RoomState.ENDED and stream.removed_at is None
    recording = await replay_review.replay_public(tx, room_id) if is_over else None
    return Viewing(room.state in SEEN, stream.delay_s, room.started_at, room.ended_at, recording)


def _waits_for_picture(room: Room) -> bool:
    stopped = room.state is RoomState.PAUSED and room.is_paused_by_picture
    return not room.has_picture or room.state is RoomState.ABNORMAL or stopped


async def _room(tx: ReadTx, room_id: RoomId) -> Room:
    room = await rooms.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    return room


async def _open(tx: ReadTx, room_id: RoomId) -> Room:
    room = await _room(tx, room_id)
    if room.state not in OPEN:
        raise BroadcastOver(state=room.state.value)
    return room


async def may_watch(tx: ReadTx, session_id: int, room_id: RoomId, *, reviews: bool) -> bool:
    """Whether a link that was made for a session still opens: the session lasts, and whoever it is of may still look at
    the shop's rooms, or, where the link `reviews`, at cases.
    """
    who = await accounts.of_session(tx, session_id)
    if who is None:
        return False
    if reviews:
        return Permission.REVIEWS_READ in who.platform_permissions
    role = next((one.role for one in who.memberships if one.shop == tx.shop), None)
    try:
        if role is None:
            await reach.operator(tx, who, tx.shop, Permission.ROOMS_READ)
            return True
    except DomainError:
        return False
    also = await members.granted(tx, who.account.account_id, room_id)
    return Permission.ROOMS_READ in ROLE_PERMISSIONS[role] | also
