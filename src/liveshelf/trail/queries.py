"""Reads: the record, and whether it is as it was sealed."""

from __future__ import annotations

import hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Row

from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import Keys
from liveshelf.trail import _sql, rules
from liveshelf.trail.types import Broken, Entry

SEALS_AT_ONCE = 50


async def newest(tx: ReadTx, *, cursor: str | None, limit: int | None) -> Page[Entry]:
    """The shop's record, the latest first."""
    size = clamp_limit(limit)
    rows = await tx.all(_sql.NEWEST, before=below(cursor), most=size + 1)
    return page_of([as_entry(row) for row in rows], size, lambda one: (one.trail_id,))


async def verify(tx: ReadTx, keys: Keys) -> list[Broken]:
    """What of the shop's record is not as it was sealed: rows changed, added or taken away, seals forged or missing.

    Empty when all is well. Rows that wait for their seal are not judged; erased details are no breach, since the
    chain holds only their commitment. Cutting off the latest seals together with their rows can't be seen from
    inside: compare with a seal noted elsewhere.
    """
    public = keys.seal_key(rules.PURPOSE_SEAL).public_key()
    broken: list[Broken] = []
    previous, last = rules.FIRST_HASH, 0
    while seals := await tx.all(_sql.SEALS, after=last, most=SEALS_AT_ONCE):
        by_seal: dict[int, list[Row[Any]]] = {}
        for row in await tx.all(_sql.ROWS_OF_SEALS, first=last + 1, last=seals[-1].seal_no):
            by_seal.setdefault(row.seal_no, []).append(row)
        for seal in seals:
            broken.extend(Broken(missing, "the seal is missing") for missing in range(last + 1, seal.seal_no))
            broken.extend(_judged(tx, keys, seal, by_seal.get(seal.seal_no, []), previous=previous))
            if not _signature_holds(tx, public, seal):
                broken.append(Broken(seal.seal_no, "the signature is not ours"))
            previous, last = seal.hash, seal.seal_no
    broken.extend(
        Broken(row.seal_no, f"{row.count} rows name a seal that is missing")
        for row in await tx.all(_sql.STRAY, last=last)
    )
    return broken


def as_entry(row: Row[Any]) -> Entry:
    """The entry of a row."""
    return Entry(row.trail_id, row.at, row.actor, row.action, row.subject, row.detail, row.trace, row.seal_no)


def as_sealed(row: Row[Any], commitment: bytes | None) -> rules.Sealed:
    """What the chain holds of a row."""
    return rules.Sealed(row.trail_id, row.actor, row.action, row.subject, commitment or b"", row.trace, row.at)


def _judged(tx: ReadTx, keys: Keys, seal: Row[Any], rows: list[Row[Any]], *, previous: bytes) -> list[Broken]:
    broken = []
    if len(rows) != seal.rows:
        broken.append(Broken(seal.seal_no, f"{seal.rows} rows were sealed, {len(rows)} are there"))
    if rules.chained(previous, [as_sealed(row, row.commitment) for row in rows]) != seal.hash:
        broken.append(Broken(seal.seal_no, "the rows are not those that were sealed"))
    for row in rows:
        if row.detail is not None:
            expected = keys.mac(rules.PURPOSE_COMMITMENT, rules.committed(tx.shop, row.trail_id, row.detail))
            if not hmac.compare_digest(expected, row.commitment or b""):
                broken.append(Broken(seal.seal_no, f"the detail of row {row.trail_id} was changed"))
    return broken


def _signature_holds(tx: ReadTx, public: Ed25519PublicKey, seal: Row[Any]) -> bool:
    try:
        public.verify(seal.signature, rules.signed(tx.shop, seal.seal_no, count=seal.rows, chain=seal.hash, at=seal.at))
    except InvalidSignature:
        return False
    return True
