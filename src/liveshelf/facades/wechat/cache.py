"""A bounded memory of encoded answers, shop by shop, for one version of each shop's library.

An entry is right as long as the version is the present one, which the reader asks before it looks here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId

PageKey: TypeAlias = tuple[AuditState, int, int]

_OVERHEAD = 150  # bytes of Python around an entry


class Shelf:
    """What is remembered of one shop's library at one version."""

    __slots__ = ("bytes", "items", "pages", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        self.pages: dict[PageKey, bytes] = {}
        self.items: dict[int, bytes] = {}
        self.bytes = 0

    def found(self, goods_ids: Sequence[int]) -> list[bytes | None]:
        """The items of these ids, `None` where one is not remembered."""
        return [self.items.get(one) for one in goods_ids]


class Answers:
    """The shelves of the shops asked about lately; at most `bytes_max` in all, the least recently used go first."""

    def __init__(self, bytes_max: int) -> None:
        self._shelves: OrderedDict[ShopId, Shelf] = OrderedDict()
        self._bytes_max = bytes_max
        self._bytes = 0

    def shelf(self, shop: ShopId, version: int) -> Shelf:
        """The shop's shelf for a version. An older one is emptied; a late asker of an older version gets one of
        its own.
        """
        shelf = self._shelves.get(shop)
        if shelf is None or shelf.version != version:
            if shelf is not None and shelf.version > version:
                return Shelf(version)
            self._drop(shop)
            shelf = self._shelves[shop] = Shelf(version)
        self._shelves.move_to_end(shop)
        return shelf

    def put_page(self, shop: ShopId, version: int, key: PageKey, body: bytes) -> None:
        """Remember a page as of a version."""
        shelf = self.shelf(shop, version)
        shelf.pages[key] = body
        self._weigh(shop, shelf, [body])

    def put_items(self, shop: ShopId, version: int, items: Mapping[int, bytes]) -> None:
        """Remember goods as of a version."""
        shelf = self.shelf(shop, version)
        shelf.items.update(items)
        self._weigh(shop, shelf, items.values())

    def _weigh(self, shop: ShopId, shelf: Shelf, added: Iterable[bytes]) -> None:
        if self._shelves.get(shop) is not shelf:
            return
        weight = sum(len(one) + _OVERHEAD for one in added)
        shelf.bytes += weight
        self._bytes += weight
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._shelves)))

    def _drop(self, shop: ShopId) -> None:
        shelf = self._shelves.pop(shop, None)
        if shelf is not None:
            self._bytes -= shelf.bytes
