"""Statements of the auditor: counters against the sums of the moves, and what is held against the open holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.stock._tables import stock, stock_audited, stock_audits, stock_books, stock_holds, stock_moves
from liveshelf.stock.types import HoldState, MoveKind

_SOLD_OR_BACK = stock_moves.c.kind.in_([MoveKind.COMMIT, MoveKind.RETURN])
_SUMS = (
    func.sum(stock_moves.c.on_hand_change).label("on_hand"),
    func.sum(stock_moves.c.held_change).label("held"),
    func.sum(case((_SOLD_OR_BACK, -stock_moves.c.on_hand_change), else_=0)).label("sold"),
)
_zero = func.coalesce


def _differences(*of: str) -> Select[Any]:
    """The three books side by side where they tell different things; of all SKUs, or of those bound as `skus`."""
    named = bindparam("skus", type_=ARRAY(BigInteger))
    moved = select(stock_moves.c.sku_id, stock_moves.c.pool, *_SUMS).where(stock_moves.c.shop_id == bindparam("shop"))
    kept = select(stock_holds.c.sku_id, stock_holds.c.pool, func.sum(stock_holds.c.quantity).label("held")).where(
        stock_holds.c.shop_id == bindparam("shop"), stock_holds.c.state == HoldState.HELD
    )
    counters = stock.c.shop_id == bindparam("shop")
    if of:
        moved = moved.where(stock_moves.c.sku_id == func.any(named))
        kept = kept.where(stock_holds.c.sku_id == func.any(named))
        counters &= stock.c.sku_id == func.any(named)
    sums = moved.group_by(stock_moves.c.sku_id, stock_moves.c.pool).subquery("moved")
    open_ = kept.group_by(stock_holds.c.sku_id, stock_holds.c.pool).subquery("kept")
    return (
        select(
            stock.c.sku_id,
            stock.c.pool,
            stock.c.on_hand,
            stock.c.held,
            stock.c.sold,
            _zero(sums.c.on_hand, 0).label("moved_on_hand"),
            _zero(sums.c.held, 0).label("moved_held"),
            _zero(sums.c.sold, 0).label("moved_sold"),
            _zero(open_.c.held, 0).label("kept_held"),
        )
        .select_from(
            stock.outerjoin(sums, (sums.c.sku_id == stock.c.sku_id) & (sums.c.pool == stock.c.pool)).outerjoin(
                open_, (open_.c.sku_id == stock.c.sku_id) & (open_.c.pool == stock.c.pool)
            )
        )
        .where(
            counters,
            (stock.c.on_hand != _zero(sums.c.on_hand, 0))
            | (stock.c.held != _zero(sums.c.held, 0))
            | (stock.c.sold != _zero(sums.c.sold, 0))
            | (stock.c.held != _zero(open_.c.held, 0)),
        )
        .order_by(stock.c.sku_id, stock.c.pool)
    )


DIFFERENCES = _differences()
DIFFERENCES_OF = _differences("these")

# A slice of SKUs whose stock is kept, in the order of their ids.
SLICE = (
    select(stock.c.sku_id)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.sku_id > bindparam("after"))
    .distinct()
    .order_by(stock.c.sku_id)
    .limit(bindparam("most"))
)

BEGIN_BOOKS = pg_insert(stock_books).on_conflict_do_nothing()
BOOKS = select(stock_books).where(stock_books.c.shop_id == bindparam("shop"))
LOCK_BOOKS = BOOKS.with_for_update()
SHOPS_DUE = select(stock_books.c.shop_id).where(stock_books.c.due_at <= bindparam("now"))
TAKE_DUE = (
    update(stock_books)
    .where(stock_books.c.shop_id == bindparam("shop"), stock_books.c.due_at <= bindparam("moment"))
    .values(due_at=bindparam("next_at", type_=Instant))
    .returning(stock_books.c.shop_id)
)
ASK_AUDIT = (
    update(stock_books)
    .where(stock_books.c.shop_id == bindparam("shop"))
    .values(due_at=bindparam("moment", type_=Instant), full_due_at=bindparam("moment", type_=Instant))
)
FULL_DONE = (
    update(stock_books)
    .where(stock_books.c.shop_id == bindparam("shop"))
    .values(full_due_at=bindparam("next_at", type_=Instant))
)

# Where a bounded share of the moves ends that were not summed up yet; nothing when there are none.
_next_moves = (
    select(stock_moves.c.move_id)
    .where(
        stock_moves.c.shop_id == bindparam("shop"),
        stock_moves.c.move_id > bindparam("after"),
        stock_moves.c.move_id <= bindparam("upto"),
    )
    .order_by(stock_moves.c.move_id)
    .limit(bindparam("most"))
    .subquery()
)
SHARE_END = select(func.max(_next_moves.c.move_id).label("upto"), func.count().label("many")).select_from(_next_moves)
_share = (
    select(stock_moves.c.shop_id, stock_moves.c.sku_id, stock_moves.c.pool, *_SUMS)
    .where(
        stock_moves.c.shop_id == bindparam("shop"),
        stock_moves.c.move_id > bindparam("after"),
        stock_moves.c.move_id <= bindparam("upto"),
    )
    .group_by(stock_moves.c.shop_id, stock_moves.c.sku_id, stock_moves.c.pool)
)
_sum_up = pg_insert(stock_audited).from_select(["shop_id", "sku_id", "pool", "on_hand", "held", "sold"], _share)
SUM_UP = _sum_up.on_conflict_do_update(
    index_elements=[stock_audited.c.shop_id, stock_audited.c.sku_id, stock_audited.c.pool],
    set_={
        name: getattr(stock_audited.c, name) + getattr(_sum_up.excluded, name) for name in ("on_hand", "held", "sold")
    },
)
SUMMED_THROUGH = (
    update(stock_books).where(stock_books.c.shop_id == bindparam("shop")).values(through_move=bindparam("upto"))
)

_tail = (
    select(stock_moves.c.sku_id, stock_moves.c.pool, *_SUMS)
    .where(stock_moves.c.shop_id == bindparam("shop"), stock_moves.c.move_id > bindparam("after"))
    .group_by(stock_moves.c.sku_id, stock_moves.c.pool)
    .subquery("tail")
)
_summed = {
    name: _zero(getattr(stock_audited.c, name), 0) + _zero(getattr(_tail.c, name), 0)
    for name in ("on_hand", "held", "sold")
}
# Every counter against what was summed up before and the few moves since.
SUSPECTS = (
    select(stock.c.sku_id)
    .select_from(
        stock.outerjoin(
            stock_audited,
            (stock_audited.c.shop_id == stock.c.shop_id)
            & (stock_audited.c.sku_id == stock.c.sku_id)
            & (stock_audited.c.pool == stock.c.pool),
        ).outerjoin(_tail, (_tail.c.sku_id == stock.c.sku_id) & (_tail.c.pool == stock.c.pool))
    )
    .where(
        stock.c.shop_id == bindparam("shop"),
        (stock.c.on_hand != _summed["on_hand"]) | (stock.c.held != _summed["held"]) | (stock.c.sold != _summed["sold"]),
    )
    .distinct()
    .order_by(stock.c.sku_id)
)
SKUS_KEPT = select(func.count()).select_from(stock).where(stock.c.shop_id == bindparam("shop"))
# Sums that a late move went past are made anew, up to where all of the shop are.
FORGET_SUMS = delete(stock_audited).where(
    stock_audited.c.shop_id == bindparam("shop"),
    stock_audited.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger))),
)
SUM_ANEW = pg_insert(stock_audited).from_select(
    ["shop_id", "sku_id", "pool", "on_hand", "held", "sold"],
    select(stock_moves.c.shop_id, stock_moves.c.sku_id, stock_moves.c.pool, *_SUMS)
    .where(
        stock_moves.c.shop_id == bindparam("shop"),
        stock_moves.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger))),
        stock_moves.c.move_id <= bindparam("upto"),
    )
    .group_by(stock_moves.c.shop_id, stock_moves.c.sku_id, stock_moves.c.pool),
)

KEEP_AUDIT = insert(stock_audits)
DROP_AUDITS = delete(stock_audits).where(
    stock_audits.c.shop_id == bindparam("shop"), stock_audits.c.ended_at < bindparam("before", type_=Instant)
)
AUDITS = (
    select(stock_audits)
    .where(stock_audits.c.shop_id == bindparam("shop"), stock_audits.c.audit_id < bindparam("before"))
    .order_by(stock_audits.c.audit_id.desc())
    .limit(bindparam("most"))
)
