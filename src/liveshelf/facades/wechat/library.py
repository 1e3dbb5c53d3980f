"""The two reads of the goods library: getapproved and getgoodswarehouse.

Both ask for the library's version first, in a read that is shared with the requests around it and starts after each of
them came (`platform.groupread`); what was encoded for that version is sent again. So an answer is never older than its
request, and a warm one costs a fraction of a query.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from liveshelf.facades.wechat.cache import Encoded
from liveshelf.facades.wechat.calls import EITHER, BodyKind, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.envelope import Encoded as EncodedAnswer
from liveshelf.facades.wechat.errors import ParameterWrong
from liveshelf.facades.wechat.shapes import BY_STATUS, listed, stored
from liveshelf.goods import hot
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.groupread import GroupRead
from liveshelf.platform.runtime import Runtime

PAGE_DEFAULT, PAGE_MAX = 30, 100
IDS_MAX = 20  # further ids of one call are dropped in silence
POOL_SIZE = 4
SHOPS_MAX = 10_000  # whose readers and places are remembered
_PAGES_BYTES, _ITEMS_BYTES = 24 << 20, 16 << 20
_TRIES = 2  # to find a place that still holds; then the whole way is walked once
_UNKNOWN_STEPS = 10  # how far a listing may grow beyond its last remembered place
_encode = msgspec.json.encode

PageKey: TypeAlias = tuple[ShopId, int, AuditState, int, int]


class LibraryReader:
    """The library as one HTTP process reads it for the wire."""

    def __init__(self, runtime: Runtime) -> None:
        self._dsn = runtime.settings.app_database_url
        self._public_url = runtime.settings.public_url
        self._pool: hot.Pool | None = None
        self._shops: OrderedDict[ShopId, _ShopReader] = OrderedDict()
        self._pages: Encoded[PageKey] = Encoded(_PAGES_BYTES)
        self._items: Encoded[tuple[ShopId, int, int]] = Encoded(_ITEMS_BYTES)

    async def open(self) -> None:
        """Connect."""
        self._pool = await hot.open_pool(self._dsn, POOL_SIZE)

    async def close(self) -> None:
        """Disconnect."""
        if self._pool is not None:
            await self._pool.close()

    async def page(self, shop: ShopId, state: AuditState, offset: int, limit: int) -> bytes:
        """The body of a getapproved answer."""
        reader = self._reader(shop)
        version = await reader.version()
        body = self._pages.get((shop, version, state, offset, limit))
        if body is not None:
            return body
        page = await reader.page(state, offset, limit)
        goods = [listed(row, self._public_url) for row in page.rows]
        body = _encode({"errcode": 0, "errmsg": "ok", "total": page.total, "goods": goods})
        # Under the version that the page itself was read at, which is the asked one or a later one.
        self._pages.put((shop, page.version, state, offset, limit), body)
        return body

    async def goods(self, shop: ShopId, goods_ids: Iterable[int]) -> bytes:
        """The body of a getgoodswarehouse answer; unknown ids are left out."""
        reader, ids = self._reader(shop), list(dict.fromkeys(goods_ids))
        version = await reader.version()
        items = {one: self._items.get((shop, version, one)) for one in ids}
        missing = [one for one, item in items.items() if item is None]
        if missing:
            # Read after the version, so at least as new: never an old item under a new version.
            rows = await reader.by_ids(missing)
            for one in missing:
                if one in rows:
                    items[one] = _encode(stored(rows[one], self._public_url))
                    self._items.put((shop, version, one), items[one] or b"")
        found = [item for item in items.values() if item is not None]
        return b'{"errcode":0,"errmsg":"ok","total":%d,"goods":[%b]}' % (len(found), b",".join(found))

    def _reader(self, shop: ShopId) -> _ShopReader:
        reader = self._shops.get(shop)
        if reader is None:
            if self._pool is None:
                raise RuntimeError("the wire is not running")
            reader = self._shops[shop] = _ShopReader(self._pool, shop)
            if len(self._shops) > SHOPS_MAX:
                self._shops.popitem(last=False)
        return reader


class _ShopReader:
    """One shop's shared reads, and the places of its long listings."""

    def __init__(self, pool: hot.Pool, shop: ShopId) -> None:
        self._pool = pool
        self._shop = shop
        self._versions: GroupRead[None, int] = GroupRead(self._read_version)
        self._goods: GroupRead[int, hot.Row] = GroupRead(self._read_goods)
        self._walks: GroupRead[AuditState, hot.Places] = GroupRead(self._read_places)
        self._places: dict[AuditState, hot.Places] = {}

    async def version(self) -> int:
        """The version, as of now or later."""
        return (await self._versions.get((None,)))[None]

    async def by_ids(self, goods_ids: list[int]) -> Mapping[int, hot.Row]:
        """The goods of these ids, as of now or later."""
        return await self._goods.get(goods_ids)

    async def page(self, state: AuditState, offset: int, limit: int) -> hot.Page:
        """A page of a listing, from the nearest remembered place. A place that no longer holds is forgotten and
        looked for again.
        """
        if offset >= hot.STEP:
            for _ in range(_TRIES):
                page = await self._page_from_place(state, offset, limit)
                if page is not None:
                    return page
        return await hot.page(self._pool, self._shop, state, offset=offset, limit=limit)

    async def _page_from_place(self, state: AuditState, offset: int, limit: int) -> hot.Page | None:
        places = self._places.get(state)
        if places is None:
            places = self._places[state] = (await self._walks.get((state,)))[state]
        known = min(offset // hot.STEP, len(places.keys))
        after = places.keys[known - 1] if known else None
        page = await hot.page(self._pool, self._shop, state, offset=offset - known * hot.STEP, limit=limit, after=after)
        holds = page.left == places.left
        if not holds or page.total > (len(places.keys) + _UNKNOWN_STEPS) * hot.STEP:
            self._places.pop(state, None)
        return page if holds else None

    async def _read_version(self, _: list[None]) -> Mapping[None, int]:
        return {None: await hot.version(self._pool, self._shop)}

    async def _read_goods(self, goods_ids: list[int]) -> Mapping[int, hot.Row]:
        return await hot.by_ids(self._pool, self._shop, goods_ids)

    async def _read_places(self, states: list[AuditState]) -> Mapping[AuditState, hot.Places]:
        return {state: await hot.places(self._pool, self._shop, state) for state in states}


@call(
    "goods.getapproved",
    "/wxaapi/broadcast/goods/getapproved",
    EITHER,
    anchor="G7",
    body=BodyKind.OPTIONAL,
    beside_errors={"total": 0, "goods": []},
)
async def list_goods(call: Call) -> Answer:
    """The goods in one audit status, oldest in it first."""
    params = call.params
    state = BY_STATUS.get(params.number("status"))
    if state is None:
        raise ParameterWrong("status must be 0, 1, 2 or 3", field="status")
    limit = params.optional_number("limit" if params.has("limit") else "count")
    if limit == 0:
        raise ParameterWrong("limit must be 1 to 100", field="limit")
    offset = params.optional_number("offset") or 0
    reader = call.runtime.need(LibraryReader)
    return EncodedAnswer(await reader.page(call.shop, state, offset, min(limit or PAGE_DEFAULT, PAGE_MAX)))


@call(
    "goods.getgoodswarehouse",
    "/wxa/business/getgoodswarehouse",
    anchor="G6",
    aliases=("/wxaapi/broadcast/getgoodswarehouse",),
    beside_errors={"total": 0, "goods": []},
)
async def stored_goods(call: Call) -> Answer:
    """Goods by their ids, with their audit status; at most 20, in the order asked."""
    goods_ids = call.params.identifiers("goods_ids")[:IDS_MAX]
    return EncodedAnswer(await call.runtime.need(LibraryReader).goods(call.shop, goods_ids))


ROUTES = (list_goods, stored_goods)
