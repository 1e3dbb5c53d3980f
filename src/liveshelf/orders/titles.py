"""A buyer's saved invoice titles (发票抬头): a person's name, or a company with its tax number.

They come and go sealed. The one used last stands first, and of more than `TITLES_MAX` those not used for longest go. An
order keeps its own copy: what is changed here changes no order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from liveshelf.customers import service as customers
from liveshelf.kernel.ids import CustomerId, new_number
from liveshelf.orders import _titles_sql as _sql
from liveshelf.orders.errors import TitleUnknown
from liveshelf.orders.papers import Invoice, Opener, Sealer, check_invoice
from liveshelf.platform.db import ReadTx, Tx

TITLES_MAX = 10  # of one buyer; a list that is looked through at every checkout
PURPOSE = "invoice-title"


@dataclass(frozen=True, slots=True)
class SealedTitle:
    """A title on its way to be kept, and a keyed hash by which the same one is known again."""

    cipher: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class KeptTitle:
    """A title as it is kept; `open_title` reads it."""

    title_id: int
    sealed: bytes
    used_at: datetime


def seal_title(keys: Sealer, invoice: Invoice) -> SealedTitle:
    """A title as it is stored. Raises `InvoiceInvalid`."""
    checked = check_invoice(invoice)
    same = msgspec.json.encode([checked.kind, checked.title, checked.tax_no])  # another e-mail is the same title
    return SealedTitle(keys.encrypt(PURPOSE, msgspec.json.encode(checked).decode()), keys.mac(PURPOSE, same))


def open_title(keys: Opener, sealed: bytes) -> Invoice:
    """The title of its stored form. Raises `SealBrokenError` when that was changed."""
    return msgspec.json.decode(keys.decrypt(PURPOSE, sealed), type=Invoice)


async def titles(tx: ReadTx, customer_id: CustomerId) -> list[KeptTitle]:
    """The buyer's titles, the one used last first."""
    rows = await tx.all(_sql.OF_CUSTOMER, customer=customer_id)
    return [KeptTitle(row.title_id, row.sealed, row.used_at) for row in rows]


async def keep(tx: Tx, customer_id: CustomerId, sealed: SealedTitle) -> int:
    """Keep a title, or bring the same one to the front; its number. Raises `BuyerUnknown`."""
    await customers.lock(tx, customer_id)
    number = await tx.scalar(
        _sql.KEEP.values(
            shop_id=tx.shop,
            title_id=new_number(),
            customer_id=customer_id,
            sealed=sealed.cipher,
            hash=sealed.hash,
            used_at=tx.now,
        ),
        b_sealed=sealed.cipher,
        moment=tx.now,
    )
    await tx.execute(_sql.TRIM, customer=customer_id, most=TITLES_MAX)
    return int(number)


async def remove(tx: Tx, customer_id: CustomerId, title_id: int) -> None:
    """Forget one. Raises `TitleUnknown`."""
    if await tx.scalar(_sql.REMOVE, customer=customer_id, title=title_id) is None:
        raise TitleUnknown


async def move(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> None:
    """The guest's titles are the member's from now on; the caller holds both, as a merge does."""
    await tx.execute(_sql.MOVE, guest=guest_id, member=member_id)
    await tx.execute(_sql.CLEAR, customer=guest_id)
    await tx.execute(_sql.TRIM, customer=member_id, most=TITLES_MAX)


async def clear(tx: Tx, customer_id: CustomerId) -> None:
    """Forget all of them."""
    await tx.execute(_sql.CLEAR, customer=customer_id)
