"""Replays (回放): what was recorded of a broadcast is public only after two looks, the machine's and a person's.

The machine looks at the pictures that are submitted with it (stills of the recording) and at the room's names. A newer
recording of the same room takes the place of the one that passed once it has passed itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from liveshelf.kernel.ids import AuditId, RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as reviews
from liveshelf.reviews.errors import SubmissionInvalid
from liveshelf.reviews.types import Case, CaseState, Content, ReviewKind, SubjectRef
from liveshelf.rooms import queries as rooms
from liveshelf.rooms import service
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import RoomAudit, RoomState
from liveshelf.trail import service as trail
from liveshelf.video import service as pictures


class Standing(StrEnum):
    """How a replay stands, for its shop."""

    MAKING = "making"  # the broadcast goes on, or its recording is not handed in yet
    IN_REVIEW = "in_review"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"  # the shop shows none; what has not been handed in is not, until it does
    PUBLIC = "public"
    BANNED = "banned"


# While no recording of the room has passed.
_UNSEEN: Mapping[CaseState, Standing] = MappingProxyType(
    {
        CaseState.MACHINE: Standing.IN_REVIEW,
        CaseState.WAITING: Standing.IN_REVIEW,
        CaseState.REJECTED: Standing.REFUSED,
        CaseState.WITHDRAWN: Standing.WITHDRAWN,
    }
)

RECORDING_MAX = 100  # characters of a recording's name
STILLS_MAX = 20


async def submit_replay(
    tx: Tx, room_id: RoomId, *, recording: str, seconds: int, stills: Sequence[str] = ()
) -> AuditId:
    """Let a recording of a room wait for its review; one that still waits is taken back. `recording` is whatever the
    caller knows it by, `stills` are media ids, in order.

    Raises `RoomMissing`, `SubmissionInvalid`.
    """
    room = await rooms.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    if not 1 <= len(recording) <= RECORDING_MAX or seconds < 0 or len(stills) > STILLS_MAX:
        raise SubmissionInvalid(field="recording")
    waiting = await _waiting(tx, room_id)
    if waiting is not None:
        await reviews.withdraw(tx, waiting.audit_id)
    audit_id = await reviews.submit(
        tx,
        replay_ref(room_id),
        kind=ReviewKind.REPLAY,
        content=Content(
            {"name": room.name, "anchor_name": room.anchor_name},
            tuple(dict.fromkeys(stills)),
            {"room_id": room_id, "recording": recording, "seconds": seconds, "is_ad": int(room.is_ad)},
        ),
        title=room.name,
    )
    trail.record(tx, "rooms.submit_replay", f"room:{room_id}", audit_id=str(audit_id), recording=recording)
    return audit_id


async def is_handed_in(tx: ReadTx, room_id: RoomId, recording: str) -> bool:
    """Whether the room's last case is about this recording, however it went."""
    last = await last_case(tx, room_id)
    return last is not None and last.content.facts["recording"] == recording


async def hand_in(
    tx: Tx, room_id: RoomId, *, recording: str, seconds: int, stills: Sequence[str] = ()
) -> AuditId | None:
    """`submit_replay`, once for each recording however many hand it in at once. `None` when it was."""
    await pictures.alone(tx, room_id)
    if await is_handed_in(tx, room_id, recording):
        return None
    return await submit_replay(tx, room_id, recording=recording, seconds=seconds, stills=stills)


async def replay_public(tx: ReadTx, room_id: RoomId) -> str | None:
    """Which recording of a room buyers may see: the one that passed last. `None` when none has, and when the room hides
    its replay, is deleted, forbidden, or not approved itself.
    """
    room = await rooms.room(tx, room_id)
    if room is None or room.switches.close_replay:
        return None
    if room.state is RoomState.BANNED or room.audit_state is not RoomAudit.APPROVED:
        return None
    passed = await cases.last_approved(tx, replay_ref(room_id))
    return None if passed is None else str(passed.facts["recording"])


async def standing(tx: ReadTx, room_id: RoomId) -> tuple[Standing, AuditId | None]:
    """How the replay of a room stands, and the case of the recording that was handed in last. Raises `RoomMissing`."""
    room = await rooms.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    last = await last_case(tx, room_id)
    audit_id = None if last is None else last.audit_id
    if room.state is RoomState.BANNED:
        return Standing.BANNED, audit_id
    if room.state is not RoomState.ENDED:
        return Standing.MAKING, audit_id
    if last is None:
        return Standing.CLOSED if room.switches.close_replay else Standing.MAKING, None
    if await cases.last_approved(tx, replay_ref(room_id)) is None:
        return _UNSEEN[last.state], audit_id
    return Standing.CLOSED if room.switches.close_replay else Standing.PUBLIC, audit_id


async def withdraw_replay(tx: Tx, room_id: RoomId) -> None:
    """Take back a recording that waits: it is deleted. Nothing waiting is no error."""
    waiting = await _waiting(tx, room_id)
    if waiting is not None:
        await reviews.withdraw(tx, waiting.audit_id)


async def delete_room(tx: Tx, room_id: RoomId) -> None:
    """Delete a room; a recording of it that waits is taken back, since nobody will see it. Raises as
    `rooms.service.delete`.
    """
    await pictures.alone(tx, room_id)  # before the room, as whoever hands a recording in
    await service.delete(tx, room_id)
    await withdraw_replay(tx, room_id)


async def void_development_verdicts(tx: Tx) -> int:
    """Put back before a person what only development mode approved; how many that were. For a start with the mode
    off.
    """
    found = await cases.approved_in_development(tx, ReviewKind.REPLAY)
    for audit_id, _ in found:
        await reviews.void(tx, audit_id, kind=ReviewKind.REPLAY)
    return len(found)


def replay_ref(room_id: int) -> SubjectRef:
    """The replay of a room as the subject of a case."""
    return SubjectRef(f"replay:{room_id}")


async def _waiting(tx: ReadTx, room_id: RoomId) -> Case | None:
    last = await last_case(tx, room_id)
    return last if last is not None and last.state in {CaseState.MACHINE, CaseState.WAITING} else None


async def last_case(tx: ReadTx, room_id: RoomId) -> Case | None:
    """The case of the recording that was handed in last."""
    page = await cases.of_shop(tx, kind=ReviewKind.REPLAY, subject=replay_ref(room_id), limit=1)
    return page.items[0] if page.items else None
