"""The same request twice has the effect of one.

The client makes the key before it sends. The row is inserted first, in the request's own transaction, so a concurrent
twin waits on the primary key and then finds the stored result; a failure takes the row away with the work. What is
stored is the command's result, which whichever facade replays it renders again.

Batches do it in two halves (`known`, `remember`): they look first, and insert rows with their results at the end. A
twin that came at the same moment meets the primary key there, and the whole batch is done again: then it finds the
result. So what is refused never writes anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.text import is_plain
from liveshelf.platform._rows import texts
from liveshelf.platform._tables import idempotency

if TYPE_CHECKING:
    from liveshelf.platform.db import Tx

T = TypeVar("T")

KEY_MAX = 128
_canonical = msgspec.json.Encoder(order="deterministic").encode
UNIQUE = "idempotency_pkey"  # what refuses the second of two twins that came at the same moment


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
        return hash_of(self.request)


def hash_of(request: object) -> bytes:
    """SHA-256 of a request's canonical JSON."""
    return hashlib.sha256(_canonical(request)).digest()


class Replay(msgspec.Struct, frozen=True):
    """A stored result, still as plain JSON values."""

    result: Any


_CLAIM = insert(idempotency).on_conflict_do_nothing().returning(idempotency.c.key)
_this = (
    idempotency.c.shop_id == bindparam("shop"),
    idempotency.c.actor == bindparam("who"),
    idempotency.c.operation == bindparam("what"),
    idempotency.c.key == bindparam("name"),
)
_STORED = select(idempotency.c.request_hash, idempotency.c.result).where(*_this)
_STORE = update(idempotency).where(*_this).values(result=bindparam("outcome"))
# In the raw driver (`script/bench checkout`). One look by the primary key a name, however the planner counts them.
_KNOWN = """
    SELECT n.number, k.request_hash, k.result::text AS result
    FROM unnest($3::text::text[], $4::text::text[]) WITH ORDINALITY AS n(actor, key, number)
    CROSS JOIN LATERAL (
        SELECT i.request_hash, i.result FROM idempotency i
        WHERE i.shop_id = $1 AND i.actor = n.actor AND i.operation = $2 AND i.key = n.key LIMIT 1
    ) k"""


class Named(NamedTuple):
    """One request of a batch: whose it is, its key, and the hash of what it asks for."""

    actor: str
    key: str
    request_hash: bytes


def is_nameable(key: str) -> bool:
    """Whether a key can be stored."""
    return 1 <= len(key) <= KEY_MAX and is_plain(key)


async def known(tx: Tx, operation: str, names: Sequence[Named]) -> list[Replay | KeyReused | None]:
    """What earlier requests of these names led to, in order: `None` means that there was none."""
    # A key that can't be stored is sought as the empty text, which nobody has.
    keys = [name.key if is_nameable(name.key) else "" for name in names]
    rows = await tx.fetch(_KNOWN, tx.shop, operation, texts([name.actor for name in names]), texts(keys))
    answers: list[Replay | KeyReused | None] = [None] * len(names)
    for row in rows:
        at = row["number"] - 1
        answers[at] = (
            Replay(msgspec.json.decode(row["result"] or "null"))
            if row["request_hash"] == names[at].request_hash
            else KeyReused(field="request_id")
        )
    return answers


def remember(tx: Tx, operation: str, results: Sequence[tuple[Named, object]]) -> None:
    """Keep the results of requests that were not known. Should a twin have been quicker, the transaction fails when it
    is to be committed, and `Database.write` does it again.
    """
    # Sorted: two batches that share names can't wait for each other in a circle.
    sorted_results = sorted(results, key=lambda one: (one[0].actor, one[0].key))
    rows = [(name.actor, name.key, name.request_hash, result) for name, result in sorted_results]
    tx.append_many(
        idempotency,
        {"operation": operation, "created_at": tx.now},
        ("actor", "key", "request_hash", "result"),
        rows,
    )


async def claim(tx: Tx, once: Once[Any]) -> Replay | KeyReused | None:
    """Claim a request for the transaction's actor: `None` means go on, a `Replay` that it was done before. Raises
    `KeyInvalid`.
    """
    name = Named(str(tx.actor), once.key, once.request_hash)
    if not is_nameable(name.key):
        raise KeyInvalid(field="request_id")
    row = {
        "actor": name.actor,
        "operation": once.operation,
        "key": name.key,
        "request_hash": name.request_hash,
        "created_at": tx.now,
    }
    if await tx.scalar(_CLAIM.values(shop_id=tx.shop, **row)) is not None:
        return None
    stored = await tx.one(_STORED, who=name.actor, what=once.operation, name=name.key)
    if stored is None:
        raise AssertionError("a claim that others made is gone: nothing takes claims back")
    return Replay(stored.result) if stored.request_hash == name.request_hash else KeyReused(field="request_id")


async def store(tx: Tx, once: Once[T], result: T) -> None:
    """Keep the result of the claim made in this transaction."""
    await tx.execute(_STORE, who=str(tx.actor), what=once.operation, name=once.key, outcome=msgspec.to_builtins(result))
