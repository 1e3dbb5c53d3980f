"""What goes with an order: the order's own copy of its address, in versions, and the buyer's papers.

An order may be placed without an address, since the hold comes first, but an order that is shipped is not paid
without one. All of it is sealed: the services here never see what it says.
"""

from __future__ import annotations

from liveshelf.kernel.ids import CustomerId, OrderId
from liveshelf.orders import _delivery_sql as _sql
from liveshelf.orders._tables import order_addresses, order_papers
from liveshelf.orders.errors import AddressNeeded
from liveshelf.orders.types import AddressWhy, NewOrder, Order
from liveshelf.platform.db import ReadTx, Tx

FIRST = 1


def enclose(tx: Tx, draft: NewOrder) -> None:
    """Write what came with an order that is being placed; nothing where nothing came."""
    order_id = draft.order.order_id
    if draft.address is not None:
        row = _version(tx, order_id, draft.address, version=FIRST, why=AddressWhy.PLACED)
        tx.append(order_addresses, **{**row, "actor": draft.by})
    if draft.papers is not None:
        tx.append(order_papers, order_id=order_id, sealed=draft.papers, forget=False)


async def set_address(tx: Tx, order_id: OrderId, sealed: bytes, *, why: AddressWhy) -> int:
    """The order goes there from now on. Returns the version. The caller holds the order's lock and has decided."""
    version = (await tx.scalar(_sql.LAST_VERSION, order=order_id) or 0) + 1
    row = _version(tx, order_id, sealed, version=version, why=why)
    await tx.execute(_sql.INSERT_ADDRESS.values(shop_id=tx.shop, **row))
    return int(version)


async def check_addressed(tx: ReadTx, order: Order) -> None:
    """Raises `AddressNeeded` when the order is shipped and nobody has said where to."""
    if order.shipped and not await tx.all(_sql.ADDRESSED, ids=[order.order_id]):
        raise AddressNeeded(order_id=str(order.order_id))


async def goes_somewhere(tx: ReadTx, order: Order) -> bool:
    """Whether an order can still be delivered: not when its buyer was erased, and the address with them."""
    return not order.shipped or await tx.one(_sql.STILL_SAID, order=order.order_id) is not None


async def forget_old(tx: Tx, _limit: int) -> int:
    """Take away addresses and papers of orders that ended three years ago. One statement a table takes all."""
    before = tx.now - _sql.KEPT
    for statement in (_sql.FORGET_OLD_ADDRESSES, _sql.FORGET_OLD_PAPERS):
        await tx.execute(statement, before=before)
    return 0


async def forget(tx: Tx, customer_id: CustomerId) -> None:
    """The customer was erased: what their orders say of them goes, at the latest when each order is over."""
    for mark in (_sql.MARK_ADDRESSES, _sql.MARK_PAPERS):
        await tx.execute(mark, customer=customer_id)
    await wipe(tx, 0)


async def wipe(tx: Tx, _limit: int) -> int:
    """Take away what was marked and is over. One statement a table takes all: there is never a rest."""
    for statement in (_sql.WIPE_ADDRESSES, _sql.WIPE_PAPERS):
        await tx.execute(statement)
    return 0


def _version(tx: Tx, order_id: OrderId, sealed: bytes, *, version: int, why: AddressWhy) -> dict[str, object]:
    return {
        "order_id": order_id,
        "version": version,
        "sealed": sealed,
        "why": why,
        "actor": str(tx.actor),
        "at": tx.now,
        "forget": False,
    }
