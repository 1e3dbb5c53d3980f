"""The library's hottest reads, in the raw driver: what the wire's listing and status calls ask thousands of times a
second.

Each is one statement bound to one shop, so each answers from one instant; the connections can only read. A long listing
is paged by place, and PostgreSQL walks to a place row by row: `places` gives the keys of every `STEP`th row, from which
`page` needs to walk less than that. Rows enter a state at its end, so remembered places hold until something leaves the
state (`Page.left`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import asyncpg

from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId

Pool: TypeAlias = asyncpg.Pool
Row: TypeAlias = asyncpg.Record
Key: TypeAlias = tuple[datetime, int]  # when it entered the state, and its id: a goods' place in the listing

STEP = 1_000

_GUARDS = {"default_transaction_read_only": "on", "statement_timeout": "10s", "jit": "off", "timezone": "UTC"}
_GOODS = """g.goods_id, g.origin, g.name, g.cover_media_id, g.price_type, g.price_fen, g.price2_fen, g.url,
g.third_party_appid, g.audit_state, g.state_entered_at
"""
_VERSION = "SELECT version FROM libraries WHERE shop_id = $1"
_BY_IDS = f"""
    SELECT {_GOODS} FROM live_goods g
    WHERE g.shop_id = $1 AND g.goods_id = ANY($2::bigint[]) AND g.deleted_at IS NULL"""  # noqa: S608 - constants of this file
_LISTED = "g.shop_id = l.shop_id AND g.audit_state = $2::text AND g.deleted_at IS NULL"
_PAGE = f"""
    SELECT l.version, l.unaudited, l.in_audit, l.approved, l.rejected,
        l.unaudited_left, l.in_audit_left, l.approved_left, l.rejected_left, {_GOODS}
    FROM libraries l LEFT JOIN LATERAL (
        SELECT * FROM live_goods g WHERE {_LISTED} %s ORDER BY g.state_entered_at, g.goods_id OFFSET $3 LIMIT $4
    ) g ON true
    WHERE l.shop_id = $1 ORDER BY g.state_entered_at, g.goods_id"""  # noqa: S608 - as above
_PAGE_FROM_START = _PAGE % ""
_PAGE_AFTER = _PAGE % "AND (g.state_entered_at, g.goods_id) > ($5::timestamptz, $6::bigint)"
_PLACES = f"""
    SELECT l.unaudited_left, l.in_audit_left, l.approved_left, l.rejected_left, p.state_entered_at, p.goods_id, p.place
    FROM libraries l LEFT JOIN LATERAL (
        SELECT g.state_entered_at, g.goods_id, row_number() OVER (ORDER BY g.state_entered_at, g.goods_id) AS place
        FROM live_goods g WHERE {_LISTED}
    ) p ON p.place % {STEP} = 0
    WHERE l.shop_id = $1 ORDER BY p.place"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class Page:
    """Goods of one state as of one version. `left` is the version at which a goods last left the state."""

    version: int
    total: int
    left: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Places:
    """The keys of a listing's places `STEP`, `2 * STEP`, … (counted from 1), good until something leaves the
    state after `left`.
    """

    left: int
    keys: Sequence[Key]


async def open_pool(dsn: str, size: int) -> Pool:
    """Connections that can only read. The caller closes the pool."""
    return await asyncpg.create_pool(dsn, min_size=1, max_size=size, server_settings=_GUARDS)


async def version(pool: Pool, shop: ShopId) -> int:
    """The library's version; 0 before anything was added."""
    return await pool.fetchval(_VERSION, shop) or 0


async def by_ids(pool: Pool, shop: ShopId, goods_ids: Sequence[int]) -> dict[int, Row]:
    """The goods of these ids; unknown and deleted ones are left out."""
    return {row["goods_id"]: row for row in await pool.fetch(_BY_IDS, shop, goods_ids)}


async def page(
    pool: Pool, shop: ShopId, state: AuditState, *, offset: int, limit: int, after: Key | None = None
) -> Page:
    """The goods of a state at `offset`, counted from behind `after` when that is given."""
    if after is None:
        rows = await pool.fetch(_PAGE_FROM_START, shop, state.value, offset, limit)
    else:
        rows = await pool.fetch(_PAGE_AFTER, shop, state.value, offset, limit, *after)
    if not rows:
        return Page(0, 0, 0, ())
    first = rows[0]
    goods = rows if first["goods_id"] is not None else ()
    return Page(first["version"], first[state.value], first[f"{state.value}_left"], goods)


async def places(pool: Pool, shop: ShopId, state: AuditState) -> Places:
    """Walk the whole listing of a state once: some 0.3 s for a million goods."""
    rows = await pool.fetch(_PLACES, shop, state.value)
    left = rows[0][f"{state.value}_left"] if rows else 0
    return Places(left, [(row["state_entered_at"], row["goods_id"]) for row in rows if row["place"] is not None])
