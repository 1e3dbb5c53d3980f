"""Commands: count stock, hold it for orders, resolve what was held, and take back what was sold.

Every change locks the counters it touches in the order of their ids, writes them with one statement, and leaves one
move a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.platform.db import Tx
from liveshelf.stock import _ledger, _sql, audit, bounds, queries
from liveshelf.stock.bounds import Purchases
from liveshelf.stock.errors import (
    PoolInvalid,
    ReturnTooMuch,
    StockBelowHeld,
    StockCountInvalid,
    StockInsufficient,
    StockUnknown,
)
from liveshelf.stock.rules import ON_HAND_MAX, declared, settled, share_out
from liveshelf.stock.types import Held, HoldState, Level, MoveKind, Place, Pool, Refusal, Terms, Want

_MOVE_OF = {
    HoldState.COMMITTED: MoveKind.COMMIT,
    HoldState.RELEASED: MoveKind.RELEASE,
    HoldState.EXPIRED: MoveKind.EXPIRE,
}


async def open(  # noqa: A001 - the ledger's word for its first line
    tx: Tx, sku_id: SkuId, on_hand: int, reason: str, *, pool: Pool = Pool.GENERAL
) -> None:
    """Begin to keep the stock of a new SKU. A second time changes nothing. Raises `StockCountInvalid`."""
    check_count(on_hand)
    safety, low_at = await bounds.in_force(tx) if pool is Pool.GENERAL else (0, 0)
    level = Level(on_hand, 0, 0, 1, safety, low_at)
    opened = await tx.scalar(
        _sql.OPEN.values(
            shop_id=tx.shop,
            sku_id=sku_id,
            pool=pool,
            on_hand=on_hand,
            held=0,
            sold=0,
            version=level.version,
            safety=safety,
            low_at=low_at,
            limited=False,
            short=0,
        )
    )
    if opened is not None:
        await audit.begin(tx)
        _ledger.move(tx, (sku_id, pool), MoveKind.SET, was=Level(0, 0, 0, 0), now=level, reason=reason)
        _ledger.tell(tx, (sku_id, pool), level)


async def set_on_hand(tx: Tx, sku_id: SkuId, on_hand: int, reason: str, *, pool: Pool = Pool.GENERAL) -> Level:
    """What was counted is what there is. Raises `StockUnknown`, `StockCountInvalid`, `StockBelowHeld`."""
    return await _count(tx, (sku_id, pool), MoveKind.SET, reason, on_hand=on_hand)


async def adjust(tx: Tx, sku_id: SkuId, by: int, reason: str, *, pool: Pool = Pool.GENERAL) -> Level:
    """So many more, or fewer with a negative number. Raises as `set_on_hand`."""
    return await _count(tx, (sku_id, pool), MoveKind.ADJUST, reason, by=by)


async def declare(
    tx: Tx, sku_id: SkuId, on_hand: int, reason: str, *, pool: Pool = Pool.GENERAL, books: int | None = None
) -> Level:
    """There are so many, whatever buyers hold: what is promised and missing is short, and its newest orders are closed
    by themselves a moment later.

    With `books`, the count was made when so many were on hand, and what counts is the difference. Raises
    `StockUnknown`, `StockCountInvalid`.
    """
    check_count(on_hand)
    place = (sku_id, pool)
    levels = await _ledger.locked(tx, [place])
    if place not in levels:
        raise StockUnknown(sku_id=sku_id)
    there = on_hand if books is None else max(0, min(ON_HAND_MAX, levels[place].on_hand + on_hand - books))
    now = declared(levels[place], there)
    _ledger.move(tx, place, MoveKind.SET, was=levels[place], now=now, reason=reason)
    _ledger.tell_short(tx, place, was=levels[place], now=now)
    return (await _ledger.write(tx, levels, {place: now}))[place]


async def transfer(tx: Tx, sku_id: SkuId, count: int, reason: str, *, source: Pool, target: Pool) -> None:
    """Set pieces apart: from one pool to another, as a pair of moves. The target is opened when it keeps nothing yet.

    Raises `PoolInvalid`, `StockUnknown`, `StockInsufficient` (what buyers hold stays where it is) and
    `StockCountInvalid`.
    """
    if source is target or count < 1:
        raise PoolInvalid(field="count" if count < 1 else "target")
    giver, taker = (sku_id, source), (sku_id, target)
    if giver not in await queries.all_levels(tx, [sku_id]):
        raise StockUnknown(sku_id=sku_id)
    await open(tx, sku_id, 0, reason, pool=target)
    levels = await _ledger.locked(tx, [giver, taker])
    gives, takes = levels[giver], levels[taker]
    if gives.unheld < count:
        raise StockInsufficient(sku_id=sku_id, available=gives.unheld)
    check_count(takes.on_hand + count)
    after = {
        giver: replace(gives, on_hand=gives.on_hand - count),
        taker: replace(takes, on_hand=takes.on_hand + count),
    }
    for place in (giver, taker):
        _ledger.move(tx, place, MoveKind.TRANSFER, was=levels[place], now=after[place], reason=reason)
    await _ledger.write(tx, levels, after)


async def hold_many(
    tx: Tx,
    wants: Sequence[Want],
    *,
    attempt: int = 1,
    terms: Terms | None = None,
    purchases: Purchases | None = None,
) -> list[Held | Refusal]:
    """Hold what each order wants, decided in the given order: all lines of an order, or none and why not.

    One statement for the whole batch, however many orders and SKUs it has; what it changes is written before the
    commit. One more, `purchases`, when a SKU is hot, and three more when one has a purchase limit. Holds are made in
    the name of each want's actor.
    """
    terms = terms or Terms()
    levels = await _ledger.locked(tx, [place for want in wants for place in want.places])
    tally = None if purchases is None else await bounds.tally(tx, levels, wants, terms=terms, purchases=purchases)
    answers, after = share_out(levels, wants, terms=terms, tally=tally)
    granted = [want for want, answer in zip(wants, answers, strict=True) if isinstance(answer, Held)]
    _ledger.hold(tx, levels, granted, attempt)
    _ledger.write_later(tx, levels, after)
    return answers


async def hold_again(tx: Tx, order_id: OrderId) -> Refusal | None:
    """Hold once more what an order held before and gave back: for a payment that came late. Takes all of it, or
    nothing and says why; what is kept for safety is there for this.
    """
    holds = await tx.all(_sql.HOLDS, order=order_id)
    latest = max((hold.attempt for hold in holds), default=0)
    again = [hold for hold in holds if hold.attempt == latest]
    lines = tuple((SkuId(hold.sku_id), hold.quantity) for hold in again)
    pool = Pool(again[0].pool) if again else Pool.GENERAL
    want = Want(order_id, lines, str(tx.actor), pool, promised=True)
    (answer,) = await hold_many(tx, [want], attempt=latest + 1)
    await tx.flush()  # it is sold in this very transaction, as a rule, and must be found then
    return None if isinstance(answer, Held) else answer


async def commit(tx: Tx, orders: Sequence[OrderId]) -> None:
    """What these orders hold is sold: it leaves both counters. What they no longer hold stays as it is."""
    await _resolve(tx, orders, HoldState.COMMITTED)


async def release(tx: Tx, orders: Sequence[OrderId]) -> None:
    """What these orders hold can be bought again: somebody decided so."""
    await _resolve(tx, orders, HoldState.RELEASED)


async def expire(tx: Tx, orders: Sequence[OrderId]) -> None:
    """What these orders hold can be bought again: their time was up."""
    await _resolve(tx, orders, HoldState.EXPIRED)


async def give_back(tx: Tx, order_id: OrderId, lines: Sequence[tuple[SkuId, int]], *, reason: str) -> None:
    """Pieces that the order bought are on hand again, in the pool they were sold from.

    Never more than the order's payment took, less what it gave back before; all of the lines, or none. Raises
    `ReturnTooMuch`, and `StockCountInvalid` for a count below one.
    """
    sold = await tx.all(_sql.LOCK_SOLD, order=order_id)
    rows, back = [], []
    for sku_id, count in _summed(lines):
        left = count
        for row in (row for row in sold if row.sku_id == sku_id):
            if pieces := min(left, row.quantity - row.returned):
                rows.append({**_hold_key(tx, order_id, row), "pieces": pieces})
                back.append(((sku_id, Pool(row.pool)), pieces))
                left -= pieces
        if left:
            raise ReturnTooMuch(sku_id=sku_id, most=count - left)
    if not rows:
        return
    await tx.conn.execute(_sql.TAKE_BACK, rows)
    levels = await _ledger.locked(tx, [place for place, _ in back])
    after = dict(levels)
    for place, pieces in back:
        was = after[place]
        after[place] = now = settled(replace(was, on_hand=was.on_hand + pieces, sold=was.sold - pieces))
        _ledger.move(tx, place, MoveKind.RETURN, was=was, now=now, order_id=order_id, reason=reason)
    await _ledger.write(tx, levels, after)


async def give_back_rest(tx: Tx, order_id: OrderId, *, reason: str) -> None:
    """Whatever of an order's pieces is not on hand again yet is so now. A second time changes nothing."""
    sold = await tx.all(_sql.LOCK_SOLD, order=order_id)
    left = [(SkuId(row.sku_id), row.quantity - row.returned) for row in sold if row.quantity > row.returned]
    await give_back(tx, order_id, left, reason=reason)


async def _resolve(tx: Tx, orders: Sequence[OrderId], becomes: HoldState) -> None:
    resolved = await tx.all(_sql.RESOLVE, orders=list(orders), becomes=becomes.value, moment=tx.now)
    if not resolved:
        return
    levels = await _ledger.locked(tx, [(row.sku_id, Pool(row.pool)) for row in resolved])
    after = dict(levels)
    for row in sorted(resolved, key=lambda row: (row.order_id, row.sku_id)):
        place = (row.sku_id, Pool(row.pool))
        was = after[place]
        sold = row.quantity if becomes is HoldState.COMMITTED else 0
        now = settled(replace(was, on_hand=was.on_hand - sold, held=was.held - row.quantity, sold=was.sold + sold))
        after[place] = now
        _ledger.move(tx, place, _MOVE_OF[becomes], was=was, now=now, order_id=row.order_id)
    await _ledger.write(tx, levels, after)


async def _count(
    tx: Tx, place: Place, kind: MoveKind, reason: str, *, on_hand: int | None = None, by: int = 0
) -> Level:
    levels = await _ledger.locked(tx, [place])
    if place not in levels:
        raise StockUnknown(sku_id=place[0])
    was = levels[place]
    wanted = was.on_hand + by if on_hand is None else on_hand
    check_count(wanted)
    if wanted < was.held:
        raise StockBelowHeld(sku_id=place[0], held=was.held)
    now = replace(was, on_hand=wanted, short=0)
    _ledger.move(tx, place, kind, was=was, now=now, reason=reason)
    return (await _ledger.write(tx, levels, {place: now}))[place]


def _summed(lines: Sequence[tuple[SkuId, int]]) -> list[tuple[SkuId, int]]:
    counts: dict[SkuId, int] = {}
    for sku_id, count in lines:
        if count < 1:
            raise StockCountInvalid("At least one piece comes back.", field="quantity")
        counts[sku_id] = counts.get(sku_id, 0) + count
    return sorted(counts.items())


def _hold_key(tx: Tx, order_id: OrderId, row: Row[Any]) -> dict[str, object]:
    return {
        "shop": tx.shop,
        "of_order": order_id,
        "of_sku": row.sku_id,
        "of_pool": row.pool,
        "of_attempt": row.attempt,
    }


def check_count(on_hand: int) -> None:
    """Raises `StockCountInvalid` unless so many can be on hand."""
    if not 0 <= on_hand <= ON_HAND_MAX:
        raise StockCountInvalid(field="stock", most=ON_HAND_MAX)
