"""Commands: record, seal, erase."""

from __future__ import annotations

from typing import TypeAlias

from liveshelf.kernel.ids import new_number
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.trail import _sql, queries, rules
from liveshelf.trail._tables import trail
from liveshelf.trail.events import SealDue

SEAL_MAX = 1_000  # rows in one seal: some milliseconds of hashing
_ADVISORY_SEALER = 0x6C73_02  # first key of the advisory locks that sealers take

Detail: TypeAlias = str | int | bool | list[str] | list[int] | None


def record(tx: Tx, action: str, subject: str, **detail: Detail) -> None:
    """Write down that the transaction's actor did something. Inserted with the transaction's commit, or not at all.

    `action` is a verb phrase with a dot ("goods.delete"), `subject` the thing ("goods:1001"), `detail` plain facts
    without personal data.
    """
    tx.append(
        trail,
        trail_id=new_number(),
        actor=str(tx.actor),
        action=action,
        subject=subject,
        detail=detail,
        trace=tx.trace,
        at=tx.now,
    )


async def seal(tx: Tx, keys: Keys, limit: int = SEAL_MAX) -> int:
    """Chain and sign what waits, as one seal of up to `limit` rows. Returns how many rows; none when another sealer
    is at work.
    """
    if not await tx.scalar(_sql.ONE_SEALER, space=_ADVISORY_SEALER):
        return 0
    rows = await tx.all(_sql.UNSEALED, most=limit)
    if not rows:
        return 0
    last = await tx.one(_sql.LAST_SEAL)
    number, previous = (1, rules.FIRST_HASH) if last is None else (last.seal_no + 1, last.hash)
    commitments = [
        keys.mac(rules.PURPOSE_COMMITMENT, rules.committed(tx.shop, row.trail_id, row.detail)) for row in rows
    ]
    chain = rules.chained(previous, [queries.as_sealed(row, one) for row, one in zip(rows, commitments, strict=True)])
    signature = keys.seal_key(rules.PURPOSE_SEAL).sign(
        rules.signed(tx.shop, number, count=len(rows), chain=chain, at=tx.now)
    )
    await tx.execute(
        _sql.INSERT_SEAL.values(
            shop_id=tx.shop, seal_no=number, rows=len(rows), hash=chain, signature=signature, at=tx.now
        )
    )
    await tx.conn.execute(
        _sql.SEAL,
        [
            {"b_shop": tx.shop, "b_trail": row.trail_id, "b_seal": number, "b_commitment": one}
            for row, one in zip(rows, commitments, strict=True)
        ],
    )
    return len(rows)


async def erase(tx: Tx, subject: str) -> int:
    """Empty the details of a subject's sealed rows; that they were written stays, and the chain still verifies.
    Returns how many.
    """
    return len(await tx.all(_sql.ERASE, what=subject))


async def ask_for_seal(tx: Tx, _limit: int) -> int:
    """Ask for the sealer, which has the keys that a timer has not."""
    tx.emit(SealDue(), stream="trail")
    return 1
