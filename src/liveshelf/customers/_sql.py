"""Statements of the customers capability."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.customers._tables import addresses, customer_sessions, customers, login_codes
from liveshelf.customers.types import CustomerKind

_of_shop = customers.c.shop_id == bindparam("shop")
_this = (_of_shop, customers.c.customer_id == bindparam("customer"))
_in_use = (customers.c.erased_at.is_(None), customers.c.merged_into.is_(None))

INSERT = insert(customers)
# A phone that is taken comes back as no row, without breaking the transaction.
INSERT_MEMBER = pg_insert(customers).on_conflict_do_nothing().returning(customers.c.customer_id)

INSERT_SESSION = insert(customer_sessions)

BY_SESSION = (
    select(customers)
    .join(
        customer_sessions,
        (customer_sessions.c.shop_id == customers.c.shop_id)
        & (customer_sessions.c.customer_id == customers.c.customer_id),
    )
    .where(
        _of_shop,
        customer_sessions.c.shop_id == bindparam("shop"),
        customer_sessions.c.token_hash == bindparam("token"),
        customer_sessions.c.expires_at > bindparam("wall"),
        *_in_use,
    )
)

BY_IDS = select(customers).where(
    _of_shop, customers.c.customer_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
)
# A guest who became a member is that member; who was erased is nobody.
BY_OPENIDS = select(
    customers.c.openid, func.coalesce(customers.c.merged_into, customers.c.customer_id).label("customer_id")
).where(
    _of_shop, customers.c.openid == func.any(bindparam("openids", type_=ARRAY(Text))), customers.c.erased_at.is_(None)
)

BY_PHONE = select(customers).where(_of_shop, customers.c.phone_hash == bindparam("phone"), *_in_use)

# Some hundred of a million: who a tail may mean, the newest first.
BY_TAIL = (
    select(customers.c.customer_id, customers.c.phone.label("sealed"))
    .where(_of_shop, customers.c.phone_tail == bindparam("tail"), *_in_use)
    .order_by(customers.c.customer_id.desc())
    .limit(bindparam("most"))
)

DEMO = select(customers).where(_of_shop, customers.c.demo, *_in_use).order_by(customers.c.customer_id).limit(50)

# Who orders now. The share lock makes a merge (which locks the row alone) wait for orders under way, and orders that
# come later see where the guest went: no order is left behind with a guest that nobody is any more.
PRESENT = (
    select(customers.c.customer_id, customers.c.merged_into, customers.c.erased_at)
    .where(_of_shop, customers.c.customer_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(customers.c.customer_id)
    .with_for_update(read=True, key_share=True)
)

LOCK_ALONE = select(customers.c.kind, customers.c.merged_into).where(*_this, *_in_use).with_for_update()

# Two registrations with one phone at once: the unique constraint decides, and the loser is told that it is taken.
PROMOTE = (
    update(customers)
    .where(*_this, *_in_use, customers.c.kind == CustomerKind.GUEST)
    .values(
        kind=CustomerKind.MEMBER,
        name=bindparam("b_name"),
        phone=bindparam("cipher"),
        phone_hash=bindparam("hash"),
        phone_tail=bindparam("tail"),
        password_hash=bindparam("password"),
    )
    .returning(customers)
)
PHONE_TAKEN = select(customers.c.customer_id).where(_of_shop, customers.c.phone_hash == bindparam("phone"))

RENAME = update(customers).where(*_this, *_in_use).values(name=bindparam("b_name")).returning(customers)

MERGE = update(customers).where(*_this).values(merged_into=bindparam("member"))

ERASE = (
    update(customers)
    .where(or_(customers.c.customer_id == bindparam("customer"), customers.c.merged_into == bindparam("customer")))
    .where(_of_shop)
    .values(
        name=bindparam("b_name"),
        # Software outside knows people by it: whoever kept one finds nobody any more.
        openid=func.concat("erased-", customers.c.customer_id),
        phone=None,
        phone_hash=None,
        phone_tail=None,
        password_hash=None,
        demo=False,
        erased_at=bindparam("now_"),
    )
)

DELETE_SESSION = delete(customer_sessions).where(
    customer_sessions.c.shop_id == bindparam("shop"), customer_sessions.c.token_hash == bindparam("token")
)
DELETE_SESSIONS = delete(customer_sessions).where(
    customer_sessions.c.shop_id == bindparam("shop"), customer_sessions.c.customer_id == bindparam("customer")
)
DELETE_CODES = delete(login_codes).where(
    login_codes.c.shop_id == bindparam("shop"), login_codes.c.customer_id == bindparam("customer")
)

INSERT_CODE = insert(login_codes)

# One statement decides who uses the code, so two callers can't both succeed.
USE_CODE = (
    update(login_codes)
    .where(
        login_codes.c.shop_id == bindparam("shop"),
        login_codes.c.code_hash == bindparam("code"),
        login_codes.c.used_at.is_(None),
        login_codes.c.expires_at > bindparam("wall"),
    )
    .values(used_at=bindparam("wall"))
    .returning(login_codes.c.customer_id)
)
CODE = select(login_codes.c.used_at).where(
    login_codes.c.shop_id == bindparam("shop"), login_codes.c.code_hash == bindparam("code")
)

# Old sessions and codes are swept shop by shop; nothing waits for it.
SHOPS_WITH_OLD = select(
    select(customer_sessions.c.shop_id)
    .where(customer_sessions.c.expires_at <= bindparam("now"))
    .union(select(login_codes.c.shop_id).where(login_codes.c.expires_at <= bindparam("now")))
    .subquery()
    .c.shop_id
)
DELETE_OLD_SESSIONS = delete(customer_sessions).where(
    customer_sessions.c.shop_id == bindparam("shop"), customer_sessions.c.expires_at <= bindparam("wall")
)
DELETE_OLD_CODES = delete(login_codes).where(
    login_codes.c.shop_id == bindparam("shop"), login_codes.c.expires_at <= bindparam("wall")
)

# --- addresses

_book = (addresses.c.shop_id == bindparam("shop"), addresses.c.customer_id == bindparam("customer"))
_address = (*_book, addresses.c.address_id == bindparam("address"))

# Changes of one book go one after the other, so that its bound and its one default hold; orders under way, which only
# need the customer to be there, do not wait for it.
LOCK_BOOK = select(customers.c.customer_id).where(*_this, *_in_use).with_for_update(key_share=True)

ADDRESSES = (
    select(addresses)
    .where(*_book)
    .order_by(addresses.c.is_default.desc(), addresses.c.updated_at.desc(), addresses.c.address_id.desc())
)
ADDRESSES_BY_IDS = select(addresses).where(
    addresses.c.shop_id == bindparam("shop"),
    addresses.c.address_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))),
)
ADDRESSES_BY_TAIL = (
    select(addresses.c.customer_id, addresses.c.sealed)
    .where(addresses.c.shop_id == bindparam("shop"), addresses.c.phone_tail == bindparam("tail"))
    .order_by(addresses.c.customer_id.desc())
    .limit(bindparam("most"))
)
INSERT_ADDRESS = insert(addresses)
EDIT_ADDRESS = (
    update(addresses)
    .where(*_address)
    .values(sealed=bindparam("b_sealed"), phone_tail=bindparam("tail"), updated_at=bindparam("moment"))
    .returning(addresses.c.address_id)
)
# Two statements: the unique index over defaults is looked at row by row.
CLEAR_DEFAULT = update(addresses).where(*_book, addresses.c.is_default).values(is_default=False)
SET_DEFAULT = update(addresses).where(*_address).values(is_default=True)
DELETE_ADDRESS = delete(addresses).where(*_address).returning(addresses.c.is_default)
DELETE_ADDRESSES = delete(addresses).where(*_book)
# The member's own default stays; without one, whoever merges names one.
MOVE_ADDRESSES = (
    update(addresses)
    .where(addresses.c.shop_id == bindparam("shop"), addresses.c.customer_id == bindparam("guest"))
    .values(customer_id=bindparam("member"), is_default=False)
)
