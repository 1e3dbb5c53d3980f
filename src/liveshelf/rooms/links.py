"""Where a room is found: paths of its page, its code and its poster. Addresses begin with the installation's public
one.
"""

from __future__ import annotations

from urllib.parse import urlencode

from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.rooms.errors import LinkTooLong

QUERY_MAX = 1_500  # characters, encoded; a QR code of medium correction holds 2331 bytes


def page_path(shop: ShopId, room_id: RoomId, custom: str = "") -> str:
    """The buyer's page of the room. `custom` are parameters (a JSON object's text) that the page hands on.

    Raises `LinkTooLong`, as the others do.
    """
    return f"/shop/{shop}/rooms/{room_id}" + _query(custom)


def code_path(shop: ShopId, room_id: RoomId, custom: str = "") -> str:
    """The picture of a QR code that leads to the page."""
    return f"/room-codes/{shop}/{room_id}.png" + _query(custom)


def poster_path(shop: ShopId, room_id: RoomId, custom: str = "") -> str:
    """A poster: the room's picture with the code below."""
    return f"/room-posters/{shop}/{room_id}.png" + _query(custom)


def identity_code_path(shop: ShopId) -> str:
    """The picture of a QR code that leads staff to where people's real names are checked."""
    return f"/identity-codes/{shop}/people.png"


def people_path(shop: ShopId) -> str:
    """The console's page of a shop's people in rooms."""
    return f"/console/shops/{shop}/room-people"


def _query(custom: str) -> str:
    query = "?" + urlencode({"custom_params": custom}) if custom else ""
    if len(query) > QUERY_MAX:
        raise LinkTooLong
    return query
