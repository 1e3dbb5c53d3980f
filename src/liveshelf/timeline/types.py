"""Values of the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from liveshelf.kernel.ids import RoomId

Body: TypeAlias = Mapping[str, object]


class Kind(StrEnum):
    """Kinds of links besides the room's own numbered events, whose kind is their type (`goods_pushed` …)."""

    STOCK = "stock"  # of goods whose stock changed since the last sample
    AUDIENCE = "audience"  # distinct viewers and likes, when they changed
    PRESENCE = "presence"  # who is at the desk, and who of the legal role watches, when that changed
    ORDER = "order"
    COMMENT = "comment"
    COMMENT_HIDDEN = "comment_hidden"
    PENALTY = "penalty"
    PENALTY_ENDED = "penalty_ended"
    PENALTY_REVERSED = "penalty_reversed"
    CLOSED = "closed"  # the broadcast is over and all of it is written down


# What may be without its body and still verify: a comment's text is kept elsewhere, an order's is emptied with the
# sales record.
MAY_BE_EMPTY = frozenset({Kind.ORDER, Kind.COMMENT})


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become a link. A `secret` body is committed to and not kept. `subject` is the number of what it is
    about, by which it is written once.
    """

    kind: str
    at: datetime
    body: Body
    subject: int | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `body` is `None` where only the commitment is kept."""

    number: int
    kind: str
    subject: int | None
    at: datetime
    body: Body | None
    commitment: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """The signature over a block of links, `first` to `last`."""

    first: int
    last: int
    hash: bytes
    signature: bytes
    at: datetime


class Breach(StrEnum):
    """In which way a chain is not as it was written."""

    MISSING = "missing"
    UNCHAINED = "unchained"
    EMPTIED = "emptied"
    CHANGED = "changed"
    SEAL_MISSING = "seal_missing"
    SEAL_OF_OTHERS = "seal_of_others"
    SEAL_NOT_OURS = "seal_not_ours"
    CUT_SHORT = "cut_short"
    UNSIGNED = "unsigned"


_BREACHES = {
    Breach.MISSING: "the link is missing",
    Breach.UNCHAINED: "it is not what was chained to the link before",
    Breach.EMPTIED: "its content was taken away",
    Breach.CHANGED: "its content was changed",
    Breach.SEAL_MISSING: "its signature is missing",
    Breach.SEAL_OF_OTHERS: "the links up to this one are not those that were signed",
    Breach.SEAL_NOT_OURS: "the signature over the links up to this one is not ours",
    Breach.CUT_SHORT: "this link and all after it are missing",
    Breach.UNSIGNED: "the link was never signed",
}


@dataclass(frozen=True, slots=True)
class Bent:
    """The first link that is not as it was written, and in which way."""

    number: int
    kind: str
    breach: Breach

    def __str__(self) -> str:
        return f"link {self.number}{f' ({self.kind})' if self.kind else ''}: {_BREACHES[self.breach]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a room's chain."""

    room_id: RoomId
    links: int
    seals: int
    bent: Bent | None


class Marks(msgspec.Struct, frozen=True):
    """How far a timeline has come: only a bookmark, nothing is proved by it."""

    seq: int = 0
    room_at: str = ""  # of the last event of the room
    order: int = 0
    comment: int = 0
    hidden_at: str = ""
    stock: list[tuple[int, int, int]] = []
    audience: tuple[int, int] | None = None
    presence: tuple[list[int], list[int]] | None = None
