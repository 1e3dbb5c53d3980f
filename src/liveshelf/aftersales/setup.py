"""What a shop sets up for its after-sales: reasons, the review flow, return addresses."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from liveshelf.aftersales import _sql, queries, reasons, rules
from liveshelf.aftersales.errors import AddressUnknown, FlowChanged, TooManyAddresses
from liveshelf.aftersales.types import Band, Flow, Reason
from liveshelf.platform.db import Tx
from liveshelf.trail import service as trail


async def set_reasons(tx: Tx, wanted: Sequence[Reason]) -> tuple[Reason, ...]:
    """The seven reasons in the shop's words and order. Running cases keep theirs. Raises `ReasonsIncomplete`,
    `ReasonInvalid`.
    """
    checked = reasons.checked(wanted)
    await tx.conn.execute(
        _sql.PUT_REASONS,
        [
            {
                "shop_id": tx.shop,
                "code": one.code,
                "position": at,
                "zh": one.zh,
                "en": one.en,
                "responsibility": one.responsibility.value,
                "pictures": one.pictures,
                "freight_by": one.freight_by.value,
                "active": one.active,
            }
            for at, one in enumerate(checked)
        ],
    )
    trail.record(tx, "aftersales.set_reasons", "shop", active=[one.code for one in checked if one.active])
    return checked


async def set_flow(tx: Tx, bands: Sequence[Band], *, after: int) -> Flow:
    """A new version of the review flow, made from version `after`; cases under way keep the one they began with.

    Raises `FlowInvalid`, and `FlowChanged` when somebody else has saved one meanwhile.
    """
    checked = rules.check_flow(bands)
    now = await queries.flow(tx)
    if now.version != after:
        raise FlowChanged(version=now.version)
    made = await tx.scalar(
        _sql.INSERT_FLOW.values(
            shop_id=tx.shop,
            version=after + 1,
            bands=[msgspec.to_builtins(band) for band in checked],
            actor=str(tx.actor),
            at=tx.now,
        )
    )
    if made is None:
        raise FlowChanged(version=after + 1)
    trail.record(tx, "aftersales.set_flow", "shop", version=after + 1)
    return Flow(after + 1, checked)


async def add_address(tx: Tx, sealed: bytes) -> int:
    """Keep a return address, sealed by the caller; the first one is the standard. Raises `TooManyAddresses`."""
    address_id = await tx.next_number("return_address")  # first: its row makes two who add wait for each other
    present = await queries.addresses(tx)
    if len(present) >= rules.ADDRESSES_MAX:
        raise TooManyAddresses(most=rules.ADDRESSES_MAX)
    await tx.execute(
        _sql.INSERT_ADDRESS.values(
            shop_id=tx.shop, address_id=address_id, sealed=sealed, standard=not present, made_at=tx.now
        )
    )
    trail.record(tx, "aftersales.add_address", f"return_address:{address_id}")
    return address_id


async def remove_address(tx: Tx, address_id: int) -> None:
    """Forget a return address; buyers who were told it keep it. The oldest of the others becomes the standard. Raises
    `AddressUnknown`.
    """
    await tx.execute(_sql.LOCK_ADDRESSES)
    was_standard = await tx.scalar(_sql.DELETE_ADDRESS, which=address_id)
    if was_standard is None:
        raise AddressUnknown
    if was_standard and (rest := await queries.addresses(tx)):
        await tx.execute(_sql.MAKE_STANDARD, which=rest[0].address_id)
    trail.record(tx, "aftersales.remove_address", f"return_address:{address_id}")


async def choose_address(tx: Tx, address_id: int) -> None:
    """Buyers are told this address from now on. Raises `AddressUnknown`."""
    await tx.execute(_sql.LOCK_ADDRESSES)
    await tx.execute(_sql.NO_STANDARD)
    if await tx.scalar(_sql.MAKE_STANDARD, which=address_id) is None:
        raise AddressUnknown
