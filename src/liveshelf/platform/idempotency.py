"""The same request twice has the effect of one.

The client makes the key before it sends. The row is inserted first, in the request's own transaction, so a concurrent
twin waits on the primary key and then finds the stored result; a failure takes the row away with the work. What is
stored is the command's result, which whichever facade replays it renders again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from sqlalchemy import bindparam, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.text import is_plain
from liveshelf.platform._tables import idempotency

if TYPE_CHECKING:
    from liveshelf.platform.db import Tx

T = TypeVar("T")

KEY_MAX = 128


class KeyReused(Invalid):
    """The same request id came with another request."""

    code = "request.id_reused"
    title = "This request id was already used for a different request."


class KeyInvalid(Invalid):
    """The request id is empty, too long, or has characters that can't be stored."""

    code = "request.id_invalid"
    title = f"A request id has 1 to {KEY_MAX} plain characters."


@dataclass(frozen=True, slots=True)
class Once(Generic[T]):
    """Marks a command as to be done once. `request` is compared on replay; `result` is what to read it as."""

    operation: str
    key: str
    request: object
    result: type[T]

    @property
    def request_hash(self) -> bytes:
        """SHA-256 of the request's canonical JSON."""
        return hashlib.sha256(msgspec.json.encode(self.request, order="deterministic")).digest()


class Replay(msgspec.Struct, frozen=True):
    """A stored result, still as plain JSON values."""

    result: Any


# Executed with a list of rows: SQLAlchemy writes the rows into one statement without compiling it anew for each size.
_CLAIM = insert(idempotency).on_conflict_do_nothing().returning(idempotency.c.actor, idempotency.c.key)
_STORED = select(idempotency).where(
    idempotency.c.shop_id == bindparam("shop"),
    idempotency.c.operation == bindparam("operation"),
    tuple_(idempotency.c.actor, idempotency.c.key).in_(bindparam("names", expanding=True)),
)
_STORE = (
    update(idempotency)
    .where(
        idempotency.c.shop_id == bindparam("shop"),
        idempotency.c.actor == bindparam("who"),
        idempotency.c.operation == bindparam("what"),
        idempotency.c.key == bindparam("name"),
    )
    .values(result=bindparam("outcome"))
)
_FORGET = delete(idempotency).where(
    idempotency.c.shop_id == bindparam("shop"),
    idempotency.c.operation == bindparam("operation"),
    tuple_(idempotency.c.actor, idempotency.c.key).in_(bindparam("names", expanding=True)),
)


async def claim(tx: Tx, operation: str, claims: Sequence[tuple[str, Once[Any]]]) -> list[Replay | KeyReused | None]:
    """Claim (actor, once) pairs of one operation, in order: `None` means go on, a `Replay` that it was done before.

    Claims are inserted sorted, so two batches that share keys can't wait for each other in a circle. A key that
    stands twice in one call is claimed by the first; the later one gets `KeyReused` when its request differs, and
    must otherwise be resolved by the caller (`checkout` gives both the same outcome).
    """
    for _, once in claims:
        if not (1 <= len(once.key) <= KEY_MAX and is_plain(once.key)):
            raise KeyInvalid(field="request_id")
    rows = {
        (actor, once.key): {
            "shop_id": tx.shop,
            "actor": actor,
            "operation": operation,
            "key": once.key,
            "request_hash": once.request_hash,
            "created_at": tx.now,
        }
        for actor, once in reversed(claims)
    }
    names = sorted(rows)
    inserted = {(row.actor, row.key) for row in await tx.conn.execute(_CLAIM, [rows[name] for name in names])}
    stored = {}
    if waiting := [name for name in names if name not in inserted]:
        stored = {(row.actor, row.key): row for row in await tx.all(_STORED, operation=operation, names=waiting)}
    answers: list[Replay | KeyReused | None] = []
    for actor, once in claims:
        row = stored.get((actor, once.key))
        request_hash = row.request_hash if row is not None else rows[actor, once.key]["request_hash"]
        if request_hash != once.request_hash:
            answers.append(KeyReused(field="request_id"))
        else:
            answers.append(None if row is None else Replay(row.result))
    return answers


async def store(tx: Tx, operation: str, results: Sequence[tuple[str, str, object]]) -> None:
    """Keep the results of (actor, key) claims made in this transaction."""
    if results:
        await tx.conn.execute(
            _STORE,
            [
                {"shop": tx.shop, "who": actor, "what": operation, "name": key, "outcome": msgspec.to_builtins(result)}
                for actor, key, result in results
            ],
        )


async def forget(tx: Tx, operation: str, names: Sequence[tuple[str, str]]) -> None:
    """Give back (actor, key) claims made in this transaction: what was refused may be asked for again under its key."""
    if names:
        await tx.execute(_FORGET, operation=operation, names=sorted(names))
