"""How counters change: locked in the order of their ids, written with one statement, one move a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from liveshelf.kernel.ids import OrderId, new_number
from liveshelf.platform.db import Tx
from liveshelf.stock import _sql, queries
from liveshelf.stock._tables import stock_holds, stock_moves
from liveshelf.stock.events import Oversold, StockChanged, StockLow
from liveshelf.stock.types import HoldState, Level, MoveKind, Place, Want


async def locked(tx: Tx, places: Iterable[Place]) -> dict[Place, Level]:
    """The counters, for this transaction alone; what is not kept is absent. More than was asked for may come along."""
    await tx.flush()  # what this transaction has changed so far
    wanted = set(places)
    skus, pools = sorted({sku_id for sku_id, _ in wanted}), sorted({pool for _, pool in wanted})
    return queries.levels_of(await tx.quick(_sql.LOCK, skus=skus, pools=pools))


async def write(tx: Tx, before: Mapping[Place, Level], after: Mapping[Place, Level]) -> dict[Place, Level]:
    """Write locked counters that changed and tell of each; what is there now."""
    now = write_later(tx, before, after)
    await tx.flush()
    return now


def write_later(tx: Tx, before: Mapping[Place, Level], after: Mapping[Place, Level]) -> dict[Place, Level]:
    """As `write`, but together with everything else just before the commit."""
    changed = {
        place: _looked_at(tx, place, was=before[place], now=level)
        for place, level in sorted(after.items())
        if level != before[place]
    }
    if not changed:
        return dict(after)
    levels = list(changed.values())
    tx.change_later(
        _sql.WRITE,
        rows=len(changed),
        skus=[sku_id for sku_id, _ in changed],
        pools=[pool.value for _, pool in changed],
        on_hands=[level.on_hand for level in levels],
        helds=[level.held for level in levels],
        solds=[level.sold for level in levels],
        shorts=[level.short for level in levels],
        lows=[level.low for level in levels],
        versions=[level.version for level in levels],
        moment=tx.now,
    )
    actor = str(tx.actor)
    tx.emit_many([(_changed(place, level), f"sku:{place[0]}", actor) for place, level in changed.items()])
    return {**after, **changed}


def _looked_at(tx: Tx, place: Place, *, was: Level, now: Level) -> Level:
    """The counters as they are written; staff are told of what has just become low, once until more has arrived.

    Holds that end give pieces back as well, but nothing has arrived: the same piece, held and given up a hundred
    times, is one message.
    """
    low = was.low
    if now.available <= now.low_at < was.available and not low:
        low = True
        sku_id, pool = place
        tx.emit(
            StockLow(sku_id=sku_id, pool=pool.value, available=now.available, low_at=now.low_at),
            stream=f"sku:{sku_id}",
        )
    elif low and now.on_hand > was.on_hand and now.available > now.low_at:
        low = False
    return replace(now, low=low, version=now.version + 1)


def move(
    tx: Tx,
    place: Place,
    kind: MoveKind,
    *,
    was: Level,
    now: Level,
    order_id: OrderId | None = None,
    reason: str = "",
    actor: str = "",
) -> None:
    """One line of the ledger: from these counters to those."""
    sku_id, pool = place
    tx.append(
        stock_moves,
        move_id=new_number(),
        sku_id=sku_id,
        pool=pool,
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


def hold(tx: Tx, levels: Mapping[Place, Level], granted: Sequence[Want], attempt: int) -> None:
    """Holds and their moves; each move tells the counters as they stood after it."""
    held = {place: level.held for place, level in levels.items()}
    holds, moves = [], []
    numbers = iter(new_number.many(sum(len(want.lines) for want in granted)))
    for want in granted:
        for sku_id, count in want.lines:
            place = (sku_id, want.pool)
            held[place] += count
            holds.append((want.order_id, sku_id, want.pool, count))
            on_hand = levels[place].on_hand
            moves.append((next(numbers), sku_id, want.pool, count, on_hand, held[place], want.order_id, want.actor))
    tx.append_many(
        stock_holds,
        {"attempt": attempt, "state": HoldState.HELD, "made_at": tx.now, "returned": 0},
        ("order_id", "sku_id", "pool", "quantity"),
        holds,
    )
    tx.append_many(
        stock_moves,
        {"kind": MoveKind.HOLD, "on_hand_change": 0, "reason": "", "at": tx.now},
        ("move_id", "sku_id", "pool", "held_change", "on_hand_after", "held_after", "order_id", "actor"),
        moves,
    )


def tell(tx: Tx, place: Place, level: Level) -> None:
    """Say how many there are now."""
    tx.emit(_changed(place, level), stream=f"sku:{place[0]}")


def _changed(place: Place, level: Level) -> StockChanged:
    sku_id, pool = place
    return StockChanged(
        sku_id=sku_id,
        pool=pool.value,
        on_hand=level.on_hand,
        held=level.held,
        sold=level.sold,
        version=level.version,
    )


def tell_short(tx: Tx, place: Place, *, was: Level, now: Level) -> None:
    """Say that more of what was promised is gone than before."""
    if now.short > was.short:
        sku_id, pool = place
        tx.emit(Oversold(sku_id=sku_id, pool=pool.value, short=now.short), stream=f"sku:{sku_id}")
