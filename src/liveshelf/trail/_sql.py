"""Statements of the trail."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, func, insert, null, select, update

from liveshelf.trail._tables import trail, trail_seals

_mine = trail.c.shop_id == bindparam("shop")

SHOPS_UNSEALED = select(trail.c.shop_id).where(trail.c.seal_no.is_(None)).distinct()

# One sealer a shop at a time: two would chain to the same seal, and the second would fail after all its work.
ONE_SEALER = select(func.pg_try_advisory_xact_lock(bindparam("space"), bindparam("shop")))
UNSEALED = select(trail).where(_mine, trail.c.seal_no.is_(None)).order_by(trail.c.trail_id).limit(bindparam("most"))
LAST_SEAL = (
    select(trail_seals)
    .where(trail_seals.c.shop_id == bindparam("shop"))
    .order_by(trail_seals.c.seal_no.desc())
    .limit(1)
)
INSERT_SEAL = insert(trail_seals)
SEAL = (
    update(trail)
    .where(trail.c.shop_id == bindparam("b_shop"), trail.c.trail_id == bindparam("b_trail"), trail.c.seal_no.is_(None))
    .values(seal_no=bindparam("b_seal"), commitment=bindparam("b_commitment"))
)
ERASE = (
    update(trail)
    .where(_mine, trail.c.subject == bindparam("what"), trail.c.seal_no.is_not(None))
    .values(detail=null())
    .returning(trail.c.trail_id)
)

SEALS = (
    select(trail_seals)
    .where(trail_seals.c.shop_id == bindparam("shop"), trail_seals.c.seal_no > bindparam("after"))
    .order_by(trail_seals.c.seal_no)
    .limit(bindparam("most"))
)
ROWS_OF_SEALS = (
    select(trail)
    .where(_mine, trail.c.seal_no >= bindparam("first"), trail.c.seal_no <= bindparam("last"))
    .order_by(trail.c.seal_no, trail.c.trail_id)
)
STRAY = (
    select(trail.c.seal_no, func.count().label("count"))
    .where(_mine, trail.c.seal_no > bindparam("last"))
    .group_by(trail.c.seal_no)
    .order_by(trail.c.seal_no)
)
NEWEST = (
    select(trail)
    .where(_mine, trail.c.trail_id < bindparam("before", type_=BigInteger))
    .order_by(trail.c.trail_id.desc())
    .limit(bindparam("most"))
)
