"""A timeline as JSON lines, and checking one without this installation: only the lines and the public key are needed.

The first line names the room, when its broadcast began and the public key; then each link, with the salt of its
commitment where its body is there; after a block's last link the block's seal. Who wants to be sure whose it is
compares the key with one that was told on another way.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import Keys
from liveshelf.timeline import queries
from liveshelf.timeline.rules import Walk, canonical, stamp
from liveshelf.timeline.types import Bent, Link, Seal, Verdict

FORMAT = "liveshelf.timeline/1"


class ExportUnreadableError(ValueError):
    """The file is not an exported timeline."""


async def lines(tx: ReadTx, keys: Keys, room_id: RoomId) -> AsyncIterator[bytes]:
    """The lines of a room's timeline. Raises `TimelineMissing`."""
    of = await queries.timeline(tx, room_id)
    public = queries.public_key(keys).public_bytes_raw().hex()
    head = {"format": FORMAT, "shop": tx.shop, "room": room_id, "started_at": stamp(of.started_at), "links": of.links}
    yield _line({**head, "public_key": public})
    async for block, seals in queries.blocks(tx, room_id):
        for link in block:
            yield _line(_of_link(link, queries.salt_of(keys, tx.shop, room_id, link.number)))
            while seals and seals[0].last <= link.number:
                yield _line(_of_seal(seals.pop(0)))


def check(text: Iterable[str], *, public_key: str | None = None) -> Verdict:
    """What is bent in an exported timeline. With a key the file's own is not trusted.

    Raises `ExportUnreadableError`.
    """
    try:
        read = [json.loads(line) for line in text if line.strip()]
        head = read[0]
        if head["format"] != FORMAT:
            raise ExportUnreadableError(head["format"])
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key or head["public_key"]))
        walk, seals = Walk(head["shop"], head["room"], public), 0
        for one in read[1:]:
            step = _step(walk, one)
            if isinstance(step, Bent):
                return Verdict(RoomId(walk.room), walk.number, seals, step)
            walk, seals = step, seals + ("signature" in one)
        return Verdict(RoomId(walk.room), walk.number, seals, walk.end(head["links"]))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ExportUnreadableError(str(error)) from error


def _step(walk: Walk, one: dict[str, Any]) -> Walk | Bent:
    if "signature" in one:
        at = datetime.fromisoformat(one["at"])
        return walk.seal(
            Seal(one["first"], one["last"], bytes.fromhex(one["hash"]), bytes.fromhex(one["signature"]), at)
        )
    link = Link(
        one["number"],
        one["kind"],
        one["subject"],
        datetime.fromisoformat(one["at"]),
        one.get("body"),
        bytes.fromhex(one["commitment"]),
        bytes.fromhex(one["hash"]),
    )
    salt = bytes.fromhex(one["salt"]) if "salt" in one else None
    return walk.link(link, salt=lambda _: salt)


def _of_link(link: Link, salt: bytes) -> dict[str, object]:
    opened = {} if link.body is None else {"body": link.body, "salt": salt.hex()}
    return {
        "number": link.number,
        "kind": link.kind,
        "subject": link.subject,
        "at": stamp(link.at),
        "commitment": link.commitment.hex(),
        "hash": link.hash.hex(),
        **opened,
    }


def _of_seal(seal: Seal) -> dict[str, object]:
    return {
        "first": seal.first,
        "last": seal.last,
        "hash": seal.hash.hex(),
        "at": stamp(seal.at),
        "signature": seal.signature.hex(),
    }


def _line(value: dict[str, object]) -> bytes:
    return canonical(value) + b"\n"
