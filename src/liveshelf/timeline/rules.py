"""What is hashed, committed to and signed, byte by byte. Pure: an exported timeline is checked with this alone.

All JSON is without spaces, keys sorted, non-ASCII as it is; times are ISO 8601 in UTC with microseconds. A link's
commitment is HMAC-SHA256 of its body under a salt of its own. Its hash is SHA-256 of the hash before (32 zero bytes for
the first) and `[shop, room, number, kind, subject, at, commitment in hex]`. A signature (Ed25519) is over
`[shop, room, first, last, hash in hex, at]`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from liveshelf.timeline.types import MAY_BE_EMPTY, Bent, Body, Breach, Link, Seal

FIRST_HASH: Final = bytes(32)
PURPOSE_SALT: Final = "timeline-salt"
PURPOSE_SEAL: Final = "timeline-seal"


def canonical(value: object) -> bytes:
    """The bytes of a value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def stamp(at: datetime) -> str:
    """An instant as it is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def salted(shop: int, room: int, number: int) -> bytes:
    """What the salt of a link is made from, with the installation's key."""
    return canonical([shop, room, number])


def committed(salt: bytes, body: Body) -> bytes:
    """The commitment of a body."""
    return hmac.digest(salt, canonical(dict(body)), "sha256")


def chained(previous: bytes, shop: int, room: int, link: Link) -> bytes:
    """The hash of a link."""
    parts = [shop, room, link.number, link.kind, link.subject, stamp(link.at), link.commitment.hex()]
    return hashlib.sha256(previous + canonical(parts)).digest()


def signed(shop: int, room: int, seal: Seal) -> bytes:
    """What a signature is over."""
    return canonical([shop, room, seal.first, seal.last, seal.hash.hex(), stamp(seal.at)])


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk along a chain from its first link on; each step gives the walk so far, or what is bent."""

    shop: int
    room: int
    public: Ed25519PublicKey
    number: int = 0
    kind: str = ""
    previous: bytes = FIRST_HASH
    sealed: int = 0

    def link(self, link: Link, *, salt: Callable[[int], bytes | None], text: Body | None = None) -> Walk | Bent:
        """The next link. `text` is the body where that is kept elsewhere; without a salt a body can't be judged."""
        if link.number != self.number + 1:
            return Bent(self.number + 1, "", Breach.MISSING)
        if chained(self.previous, self.shop, self.room, link) != link.hash:
            return Bent(link.number, link.kind, Breach.UNCHAINED)
        body, key = link.body if link.body is not None else text, salt(link.number)
        if body is None and link.kind not in MAY_BE_EMPTY:
            return Bent(link.number, link.kind, Breach.EMPTIED)
        if body is not None and key is not None and not hmac.compare_digest(committed(key, body), link.commitment):
            return Bent(link.number, link.kind, Breach.CHANGED)
        return replace(self, number=link.number, kind=link.kind, previous=link.hash)

    def seal(self, seal: Seal) -> Walk | Bent:
        """The seal over the links since the one before."""
        if (seal.first, seal.last) != (self.sealed + 1, self.number):
            return Bent(self.sealed + 1, self.kind if self.sealed + 1 == self.number else "", Breach.SEAL_MISSING)
        if seal.hash != self.previous:
            return Bent(seal.last, self.kind, Breach.SEAL_OF_OTHERS)
        try:
            self.public.verify(seal.signature, signed(self.shop, self.room, seal))
        except InvalidSignature:
            return Bent(seal.last, self.kind, Breach.SEAL_NOT_OURS)
        return replace(self, sealed=seal.last)

    def end(self, links: int) -> Bent | None:
        """Nothing comes any more, and there were to be so many."""
        if self.number < links:
            return Bent(self.number + 1, "", Breach.CUT_SHORT)
        if self.sealed < self.number:
            return Bent(self.sealed + 1, "", Breach.UNSIGNED)
        return None
