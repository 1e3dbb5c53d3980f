"""Statements of saved invoice titles."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.orders._tables import invoice_titles
from liveshelf.platform.schema import Instant

_c = invoice_titles.c
_mine = (_c.shop_id == bindparam("shop"), _c.customer_id == bindparam("customer"))
_last_used_first = (_c.used_at.desc(), _c.title_id.desc())

OF_CUSTOMER = select(invoice_titles).where(*_mine).order_by(*_last_used_first)
# The same title again is the one that is there, used now.
KEEP = (
    pg_insert(invoice_titles)
    .on_conflict_do_update(
        index_elements=[_c.shop_id, _c.customer_id, _c.hash],
        set_={"sealed": bindparam("b_sealed"), "used_at": bindparam("moment", type_=Instant)},
    )
    .returning(_c.title_id)
)
_first = select(_c.title_id).where(*_mine).order_by(*_last_used_first).limit(bindparam("most"))
TRIM = delete(invoice_titles).where(*_mine, _c.title_id.not_in(_first))
REMOVE = delete(invoice_titles).where(*_mine, _c.title_id == bindparam("title")).returning(_c.title_id)
CLEAR = delete(invoice_titles).where(*_mine)
# What the member has already stays with the guest, and goes with what else is the guest's.
_have = select(_c.hash).where(_c.shop_id == bindparam("shop"), _c.customer_id == bindparam("member"))
MOVE = (
    update(invoice_titles)
    .where(_c.shop_id == bindparam("shop"), _c.customer_id == bindparam("guest"), _c.hash.not_in(_have))
    .values(customer_id=bindparam("member"))
)
