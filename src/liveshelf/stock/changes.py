"""What other systems (ERP, warehouse) say about counts: each thing once, also late and out of order.

A change carries the other system's own name for it (`reference`) and its own order (`sequence`, or its time). What was
heard before is answered as it was then. A count older than the newest one of that source that was followed is
recorded and not followed, and so is an adjustment older than it: the count has it inside already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from sqlalchemy import Row

from liveshelf.kernel.ids import SkuId, new_number
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.stock import _ledger, _oversold_sql
from liveshelf.stock.errors import ChangeInvalid, StockCountInvalid, StockOrderMixed, StockUnknown
from liveshelf.stock.rules import ON_HAND_MAX, declared
from liveshelf.stock.types import (
    Change,
    ChangeKind,
    ChangeOutcome,
    KeptChange,
    Level,
    MoveKind,
    OrderedBy,
    Place,
    Pool,
)

BATCH_MAX = 500  # of one call: some tens of milliseconds under the counters' locks
_ADVISORY_SOURCE = 0x6C73_04  # first key of the advisory locks of sources


async def take_in(tx: Tx, source: str, changes: Sequence[Change]) -> list[KeptChange]:
    """Follow what a source says, in the order given; one answer a change. Raises `ChangeInvalid` for the whole call.

    Nothing of this is refused because buyers hold more: what is promised and gone is short, and orders are closed for
    it (`flows.oversold`).
    """
    _check(changes)
    await tx.execute(_oversold_sql.ONE_SOURCE, space=_ADVISORY_SOURCE, which=_key_of(tx.shop, source))
    before = await _kept(tx, source, [change.reference for change in changes])
    fresh = [change for change in changes if change.reference not in before]
    places: list[Place] = [(change.sku_id, change.pool) for change in fresh]
    newest = await _newest(tx, source, sorted({sku_id for sku_id, _ in places})) if fresh else {}
    levels = await _ledger.locked(tx, places) if fresh else {}
    after = dict(levels)
    kept: dict[str, KeptChange] = {}
    for change in fresh:
        place = (change.sku_id, change.pool)
        outcome, code = _judged(change, after.get(place), newest.get(place))
        if outcome is ChangeOutcome.APPLIED:
            was = after[place]
            after[place] = now = _followed(change, was)
            _ledger.move(tx, place, _MOVES[change.kind], was=was, now=now, reason=f"{source}: {change.reference}"[:200])
            _ledger.tell_short(tx, place, was=was, now=now)
            if change.kind is ChangeKind.SET:
                newest[place] = (change.ordered_by, change.position)
        level = after.get(place)
        on_hand, short = (None, None) if level is None else (level.on_hand, level.short)
        kept[change.reference] = KeptChange(
            new_number(), source, change, outcome, code, on_hand, short, str(tx.actor), tx.now
        )
    await _ledger.write(tx, levels, after)
    if rows := [_row(tx, one) for _, one in sorted(kept.items())]:
        await tx.conn.execute(_oversold_sql.KEEP_CHANGES, rows)
    answers = {**before, **kept}
    return [answers[change.reference] for change in changes]


async def page(
    tx: ReadTx,
    *,
    source: str | None = None,
    outcome: ChangeOutcome | None = None,
    sku_id: SkuId | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[KeptChange]:
    """What was said, newest first."""
    most = clamp_limit(limit)
    statement, args = _oversold_sql.CHANGES, dict[str, object](before=below(cursor), most=most + 1)
    if source:
        statement, args = statement.where(_oversold_sql.OF_SOURCE), {**args, "of_source": source}
    if outcome is not None:
        statement, args = statement.where(_oversold_sql.OF_OUTCOME), {**args, "of_outcome": outcome.value}
    if sku_id is not None:
        statement, args = statement.where(_oversold_sql.OF_SKU), {**args, "of_sku": sku_id}
    rows = await tx.all(statement, **args)
    return page_of([_as_kept(row) for row in rows], most, lambda one: (one.change_id,))


_MOVES = {ChangeKind.SET: MoveKind.SET, ChangeKind.ADJUST: MoveKind.ADJUST}


def _check(changes: Sequence[Change]) -> None:
    if not 1 <= len(changes) <= BATCH_MAX:
        raise ChangeInvalid(field="changes", most=BATCH_MAX)
    if len({change.reference for change in changes}) != len(changes):
        raise ChangeInvalid("A reference stands twice in one call.", field="changes")


def _judged(
    change: Change, level: Level | None, newest: tuple[OrderedBy, int] | None
) -> tuple[ChangeOutcome, str | None]:
    if level is None:
        return ChangeOutcome.REFUSED, StockUnknown.code
    if newest is not None:
        if newest[0] is not change.ordered_by:
            return ChangeOutcome.REFUSED, StockOrderMixed.code
        # The same place in the source's order as the newest count: only an adjustment can stand beside it.
        if change.position < newest[1] or (change.position == newest[1] and change.kind is ChangeKind.SET):
            return ChangeOutcome.OUTDATED, None
    wanted = change.quantity if change.kind is ChangeKind.SET else level.on_hand + change.quantity
    least = 0 if change.kind is ChangeKind.SET else -ON_HAND_MAX
    if not least <= wanted <= ON_HAND_MAX:
        return ChangeOutcome.REFUSED, StockCountInvalid.code
    return ChangeOutcome.APPLIED, None


def _followed(change: Change, level: Level) -> Level:
    return declared(level, change.quantity if change.kind is ChangeKind.SET else level.on_hand + change.quantity)


async def _kept(tx: Tx, source: str, references: Sequence[str]) -> dict[str, KeptChange]:
    rows = await tx.all(_oversold_sql.CHANGES_NAMED, of_source=source, references=list(references))
    return {row.reference: replace(_as_kept(row), repeated=True) for row in rows}


async def _newest(tx: Tx, source: str, skus: Sequence[SkuId]) -> dict[Place, tuple[OrderedBy, int]]:
    rows = await tx.all(_oversold_sql.NEWEST_SETS, of_source=source, skus=list(skus))
    return {(SkuId(row.sku_id), Pool(row.pool)): (OrderedBy(row.ordered_by), int(row.position)) for row in rows}


def _key_of(shop: int, source: str) -> int:
    return crc32(f"{shop}/{source}".encode()) - 2**31  # 32 bits with a sign


def _row(tx: Tx, one: KeptChange) -> dict[str, object]:
    change = one.change
    return {
        "shop_id": tx.shop,
        "change_id": one.change_id,
        "source": one.source,
        "reference": change.reference,
        "sku_id": change.sku_id,
        "pool": change.pool,
        "kind": change.kind,
        "quantity": change.quantity,
        "ordered_by": change.ordered_by,
        "position": change.position,
        "outcome": one.outcome,
        "code": one.code,
        "on_hand_after": one.on_hand,
        "short_after": one.short,
        "actor": one.actor,
        "at": one.at,
    }


def _as_kept(row: Row[Any]) -> KeptChange:
    change = Change(
        row.reference,
        SkuId(row.sku_id),
        ChangeKind(row.kind),
        row.quantity,
        OrderedBy(row.ordered_by),
        row.position,
        Pool(row.pool),
    )
    return KeptChange(
        row.change_id,
        row.source,
        change,
        ChangeOutcome(row.outcome),
        row.code,
        row.on_hand_after,
        row.short_after,
        row.actor,
        row.at,
    )
