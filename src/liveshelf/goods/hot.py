"""The library's hottest reads, in the raw driver: what the wire's listing and status calls ask thousands of times a
second.

Each is one statement bound to one shop, so each answers from one instant; the connections can only read. A long
listing is paged by place, and PostgreSQL walks to a place row by row: `places` gives the keys of every `STEP`th row,
from which `page` needs to walk less than that. Rows enter a state at its end, so remembered places hold until
something leaves it (`LibraryNow.left`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg

from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.readpool import ReadPool

Row: TypeAlias = asyncpg.Record
Key: TypeAlias = tuple[datetime, int]  # when it entered the state, and its id: a goods' place in the listing

STEP = 1_000

# Constants of this file, put together from these parts; values are always bound.
_GOODS = """g.goods_id, g.origin, g.name, g.cover_media_id, g.price_type, g.price_fen, g.price2_fen, g.url,
    g.third_party_appid, g.audit_state"""
_LISTED = "g.shop_id = $1 AND g.audit_state = $2::text AND g.deleted_at IS NULL"
_LIBRARY = "SELECT * FROM libraries WHERE shop_id = $1"
_BY_IDS = f"""
    SELECT {_GOODS} FROM live_goods g
    WHERE g.shop_id = $1 AND g.goods_id = ANY($2::bigint[]) AND g.deleted_at IS NULL"""  # noqa: S608 - constants
# Many pages at once. A lateral subquery is run for one row of `k` after the other, and its rows come in its own order.
# The version is read by the same statement, so at the same instant: a page of another version than its total is seen.
_PAGES = f"""
    SELECT {_GOODS}, k.number, (SELECT l.version FROM libraries l WHERE l.shop_id = $1) AS version
    FROM unnest($2::text[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::int[]) WITH ORDINALITY
        AS k(state, entered_at, id, skip, most, number)
    CROSS JOIN LATERAL (
        SELECT g.* FROM live_goods g
        WHERE g.shop_id = $1 AND g.audit_state = k.state AND g.deleted_at IS NULL
            AND (g.state_entered_at, g.goods_id) > (k.entered_at, k.id)
        ORDER BY g.state_entered_at, g.goods_id OFFSET k.skip LIMIT k.most
    ) g"""  # noqa: S608 - constants
_PLACES = f"""
    SELECT p.state_entered_at, p.goods_id FROM (
        SELECT g.state_entered_at, g.goods_id, row_number() OVER (ORDER BY g.state_entered_at, g.goods_id) AS place
        FROM live_goods g WHERE {_LISTED}
    ) p WHERE p.place % {STEP} = 0 ORDER BY p.place"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class LibraryNow:
    """A library's row as it was read."""

    version: int
    _row: Row | Mapping[str, int]

    def total(self, state: AuditState) -> int:
        """How many goods stand in a state."""
        return int(self._row[state.value])

    def left(self, state: AuditState) -> int:
        """The version at which a goods last left a state."""
        return int(self._row[f"{state.value}_left"])


@dataclass(frozen=True, slots=True)
class Page:
    """Goods of one state as of one version; `version` is `None` when there are none to tell it."""

    version: int | None
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class PageAsk:
    """A page to read: `limit` goods of a state, from `skip` rows behind a place on."""

    state: AuditState
    after: Key
    skip: int
    limit: int


START: Key = (datetime.min.replace(tzinfo=UTC), 0)  # before every goods
_EMPTY = LibraryNow(0, {name: 0 for state in AuditState for name in (state.value, f"{state.value}_left")})


async def library(pool: ReadPool, shop: ShopId) -> LibraryNow:
    """The library's row; version 0 before anything was added."""
    rows = await pool.fetch(_LIBRARY, shop)
    if not rows:
        return _EMPTY
    return LibraryNow(rows[0]["version"], rows[0])


async def by_ids(pool: ReadPool, shop: ShopId, goods_ids: Sequence[int]) -> dict[int, Row]:
    """The goods of these ids; unknown and deleted ones are left out."""
    return {row["goods_id"]: row for row in await pool.fetch(_BY_IDS, shop, goods_ids)}


async def pages(pool: ReadPool, shop: ShopId, asks: Sequence[PageAsk]) -> dict[PageAsk, Page]:
    """Several pages at once."""
    found: list[list[Row]] = [[] for _ in asks]
    rows = await pool.fetch(
        _PAGES,
        shop,
        [ask.state.value for ask in asks],
        [ask.after[0] for ask in asks],
        [ask.after[1] for ask in asks],
        [ask.skip for ask in asks],
        [ask.limit for ask in asks],
    )
    for row in rows:
        found[row["number"] - 1].append(row)
    return {ask: Page(rows[0]["version"] if rows else None, rows) for ask, rows in zip(asks, found, strict=True)}


async def places(pool: ReadPool, shop: ShopId, state: AuditState) -> Sequence[Key]:
    """The keys of a listing's places `STEP`, `2 * STEP`, … counted from 1. Walks it all: some 0.3 s for a million."""
    rows = await pool.fetch(_PLACES, shop, state.value)
    return [(row["state_entered_at"], row["goods_id"]) for row in rows]
