"""Statements of the penalties capability."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, and_, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.penalties._tables import penalties, penalty_goods
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows

_of_shop = penalties.c.shop_id == bindparam("shop")
_one = and_(_of_shop, penalties.c.penalty_id == bindparam("which"))
_in_force = penalties.c.state == "in_force"

INSERT = insert(penalties)
ONE = select(penalties).where(_one)
# Changes of one penalty go one after the other.
ONE_LOCKED = ONE.with_for_update()
ANYWHERE = select(penalties).where(penalties.c.penalty_id == bindparam("which"))
# Whoever imposes or reverses looks at all that is in force: one at a time.
OF_SHOP_LOCKED = select(penalties).where(_of_shop).order_by(penalties.c.penalty_id).with_for_update()
STANDING = select(
    func.coalesce(func.bool_or(and_(_in_force, penalties.c.level == "severe")), False).label("banned"),
    func.max(case((and_(_in_force, penalties.c.level == "general"), penalties.c.ends_at))).label("limited_until"),
    func.count(case((and_(_in_force, penalties.c.level == "minor"), 1))).label("warnings_open"),
    func.count(case((and_(penalties.c.level == "minor", penalties.c.state != "reversed"), 1))).label("warnings"),
).where(_of_shop)
OF_SHOP = (
    select(penalties)
    .where(_of_shop, penalties.c.penalty_id < bindparam("before", type_=BigInteger))
    .order_by(penalties.c.penalty_id.desc())
    .limit(bindparam("most"))
)
OF_ROOM = select(penalties).where(_of_shop, penalties.c.room_id == bindparam("room")).order_by(penalties.c.penalty_id)
# The platform's list is over all shops.
EVERYWHERE = (
    select(penalties)
    .where(
        penalties.c.penalty_id < bindparam("before", type_=BigInteger),
        or_(bindparam("level", type_=Text).is_(None), penalties.c.level == bindparam("level", type_=Text)),
        or_(bindparam("state", type_=Text).is_(None), penalties.c.state == bindparam("state", type_=Text)),
        or_(bindparam("only", type_=BigInteger).is_(None), penalties.c.shop_id == bindparam("only", type_=BigInteger)),
    )
    .order_by(penalties.c.penalty_id.desc())
    .limit(bindparam("most"))
)
CHANGE = update(penalties).where(_one)

PENDING = board_rows(
    "penalty", penalties.c.penalty_id, penalties.c.ends_at, _of_shop, _in_force, penalties.c.ends_at.is_not(None)
)
SHOPS_DUE = (
    select(penalties.c.shop_id).where(_in_force, penalties.c.ends_at <= bindparam("now", type_=Instant)).distinct()
)
_DUE = (
    select(penalties.c.penalty_id)
    .where(_of_shop, _in_force, penalties.c.ends_at <= bindparam("moment", type_=Instant))
    .order_by(penalties.c.ends_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
END_DUE = (
    update(penalties)
    .where(_of_shop, penalties.c.penalty_id.in_(_DUE))
    .values(state="ended", ended_at=bindparam("moment", type_=Instant))
    .returning(penalties.c.penalty_id, penalties.c.level, penalties.c.rule)
)

NOTE_GOODS = pg_insert(penalty_goods).on_conflict_do_nothing()
TAKEN_OFF = (
    select(penalty_goods)
    .where(penalty_goods.c.shop_id == bindparam("shop"))
    .order_by(penalty_goods.c.goods_id)
    .limit(bindparam("most"))
)
FORGET_GOODS = delete(penalty_goods).where(
    penalty_goods.c.shop_id == bindparam("shop"), penalty_goods.c.goods_id == bindparam("which")
)
