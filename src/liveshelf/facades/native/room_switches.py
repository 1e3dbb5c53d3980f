"""Switches of a room that may move while it is on air, mute, and where buyers reach customer service."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.broadcasts import RoomView, room_views
from liveshelf.facades.native.shell import RequestId, SmallId, staff
from liveshelf.facades.native.storefront_rooms import ContactView
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import contact, queries, switches
from liveshelf.rooms.contact import HOURS_MAX, URL_MAX, Contact
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.switches import SwitchChanges

_SHOP = "/shops/{shop_id:int}"
_ROOM = f"{_SHOP}/rooms/{{room_id:int}}"
_LIVE = staff("rooms.live")


class Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to switch; what is absent or null stays. `close_…` true means hidden from viewers."""

    request_id: RequestId
    is_feeds_public: bool | None = None
    close_kf: bool | None = None
    close_replay: bool | None = None


class ContactDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An https address that opens a chat, a phone number, or both; and when somebody is there."""

    request_id: RequestId
    url: Annotated[str, msgspec.Meta(max_length=URL_MAX)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=30)] = ""
    hours: Annotated[str, msgspec.Meta(max_length=HOURS_MAX)] = ""


class ContactKept(msgspec.Struct, frozen=True):
    """Where buyers reach the shop, if it has said so."""

    contact: ContactView | None


@put(f"{_ROOM}/switches", dependencies=_LIVE, tags=["rooms"])
async def set_switches(room_id: SmallId, data: Switches, operator: Operator, runtime: Runtime) -> RoomView:
    """Switch listing, replay or the entrance to customer service."""
    changes = SwitchChanges(data.is_feeds_public, data.close_kf, data.close_replay)
    await runtime.db.write(operator.actor, operator.shop, lambda tx: switches.change(tx, RoomId(room_id), changes))
    return await _room(runtime, operator, room_id)


@post(f"{_ROOM}/mute", dependencies=_LIVE, tags=["rooms"], status_code=200)
async def mute(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """Viewers may not comment for now; staff may."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: switches.mute(tx, RoomId(room_id)))
    return await _room(runtime, operator, room_id)


@delete(f"{_ROOM}/mute", dependencies=_LIVE, tags=["rooms"], status_code=200)
async def unmute(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """Viewers may comment again."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: switches.unmute(tx, RoomId(room_id)))
    return await _room(runtime, operator, room_id)


@get(f"{_SHOP}/room-contact", dependencies=staff("rooms.read"), tags=["rooms"])
async def read_contact(operator: Operator, runtime: Runtime) -> ContactKept:
    """Where buyers of a broadcast reach somebody."""
    async with runtime.db.read(operator.shop) as tx:
        found = await contact.read(tx)
    return ContactKept(None if found is None else ContactView(found.url, found.phone, found.hours))


@put(f"{_SHOP}/room-contact", dependencies=staff("rooms.write"), tags=["rooms"])
async def set_contact(data: ContactDraft, operator: Operator, runtime: Runtime) -> ContactKept:
    """Say where buyers of a broadcast reach somebody. Rooms whose entrance is open lead there from now on."""
    wanted = Contact(data.url, data.phone, data.hours)
    kept = await runtime.db.write(operator.actor, operator.shop, lambda tx: contact.set_contact(tx, wanted))
    return ContactKept(ContactView(kept.url, kept.phone, kept.hours))


async def _room(runtime: Runtime, operator: Operator, room_id: int) -> RoomView:
    async with runtime.db.read(operator.shop) as tx:
        card = await queries.card(tx, RoomId(room_id))
        if card is None:
            raise RoomMissing(room_id=room_id)
        (view,) = await room_views(tx, runtime.settings, [card])
    return view


ROUTES = [set_switches, mute, unmute, read_contact, set_contact]
