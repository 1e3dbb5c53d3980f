"""Commands: count stock, hold it for orders, and resolve what was held.

Every change locks the counters it touches in the order of their ids, writes them with one statement, and leaves one
move a change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from liveshelf.kernel.ids import OrderId, SkuId, new_number
from liveshelf.platform.db import Tx
from liveshelf.stock import _sql, queries
from liveshelf.stock._tables import stock_moves
from liveshelf.stock.errors import StockBelowHeld, StockCountInvalid, StockUnknown
from liveshelf.stock.events import StockChanged
from liveshelf.stock.rules import ON_HAND_MAX, share_out
from liveshelf.stock.types import HoldState, Level, MoveKind, Pool, Shortage, Want

_MOVE_OF = {
    HoldState.COMMITTED: MoveKind.COMMIT,
    HoldState.RELEASED: MoveKind.RELEASE,
    HoldState.EXPIRED: MoveKind.EXPIRE,
}


async def open(tx: Tx, sku_id: SkuId, on_hand: int, reason: str) -> None:  # noqa: A001 - the ledger's word for its first line
    """Begin to keep the stock of a new SKU. A second time changes nothing. Raises `StockCountInvalid`."""
    _check_count(on_hand)
    level = Level(on_hand, 0, 0, 1)
    opened = await tx.scalar(
        _sql.OPEN.values(
            shop_id=tx.shop, sku_id=sku_id, pool=Pool.GENERAL, on_hand=on_hand, held=0, sold=0, version=level.version
        )
    )
    if opened is not None:
        _move(tx, sku_id, MoveKind.SET, was=Level(0, 0, 0, 0), now=level, reason=reason)
        _tell(tx, sku_id, level)


async def set_on_hand(tx: Tx, sku_id: SkuId, on_hand: int, reason: str) -> Level:
    """What was counted is what there is. Raises `StockUnknown`, `StockCountInvalid`, `StockBelowHeld`."""
    return await _count(tx, sku_id, MoveKind.SET, reason, on_hand=on_hand)


async def adjust(tx: Tx, sku_id: SkuId, by: int, reason: str) -> Level:
    """So many more, or fewer with a negative number. Raises as `set_on_hand`."""
    return await _count(tx, sku_id, MoveKind.ADJUST, reason, by=by)


async def hold_many(tx: Tx, wants: Sequence[Want], *, attempt: int = 1) -> list[Shortage | None]:
    """Hold what each order wants, decided in the given order: all lines of an order, or none and the first shortage.

    Three statements for the whole batch, however many orders and SKUs it has. Holds are made in the name of each want's
    actor.
    """
    levels = await _locked(tx, [sku_id for want in wants for sku_id, _ in want.lines])
    answers, after = share_out(levels, wants)
    granted = [want for want, short in zip(wants, answers, strict=True) if short is None]
    if not (rows := [row for want in granted for row in _hold_rows(tx, want, attempt)]):
        return answers
    await tx.conn.execute(_sql.INSERT_HOLDS, rows)
    running = dict(levels)
    for want in granted:
        for sku_id, count in want.lines:
            was = running[sku_id]
            running[sku_id] = replace(was, held=was.held + count)
            _move(tx, sku_id, MoveKind.HOLD, was=was, now=running[sku_id], order_id=want.order_id, actor=want.actor)
    await _write(tx, levels, after)
    return answers


async def hold_again(tx: Tx, order_id: OrderId) -> Shortage | None:
    """Hold once more what an order held before and gave back: for a payment that came late. Takes all of it, or
    nothing.
    """
    holds = await tx.all(_sql.HOLDS, order=order_id)
    latest = max((hold.attempt for hold in holds), default=0)
    lines = tuple((SkuId(hold.sku_id), hold.quantity) for hold in holds if hold.attempt == latest)
    (answer,) = await hold_many(tx, [Want(order_id, lines, str(tx.actor))], attempt=latest + 1)
    return answer


async def commit(tx: Tx, orders: Sequence[OrderId]) -> None:
    """What these orders hold is sold: it leaves both counters. What they no longer hold stays as it is."""
    await _resolve(tx, orders, HoldState.COMMITTED)


async def release(tx: Tx, orders: Sequence[OrderId]) -> None:
    """What these orders hold can be bought again: somebody decided so."""
    await _resolve(tx, orders, HoldState.RELEASED)


async def expire(tx: Tx, orders: Sequence[OrderId]) -> None:
    """What these orders hold can be bought again: their time was up."""
    await _resolve(tx, orders, HoldState.EXPIRED)


async def _resolve(tx: Tx, orders: Sequence[OrderId], becomes: HoldState) -> None:
    resolved = await tx.all(_sql.RESOLVE, orders=list(orders), becomes=becomes.value, moment=tx.now)
    if not resolved:
        return
    levels = await _locked(tx, [row.sku_id for row in resolved])
    after = dict(levels)
    for row in sorted(resolved, key=lambda row: (row.order_id, row.sku_id)):
        was = after[row.sku_id]
        sold = row.quantity if becomes is HoldState.COMMITTED else 0
        now = Level(was.on_hand - sold, was.held - row.quantity, was.sold + sold, was.version)
        after[row.sku_id] = now
        _move(tx, row.sku_id, _MOVE_OF[becomes], was=was, now=now, order_id=row.order_id)
    await _write(tx, levels, after)


async def _count(
    tx: Tx, sku_id: SkuId, kind: MoveKind, reason: str, *, on_hand: int | None = None, by: int = 0
) -> Level:
    levels = await _locked(tx, [sku_id])
    if sku_id not in levels:
        raise StockUnknown(sku_id=sku_id)
    was = levels[sku_id]
    wanted = was.on_hand + by if on_hand is None else on_hand
    _check_count(wanted)
    if wanted < was.held:
        raise StockBelowHeld(sku_id=sku_id, held=was.held)
    now = replace(was, on_hand=wanted)
    _move(tx, sku_id, kind, was=was, now=now, reason=reason)
    return (await _write(tx, levels, {sku_id: now}))[sku_id]


async def _locked(tx: Tx, skus: Sequence[SkuId]) -> dict[SkuId, Level]:
    return queries.levels_of(await tx.all(_sql.LOCK, skus=sorted(set(skus))))


async def _write(tx: Tx, before: Mapping[SkuId, Level], after: Mapping[SkuId, Level]) -> dict[SkuId, Level]:
    changed = {
        sku_id: replace(level, version=level.version + 1)
        for sku_id, level in sorted(after.items())
        if level != before[sku_id]
    }
    if not changed:
        return dict(after)
    levels = list(changed.values())
    done = await tx.execute(
        _sql.WRITE,
        skus=list(changed),
        on_hands=[level.on_hand for level in levels],
        helds=[level.held for level in levels],
        solds=[level.sold for level in levels],
        versions=[level.version for level in levels],
    )
    if done.rowcount != len(changed):
        raise AssertionError("stock counters changed under their lock")
    for sku_id, level in changed.items():
        _tell(tx, sku_id, level)
    return {**after, **changed}


def _hold_rows(tx: Tx, want: Want, attempt: int) -> list[dict[str, object]]:
    return [
        {
            "shop_id": tx.shop,
            "order_id": want.order_id,
            "sku_id": sku_id,
            "pool": Pool.GENERAL,
            "attempt": attempt,
            "quantity": count,
            "state": HoldState.HELD,
            "made_at": tx.now,
            "resolved_at": None,
        }
        for sku_id, count in want.lines
    ]


def _move(
    tx: Tx,
    sku_id: SkuId,
    kind: MoveKind,
    *,
    was: Level,
    now: Level,
    order_id: OrderId | None = None,
    reason: str = "",
    actor: str = "",
) -> None:
    tx.append(
        stock_moves,
        move_id=new_number(),
        sku_id=sku_id,
        pool=Pool.GENERAL,
        kind=kind,
        on_hand_change=now.on_hand - was.on_hand,
        held_change=now.held - was.held,
        on_hand_after=now.on_hand,
        held_after=now.held,
        order_id=order_id,
        reason=reason,
        actor=actor or str(tx.actor),
        at=tx.now,
    )


def _tell(tx: Tx, sku_id: SkuId, level: Level) -> None:
    tx.emit(
        StockChanged(sku_id=sku_id, on_hand=level.on_hand, held=level.held, sold=level.sold, version=level.version),
        stream=f"sku:{sku_id}",
    )


def _check_count(on_hand: int) -> None:
    if not 0 <= on_hand <= ON_HAND_MAX:
        raise StockCountInvalid(field="stock", most=ON_HAND_MAX)
