"""A customer's address book (收货地址): add, change, remove, and which is the default.

Addresses come and go sealed: what they say is known only where a key is at hand. The first one is the default by
itself; there is a default as long as there is an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from liveshelf.customers import _sql
from liveshelf.customers.errors import AddressesFull, AddressUnknown, BuyerUnknown
from liveshelf.customers.types import KeptAddress, SealedAddress
from liveshelf.kernel.ids import AddressId, CustomerId
from liveshelf.platform.db import ReadTx, Tx

ADDRESSES_MAX = 20  # of one customer, by adding; a sign-in may bring a guest's along


async def book(tx: ReadTx, customer_id: CustomerId) -> list[KeptAddress]:
    """The customer's addresses: the default first, then the ones touched last."""
    return [_kept(row) for row in await tx.all(_sql.ADDRESSES, customer=customer_id)]


async def addresses(tx: ReadTx, address_ids: Iterable[AddressId]) -> dict[AddressId, KeptAddress]:
    """The addresses of these ids, whoever's they are: the caller compares."""
    ids = sorted(set(address_ids))
    rows = await tx.all(_sql.ADDRESSES_BY_IDS, ids=ids) if ids else []
    return {AddressId(row.address_id): _kept(row) for row in rows}


async def address(tx: ReadTx, address_id: AddressId, *, customer_id: CustomerId) -> KeptAddress:
    """One of the customer's addresses. Raises `AddressUnknown`."""
    found = (await addresses(tx, [address_id])).get(address_id)
    if found is None or found.customer_id != customer_id:
        raise AddressUnknown(address_id=address_id)
    return found


async def add(tx: Tx, customer_id: CustomerId, sealed: SealedAddress) -> AddressId:
    """One more address. Raises `AddressesFull`, `BuyerUnknown`."""
    await _lock(tx, customer_id)
    present = await book(tx, customer_id)
    if len(present) >= ADDRESSES_MAX:
        raise AddressesFull(most=ADDRESSES_MAX)
    address_id = AddressId(await tx.next_number("address"))
    await tx.execute(
        _sql.INSERT_ADDRESS.values(
            shop_id=tx.shop,
            address_id=address_id,
            customer_id=customer_id,
            sealed=sealed.cipher,
            phone_tail=sealed.tail,
            is_default=not present,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    return address_id


async def change(tx: Tx, customer_id: CustomerId, address_id: AddressId, *, sealed: SealedAddress) -> None:
    """Replace what an address says; orders that took it keep their own copy. Raises `AddressUnknown`."""
    values = {"b_sealed": sealed.cipher, "tail": sealed.tail, "moment": tx.now}
    if await tx.scalar(_sql.EDIT_ADDRESS, customer=customer_id, address=address_id, **values) is None:
        raise AddressUnknown(address_id=address_id)


async def make_default(tx: Tx, customer_id: CustomerId, address_id: AddressId) -> None:
    """The address that is taken when none is named. Raises `AddressUnknown`, `BuyerUnknown`."""
    await _lock(tx, customer_id)
    await address(tx, address_id, customer_id=customer_id)
    await tx.execute(_sql.CLEAR_DEFAULT, customer=customer_id)
    await tx.execute(_sql.SET_DEFAULT, customer=customer_id, address=address_id)


async def remove(tx: Tx, customer_id: CustomerId, address_id: AddressId) -> None:
    """Take an address out of the book; the one touched last follows a default. Raises `AddressUnknown`."""
    await _lock(tx, customer_id)
    was_default = await tx.scalar(_sql.DELETE_ADDRESS, customer=customer_id, address=address_id)
    if was_default is None:
        raise AddressUnknown(address_id=address_id)
    rest = await book(tx, customer_id)
    if was_default and rest:
        await tx.execute(_sql.SET_DEFAULT, customer=customer_id, address=rest[0].address_id)


async def _lock(tx: Tx, customer_id: CustomerId) -> None:
    if await tx.scalar(_sql.LOCK_BOOK, customer=customer_id) is None:
        raise BuyerUnknown


def _kept(row: Row[Any]) -> KeptAddress:
    return KeptAddress(AddressId(row.address_id), CustomerId(row.customer_id), row.sealed, row.is_default)
