"""Values of the rehearsals capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from liveshelf.kernel.ids import RoomId
from liveshelf.kernel.states import Transitions

RehearsalId = int

CARD_LIMIT_MS = 1_000  # p99, from the operator's click to a viewer's page
BACK_LIMIT_MS = 5_000  # until pages are right again after something died


class RehearsalState(StrEnum):
    """Where a rehearsal stands."""

    WAITING = "waiting"
    PLAYING = "playing"
    DONE = "done"
    FAILED = "failed"


REHEARSAL = Transitions(
    name="rehearsal",
    initial={RehearsalState.WAITING, RehearsalState.PLAYING},  # the command line plays at once
    edges={
        RehearsalState.WAITING: {RehearsalState.PLAYING, RehearsalState.FAILED},
        RehearsalState.PLAYING: {RehearsalState.DONE, RehearsalState.FAILED},
        RehearsalState.DONE: set(),
        RehearsalState.FAILED: set(),
    },
)
OPEN = frozenset({RehearsalState.WAITING, RehearsalState.PLAYING})


class Step(StrEnum):
    """What a rehearsal is at, in this order."""

    SETTING_UP = "setting_up"
    OPENING = "opening"
    CROWD = "crowd"
    FAULTS = "faults"
    CAPACITY = "capacity"
    JUDGING = "judging"


class Failure(StrEnum):
    """Why a rehearsal ended without a report."""

    SOMEBODY_ON_AIR = "somebody_on_air"  # it would take from a broadcast what that needs
    ROOM_CHANGED = "room_changed"  # the room began, ended or was deleted meanwhile
    BROKEN_OFF = "broken_off"  # the process that played it is gone, or it took too long


class Outcome(StrEnum):
    """What came of one check."""

    GO = "go"
    NO_GO = "no_go"
    NOT_TRIED = "not_tried"  # it can't be tried here; the facts say why


class Area(StrEnum):
    """What a check is about."""

    ROOM = "room"
    CROWD = "crowd"
    FAULTS = "faults"
    PICTURE = "picture"
    CAPACITY = "capacity"


class Code(StrEnum):
    """What is checked. Beside each: its facts, whole numbers (milliseconds, pieces, counts) unless said otherwise."""

    # The room itself, as it stands.
    REVIEW = "review"  # passed (0 or 1)
    PREFLIGHT = "preflight"  # blocking, warning
    CHECKLIST = "checklist"  # left
    LEGAL = "legal"  # required, present (0 or 1)
    GOODS = "goods"  # goods, on_sale
    # The copy, with its crowd.
    WATCHING = "watching"  # viewers, opened, wrong (pages that do not equal a fresh one)
    CARDS = "cards"  # pushes, p50_ms, p99_ms, limit_ms, missed, doubled
    COMMENTS = "comments"  # said, shown, p99_ms, limit_ms
    CLAIMS = "claims"  # said, won, waiting, asked_back, pieces, p99_ms
    PAYING = "paying"  # ordered, paid, too_late, p99_ms; or reason
    SOLD = "sold"  # pieces, sold, short, books_wrong
    # What died or got lost on the copy.
    CUT = "cut"  # cut, back_ms, limit_ms
    HTTP = "http"  # back_ms, limit_ms
    GATEWAY = "gateway"  # back_ms, limit_ms
    WORKER = "worker"  # back_ms, limit_ms
    DATABASE = "database"  # back_ms, limit_ms
    NOTICES = "notices"  # sent, lost, settled: payments whose notification never came
    # The picture that the room's own push key brings at the moment.
    PICTURE = "picture"  # kbps, frames_per_10_s, keyframe_every_ms; or reason
    # What can be carried.
    MACHINE = "machine"  # expected, held (viewers), p99_ms, limit_ms, orders_per_s, comments_per_s, ended_by (a word)
    UPLINK = "uplink"  # expected, held (viewers), uplink_kbps, picture_kbps, page_kbps; or reason
    DISK = "disk"  # hours, free_mb, needed_mb; or reason


class Reason(StrEnum):
    """Why a check was not tried: the fact `reason` of one."""

    NO_GOODS = "no_goods"  # nothing on the shelf that is sold
    NO_PICTURE = "no_picture"  # nobody sends to the room's push address at the moment
    VIDEO_OFF = "video_off"  # this installation takes no pictures
    NOT_TOLD = "not_told"  # how wide the uplink is
    OTHER_DATABASE = "other_database"  # the installation's database is elsewhere, and is not killed or copied


class EndedBy(StrEnum):
    """What ended the search for the largest crowd: the fact `ended_by`."""

    ENOUGH = "enough"  # as many as were to be tried; more may go
    SLOW = "slow"  # the next step was beyond the limit
    FILES = "files"  # the system gives no more open connections


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be rehearsed: how many viewers are expected, and the server's way out, where it is known."""

    viewers: int
    uplink_kbps: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what came of it."""

    area: Area
    code: Code
    outcome: Outcome
    facts: Mapping[str, int | str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Report:
    """What a rehearsal found. Durations are milliseconds; `crowd_cpu_percent` is what the crowd itself took of the
    machine meanwhile, so the machine carries at least what is told.
    """

    checks: tuple[Check, ...]
    took_ms: int
    cpus: int
    crowd_cpu_percent: int
    goods: int

    @property
    def go(self) -> bool:
        """Whether nothing speaks against going on air."""
        return all(one.outcome is not Outcome.NO_GO for one in self.checks)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal of a room. `step` while it plays, `report` once it is done, `failure` where it has none."""

    rehearsal_id: RehearsalId
    room_id: RoomId
    state: RehearsalState
    wish: Wish
    asked_by: str
    asked_at: datetime
    step: Step | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    failure: Failure | None = None
    report: Report | None = None


def as_report(kept: Mapping[str, Any]) -> Report:
    """A report as it was kept."""
    checks = tuple(
        Check(Area(one["area"]), Code(one["code"]), Outcome(one["outcome"]), MappingProxyType(dict(one["facts"])))
        for one in kept["checks"]
    )
    plain = {name: int(kept[name]) for name in ("took_ms", "cpus", "crowd_cpu_percent", "goods")}
    return Report(checks, **plain)
