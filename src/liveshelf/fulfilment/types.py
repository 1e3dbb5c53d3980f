"""Values of the fulfilment capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.kernel.states import Transitions


class ParcelState(StrEnum):
    """The life of a parcel: packed while it is still here, sent once the carrier has it."""

    PACKED = "packed"
    SENT = "sent"
    UNDONE = "undone"


PARCEL = Transitions(
    name="parcel",
    initial={ParcelState.PACKED},
    edges={
        ParcelState.PACKED: {ParcelState.SENT, ParcelState.UNDONE},
        ParcelState.SENT: set(),
        ParcelState.UNDONE: set(),
    },
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier. `pattern` is what its numbers look like, empty where nobody can say."""

    code: str
    name_zh: str
    name_en: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """Pieces of an order in one box. `label_void` says that its label shows an address that is no longer right."""

    parcel_id: int
    order_id: OrderId
    state: ParcelState
    carrier: str
    tracking_no: str
    label_void: bool
    packed_at: datetime
    sent_at: datetime | None
    lines: tuple[tuple[SkuId, int], ...]
