"""Who a token speaks for, without a query while the answer is fresh."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from liveshelf.kernel.ids import ShopId
from liveshelf.kernel.time import unix
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.signing import Keys
from liveshelf.shops import queries
from liveshelf.shops.errors import TokenAbsent, TokenExpired, TokenUnknown
from liveshelf.shops.tokens import TokenClaims, read_token
from liveshelf.shops.types import Bearer, TokenState

FRESH_S = 5.0  # for so long a lost bus message can keep a killed token alive in one process
TOKENS_MAX = 20_000  # some 6 MB; the least recently seen are forgotten first


@dataclass(frozen=True, slots=True)
class _Entry:
    bearer: Bearer
    until: float  # monotonic
    expires_unix: int


class Bearers:
    """The good tokens that this process has seen lately. Refusals are not kept: they are answered without a query, or
    rare.
    """

    def __init__(self, db: Database, keys: Keys) -> None:
        self._db = db
        self._keys = keys
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def bearer(self, token: str) -> Bearer:
        """Who the token speaks for. Raises `TokenAbsent`, `TokenMalformed`, `TokenUnknown` or `TokenExpired`."""
        entry = self._entries.get(token)
        if entry is not None and entry.until > time.monotonic() and entry.expires_unix > time.time():
            return entry.bearer
        return await self._look_up(token)

    def forget(self, shop: ShopId) -> None:
        """Ask the database again for every token of the shop."""
        for token in [token for token, entry in self._entries.items() if entry.bearer.shop_id == shop]:
            del self._entries[token]

    def forget_all(self) -> None:
        """Ask the database again for every token."""
        self._entries.clear()

    async def _look_up(self, token: str) -> Bearer:
        if not token:
            raise TokenAbsent
        claims = read_token(self._keys, token)
        until = time.monotonic() + FRESH_S
        async with self._db.read() as tx:
            state = await queries.token_state(tx, claims.appid, claims.kind)
        expires_unix = _good_until(claims, state, wall_now())
        if state is None or expires_unix is None:
            raise TokenExpired if unix(wall_now()) >= claims.expires_unix else TokenUnknown
        bearer = Bearer(claims.appid, state.shop_id)
        self._entries[token] = _Entry(bearer, until, expires_unix)
        self._entries.move_to_end(token)
        if len(self._entries) > TOKENS_MAX:
            self._entries.popitem(last=False)
        return bearer


def _good_until(claims: TokenClaims, state: TokenState | None, wall: datetime) -> int | None:
    """The unix second at which a token ends, or `None` when it is not good now."""
    if state is None:
        return None
    if claims.generation == state.generation:
        ends = state.expires_at
    elif claims.generation == state.generation - 1:
        ends = state.previous_until
    else:
        return None
    return unix(ends) if ends > wall else None
