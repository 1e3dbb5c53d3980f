"""Redeem codes: a pool for each SKU, sealed at rest. A code is given to one order, once, and never taken back.

A payment gives codes right after it committed the SKU's counters, so two payments of one SKU take theirs one after
the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveshelf.fulfilment import _sql
from liveshelf.fulfilment.errors import CodeInvalid
from liveshelf.kernel.ids import OrderId, SkuId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx

PURPOSE = "redeem-code"
_PURPOSE_HASH = "redeem-code-hash"
TRIES = 3  # another order may take the codes that we were about to; payments can't, they wait for the counters
CODE_MAX = 200  # characters: a link with a token in it is the longest that there is


class Sealer(Protocol):
    """The part of the installation's keys that a code needs."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        """A keyed hash."""
        ...

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """An authenticated cipher text."""
        ...


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code as it is kept: encrypted to be shown, and a keyed hash by which the same code is known again."""

    cipher: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code that an order got."""

    sku_id: SkuId
    cipher: bytes
    given_at: datetime


def seal(keys: Sealer, text: str) -> SealedCode:
    """A code as it is kept. Raises `CodeInvalid`."""
    text = text.strip()
    if not 1 <= len(text) <= CODE_MAX or not is_plain(text):
        raise CodeInvalid(field="code")
    return SealedCode(keys.encrypt(PURPOSE, text), keys.mac(_PURPOSE_HASH, text.encode()))


async def add(tx: Tx, sku_id: SkuId, code: SealedCode) -> bool:
    """Put a code into the SKU's pool. False when it is there already, given away or not."""
    made = await tx.scalar(
        _sql.ADD_CODE.values(
            shop_id=tx.shop, code_id=new_number(), sku_id=sku_id, cipher=code.cipher, hash=code.hash, added_at=tx.now
        )
    )
    return made is not None


async def give(tx: Tx, order_id: OrderId, wanted: Mapping[SkuId, int]) -> dict[SkuId, int]:
    """Give an order as many codes of each SKU as it bought, less what it has; how many are missing of which.

    Giving again gives nothing more. Where codes are missing, those that are there are given all the same.
    """
    has = {row.sku_id: row.many for row in await tx.all(_sql.CODES_GIVEN, order=order_id)}
    missing: dict[SkuId, int] = {}
    for sku_id, count in sorted(wanted.items()):
        needed = count - has.get(sku_id, 0)
        for _ in range(TRIES):
            if needed > 0:
                given = await tx.all(_sql.GIVE_CODES, to_order=order_id, sku=sku_id, moment=tx.now, most=needed)
                needed -= len(given)
        if needed > 0:
            missing[sku_id] = needed
    return missing


async def with_codes(tx: ReadTx, skus: Iterable[SkuId]) -> set[SkuId]:
    """Which of these SKUs are sold by code: those that codes were ever put in for."""
    ids = sorted(set(skus))
    return {SkuId(row.sku_id) for row in await tx.all(_sql.WITH_CODES, skus=ids)} if ids else set()


async def of_order(tx: ReadTx, order_id: OrderId) -> list[GivenCode]:
    """The codes that an order got, in the order they were given."""
    rows = await tx.all(_sql.CODES_OF_ORDER, order=order_id)
    return [GivenCode(SkuId(row.sku_id), bytes(row.cipher), row.given_at) for row in rows]


async def left(tx: ReadTx) -> dict[SkuId, tuple[int, int]]:
    """For each SKU that is sold by code: how many are left, and how many there ever were."""
    return {SkuId(row.sku_id): (row.left_, row.all_) for row in await tx.all(_sql.CODES_LEFT)}
