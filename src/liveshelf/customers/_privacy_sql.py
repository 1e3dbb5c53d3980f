"""Statements about consents, and about what people ask about their own data."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from liveshelf.customers._tables import customer_consents, customers, privacy_requests

_SHOP: BindParameter[int] = bindparam("shop")
_CONSENTS = (customer_consents.c.shop_id == _SHOP, customer_consents.c.customer_id == bindparam("customer"))
INSERT_CONSENT = insert(customer_consents)
# The last word on each purpose.
CONSENTS = (
    select(customer_consents)
    .where(*_CONSENTS)
    .ext(distinct_on(customer_consents.c.purpose))
    .order_by(customer_consents.c.purpose, customer_consents.c.consent_id.desc())
)

_REQUESTS = privacy_requests.c.shop_id == _SHOP
_THEIRS = privacy_requests.c.customer_id == bindparam("customer")
INSERT_REQUEST = insert(privacy_requests)
REQUEST = select(privacy_requests).where(_REQUESTS, privacy_requests.c.request_id == bindparam("request"))
OF_CUSTOMER = (
    select(privacy_requests).where(_REQUESTS, _THEIRS).order_by(privacy_requests.c.request_id.desc()).limit(20)
)
# The customer's row is locked: of two who ask at once, the second finds the first's request.
LOCK_CUSTOMER = (
    select(customers.c.customer_id)
    .where(
        customers.c.shop_id == _SHOP, customers.c.customer_id == bindparam("customer"), customers.c.erased_at.is_(None)
    )
    .with_for_update(key_share=True)
)
ASKED_SINCE = select(func.count()).where(
    _REQUESTS, _THEIRS, privacy_requests.c.kind == "export", privacy_requests.c.asked_at > bindparam("since")
)
KEEP_COPY = (
    update(privacy_requests)
    .where(_REQUESTS, privacy_requests.c.request_id == bindparam("request"), privacy_requests.c.done_at.is_(None))
    .values(sealed=bindparam("b_sealed"), done_at=bindparam("b_moment"), forget_at=bindparam("b_forget"))
    .returning(privacy_requests.c.request_id)
)
FORGET_OF = (
    update(privacy_requests)
    .where(_REQUESTS, _THEIRS)
    .values(sealed=None, done_at=func.coalesce(privacy_requests.c.done_at, bindparam("b_moment")))
)
PAGE = (
    select(privacy_requests)
    .where(_REQUESTS, privacy_requests.c.request_id < bindparam("before"))
    .order_by(privacy_requests.c.request_id.desc())
    .limit(bindparam("most"))
)
_DUE = (privacy_requests.c.sealed.is_not(None), privacy_requests.c.forget_at <= bindparam("moment"))
FORGET = (
    update(privacy_requests)
    .where(
        _REQUESTS,
        privacy_requests.c.request_id.in_(
            select(privacy_requests.c.request_id).where(_REQUESTS, *_DUE).limit(bindparam("most"))
        ),
    )
    .values(sealed=None)
    .returning(privacy_requests.c.request_id)
)
SHOPS_TO_FORGET = (
    select(privacy_requests.c.shop_id)
    .where(privacy_requests.c.sealed.is_not(None), privacy_requests.c.forget_at <= bindparam("now"))
    .distinct()
)
