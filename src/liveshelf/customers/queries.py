"""Reads: who a customer is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Row

from liveshelf.customers import _sql, rules
from liveshelf.customers.postal import Opener, clean_phone, open_address
from liveshelf.customers.types import Customer, CustomerKind, SealedPhone
from liveshelf.kernel.ids import CustomerId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import digest

TAILED_MAX = 1_000  # buyers of one tail that are looked at, the newest first


class Finder(rules.Hasher, Opener, Protocol):
    """The part of the installation's keys that finds buyers by a phone number."""


async def recognise(tx: ReadTx, token: str) -> Customer | None:
    """Whose session this is, or `None` when it is unknown, over, or of somebody who left."""
    row = await tx.one(_sql.BY_SESSION, token=digest(token), wall=wall_now())
    return None if row is None else customer(row)


async def customers(tx: ReadTx, customer_ids: Iterable[CustomerId]) -> dict[CustomerId, Customer]:
    """The customers of these ids, also those who left."""
    ids = sorted(set(customer_ids))
    rows = await tx.all(_sql.BY_IDS, ids=ids) if ids else []
    return {CustomerId(row.customer_id): customer(row) for row in rows}


async def by_openids(tx: ReadTx, openids: Iterable[str]) -> dict[str, CustomerId]:
    """Who is behind these openids; those of nobody are absent."""
    rows = await tx.all(_sql.BY_OPENIDS, openids=sorted(set(openids)))
    return {row.openid: CustomerId(row.customer_id) for row in rows}


async def own_phone(tx: ReadTx, keys: Opener, customer_id: CustomerId) -> str:
    """The customer's own number, whole; an empty text when there is none."""
    row = await tx.one(_sql.BY_IDS, ids=[customer_id])
    return "" if row is None or row.phone is None else keys.decrypt(rules.PURPOSE_PHONE, bytes(row.phone))


async def stored_password(tx: ReadTx, phone: SealedPhone) -> tuple[Customer, str] | None:
    """The member of a phone with their password hash, to be matched outside the transaction."""
    row = await tx.one(_sql.BY_PHONE, phone=phone.hash)
    return None if row is None else (customer(row), row.password_hash)


async def demo_buyers(tx: ReadTx) -> list[Customer]:
    """The buyers that the demo data made; empty anywhere else."""
    return [customer(row) for row in await tx.all(_sql.DEMO)]


async def by_phone(tx: ReadTx, keys: Finder, text: str) -> list[CustomerId]:
    """The buyers whose own number, or one in their address book, ends in these four digits, or is this number. Empty
    when the text is neither. Who was erased is not found.
    """
    text = "".join(text.split())
    tail = rules.is_tail(text)
    number = text if tail else clean_phone(text)
    if number is None:
        return []
    known = {"tail": rules.tail_hash(keys, number), "most": TAILED_MAX}
    wanted = rules.plain_number(number)
    found = {
        row.customer_id
        for row in await tx.all(_sql.BY_TAIL, **known)
        if tail or keys.decrypt(rules.PURPOSE_PHONE, row.sealed) == wanted
    }
    found |= {
        row.customer_id
        for row in await tx.all(_sql.ADDRESSES_BY_TAIL, **known)
        if tail or rules.plain_number(open_address(keys, row.sealed).phone) == wanted
    }
    return [CustomerId(one) for one in sorted(found)]


def customer(row: Row[Any]) -> Customer:
    """The customer of a row."""
    return Customer(CustomerId(row.customer_id), row.openid, CustomerKind(row.kind), row.name, row.demo)
