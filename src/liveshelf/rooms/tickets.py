"""Room tickets: what a page shows at the gateway instead of a cookie.

A ticket is signed, names one shop, room and viewer, and opens a stream within a minute of wall time; a stream once open
stays open.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys, SealBrokenError
from liveshelf.rooms import queries
from liveshelf.rooms.errors import RoomMissing, TicketRefused

LIFE = timedelta(seconds=60)  # from the ticket's making to the connection
_PURPOSE = "room-ticket"


class Ticket(msgspec.Struct, frozen=True):
    """What a ticket says. `viewer` counts once, however many pages it has open; `exp` is unix seconds."""

    shop: int
    room: int
    viewer: str
    role: Literal["buyer", "staff"]
    exp: float


class Issued(msgspec.Struct, frozen=True):
    """A ticket as a page gets it: `url` is the stream's address, to which `?ticket=` is added."""

    url: str
    ticket: str
    expires_at: str


def issue(
    keys: Keys, settings: Settings, *, shop: ShopId, room_id: RoomId, viewer: str, role: Literal["buyer", "staff"]
) -> Issued:
    """A ticket for a viewer of a room."""
    expires_at = wall_now() + LIFE
    payload = msgspec.json.encode(Ticket(shop, room_id, viewer, role, expires_at.timestamp()))
    return Issued(
        f"{settings.public_gateway_url}/live/{shop}/{room_id}",
        keys.sign(_PURPOSE, payload),
        expires_at.isoformat().replace("+00:00", "Z"),
    )


async def issue_known(
    tx: ReadTx, keys: Keys, settings: Settings, *, room_id: RoomId, viewer: str, role: Literal["buyer", "staff"]
) -> Issued:
    """The same for a room that the transaction's shop must have; buyers know only of what passed its review. Raises
    `RoomMissing`.
    """
    known = queries.room if role == "staff" else queries.public_room
    if await known(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    return issue(keys, settings, shop=tx.shop, room_id=room_id, viewer=viewer, role=role)


def read(keys: Keys, text: str, *, shop: ShopId, room_id: RoomId) -> Ticket:
    """The ticket of a text, if it opens this room now. Raises `TicketRefused`."""
    try:
        ticket = msgspec.json.decode(keys.verify(_PURPOSE, text), type=Ticket)
    except (SealBrokenError, msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise TicketRefused from error
    if (ticket.shop, ticket.room) != (shop, room_id) or datetime.fromtimestamp(ticket.exp, UTC) < wall_now():
        raise TicketRefused
    return ticket
