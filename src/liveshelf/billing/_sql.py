"""Statements of the billing capability. The two sides are compared by their numbers, not in memory."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.billing._tables import billing_days as days
from liveshelf.billing._tables import billing_differences as differences
from liveshelf.billing._tables import billing_lines as lines
from liveshelf.platform.timers import board_rows

_of_shop = days.c.shop_id == bindparam("shop")
_this_day = (_of_shop, days.c.merchant == bindparam("whose"), days.c.day == bindparam("on"))

# The first payment of a day makes its row; the others find it.
EXPECT = pg_insert(days).on_conflict_do_nothing()
DAY = select(days).where(*_this_day).with_for_update()
EXPECTED = select(days.c.day).where(*_this_day)
DONE = (
    update(days)
    .where(*_this_day)
    .values(
        done_at=bindparam("moment"),
        problem="",
        payments=bindparam("sold"),
        paid_fen=bindparam("sold_fen"),
        refunds=bindparam("returned"),
        refunded_fen=bindparam("returned_fen"),
        fee_fen=bindparam("kept_fen"),
        funds_in_fen=bindparam("came"),
        funds_out_fen=bindparam("left"),
        funds_paid_out_fen=bindparam("to_bank"),
        funds_balance_fen=bindparam("there"),
    )
)
TROUBLE = update(days).where(*_this_day).values(problem=bindparam("trouble"))
_open = differences.c.closed_at.is_(None)
_many_open = (
    select(func.count())
    .where(
        differences.c.shop_id == days.c.shop_id,
        differences.c.merchant == days.c.merchant,
        differences.c.day == days.c.day,
        _open,
    )
    .scalar_subquery()
)
DAYS = (
    select(days, _many_open.label("open_differences"))
    .where(_of_shop, days.c.day < bindparam("before"))
    .order_by(days.c.day.desc(), days.c.merchant)
    .limit(bindparam("most"))
)

_waiting = days.c.done_at.is_(None)
SHOPS_DUE = select(days.c.shop_id).where(days.c.due_at <= bindparam("now"), _waiting).distinct()
_due = (
    select(days.c.merchant, days.c.day)
    .where(_of_shop, days.c.due_at <= bindparam("moment"), _waiting)
    .order_by(days.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
TAKE_DUE = (
    update(days)
    .where(_of_shop, days.c.merchant == _due.c.merchant, days.c.day == _due.c.day)
    .values(due_at=bindparam("next_try"))
    .returning(days.c.merchant, days.c.day)
)
WAITING = board_rows("bill", days.c.day, days.c.due_at, _of_shop, _waiting)

# A bill that is fetched again may say that a refund is done by now; nothing else of a line changes.
_line = pg_insert(lines)
KEEP_LINES = _line.on_conflict_do_update(
    index_elements=[lines.c.shop_id, lines.c.what, lines.c.number],
    set_={"settled": _line.excluded.settled},
    where=lines.c.settled.is_(False),
)
LINES_OF_DAY = select(lines).where(
    lines.c.shop_id == bindparam("shop"), lines.c.merchant == bindparam("whose"), lines.c.day == bindparam("on")
)
LINES_BY_NUMBERS = select(lines).where(
    lines.c.shop_id == bindparam("shop"),
    lines.c.what == bindparam("which"),
    lines.c.number.in_(bindparam("numbers", expanding=True)),
)

FOUND = pg_insert(differences).on_conflict_do_nothing().returning(differences.c.difference_id)
OPEN = (
    select(differences)
    .where(differences.c.shop_id == bindparam("shop"), _open)
    .order_by(differences.c.difference_id)
    .limit(bindparam("most"))
)
CLOSE = (
    update(differences)
    .where(
        differences.c.shop_id == bindparam("shop"),
        differences.c.difference_id == bindparam("difference"),
        _open,
    )
    .values(closed_at=bindparam("moment"), closed_by=bindparam("who"), reason=bindparam("why"))
    .returning(differences)
)
CLOSE_NAMED = (
    update(differences)
    .where(
        differences.c.shop_id == bindparam("shop"),
        differences.c.what == bindparam("which"),
        differences.c.number == bindparam("name"),
        _open,
    )
    .values(closed_at=bindparam("moment"), closed_by=bindparam("who"), reason=bindparam("why"))
)
BY_ID = select(differences).where(
    differences.c.shop_id == bindparam("shop"), differences.c.difference_id == bindparam("difference")
)
PAGE = (
    select(differences)
    .where(differences.c.shop_id == bindparam("shop"), differences.c.difference_id < bindparam("before"))
    .order_by(differences.c.difference_id.desc())
    .limit(bindparam("most"))
)
IS_OPEN = _open
IS_CLOSED = differences.c.closed_at.is_not(None)
