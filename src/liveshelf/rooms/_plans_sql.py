"""Statements of what is planned for a room's goods, and of overrides."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.rooms._tables import room_goods_plans, room_overrides

_PLANS = and_(room_goods_plans.c.shop_id == bindparam("shop"), room_goods_plans.c.room_id == bindparam("room"))
PLANS = select(room_goods_plans).where(_PLANS).order_by(room_goods_plans.c.goods_id)
_put = pg_insert(room_goods_plans)
# The last plan counts; whoever plans the same goods at once is one after the other.
PUT_PLAN = _put.on_conflict_do_update(
    index_elements=[room_goods_plans.c.shop_id, room_goods_plans.c.room_id, room_goods_plans.c.goods_id],
    set_={name: _put.excluded[name] for name in ("expected", "planned_fen", "label_fen", "script")},
)

INSERT_OVERRIDE = insert(room_overrides)
OVERRIDES = (
    select(room_overrides)
    .where(room_overrides.c.shop_id == bindparam("shop"), room_overrides.c.room_id == bindparam("room"))
    .order_by(room_overrides.c.override_id)
)
