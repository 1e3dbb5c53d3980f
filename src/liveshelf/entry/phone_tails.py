"""Fills in what a migration can't: the keyed hashes of phone numbers that were sealed before there were any.

Safe to repeat; with nothing to do it is one look at each table. A number that can't be opened, since it was sealed
under another key, gets an empty hash and is not tried again.
"""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

from liveshelf.customers import postal, rules
from liveshelf.platform.signing import Keys, SealBrokenError

_AT_ONCE = 1_000


async def fill(admin: asyncpg.Connection, keys: Keys) -> int:
    """Give every sealed number its tail; how many had none."""

    def member(sealed: bytes) -> str:
        return keys.decrypt(rules.PURPOSE_PHONE, sealed)

    def addressee(sealed: bytes) -> str:
        return postal.open_address(keys, sealed).phone

    return await _fill(admin, keys, ("customers", "customer_id", "phone"), member) + await _fill(
        admin, keys, ("addresses", "address_id", "sealed"), addressee
    )


async def _fill(
    admin: asyncpg.Connection, keys: Keys, names: tuple[str, str, str], number: Callable[[bytes], str]
) -> int:
    table, key, sealed = names  # our own names, never anybody's input
    some = f"SELECT shop_id, {key}, {sealed} FROM {table} WHERE {sealed} IS NOT NULL AND phone_tail IS NULL LIMIT $1"  # noqa: S608
    # What changed in the meantime has its tail by then.
    keep = (
        f"UPDATE {table} SET phone_tail = $3 WHERE shop_id = $1 AND {key} = $2 AND phone_tail IS NULL AND {sealed} = $4"  # noqa: S608
    )
    filled = 0
    while rows := await admin.fetch(some, _AT_ONCE):
        await admin.executemany(
            keep, [(row["shop_id"], row[key], _tail(keys, number, row[sealed]), row[sealed]) for row in rows]
        )
        filled += len(rows)
    return filled


def _tail(keys: Keys, number: Callable[[bytes], str], sealed: bytes) -> bytes:
    try:
        return rules.tail_hash(keys, number(sealed))
    except SealBrokenError:
        return b""
