"""Statements about a shop's enterprise at WeCom, and its employees."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows
from liveshelf.qualifications._tables import employees, enterprises

READ_EVERY = timedelta(minutes=1)
_MOMENT = bindparam("moment", type_=Instant)

# --- the enterprise

_ours = enterprises.c.shop_id == bindparam("shop")
_bound = enterprises.c.unbound_at.is_(None)
ENTERPRISE = select(enterprises).where(_ours)
# Whoever changes the list takes this row first, and so does whoever works under it: one order for all.
ENTERPRISE_LOCKED = ENTERPRISE.with_for_update()
ENTERPRISE_HELD = ENTERPRISE.with_for_update(read=True)
BIND = (
    pg_insert(enterprises)
    .values(shop_id=bindparam("shop"), unbound_at=None, synced_at=None, refused="")
    .on_conflict_do_update(
        index_elements=[enterprises.c.shop_id],
        set_={
            "corp_id": pg_insert(enterprises).excluded.corp_id,
            "sealed": pg_insert(enterprises).excluded.sealed,
            "bound_at": pg_insert(enterprises).excluded.bound_at,
            "bound_by": pg_insert(enterprises).excluded.bound_by,
            "sync_at": pg_insert(enterprises).excluded.sync_at,
            "unbound_at": None,
            "synced_at": None,
            "refused": "",
        },
    )
)
UNBIND = (
    update(enterprises)
    .where(_ours, _bound)
    .values(unbound_at=_MOMENT, sync_at=None, synced_at=None)
    .returning(enterprises.c.corp_id)
)
SYNCED = update(enterprises).where(_ours, _bound).values(synced_at=_MOMENT, refused="")
REFUSED = (
    update(enterprises)
    .where(_ours, _bound, enterprises.c.corp_id == bindparam("corp"))
    .values(refused=bindparam("b_reason"))
    .returning(enterprises.c.shop_id)
)
SHOPS_TO_READ = select(enterprises.c.shop_id).where(enterprises.c.sync_at <= bindparam("now", type_=Instant))
TAKE_TO_READ = (
    update(enterprises)
    .where(_ours, enterprises.c.sync_at <= _MOMENT)
    .values(sync_at=bindparam("later", type_=Instant))
    .returning(enterprises.c.shop_id)
)
LISTS_PENDING = board_rows("enterprise", enterprises.c.shop_id, enterprises.c.sync_at, _ours, _bound)

# --- its employees

_of_shop = employees.c.shop_id == bindparam("shop")
_one = and_(_of_shop, employees.c.employee_id == bindparam("which"))
EVERYBODY = select(employees).where(_of_shop)
PAGE = (
    EVERYBODY.where(
        employees.c.employee_id > bindparam("after", type_=BigInteger),
        or_(~bindparam("matched"), employees.c.account_id.is_not(None)),
    )
    .order_by(employees.c.employee_id)
    .limit(bindparam("most"))
)
EMPLOYEE_LOCKED = select(employees).where(_one).with_for_update()
INSERT_EMPLOYEES = insert(employees)
RENAME = (
    update(employees).where(_one).values(sealed=bindparam("b_sealed"), seen_at=_MOMENT, named_at=None, number_mac=None)
)
LEAVE = delete(employees).where(_of_shop, employees.c.employee_id.in_(bindparam("which", expanding=True)))
ACCOUNT_TAKEN = select(employees.c.employee_id).where(_of_shop, employees.c.account_id == bindparam("account"))
NUMBER_TAKEN = select(employees.c.employee_id).where(
    _of_shop, employees.c.number_mac == bindparam("mac"), employees.c.employee_id != bindparam("which")
)
MATCH = (
    update(employees)
    .where(_one)
    .values(account_id=bindparam("account"), matched_at=_MOMENT, named_at=None, number_mac=None)
)
UNMATCH = update(employees).where(_one).values(account_id=None, matched_at=None, named_at=None, number_mac=None)
NAMED = update(employees).where(_one).values(named_at=_MOMENT, number_mac=bindparam("mac"))

# In which shops an account is an employee is asked at sign-in, over all of them, like memberships.
OF_ACCOUNT = (
    select(
        employees.c.shop_id,
        employees.c.employee_id,
        employees.c.named_at,
        enterprises.c.unbound_at,
        enterprises.c.synced_at,
        enterprises.c.refused,
    )
    .join(enterprises, enterprises.c.shop_id == employees.c.shop_id)
    .where(employees.c.account_id == bindparam("account"))
    .order_by(employees.c.shop_id)
)
REACH = OF_ACCOUNT.where(_of_shop)
# Held until the commit, so that a leaver's last write is over before they are gone.
EMPLOYEE_HELD = (
    select(employees.c.employee_id, employees.c.named_at)
    .where(_of_shop, employees.c.account_id == bindparam("account"))
    .with_for_update(read=True)
)
