"""The auditor: do the counters equal their moves?

A recent audit sums up the moves since the last one, in bounded shares, and compares every counter with the sums; a
full one, once a day or when asked, reads every move and every open hold, SKU by SKU. What a recent audit suspects is
read in full before it is called a difference. Nothing here changes a counter: a difference is a mistake of ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId, SkuId, first_number_of, new_number
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, ReadTx, Tx
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import _audit_sql, queries
from liveshelf.stock.types import Audit, AuditKind, Difference

EVERY = timedelta(minutes=10)
FULL_EVERY = timedelta(days=1)
KEPT = timedelta(days=30)
SHARE = 100_000  # moves summed up in one transaction: some hundred milliseconds
SLICE = 200  # SKUs read in full at a time
# Moves are numbered when they are made and seen when they are committed: younger ones than the longest transaction
# may still be on their way, and are summed up the next time.
SETTLED_AFTER = timedelta(minutes=2)

_log = logger("stock.audit")


async def audit(runtime: Runtime, shop: ShopId) -> None:
    """Audit a shop's stock: recent moves, and everything when that is due. Repeating it does no harm."""
    await run(runtime.db, shop)


async def run(db: Database, shop: ShopId) -> list[Audit]:
    """As `audit`; what was found."""
    async with db.read(shop) as tx:
        books = await tx.one(_audit_sql.BOOKS)
    if books is None:
        return []
    done = [await _recent(db, shop)]
    if books.full_due_at <= wall_now():
        done.append(await _full(db, shop))
    for one in done:
        if one.differences:
            _log.error("stock_differs", shop_id=shop, kind=one.kind, skus=[each.sku_id for each in one.differences])
    return done


async def ask(tx: Tx) -> None:
    """A full audit is to be made as soon as the worker comes to it."""
    await tx.execute(_audit_sql.ASK_AUDIT, moment=wall_now())


async def begin(tx: Tx) -> None:
    """The shop keeps stock: the auditor will come. A second time changes nothing."""
    now = wall_now()
    await tx.execute(
        _audit_sql.BEGIN_BOOKS.values(shop_id=tx.shop, through_move=0, due_at=now + EVERY, full_due_at=now + FULL_EVERY)
    )


async def audits(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Audit]:
    """What the auditor found, the latest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_audit_sql.AUDITS, before=below(cursor), most=most + 1)
    return page_of([_as_audit(row) for row in rows], most, lambda one: (one.audit_id,))


async def examine(db: Database, shop: ShopId) -> tuple[int, list[Difference]]:
    """Read every move and every open hold of a shop, a slice of SKUs at a time: how many SKUs, and what differs."""
    found: list[Difference] = []
    last, many = 0, 0
    while True:
        async with db.read(shop) as tx:
            skus = [SkuId(row.sku_id) for row in await tx.all(_audit_sql.SLICE, after=last, most=SLICE)]
            if not skus:
                return many, found
            found += await queries.differences(tx, skus)
        last, many = skus[-1], many + len(skus)


async def _recent(db: Database, shop: ShopId) -> Audit:
    began_at = wall_now()
    upto = first_number_of(began_at - SETTLED_AFTER) - 1
    summed = 0
    while (share := await db.write(SYSTEM, shop, lambda tx: _sum_up(tx, upto))) == SHARE:
        summed += share
    summed += share
    async with db.read(shop) as tx:
        books = await tx.one(_audit_sql.BOOKS)
        through = 0 if books is None else books.through_move
        suspects = [SkuId(row.sku_id) for row in await tx.all(_audit_sql.SUSPECTS, after=through)]
        differences = await queries.differences(tx, suspects) if suspects else []
        skus = int(await tx.scalar(_audit_sql.SKUS_KEPT))
    wrong = {one.sku_id for one in differences}
    if passed := [sku_id for sku_id in suspects if sku_id not in wrong]:
        await db.write(SYSTEM, shop, lambda tx: _sum_anew(tx, passed))
    return await _keep(db, shop, AuditKind.RECENT, began_at=began_at, skus=skus, moves=summed, differences=differences)


async def _full(db: Database, shop: ShopId) -> Audit:
    began_at = wall_now()
    skus, differences = await examine(db, shop)

    async def done(tx: Tx) -> None:
        await tx.execute(_audit_sql.FULL_DONE, next_at=began_at + FULL_EVERY)

    await db.write(SYSTEM, shop, done)
    return await _keep(db, shop, AuditKind.FULL, began_at=began_at, skus=skus, moves=0, differences=differences)


async def _sum_up(tx: Tx, upto: int) -> int:
    """Sum up the next share of moves; how many they were. One auditor of a shop at a time."""
    books = await tx.one(_audit_sql.LOCK_BOOKS)
    if books is None:
        return 0
    end = await tx.one(_audit_sql.SHARE_END, after=books.through_move, upto=upto, most=SHARE)
    if end is None or end.upto is None:
        return 0
    await tx.execute(_audit_sql.SUM_UP, after=books.through_move, upto=end.upto)
    await tx.execute(_audit_sql.SUMMED_THROUGH, upto=end.upto)
    return int(end.many)


async def _sum_anew(tx: Tx, sku_ids: list[SkuId]) -> None:
    books = await tx.one(_audit_sql.LOCK_BOOKS)
    if books is not None:
        await tx.execute(_audit_sql.FORGET_SUMS, skus=sku_ids)
        await tx.execute(_audit_sql.SUM_ANEW, skus=sku_ids, upto=books.through_move)


async def _keep(
    db: Database,
    shop: ShopId,
    kind: AuditKind,
    *,
    began_at: datetime,
    skus: int,
    moves: int,
    differences: list[Difference],
) -> Audit:
    found = Audit(new_number(), kind, began_at, wall_now(), skus, moves, tuple(differences))

    async def work(tx: Tx) -> None:
        row = {
            "shop_id": tx.shop,
            "audit_id": found.audit_id,
            "kind": kind,
            "began_at": found.began_at,
            "ended_at": found.ended_at,
            "skus": skus,
            "moves": moves,
            "differences": msgspec.to_builtins(found.differences),
        }
        await tx.conn.execute(_audit_sql.KEEP_AUDIT, row)
        await tx.execute(_audit_sql.DROP_AUDITS, before=found.ended_at - KEPT)

    await db.write(SYSTEM, shop, work)
    return found


def _as_audit(row: Row[Any]) -> Audit:
    return Audit(
        row.audit_id,
        AuditKind(row.kind),
        row.began_at,
        row.ended_at,
        row.skus,
        row.moves,
        tuple(msgspec.convert(row.differences, list[Difference])),
    )
