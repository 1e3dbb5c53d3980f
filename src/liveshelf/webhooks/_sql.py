"""Statements of the webhooks capability."""

from __future__ import annotations

from sqlalchemy import BigInteger, BindParameter, Integer, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.webhooks._tables import webhook_deliveries, webhook_endpoints, webhook_tries
from liveshelf.webhooks.types import KEPT, DeliveryState

_SHOP: BindParameter[int] = bindparam("shop")
_OF_SHOP = webhook_deliveries.c.shop_id == _SHOP
_ONE = and_(_OF_SHOP, webhook_deliveries.c.delivery_id == bindparam("delivery"))
_WAITS = webhook_deliveries.c.state == DeliveryState.WAITING
_wall = bindparam("wall", type_=Instant)
_lease = bindparam("lease", type_=Instant)

ENDPOINT = select(webhook_endpoints).where(webhook_endpoints.c.shop_id == _SHOP)
_ENDPOINT = pg_insert(webhook_endpoints)
PUT_ENDPOINT = _ENDPOINT.on_conflict_do_update(
    index_elements=[webhook_endpoints.c.shop_id],
    set_={
        name: _ENDPOINT.excluded[name]
        for name in (
            "url",
            "backup_url",
            "mode",
            "form",
            "sealed",
            "token_hint",
            "key_hint",
            "enabled",
            "verified_at",
            "changed_by",
            "changed_at",
        )
    },
)
DELETE_ENDPOINT = (
    delete(webhook_endpoints).where(webhook_endpoints.c.shop_id == _SHOP).returning(webhook_endpoints.c.shop_id)
)

# The relay carries an event at least once: the second time finds the key taken.
INSERT = pg_insert(webhook_deliveries).on_conflict_do_nothing().returning(webhook_deliveries.c.delivery_id)
DELIVERY = select(webhook_deliveries).where(_ONE)
PAGE = (
    select(webhook_deliveries)
    .where(_OF_SHOP, webhook_deliveries.c.delivery_id < bindparam("before", type_=BigInteger))
    .order_by(webhook_deliveries.c.delivery_id.desc())
    .limit(bindparam("most"))
)
IN_STATE = webhook_deliveries.c.state == bindparam("in_state")
COUNTS = (
    select(webhook_deliveries.c.state, func.count().label("many")).where(_OF_SHOP).group_by(webhook_deliveries.c.state)
)
TRIES = (
    select(webhook_tries)
    .where(webhook_tries.c.shop_id == _SHOP, webhook_tries.c.delivery_id == bindparam("delivery"))
    .order_by(webhook_tries.c.try_id)
)
INSERT_TRIES = insert(webhook_tries)

# A new run for what waits and whose pause is over. Its number makes it happen once.
_DUE = (
    select(webhook_deliveries.c.delivery_id)
    .where(_OF_SHOP, _WAITS, webhook_deliveries.c.send_at <= _wall)
    .order_by(webhook_deliveries.c.send_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
TAKE_DUE = (
    update(webhook_deliveries)
    .where(_OF_SHOP, webhook_deliveries.c.delivery_id.in_(_DUE))
    .values(runs=webhook_deliveries.c.runs + 1, send_at=_lease)
    .returning(webhook_deliveries.c.delivery_id, webhook_deliveries.c.runs)
)
SHOPS_DUE = (
    select(webhook_deliveries.c.shop_id)
    .where(_WAITS, webhook_deliveries.c.send_at <= bindparam("now", type_=Instant))
    .distinct()
)
# Nobody else is sending it: a run and a hand are never at the same message together.
_FREE = or_(webhook_deliveries.c.busy_until.is_(None), webhook_deliveries.c.busy_until <= _wall)
# Of two jobs with one run's number the second finds it begun, and sends nothing.
CLAIM = (
    update(webhook_deliveries)
    .where(
        _ONE,
        _WAITS,
        _FREE,
        webhook_deliveries.c.runs == bindparam("run", type_=Integer),
        webhook_deliveries.c.claimed < bindparam("run", type_=Integer),
    )
    .values(claimed=bindparam("run", type_=Integer), busy_until=_lease)
    .returning(webhook_deliveries.c.delivery_id)
)
# By hand, also what was delivered or given up.
CLAIM_BY_HAND = (
    update(webhook_deliveries).where(_ONE, _FREE).values(busy_until=_lease).returning(webhook_deliveries.c.delivery_id)
)
RELEASE = update(webhook_deliveries).where(_ONE).values(busy_until=None)
DONE = update(webhook_deliveries).where(_ONE).values(state=DeliveryState.DELIVERED, send_at=None, done_at=_wall)
AGAIN = update(webhook_deliveries).where(_ONE, _WAITS).values(send_at=_lease)
GIVE_UP = (
    update(webhook_deliveries).where(_ONE, _WAITS).values(state=DeliveryState.GIVEN_UP, send_at=None, done_at=_wall)
)
ERASE = delete(webhook_deliveries).where(_OF_SHOP, webhook_deliveries.c.customer_id == bindparam("customer"))

_OLD = (
    select(webhook_deliveries.c.delivery_id)
    .where(_OF_SHOP, webhook_deliveries.c.made_at <= bindparam("before", type_=Instant))
    .order_by(webhook_deliveries.c.made_at)
    .limit(bindparam("most"))
)
DELETE_OLD = (
    delete(webhook_deliveries)
    .where(_OF_SHOP, webhook_deliveries.c.delivery_id.in_(_OLD))
    .returning(webhook_deliveries.c.delivery_id)
)
SHOPS_OLD = (
    select(webhook_deliveries.c.shop_id)
    .where(webhook_deliveries.c.made_at <= bindparam("now", type_=Instant) - KEPT)
    .distinct()
)
