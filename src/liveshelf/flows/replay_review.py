"""Replays (回放): what was recorded of a broadcast is public only after two looks, the machine's and a person's.

The machine looks at the pictures that are submitted with it (stills of the recording) and at the room's names. A newer
recording of the same room takes the place of the one that passed once it has passed itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.kernel.ids import AuditId, RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as reviews
from liveshelf.reviews.errors import SubmissionInvalid
from liveshelf.reviews.types import Case, CaseState, Content, ReviewKind, SubjectRef
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import RoomAudit, RoomState
from liveshelf.trail import service as trail

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


async def withdraw_replay(tx: Tx, room_id: RoomId) -> None:
    """Take back a recording that waits: it is deleted. Nothing waiting is no error."""
    waiting = await _waiting(tx, room_id)
    if waiting is not None:
        await reviews.withdraw(tx, waiting.audit_id)


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
    page = await cases.of_shop(tx, kind=ReviewKind.REPLAY, subject=replay_ref(room_id), limit=1)
    return next((one for one in page.items if one.state in {CaseState.MACHINE, CaseState.WAITING}), None)
