"""A buyer's address book."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.customers import addresses, postal
from liveshelf.customers.types import Address, AddressDraft, Buyer, KeptAddress
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.shell import RequestId, SmallId, once
from liveshelf.kernel.ids import AddressId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

RecipientName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Phone = Annotated[str, msgspec.Meta(min_length=1, max_length=postal.PHONE_MAX)]
Code = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", description="The district's code (GB/T 2260).")]
Street = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class AddressIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address to be kept. `is_default` makes it the one that is taken when none is named."""

    request_id: RequestId
    name: RecipientName
    phone: Phone
    code: Code
    street: Street
    is_default: bool = False


class AddressView(msgspec.Struct, frozen=True):
    """An address of the buyer's own, whole. `place` is province, city and district as people write them."""

    address_id: int
    name: str
    phone: str
    code: str
    province: str
    city: str
    district: str
    place: str
    street: str
    is_default: bool


@get("/storefront/{shop_id:int}/addresses", dependencies=buyer(), tags=["addresses"])
async def my_addresses(buyer: Buyer, runtime: Runtime) -> list[AddressView]:
    """My addresses: the default first, then the ones touched last."""
    return await _book(runtime, buyer)


@post("/storefront/{shop_id:int}/addresses", dependencies=buyer(), tags=["addresses"])
async def add_address(data: AddressIn, buyer: Buyer, runtime: Runtime) -> AddressView:
    """One more address; the first is the default by itself."""
    address = postal.check_address(_draft(data))
    sealed = postal.seal_address(runtime.keys, address)

    async def work(tx: Tx) -> int:
        address_id = await addresses.add(tx, buyer.customer_id, sealed)
        if data.is_default:
            await addresses.make_default(tx, buyer.customer_id, address_id)
        return address_id

    made = await runtime.db.write(buyer.actor, buyer.shop, work, once=once("addresses.add", data.request_id, data, int))
    return await _shown(runtime, buyer, AddressId(made))


@put("/storefront/{shop_id:int}/addresses/{address_id:int}", dependencies=buyer(), tags=["addresses"])
async def change_address(address_id: SmallId, data: AddressIn, buyer: Buyer, runtime: Runtime) -> AddressView:
    """Replace what an address says. Orders that took it keep what it said then."""
    sealed = postal.seal_address(runtime.keys, postal.check_address(_draft(data)))

    async def work(tx: Tx) -> None:
        await addresses.change(tx, buyer.customer_id, AddressId(address_id), sealed=sealed)
        if data.is_default:
            await addresses.make_default(tx, buyer.customer_id, AddressId(address_id))

    await runtime.db.write(buyer.actor, buyer.shop, work)
    return await _shown(runtime, buyer, AddressId(address_id))


@delete("/storefront/{shop_id:int}/addresses/{address_id:int}", dependencies=buyer(), tags=["addresses"])
async def remove_address(address_id: SmallId, buyer: Buyer, runtime: Runtime) -> None:
    """Take an address out of the book. Orders that took it keep it."""
    await runtime.db.write(
        buyer.actor, buyer.shop, lambda tx: addresses.remove(tx, buyer.customer_id, AddressId(address_id))
    )


async def _book(runtime: Runtime, buyer: Buyer) -> list[AddressView]:
    async with runtime.db.read(buyer.shop) as tx:
        kept = await addresses.book(tx, buyer.customer_id)
    return [_view(one, postal.open_address(runtime.keys, one.sealed)) for one in kept]


async def _shown(runtime: Runtime, buyer: Buyer, address_id: AddressId) -> AddressView:
    async with runtime.db.read(buyer.shop) as tx:
        kept = await addresses.address(tx, address_id, customer_id=buyer.customer_id)
    return _view(kept, postal.open_address(runtime.keys, kept.sealed))


def _draft(data: AddressIn) -> AddressDraft:
    return AddressDraft(data.name, data.phone, data.code, data.street)


def _view(kept: KeptAddress, address: Address) -> AddressView:
    return AddressView(
        kept.address_id,
        address.name,
        address.phone,
        address.code,
        address.province,
        address.city,
        address.district,
        postal.place_text(address),
        address.street,
        kept.is_default,
    )


ROUTES = [my_addresses, add_address, change_address, remove_address]
