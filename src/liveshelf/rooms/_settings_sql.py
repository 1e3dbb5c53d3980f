"""Statements of the rooms' settings."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.rooms._tables import room_settings

OF_SHOP = select(room_settings).where(room_settings.c.shop_id == bindparam("shop"))
_put = pg_insert(room_settings)
# The last who set them; two at once are one after the other.
PUT = _put.on_conflict_do_update(
    index_elements=[room_settings.c.shop_id],
    set_={
        name: _put.excluded[name]
        for name in ("quick_bar_unit", "stock_factor", "legal_gap_s", "changed_by", "changed_at")
    },
)
