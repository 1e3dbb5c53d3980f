"""A buyer's address book."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import MediaType, Response, delete, get, post, put
from litestar.params import PathParameter

from liveshelf.customers import addresses, postal
from liveshelf.customers.divisions import divisions
from liveshelf.customers.errors import DivisionsUnknown
from liveshelf.customers.recognise import TEXT_MAX, Confidence, Recognised, recognise
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


class Pasted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a buyer pasted."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]


class RecognisedView(msgspec.Struct, frozen=True):
    """What was read out of it; empty where nothing was. The `…_is` say how far each part can be relied on. Without
    `code`, `province` and `city` say how far the place is known.
    """

    name: str
    phone: str
    code: str
    province: str
    city: str
    district: str
    street: str
    name_is: Confidence
    phone_is: Confidence
    place_is: Confidence
    street_is: Confidence


class DivisionsVersion(msgspec.Struct, frozen=True):
    """Which divisions are the present ones, and where they are."""

    version: str
    url: str


@get("/divisions", tags=["addresses"])
async def divisions_version() -> DivisionsVersion:
    """Where the present provinces, cities and districts are; what stands there never changes."""
    version = divisions().version
    return DivisionsVersion(version, f"/v1/divisions/{version}")


@get("/divisions/{version:str}", tags=["addresses"])
async def all_divisions(version: Annotated[str, PathParameter(max_length=32)]) -> Response[str]:
    """Provinces with their cities with their districts: `[code, name, […]]`, in the order of their codes."""
    found = divisions()
    if version != found.version:
        raise DivisionsUnknown(version=found.version)
    return Response(
        found.text, media_type=MediaType.JSON, headers={"cache-control": "public, max-age=31536000, immutable"}
    )


@post("/storefront/{shop_id:int}/addresses/recognise", status_code=200, dependencies=buyer(), tags=["addresses"])
async def recognise_address(data: Pasted, buyer: Buyer) -> RecognisedView:  # noqa: ARG001 - only whoever buys here may
    """Read an address out of a text. Nothing of it is kept."""
    return _recognised(recognise(data.text))


@get("/storefront/{shop_id:int}/addresses", dependencies=buyer(), tags=["addresses"])
async def my_addresses(buyer: Buyer, runtime: Runtime) -> list[AddressView]:
    """My addresses: the default first, then the ones touched last."""
    return await _book(runtime, buyer)


@post("/storefront/{shop_id:int}/addresses", dependencies=buyer(), tags=["addresses"])
async def add_address(data: AddressIn, buyer: Buyer, runtime: Runtime) -> AddressView:
    """One more address; the first is the default by itself."""
    address = postal.check_address(_draft(data))
    sealed = postal.keep_address(runtime.keys, address)

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
    sealed = postal.keep_address(runtime.keys, postal.check_address(_draft(data)))

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


def _recognised(found: Recognised) -> RecognisedView:
    return RecognisedView(
        found.name,
        found.phone,
        found.code,
        found.province,
        found.city,
        found.district,
        found.street,
        found.name_is,
        found.phone_is,
        found.place_is,
        found.street_is,
    )


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


ROUTES = [
    divisions_version,
    all_divisions,
    recognise_address,
    my_addresses,
    add_address,
    change_address,
    remove_address,
]
