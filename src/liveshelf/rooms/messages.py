"""What the live gateway says to a page: one typed struct a message.

`room` messages are numbered and carry everything that a page needs to go from one snapshot to the next; the others are
the latest value of something. The same shapes go down as server-sent events and as WebSocket frames. 63-bit ids are
text, money is whole fen, instants are ISO 8601 in UTC.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from liveshelf.goods.types import PriceType

RING = 256  # numbered events of a room that a gateway keeps in memory; who missed more takes a fresh snapshot


class ShelfItem(msgspec.Struct, frozen=True):
    """A goods on a room's shelf. `number` is what the host calls it by; `available` and `sold` sum over its SKUs.
    `is_ad` says that it is advertising.
    """

    goods_id: int
    product_id: int | None
    sku_ids: list[int]
    name: str
    cover_url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None
    on_sale: bool
    position: int
    available: int
    sold: int
    number: int
    is_ad: bool = False


class Author(msgspec.Struct, frozen=True):
    """Who says something: a buyer by the name they chose, staff by the name of the room's anchor."""

    kind: Literal["buyer", "staff"]
    name: str


class Comment(msgspec.Struct, frozen=True):
    """A comment as pages show it."""

    comment_id: str
    by: Author
    text: str
    at: str


class StockItem(msgspec.Struct, frozen=True):
    """How many there are of a goods. The item with the highest `version` is the true one, whatever the order of
    arrival.
    """

    goods_id: int
    available: int
    sold: int
    version: int


class Hello(msgspec.Struct, frozen=True):
    """The first message. `resumed`: what was missed since the page's number follows; else only an equal number proves
    that nothing was.
    """

    seq: int
    resumed: bool


class Resync(msgspec.Struct, frozen=True):
    """Numbers were missed: take a fresh snapshot and go on from its number."""


class StockLevels(msgspec.Struct, frozen=True):
    """Changed stock, at most ten times a second."""

    items: list[StockItem]


class Comments(msgspec.Struct, frozen=True):
    """New comments, and the ids of those that are to disappear."""

    items: list[Comment]
    hidden: list[str]


class Count(msgspec.Struct, frozen=True):
    """A number: likes since the beginning, or distinct viewers now."""

    count: int
