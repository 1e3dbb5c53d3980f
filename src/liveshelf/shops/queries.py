"""Reads of the shops capability."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liveshelf.kernel.ids import INT63_MAX, ShopId
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, page_of
from liveshelf.kernel.time import china_day
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.shops import _sql
from liveshelf.shops.errors import CredentialMissing, ShopMissing
from liveshelf.shops.types import (
    QUOTAS,
    Credential,
    Fault,
    FaultKind,
    QuotaState,
    Shop,
    TokenKind,
    TokenState,
    WireCall,
)


async def shop(tx: ReadTx) -> Shop:
    """The transaction's shop. Raises `ShopMissing`."""
    row = await tx.one(_sql.SHOP)
    if row is None:
        raise ShopMissing
    return shop_of(row)


async def shops(tx: ReadTx) -> list[Shop]:
    """Every shop of the platform, in order of their numbers."""
    return [shop_of(row) for row in await tx.all(_sql.SHOPS)]


async def names(tx: ReadTx, which: Iterable[ShopId]) -> dict[ShopId, str]:
    """What shops are called, for the platform's lists: one statement for however many."""
    ids = sorted(set(which))
    return {ShopId(row.shop_id): row.name for row in await tx.all(_sql.NAMES, ids=ids)} if ids else {}


async def is_waiting(tx: ReadTx, which: ShopId) -> bool:
    """Whether a shop has not opened yet."""
    return bool(await tx.scalar(_sql.IS_WAITING, which=which))


async def credential(tx: ReadTx) -> Credential:
    """The credential of the transaction's shop. Raises `CredentialMissing` when it has none."""
    row = await tx.one(_sql.CREDENTIAL_OF_SHOP)
    if row is None:
        raise CredentialMissing
    return credential_of(row)


async def own_credential(tx: ReadTx) -> Credential | None:
    """The credential of the transaction's shop, if it has one."""
    row = await tx.one(_sql.CREDENTIAL_OF_SHOP)
    return None if row is None else credential_of(row)


async def token_state(tx: ReadTx, appid: str, kind: TokenKind) -> TokenState | None:
    """The present generation of a credential's token, or `None` before the first."""
    row = await tx.one(_sql.TOKEN, b_appid=appid, b_kind=kind)
    return None if row is None else token_of(row)


async def quotas(tx: ReadTx) -> list[QuotaState]:
    """Every quota of the shop today. `used` includes shares that a process has taken ahead of need."""
    limits = {row.quota: row.per_day for row in await tx.all(_sql.QUOTA_LIMITS)}
    used = {row.quota: row.granted for row in await tx.all(_sql.QUOTA_USE, b_day=china_day(tx.now))}
    return [QuotaState(key, limits.get(key, limit), used.get(key, 0)) for key, limit in QUOTAS.items()]


async def faults(tx: ReadTx) -> list[Fault]:
    """The faults that still wait for calls, oldest first."""
    return [fault_of(row) for row in await tx.all(_sql.FAULTS, wall=wall_now())]


async def calls(
    tx: ReadTx, *, rid: str = "", api: str = "", cursor: str | None = None, limit: int | None = None
) -> Page[WireCall]:
    """Logged calls, the latest first, of one `rid` or of one `api` when given."""
    key = decode_cursor(cursor, int)
    size = clamp_limit(limit)
    rows = await tx.all(_sql.CALLS, rid=rid, api=api, before=key[0] if key else INT63_MAX, most=size + 1)
    return page_of([call_of(row) for row in rows], size, lambda call: (call.call_id,))


def shop_of(row: Any) -> Shop:  # noqa: ANN401 - a database row
    """The shop of a row."""
    return Shop(
        ShopId(row.shop_id),
        row.name,
        row.sandbox,
        tuple(row.pages),
        None if row.widget_key is None else tuple(row.widget_key),
        row.wire_stock,
        row.blocked_at,
        row.created_at,
        row.opened_at,
        row.opened_under_waiver,
    )


def credential_of(row: Any) -> Credential:  # noqa: ANN401 - a database row
    """The credential of a row."""
    return Credential(
        row.appid,
        ShopId(row.shop_id),
        row.original_id,
        row.secret_hint,
        row.created_at,
        row.previous_until,
        tuple(row.addresses),
        row.used_at,
        row.used_from,
    )


def token_of(row: Any) -> TokenState:  # noqa: ANN401 - a database row
    """The token state of a row."""
    return TokenState(
        row.appid,
        TokenKind(row.kind),
        ShopId(row.shop_id),
        row.generation,
        row.issued_at,
        row.expires_at,
        row.previous_until,
        row.forced_count,
        row.forced_at,
    )


def fault_of(row: Any) -> Fault:  # noqa: ANN401 - a database row
    """The fault of a row."""
    return Fault(
        row.fault_id, row.appid, row.api, FaultKind(row.kind), row.errcode, row.delay_ms, row.remaining, row.until
    )


def call_of(row: Any) -> WireCall:  # noqa: ANN401 - a database row
    """The logged call of a row."""
    return WireCall(
        row.call_id,
        row.rid,
        row.appid,
        row.api,
        row.method,
        row.path,
        row.errcode,
        row.ms,
        row.request,
        row.response,
        row.at,
    )
