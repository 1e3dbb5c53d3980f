"""Promised pieces that are gone: what is short, and who lost by name. Which orders lose is decided above."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform import limits
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.stock import _ledger, _oversold_sql
from liveshelf.stock.types import Cause, Level, Lost, MoveKind, Place, Pool

WITHIN = timedelta(seconds=600)  # of being seen, every order that loses is closed and its money on its way
CLOCK = "stock.oversold"

_NOBODYS = "gone, and promised to nobody"


async def locked(tx: Tx, place: Place) -> tuple[Level, datetime | None] | None:
    """The counters for this transaction alone, and since when pieces are short; `None` when no stock is kept."""
    level = (await _ledger.locked(tx, [place])).get(place)
    if level is None:
        return None
    return level, await tx.scalar(_oversold_sql.SHORT, sku=place[0], which_pool=place[1].value)


async def pieces_of(tx: ReadTx, order_id: OrderId, place: Place) -> int:
    """How many pieces from this place the order holds, or bought and did not give back."""
    return int(await tx.scalar(_oversold_sql.PROMISED, order=order_id, sku=place[0], which_pool=place[1].value))


async def name(
    tx: Tx,
    order_id: OrderId,
    place: Place,
    *,
    cause: Cause,
    quantity: int,
    refund_fen: Fen,
    detected_at: datetime,
) -> None:
    """This order lost what it was promised; told once, and a missed limit when it took longer than `WITHIN`."""
    if tx.now > detected_at + WITHIN:
        await limits.missed(tx, CLOCK, [(f"order:{order_id}", detected_at + WITHIN)])
    await tx.execute(
        _oversold_sql.NAME_OVERSOLD.values(
            shop_id=tx.shop,
            order_id=order_id,
            sku_id=place[0],
            pool=place[1],
            cause=cause,
            quantity=quantity,
            refund_fen=refund_fen,
            detected_at=detected_at,
            closed_at=tx.now,
        )
    )


async def write_off(tx: Tx, place: Place) -> None:
    """No order is left to take it from: what another system took away beyond that was never promised."""
    levels = await _ledger.locked(tx, [place])
    was = levels[place]
    if was.short:
        now = replace(was, on_hand=was.held, short=0)
        _ledger.move(tx, place, MoveKind.ADJUST, was=was, now=now, reason=_NOBODYS)
        await _ledger.write(tx, levels, {place: now})


async def lost(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Lost]:
    """The orders that lost what they were promised, newest order first."""
    most = clamp_limit(limit)
    rows = await tx.all(_oversold_sql.OVERSOLD, before=below(cursor), most=most + 1)
    found = [
        Lost(
            OrderId(row.order_id),
            SkuId(row.sku_id),
            Pool(row.pool),
            Cause(row.cause),
            row.quantity,
            Fen(row.refund_fen),
            row.detected_at,
            row.closed_at,
        )
        for row in rows
    ]
    return page_of(found, most, lambda one: (one.order_id,))
