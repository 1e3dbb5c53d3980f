"""Reads: who a customer is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from liveshelf.customers import _sql
from liveshelf.customers.types import Customer, CustomerKind, SealedPhone
from liveshelf.kernel.ids import CustomerId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import digest


async def recognise(tx: ReadTx, token: str) -> Customer | None:
    """Whose session this is, or `None` when it is unknown, over, or of somebody who left."""
    row = await tx.one(_sql.BY_SESSION, token=digest(token), wall=wall_now())
    return None if row is None else customer(row)


async def customers(tx: ReadTx, customer_ids: Iterable[CustomerId]) -> dict[CustomerId, Customer]:
    """The customers of these ids, also those who left."""
    ids = sorted(set(customer_ids))
    rows = await tx.all(_sql.BY_IDS, ids=ids) if ids else []
    return {CustomerId(row.customer_id): customer(row) for row in rows}


async def stored_password(tx: ReadTx, phone: SealedPhone) -> tuple[Customer, str] | None:
    """The member of a phone with their password hash, to be matched outside the transaction."""
    row = await tx.one(_sql.BY_PHONE, phone=phone.hash)
    return None if row is None else (customer(row), row.password_hash)


async def demo_buyers(tx: ReadTx) -> list[Customer]:
    """The buyers that the demo data made; empty anywhere else."""
    return [customer(row) for row in await tx.all(_sql.DEMO)]


def customer(row: Row[Any]) -> Customer:
    """The customer of a row."""
    return Customer(CustomerId(row.customer_id), row.openid, CustomerKind(row.kind), row.name, row.demo)
