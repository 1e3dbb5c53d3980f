"""What a shop sets up for its after-sales: reasons, the review flow, return addresses."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts.types import Operator, Role
from liveshelf.aftersales import queries, rules, setup
from liveshelf.aftersales.reasons import TEXT_MAX
from liveshelf.aftersales.rules import BANDS_MAX, STEPS_MAX
from liveshelf.aftersales.types import Address, Band, CaseKind, FreightBy, Reason, Responsibility
from liveshelf.facades.native.shell import Plain, RequestId, SmallId, once, staff
from liveshelf.kernel.fen import MAX_FEN, Fen
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime


class ReasonSetup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the seven reasons as the shop words it."""

    code: Annotated[str, msgspec.Meta(max_length=40)]
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    en: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    responsibility: Responsibility
    pictures: bool
    freight_by: FreightBy
    active: bool


class ReasonShown(ReasonSetup, frozen=True, forbid_unknown_fields=False):
    """The same, with what it can lead to, which is ours to say."""

    kinds: list[CaseKind]


class BandSetup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Amounts up to so much (nothing: without limit), and who looks at them, in order."""

    upto_fen: Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)] | None
    steps: Annotated[list[Role], msgspec.Meta(max_length=STEPS_MAX)]


class FlowShown(msgspec.Struct, frozen=True):
    """The review flow in force."""

    version: int
    bands: list[BandSetup]


class ReturnAddressShown(msgspec.Struct, frozen=True):
    """A return address."""

    address_id: int
    standard: bool
    name: str
    phone: str
    region: str
    street: str


class AftersalesSetup(msgspec.Struct, frozen=True):
    """All of it."""

    reasons: list[ReasonShown]
    flow: FlowShown
    addresses: list[ReturnAddressShown]


class SetReasons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The seven in the shop's order."""

    request_id: RequestId
    reasons: Annotated[list[ReasonSetup], msgspec.Meta(max_length=20)]


class SetFlow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new version of the flow, made from version `after`."""

    request_id: RequestId
    after: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    bands: Annotated[list[BandSetup], msgspec.Meta(max_length=BANDS_MAX)]


class NewReturnAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where goods are to be sent back to."""

    request_id: RequestId
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    region: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    street: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


@get("/shops/{shop_id:int}/aftersales-setup", dependencies=staff("aftersales.setup"), tags=["aftersales"])
async def get_setup(operator: Operator, runtime: Runtime) -> AftersalesSetup:
    """Reasons, review flow and return addresses."""
    return await _shown(runtime, operator)


@put("/shops/{shop_id:int}/aftersales-setup/reasons", dependencies=staff("aftersales.setup"), tags=["aftersales"])
async def set_reasons(data: SetReasons, operator: Operator, runtime: Runtime) -> AftersalesSetup:
    """Word, order and switch the seven reasons. Running cases keep theirs."""
    wanted = [
        Reason(
            one.code,
            one.zh,
            one.en,
            one.responsibility,
            one.pictures,
            one.freight_by,
            kinds=(),
            active=one.active,
        )
        for one in data.reasons
    ]

    async def work(tx: Tx) -> bool:
        await setup.set_reasons(tx, wanted)
        return True

    marked = once("aftersales.set_reasons", data.request_id, data, bool)
    await runtime.db.write(operator.actor, operator.shop, work, once=marked)
    return await _shown(runtime, operator)


@put("/shops/{shop_id:int}/aftersales-setup/flow", dependencies=staff("aftersales.setup"), tags=["aftersales"])
async def set_flow(data: SetFlow, operator: Operator, runtime: Runtime) -> AftersalesSetup:
    """A new version of the review flow; running cases keep theirs."""
    bands = [Band(None if one.upto_fen is None else Fen(one.upto_fen), tuple(one.steps)) for one in data.bands]

    async def work(tx: Tx) -> int:
        return (await setup.set_flow(tx, bands, after=data.after)).version

    marked = once("aftersales.set_flow", data.request_id, data, int)
    await runtime.db.write(operator.actor, operator.shop, work, once=marked)
    return await _shown(runtime, operator)


@post("/shops/{shop_id:int}/aftersales-setup/addresses", dependencies=staff("aftersales.setup"), tags=["aftersales"])
async def add_address(data: NewReturnAddress, operator: Operator, runtime: Runtime) -> AftersalesSetup:
    """Keep a return address; the first one is the standard."""
    sealed = rules.seal_address(runtime.keys, Address(data.name, data.phone, data.region, data.street))
    await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: setup.add_address(tx, sealed),
        once=once("aftersales.add_address", data.request_id, data, int),
    )
    return await _shown(runtime, operator)


@delete(
    "/shops/{shop_id:int}/aftersales-setup/addresses/{address_id:int}",
    status_code=200,
    dependencies=staff("aftersales.setup"),
    tags=["aftersales"],
)
async def remove_address(address_id: SmallId, operator: Operator, runtime: Runtime) -> AftersalesSetup:
    """Forget a return address."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: setup.remove_address(tx, address_id))
    return await _shown(runtime, operator)


@post(
    "/shops/{shop_id:int}/aftersales-setup/addresses/{address_id:int}/choose",
    status_code=200,
    dependencies=staff("aftersales.setup"),
    tags=["aftersales"],
)
async def choose_address(address_id: SmallId, data: Plain, operator: Operator, runtime: Runtime) -> AftersalesSetup:  # noqa: ARG001 - choosing twice is choosing
    """Tell buyers this address from now on."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: setup.choose_address(tx, address_id))
    return await _shown(runtime, operator)


async def _shown(runtime: Runtime, operator: Operator) -> AftersalesSetup:
    async with runtime.db.read(operator.shop) as tx:
        reasons, flow = await queries.reasons(tx), await queries.flow(tx)
        kept = await queries.addresses(tx)
    addresses = []
    for one in kept:
        found = rules.open_address(runtime.keys, one.sealed)
        addresses.append(
            ReturnAddressShown(one.address_id, one.standard, found.name, found.phone, found.region, found.street)
        )
    shown = [
        ReasonShown(
            one.code,
            one.zh,
            one.en,
            one.responsibility,
            one.pictures,
            one.freight_by,
            one.active,
            list(one.kinds),
        )
        for one in reasons
    ]
    return AftersalesSetup(
        shown, FlowShown(flow.version, [BandSetup(band.upto_fen, list(band.steps)) for band in flow.bands]), addresses
    )


ROUTES = [get_setup, set_reasons, set_flow, add_address, remove_address, choose_address]
