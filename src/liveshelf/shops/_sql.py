"""Statements of the shops capability."""

from __future__ import annotations

from sqlalchemy import Integer, bindparam, case, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.shops._tables import (
    credentials,
    policy,
    quota_limits,
    quota_use,
    shops,
    waivers,
    wire_calls,
    wire_faults,
    wire_tokens,
)
from liveshelf.shops.types import CALLS_KEPT, SUBMISSIONS

INSERT_SHOP = insert(shops)
SHOP = select(shops).where(shops.c.shop_id == bindparam("shop"))
SHOPS = select(shops).order_by(shops.c.shop_id)
NAMES = select(shops.c.shop_id, shops.c.name).where(shops.c.shop_id.in_(bindparam("ids", expanding=True)))
IS_WAITING = select(shops.c.opened_at.is_(None)).where(shops.c.shop_id == bindparam("which"))
_OUR_SHOP = update(shops).where(shops.c.shop_id == bindparam("shop"))
SET_PAGES = _OUR_SHOP.values(pages=bindparam("b_pages"))
SET_WIDGET_KEY = _OUR_SHOP.values(widget_key=bindparam("b_key"))
SET_WIRE_STOCK = _OUR_SHOP.values(wire_stock=bindparam("b_stock"))
SET_BLOCKED = _OUR_SHOP.values(blocked_at=bindparam("b_moment"))
# Only a shop that is not open already: the first opening stays.
SET_OPENED = (
    _OUR_SHOP.where(shops.c.opened_at.is_(None) | shops.c.opened_under_waiver)
    .values(opened_at=bindparam("b_moment"), opened_under_waiver=False)
    .returning(shops.c.shop_id)
)

POLICY = select(policy)
SET_POLICY = (
    pg_insert(policy)
    .values(
        policy_id=1, profile=bindparam("b_profile"), changed_by=bindparam("b_actor"), changed_at=bindparam("b_moment")
    )
    .on_conflict_do_update(
        index_elements=[policy.c.policy_id],
        set_={
            "profile": bindparam("b_profile"),
            "changed_by": bindparam("b_actor"),
            "changed_at": bindparam("b_moment"),
        },
    )
)
INSERT_WAIVER = insert(waivers)
WAIVERS = select(waivers).where(waivers.c.shop_id == bindparam("shop")).order_by(waivers.c.waiver_id.desc())
WAIVED = select(
    select(waivers.c.waiver_id)
    .where(
        waivers.c.shop_id == bindparam("shop"),
        waivers.c.rule.in_(bindparam("b_rules", expanding=True)),
        waivers.c.subject.in_(bindparam("b_subjects", expanding=True)),
    )
    .exists()
)

INSERT_CREDENTIAL = insert(credentials)
CREDENTIAL_OF_SHOP = (
    select(credentials).where(credentials.c.shop_id == bindparam("shop")).order_by(credentials.c.created_at).limit(1)
)
CREDENTIAL = select(credentials).where(credentials.c.appid == bindparam("b_appid"))
SET_SECRET = (
    update(credentials)
    .where(credentials.c.shop_id == bindparam("shop"), credentials.c.appid == bindparam("b_appid"))
    .values(
        secret_hash=bindparam("b_hash"),
        secret_hint=bindparam("b_hint"),
        previous_hash=case((bindparam("b_until", type_=Instant).is_(None), None), else_=credentials.c.secret_hash),
        previous_until=bindparam("b_until", type_=Instant),
    )
)
_OUR_CREDENTIAL = update(credentials).where(
    credentials.c.shop_id == bindparam("shop"), credentials.c.appid == bindparam("b_appid")
)
END_PREVIOUS = _OUR_CREDENTIAL.values(previous_hash=None, previous_until=None)
SET_ADDRESSES = _OUR_CREDENTIAL.values(addresses=bindparam("b_addresses"))
USED = _OUR_CREDENTIAL.values(used_at=bindparam("b_wall"), used_from=bindparam("b_from"))

TOKEN = select(wire_tokens).where(
    wire_tokens.c.appid == bindparam("b_appid"), wire_tokens.c.kind == bindparam("b_kind")
)
# The row lock makes issuing one after the other: two callers at once get two generations, or the same stable token.
TOKEN_LOCKED = TOKEN.with_for_update()
# The credential's row is there already, so this only fails to insert when a twin was faster.
INSERT_TOKEN = pg_insert(wire_tokens).on_conflict_do_nothing()
SET_TOKEN = (
    update(wire_tokens)
    .where(wire_tokens.c.appid == bindparam("b_appid"), wire_tokens.c.kind == bindparam("b_kind"))
    .values(
        generation=wire_tokens.c.generation + 1,
        issued_at=bindparam("b_issued"),
        expires_at=bindparam("b_expires"),
        previous_until=bindparam("b_previous"),
        forced_count=bindparam("b_forced_count"),
        forced_at=bindparam("b_forced_at"),
    )
    .returning(wire_tokens)
)
# After a secret was rotated because it leaked, tokens made with it are worth nothing any more.
END_TOKENS = (
    update(wire_tokens)
    .where(wire_tokens.c.appid == bindparam("b_appid"))
    .values(generation=wire_tokens.c.generation + 1, expires_at=bindparam("b_wall"), previous_until=bindparam("b_wall"))
)

_LIMIT = func.coalesce(
    select(quota_limits.c.per_day)
    .where(quota_limits.c.shop_id == bindparam("shop"), quota_limits.c.quota == bindparam("b_quota"))
    .scalar_subquery(),
    bindparam("b_default", type_=Integer),
)
_MANY = bindparam("b_many", type_=Integer)
# All of `b_many` or nothing. The row lock of the conflict serialises takers, and the condition is read under it, so
# `granted` can't pass the limit, whatever runs in parallel; the first taker of a day is held to the same limit by the
# SELECT.
TAKE_QUOTA = (
    pg_insert(quota_use)
    .from_select(
        ["shop_id", "quota", "day", "granted"],
        select(
            bindparam("shop", type_=quota_use.c.shop_id.type),
            bindparam("b_quota", type_=quota_use.c.quota.type),
            bindparam("b_day", type_=quota_use.c.day.type),
            _MANY,
        ).where(_MANY <= _LIMIT),
    )
    .on_conflict_do_update(
        index_elements=[quota_use.c.shop_id, quota_use.c.quota, quota_use.c.day],
        set_={"granted": quota_use.c.granted + _MANY},
        where=quota_use.c.granted + _MANY <= _LIMIT,
    )
    .returning(quota_use.c.granted, _LIMIT.label("per_day"))
)
# Never below nothing: the quota may have been cleared since the shares were taken.
RETURN_QUOTA = (
    update(quota_use)
    .where(
        quota_use.c.shop_id == bindparam("shop"),
        quota_use.c.quota == bindparam("b_quota"),
        quota_use.c.day == bindparam("b_day"),
    )
    .values(granted=func.greatest(quota_use.c.granted - _MANY, 0))
)
CLEAR_QUOTAS = delete(quota_use).where(
    quota_use.c.shop_id == bindparam("shop"),
    quota_use.c.day == bindparam("b_day"),
    quota_use.c.quota != SUBMISSIONS,
    quota_use.c.quota.not_like("month:%"),
)
QUOTA_LIMITS = select(quota_limits.c.quota, quota_limits.c.per_day).where(quota_limits.c.shop_id == bindparam("shop"))
QUOTA_USE = select(quota_use.c.quota, quota_use.c.granted).where(
    quota_use.c.shop_id == bindparam("shop"), quota_use.c.day == bindparam("b_day")
)
SET_LIMIT = (
    pg_insert(quota_limits)
    .values(shop_id=bindparam("shop"), quota=bindparam("b_quota"), per_day=bindparam("b_limit"))
    .on_conflict_do_update(
        index_elements=[quota_limits.c.shop_id, quota_limits.c.quota], set_={"per_day": bindparam("b_limit")}
    )
)
DROP_LIMIT = delete(quota_limits).where(
    quota_limits.c.shop_id == bindparam("shop"), quota_limits.c.quota == bindparam("b_quota")
)

INSERT_FAULT = insert(wire_faults)
COUNT_FAULTS = select(func.count()).where(wire_faults.c.shop_id == bindparam("shop"))
_ALIVE = (func.coalesce(wire_faults.c.remaining, 1) > 0) & (
    func.coalesce(wire_faults.c.until, bindparam("wall")) >= bindparam("wall")
)
FAULTS = select(wire_faults).where(wire_faults.c.shop_id == bindparam("shop"), _ALIVE).order_by(wire_faults.c.fault_id)
DELETE_FAULT = (
    delete(wire_faults)
    .where(wire_faults.c.shop_id == bindparam("shop"), wire_faults.c.fault_id == bindparam("b_fault"))
    .returning(wire_faults.c.fault_id)
)
# Exactly n calls meet a fault of n, also from many processes: the last one makes `remaining` zero, and no more rows
# match.
MEET_FAULT = (
    update(wire_faults)
    .where(wire_faults.c.shop_id == bindparam("shop"), wire_faults.c.fault_id == bindparam("b_fault"), _ALIVE)
    .values(remaining=case((wire_faults.c.remaining.is_(None), None), else_=wire_faults.c.remaining - 1))
    .returning(wire_faults.c.fault_id)
)
DELETE_SPENT_FAULTS = delete(wire_faults).where(wire_faults.c.shop_id == bindparam("shop"), ~_ALIVE)

INSERT_CALLS = insert(wire_calls)
_CALLS = select(wire_calls).where(wire_calls.c.shop_id == bindparam("shop")).order_by(wire_calls.c.call_id.desc())
CALLS = _CALLS.where(
    wire_calls.c.call_id < bindparam("before"),
    (bindparam("rid") == literal("")) | (wire_calls.c.rid == bindparam("rid")),
    (bindparam("api") == literal("")) | (wire_calls.c.api == bindparam("api")),
).limit(bindparam("most"))
OLD_CALL_SHOPS = (
    select(wire_calls.c.shop_id).where(wire_calls.c.at < bindparam("now", type_=Instant) - CALLS_KEPT).distinct()
)
# Row by row through the index: a sweep never holds more locks than one batch.
DELETE_OLD_CALLS = (
    delete(wire_calls)
    .where(
        wire_calls.c.shop_id == bindparam("shop"),
        wire_calls.c.call_id.in_(
            select(wire_calls.c.call_id)
            .where(wire_calls.c.shop_id == bindparam("shop"), wire_calls.c.at < bindparam("before"))
            .order_by(wire_calls.c.call_id)
            .limit(bindparam("most"))
        ),
    )
    .returning(wire_calls.c.call_id)
)

# Runs as the tables' owner, because history is not the app role's to delete; it refuses any shop that is not a sandbox.
RESET = select(func.reset_sandbox(bindparam("shop", type_=shops.c.shop_id.type)))
