"""Statements about service providers and their reach."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant, Json
from liveshelf.qualifications._tables import grants, people, providers

_MOMENT = bindparam("moment", type_=Instant)
_one = providers.c.provider_id == bindparam("which")

# A name that is taken comes back as no row, without breaking the transaction.
INSERT_PROVIDER = (
    pg_insert(providers).on_conflict_do_nothing(index_elements=[providers.c.name]).returning(providers.c.provider_id)
)
PROVIDER = select(providers).where(_one)
PROVIDERS = select(providers).order_by(providers.c.name)
SET_OFFICIAL = update(providers).where(_one).values(official=bindparam("official")).returning(providers.c.provider_id)
PEOPLE_OF = select(people.c.account_id).where(people.c.provider_id == bindparam("which"))
INSERT_PERSON = pg_insert(people).on_conflict_do_nothing()
COUNT_PEOPLE = select(func.count()).where(people.c.provider_id == bindparam("which"))
DELETE_PERSON = (
    delete(people)
    .where(people.c.provider_id == bindparam("which"), people.c.account_id == bindparam("account"))
    .returning(people.c.account_id)
)

_of_shop = grants.c.shop_id == bindparam("shop")
_with_names = select(grants, providers.c.name).join(providers, providers.c.provider_id == grants.c.provider_id)
SET_GRANT = (
    pg_insert(grants)
    .values(
        shop_id=bindparam("shop"),
        provider_id=bindparam("which"),
        categories=bindparam("b_categories", type_=Json),
        granted_at=_MOMENT,
        granted_by=bindparam("b_actor"),
        revoked_at=None,
    )
    .on_conflict_do_update(
        index_elements=[grants.c.shop_id, grants.c.provider_id],
        set_={
            "categories": bindparam("b_categories", type_=Json),
            "granted_at": _MOMENT,
            "granted_by": bindparam("b_actor"),
            "revoked_at": None,
        },
    )
)
REVOKE = (
    update(grants)
    .where(_of_shop, grants.c.provider_id == bindparam("which"), grants.c.revoked_at.is_(None))
    .values(revoked_at=_MOMENT)
    .returning(grants.c.provider_id)
)
GRANTS = _with_names.where(_of_shop).order_by(grants.c.granted_at.desc(), grants.c.provider_id)

_in_force = and_(grants.c.revoked_at.is_(None), providers.c.official)
ANY_IN_FORCE = select(_with_names.where(_of_shop, _in_force).exists())
_reaching = _with_names.join(people, people.c.provider_id == grants.c.provider_id).where(
    _in_force, people.c.account_id == bindparam("account")
)
# Which shops an account reaches is asked at sign-in, over all of them, like memberships.
OF_ACCOUNT = _reaching.order_by(grants.c.shop_id)
REACH = _reaching.where(_of_shop).limit(1)
# Held until the commit, so a revocation waits for what is being done under the authorisation.
REACH_HELD = _reaching.where(_of_shop).order_by(grants.c.provider_id).limit(1).with_for_update(read=True, of=grants)
