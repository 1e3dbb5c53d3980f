"""The two reads of the goods library: getapproved and getgoodswarehouse.

Both ask for the library's version first, in a read that is shared with the requests around it and starts after each of
them came (`platform.groupread`); what was encoded for that version is sent again. So an answer is never older than its
request, and a warm one costs a fraction of a query.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from liveshelf.facades.wechat.bodies import parse_query
from liveshelf.facades.wechat.cache import Answers
from liveshelf.facades.wechat.calls import EITHER, BodyKind, Call, call
from liveshelf.facades.wechat.envelope import Answer, Encoded
from liveshelf.facades.wechat.errors import ParameterWrong
from liveshelf.facades.wechat.params import Params
from liveshelf.facades.wechat.shapes import BY_STATUS, listed, stored
from liveshelf.goods import hot
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.groupread import GroupRead
from liveshelf.platform.readpool import ReadPool
from liveshelf.platform.runtime import Runtime

PAGE_DEFAULT, PAGE_MAX = 30, 100
IDS_MAX = 20  # further ids of one call are dropped in silence
POOL_SIZE = 4
SHOPS_MAX = 10_000  # whose readers and places are remembered
ANSWERS_BYTES = 32 << 20
_TRIES = 4  # to read a page and the library's row of one version
_UNKNOWN_STEPS = 10  # how far a listing may grow beyond its last remembered place
_encode = msgspec.json.encode


class LibraryReader:
    """The library as one HTTP process reads it for the wire."""

    def __init__(self, runtime: Runtime) -> None:
        self._public_url = runtime.settings.public_url
        self._pool = ReadPool(runtime.settings.app_database_url, POOL_SIZE)
        self._shops: OrderedDict[ShopId, _ShopReader] = OrderedDict()
        self._answers = Answers(ANSWERS_BYTES)

    async def close(self) -> None:
        """Disconnect."""
        await self._pool.close()

    async def page(self, shop: ShopId, state: AuditState, offset: int, limit: int) -> bytes:
        """The body of a getapproved answer."""
        reader = self._reader(shop)
        now = await reader.library()
        body = self._answers.shelf(shop, now.version).pages.get((state, offset, limit))
        if body is not None:
            return body
        now, rows = await reader.page(now, state, offset, limit)
        goods = [listed(row, self._public_url) for row in rows]
        body = _encode({"errcode": 0, "errmsg": "ok", "total": now.total(state), "goods": goods})
        self._answers.put_page(shop, now.version, (state, offset, limit), body)
        return body

    async def goods(self, shop: ShopId, goods_ids: Sequence[int]) -> bytes:
        """The body of a getgoodswarehouse answer; unknown ids are left out."""
        reader = self._reader(shop)
        version = (await reader.library()).version
        items = self._answers.shelf(shop, version).found(goods_ids)
        if None in items:
            missing = [one for one, item in zip(goods_ids, items, strict=True) if item is None]
            # Read after the version, so at least as new: never an old item under a new version.
            rows = await reader.by_ids(missing)
            fresh = {one: _encode(stored(rows[one], self._public_url)) for one in missing if one in rows}
            self._answers.put_items(shop, version, fresh)
            items = [fresh.get(one) if item is None else item for one, item in zip(goods_ids, items, strict=True)]
        found = [item for item in items if item is not None]
        return b'{"errcode":0,"errmsg":"ok","total":%d,"goods":[%b]}' % (len(found), b",".join(found))

    def _reader(self, shop: ShopId) -> _ShopReader:
        reader = self._shops.get(shop)
        if reader is None:
            reader = self._shops[shop] = _ShopReader(self._pool, shop)
            if len(self._shops) > SHOPS_MAX:
                self._shops.popitem(last=False)
        return reader


class _ShopReader:
    """One shop's shared reads, and the places of its long listings."""

    def __init__(self, pool: ReadPool, shop: ShopId) -> None:
        self._pool = pool
        self._shop = shop
        self._libraries: GroupRead[None, hot.LibraryNow] = GroupRead(self._read_library)
        self._goods: GroupRead[int, hot.Row] = GroupRead(self._read_goods)
        self._pages: GroupRead[hot.PageAsk, hot.Page] = GroupRead(self._read_pages)
        self._walks: GroupRead[AuditState, Sequence[hot.Key]] = GroupRead(self._read_places)
        self._places: dict[AuditState, _Places] = {}

    async def library(self) -> hot.LibraryNow:
        """The library's row, as of now or later."""
        return (await self._libraries.get((None,)))[None]

    async def by_ids(self, goods_ids: list[int]) -> Mapping[int, hot.Row]:
        """The goods of these ids, as of now or later."""
        return await self._goods.get(goods_ids)

    async def page(
        self, now: hot.LibraryNow, state: AuditState, offset: int, limit: int
    ) -> tuple[hot.LibraryNow, Sequence[hot.Row]]:
        """A page and the library's row of the same version. Read again while the library changes in between."""
        page = await self._page(now, state, offset, limit)
        for _ in range(_TRIES):
            if page.version == now.version or (page.version is None and offset >= now.total(state)):
                return now, page.rows
            now = await self.library()
            page = await self._page(now, state, offset, limit)
        # So many changes at once that no two reads meet: the rows are right, and the count is as old as a moment ago.
        return now, page.rows

    async def _page(self, now: hot.LibraryNow, state: AuditState, offset: int, limit: int) -> hot.Page:
        known, after = 0, hot.START
        if offset >= hot.STEP and offset < now.total(state):
            keys = await self._keys(now, state)
            known = min(offset // hot.STEP, len(keys))
            after = keys[known - 1] if known else hot.START
        ask = hot.PageAsk(state, after, offset - known * hot.STEP, limit)
        return (await self._pages.get((ask,)))[ask]

    async def _keys(self, now: hot.LibraryNow, state: AuditState) -> Sequence[hot.Key]:
        """Places that hold for this version: found since something last left the state, and most of the
        listing's length.
        """
        places = self._places.get(state)
        grown = places is not None and now.total(state) > (len(places.keys) + _UNKNOWN_STEPS) * hot.STEP
        if places is None or places.version < now.left(state) or grown:
            keys = (await self._walks.get((state,)))[state]
            # The walk saw this version or a later one; what left after this one shows in the next library row.
            places = self._places[state] = _Places(now.version, keys)
        return places.keys

    async def _read_library(self, _: list[None]) -> Mapping[None, hot.LibraryNow]:
        return {None: await hot.library(self._pool, self._shop)}

    async def _read_goods(self, goods_ids: list[int]) -> Mapping[int, hot.Row]:
        return await hot.by_ids(self._pool, self._shop, goods_ids)

    async def _read_pages(self, asks: list[hot.PageAsk]) -> Mapping[hot.PageAsk, hot.Page]:
        return await hot.pages(self._pool, self._shop, asks)

    async def _read_places(self, states: list[AuditState]) -> Mapping[AuditState, Sequence[hot.Key]]:
        return {state: await hot.places(self._pool, self._shop, state) for state in states}


@dataclass(frozen=True, slots=True)
class _Places:
    """The keys of a listing's places, and the version that was known before they were looked for."""

    version: int
    keys: Sequence[hot.Key]


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
    state, offset, limit = _remembered_ask(call.query) if call.query else _ask(call.params)
    return Encoded(await call.runtime.need(LibraryReader).page(call.shop, state, offset, limit))


def _ask(params: Params) -> tuple[AuditState, int, int]:
    """Which page is asked for. Raises `ParameterWrong`."""
    state = BY_STATUS.get(params.number("status"))
    if state is None:
        raise ParameterWrong("status must be 0, 1, 2 or 3", field="status")
    limit = params.optional_number("limit" if params.has("limit") else "count")
    if limit == 0:
        raise ParameterWrong("limit must be 1 to 100", field="limit")
    return state, params.optional_number("offset") or 0, min(limit or PAGE_DEFAULT, PAGE_MAX)


@lru_cache(maxsize=4_096)  # pollers send the same query again and again
def _remembered_ask(query: bytes) -> tuple[AuditState, int, int]:
    return _ask(Params(parse_query(query)))


@call(
    "goods.getgoodswarehouse",
    "/wxa/business/getgoodswarehouse",
    anchor="G6",
    aliases=("/wxaapi/broadcast/getgoodswarehouse",),
    beside_errors={"total": 0, "goods": []},
)
async def stored_goods(call: Call) -> Answer:
    """Goods by their ids, with their audit status; at most 20, in the order asked."""
    goods_ids = list(dict.fromkeys(call.params.identifiers("goods_ids")))[:IDS_MAX]
    return Encoded(await call.runtime.need(LibraryReader).goods(call.shop, goods_ids))


ROUTES = (list_goods, stored_goods)
