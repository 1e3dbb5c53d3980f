"""Names of the bus channels on which rooms are hinted at. A hint says only that there is something to read."""

from __future__ import annotations

from liveshelf.kernel.ids import RoomId, ShopId


def room_channel(shop: ShopId, room_id: RoomId | str) -> str:
    """A room has new numbered events."""
    return f"room_{shop}_{room_id}"


def comments_channel(shop: ShopId, room_id: RoomId) -> str:
    """A room has new or newly hidden comments."""
    return f"comments_{shop}_{room_id}"


def stock_channel(shop: ShopId) -> str:
    """Stock of the shop has changed."""
    return f"stock_{shop}"
