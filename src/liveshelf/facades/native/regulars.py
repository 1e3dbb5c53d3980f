"""Who may ask how often: decided at the door, before a request costs anything.

Behind one address may stand one person or a carrier's thousands. So every session that this process has recognised has
an allowance of its own, and whoever floods is refused by that before they use up what the address shares. Strangers
have one allowance an address; a session that the database has not known yet is a stranger's, so a cookie made up for
each request wins nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice

from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import digest

Headers = Iterable[tuple[bytes, bytes]]

# A room's page asks some fifteen things when it opens and one now and then afterwards; several pages stay far below.
BUYER = {"per_s": 20.0, "burst": 200}
# A person with several pages open stays far below; a script that hammers meets it.
STAFF = {"per_s": 100.0, "burst": 400}
# 2,000 phones behind one address that all come within half a minute, each with the page's files and its first call.
STRANGERS = {"per_s": 200.0, "burst": 2_000}
# The same 2,000 as known viewers: each asks once in two seconds, and all of them at once when their streams come back.
ADDRESS = {"per_s": 1_000.0, "burst": 4_000}
FILE_COST = 0.25  # of what is sent as it lies there, beside a request that asks the database

_OURS = b"liveshelf_"
_KEY_BYTES = 16  # of a session's hash: small, and still nobody finds a second one
_SHOWN_MAX = 16  # sessions of one request that are looked up


class Regulars:
    """The allowances as one HTTP process keeps them."""

    def __init__(self) -> None:
        self._staff = RateLimit(**STAFF)
        self._buyers = RateLimit(**BUYER)
        self._strangers = RateLimit(**STRANGERS)
        self._addresses = RateLimit(**ADDRESS)

    def buyer_came(self, token: str) -> None:
        """The database knows this buyer's session: it has an allowance of its own from now on."""
        self._buyers.spend(_key(token), 0)

    def staff_came(self, token: str) -> None:
        """The same for a session of somebody who works here."""
        self._staff.spend(_key(token), 0)

    def wait_s(self, headers: Headers, address: str, cost: float = 1.0) -> int:
        """Count a request: 0 when it may come in, else the whole seconds after which it may."""
        keys = [_key(token) for token in islice(_tokens(headers), _SHOWN_MAX)]
        for limit in (self._staff, self._buyers):
            for key in keys:
                if key in limit:
                    # Their own first: what is refused here takes nothing from the neighbours.
                    return math.ceil(limit.spend(key, cost) or self._addresses.spend(address, cost))
        return math.ceil(self._strangers.spend(address, cost))


def regulars_of(runtime: Runtime) -> Regulars:
    """The process's allowances, made when first needed."""
    if Regulars not in runtime.adapters:
        runtime.provide(Regulars, Regulars())
    return runtime.need(Regulars)


def _key(token: str) -> bytes:
    return digest(token)[:_KEY_BYTES]


def _tokens(headers: Headers) -> Iterator[str]:
    """What a request shows as its sessions."""
    for name, value in headers:
        if name == b"cookie":
            for part in value.split(b";"):
                cookie, _, token = part.strip().partition(b"=")
                if cookie.startswith(_OURS):
                    yield token.decode("latin-1")
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            yield value[7:].strip().decode("latin-1")
