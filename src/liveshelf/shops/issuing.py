"""Issues access tokens of both kinds. Their life is wall time: a moved clock ends no token."""

from __future__ import annotations

from datetime import datetime, timedelta

from liveshelf.kernel.time import china_day, from_unix, unix
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.shops import _sql, queries
from liveshelf.shops.errors import RefreshesExhausted
from liveshelf.shops.tokens import LIFE, OVERLAP, TokenClaims, write_token
from liveshelf.shops.types import Issued, TokenKind, TokenState

FORCED_PER_DAY = 20
FORCED_APART = timedelta(seconds=30)


async def issue_plain(tx: Tx, keys: Keys, appid: str) -> Issued:
    """A new plain token; the one before stays good for `OVERLAP`. `appid` is a credential of the transaction's shop."""
    wall = _whole(wall_now())
    state = await _locked(tx, appid, TokenKind.PLAIN, wall)
    return _issued(keys, await _next(tx, state, wall, previous_until=min(state.expires_at, wall + OVERLAP)), wall)


async def issue_stable(tx: Tx, keys: Keys, appid: str) -> Issued:
    """The stable token: the same while it has more than `OVERLAP` to live, then a new one beside it."""
    wall = _whole(wall_now())
    state = await _locked(tx, appid, TokenKind.STABLE, wall)
    if state.expires_at - wall <= OVERLAP:
        state = await _next(tx, state, wall, previous_until=wall + OVERLAP if state.expires_at > wall else wall)
    return _issued(keys, state, wall)


async def refresh_stable(tx: Tx, keys: Keys, appid: str) -> Issued:
    """A new stable token, and the one before is dead at once. Sooner than `FORCED_APART` after the last: the same
    token.

    Raises `RefreshesExhausted` after `FORCED_PER_DAY` of a day in China.
    """
    wall = _whole(wall_now())
    state = await _locked(tx, appid, TokenKind.STABLE, wall)
    if state.forced_at is not None and wall - state.forced_at < FORCED_APART and state.expires_at > wall:
        return _issued(keys, state, wall)
    today = state.forced_at is not None and china_day(state.forced_at) == china_day(wall)
    count = state.forced_count + 1 if today else 1
    if count > FORCED_PER_DAY:
        raise RefreshesExhausted
    return _issued(keys, await _next(tx, state, wall, previous_until=wall, forced=count), wall)


async def _locked(tx: Tx, appid: str, kind: TokenKind, wall: datetime) -> TokenState:
    """The row under its lock, made when missing; generation 0 is one that nobody holds."""
    row = await tx.one(_sql.TOKEN_LOCKED, b_appid=appid, b_kind=kind)
    if row is None:
        await tx.execute(
            _sql.INSERT_TOKEN.values(
                appid=appid,
                kind=kind,
                shop_id=tx.shop,
                generation=0,
                issued_at=wall,
                expires_at=wall,
                previous_until=wall,
                forced_count=0,
            )
        )
        row = await tx.one(_sql.TOKEN_LOCKED, b_appid=appid, b_kind=kind)
    return queries.token_of(row)


async def _next(
    tx: Tx, state: TokenState, wall: datetime, *, previous_until: datetime, forced: int | None = None
) -> TokenState:
    row = await tx.one(
        _sql.SET_TOKEN,
        b_appid=state.appid,
        b_kind=state.kind,
        b_issued=wall,
        b_expires=wall + LIFE,
        b_previous=previous_until,
        b_forced_count=state.forced_count if forced is None else forced,
        b_forced_at=state.forced_at if forced is None else wall,
    )
    return queries.token_of(row)


def _issued(keys: Keys, state: TokenState, wall: datetime) -> Issued:
    token = write_token(keys, TokenClaims(state.appid, state.kind, state.generation, unix(state.issued_at)))
    return Issued(token, int((state.expires_at - wall).total_seconds()))


def _whole(instant: datetime) -> datetime:
    # A token carries whole seconds of its issue, so the row has to hold the same.
    return from_unix(unix(instant))
