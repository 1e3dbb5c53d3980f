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
from liveshelf.platform.groupread import GroupRead
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


class Bearers:
    """The good tokens that this process has seen lately. Refusals are not kept: they need no query, or are rare."""

    def __init__(self, db: Database, keys: Keys) -> None:
        self._db = db
        self._keys = keys
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._forgotten = 0  # how often; an answer that was under way then is not kept
        self._reads: GroupRead[TokenClaims, TokenState] = GroupRead(self._states)

    async def bearer(self, token: str) -> Bearer:
        """Who the token speaks for. Raises `TokenAbsent`, `TokenMalformed`, `TokenUnknown` or `TokenExpired`."""
        entry = self._entries.get(token)
        if entry is not None and entry.until > time.monotonic():
            return entry.bearer
        return await self._look_up(token)

    def forget(self, shop: ShopId) -> None:
        """Ask the database again for every token of the shop."""
        self._forgotten += 1
        for token in [token for token, entry in self._entries.items() if entry.bearer.shop_id == shop]:
            del self._entries[token]

    def forget_all(self) -> None:
        """Ask the database again for every token."""
        self._forgotten += 1
        self._entries.clear()

    async def _look_up(self, token: str) -> Bearer:
        if not token:
            raise TokenAbsent
        claims = read_token(self._keys, token)
        forgotten, began = self._forgotten, time.monotonic()
        state = (await self._reads.get((claims,))).get(claims)
        left_s = _left_s(claims, state, wall_now())
        if state is None or left_s <= 0:
            raise TokenExpired if unix(wall_now()) >= claims.expires_unix else TokenUnknown
        bearer = Bearer(claims.appid, state.shop_id)
        if forgotten == self._forgotten:
            self._keep(token, _Entry(bearer, began + min(FRESH_S, left_s)))
        return bearer

    async def _states(self, tokens: list[TokenClaims]) -> dict[TokenClaims, TokenState]:
        async with self._db.read() as tx:
            states = {claims: await queries.token_state(tx, claims.appid, claims.kind) for claims in tokens}
        return {claims: state for claims, state in states.items() if state is not None}

    def _keep(self, token: str, entry: _Entry) -> None:
        self._entries[token] = entry
        self._entries.move_to_end(token)
        if len(self._entries) > TOKENS_MAX:
            self._entries.popitem(last=False)


def _left_s(claims: TokenClaims, state: TokenState | None, wall: datetime) -> float:
    """How long a token is still good; 0 or less when it is not."""
    if state is None or claims.generation not in {state.generation, state.generation - 1}:
        return 0.0
    if claims.generation == state.generation:
        return min(state.expires_at.timestamp(), claims.expires_unix) - wall.timestamp()
    # Renewed in its last minutes, a token may outlive its own two hours by the overlap.
    return (state.previous_until - wall).total_seconds()
