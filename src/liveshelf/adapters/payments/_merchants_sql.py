"""Statements about merchants. Their numbers are unique over all shops, since a number leads to its shop."""

from __future__ import annotations

from sqlalchemy import bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.adapters.payments._tables import payment_certificates as certificates
from liveshelf.adapters.payments._tables import payment_merchants as merchants
from liveshelf.adapters.payments._tables import simulator_keys

_active = merchants.c.active.is_(literal(value=True, literal_execute=True))
ACTIVE_OF_SHOP = select(merchants).where(merchants.c.shop_id == bindparam("of"), _active)
BY_NUMBER = select(merchants).where(merchants.c.mchid == bindparam("number"))
RETIRE = update(merchants).where(merchants.c.shop_id == bindparam("of"), _active).values(active=False)
# A number that another shop has is not taken from it.
_insert = pg_insert(merchants).values(
    mchid=bindparam("number"),
    shop_id=bindparam("owner"),
    appid=bindparam("app"),
    serial=bindparam("certificate"),
    sealed=bindparam("secrets"),
    public_key_id=bindparam("key_id"),
    public_key=bindparam("key"),
    base_url=bindparam("url"),
    active=True,
    changed_at=bindparam("moment"),
)
KEEP = _insert.on_conflict_do_update(
    index_elements=[merchants.c.mchid],
    set_={
        name: _insert.excluded[name]
        for name in ("appid", "serial", "sealed", "public_key_id", "public_key", "base_url", "active", "changed_at")
    },
    where=merchants.c.shop_id == _insert.excluded.shop_id,
).returning(merchants.c.mchid)

CERTIFICATES = select(certificates).where(certificates.c.mchid == bindparam("number"))
KEEP_CERTIFICATES = pg_insert(certificates).on_conflict_do_nothing()

SIMULATOR_KEYS = select(simulator_keys.c.sealed)
# Two processes that need the keys first: one makes them, both read them.
KEEP_SIMULATOR_KEYS = pg_insert(simulator_keys).values(row_no=1, sealed=bindparam("keys")).on_conflict_do_nothing()
CHANGE_SIMULATOR_KEYS = update(simulator_keys).values(sealed=bindparam("keys"))
