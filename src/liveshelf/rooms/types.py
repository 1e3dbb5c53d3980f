"""Values of the rooms capability."""

from __future__ import annotations

from enum import StrEnum

from liveshelf.kernel.states import Transitions


class RoomState(StrEnum):
    """The life of a room. The wire's numbers 101–107 are a projection in the facade."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    ABNORMAL = "abnormal"
    ENDED = "ended"
    EXPIRED = "expired"
    BANNED = "banned"


ROOM = Transitions(
    name="room",
    initial={RoomState.SCHEDULED},
    edges={
        RoomState.SCHEDULED: {RoomState.LIVE, RoomState.EXPIRED, RoomState.BANNED},
        RoomState.LIVE: {RoomState.PAUSED, RoomState.ABNORMAL, RoomState.ENDED, RoomState.BANNED},
        RoomState.PAUSED: {RoomState.LIVE, RoomState.ENDED, RoomState.BANNED},
        RoomState.ABNORMAL: {RoomState.LIVE, RoomState.ENDED, RoomState.BANNED},
        RoomState.ENDED: {RoomState.BANNED},
        RoomState.EXPIRED: {RoomState.BANNED},
        RoomState.BANNED: set(),
    },
)

ON_AIR = frozenset({RoomState.LIVE, RoomState.PAUSED, RoomState.ABNORMAL})  # deletion is refused while in one of these
SHELF_MAX = 200  # goods in one room; the console's number, the API documents name none
