"""What is hashed, committed to and signed, byte by byte. Pure: a record can be checked without this program.

All numbers are decimal text and all times ISO 8601 in UTC with microseconds. A row's canonical bytes are the JSON array
`[trail_id, actor, action, subject, commitment in hex, trace, at]`, without spaces, non-ASCII as it is. A seal's hash
is SHA-256 over the hash before (32 zero bytes for the first) and the rows' bytes by trail id, each with its length as
8 bytes big-endian in front.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

FIRST_HASH: Final = bytes(32)
PURPOSE_COMMITMENT: Final = "trail-commitment"
PURPOSE_SEAL: Final = "trail-seal"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the chain holds of a row."""

    trail_id: int
    actor: str
    action: str
    subject: str
    commitment: bytes
    trace: str
    at: datetime

    @property
    def canonical(self) -> bytes:
        """The bytes that are hashed."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        parts = [str(self.trail_id), self.actor, self.action, self.subject, self.commitment.hex(), self.trace, at]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()


def committed(shop: int, trail_id: int, detail: Mapping[str, object]) -> bytes:
    """What a keyed commitment of a row's detail is made of: bound to the row, so it can't be moved to another."""
    return json.dumps([shop, trail_id, detail], ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def chained(previous: bytes, rows: Iterable[Sealed]) -> bytes:
    """The hash of a seal."""
    digest = hashlib.sha256(previous)
    for row in rows:
        data = row.canonical
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def signed(shop: int, seal_no: int, *, count: int, chain: bytes, at: datetime) -> bytes:
    """What a seal's signature is over."""
    parts = [str(shop), str(seal_no), str(count), chain.hex(), at.astimezone(UTC).isoformat(timespec="microseconds")]
    return json.dumps(parts, separators=(",", ":")).encode()
