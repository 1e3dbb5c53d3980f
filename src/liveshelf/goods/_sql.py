"""Statements of the goods capability."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Text, and_, bindparam, case, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.goods._tables import goods_versions, libraries, live_goods, live_goods_history, products, skus
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows

_TICK = timedelta(microseconds=1)  # PostgreSQL's finest step of time

# --- the library
# -------------------------------------------------------------------------------------------------------

_goods = and_(live_goods.c.shop_id == bindparam("shop"), live_goods.c.deleted_at.is_(None))
_one = and_(_goods, live_goods.c.goods_id == bindparam("which"))

# First statement of every change: its row lock puts the shop's changes in one line, so versions are in commit order
# and each time of entering a state is later than all given before. A list paged by that time then only ever grows at
# its end.
BEGIN = (
    pg_insert(libraries)
    .values(
        shop_id=bindparam("shop"),
        version=1,
        entered_at=bindparam("moment", type_=Instant),
        unaudited=0,
        in_audit=0,
        approved=0,
        rejected=0,
        unaudited_left=0,
        in_audit_left=0,
        approved_left=0,
        rejected_left=0,
    )
    .on_conflict_do_update(
        index_elements=[libraries.c.shop_id],
        set_={
            "version": libraries.c.version + 1,
            "entered_at": func.greatest(libraries.c.entered_at + _TICK, bindparam("moment", type_=Instant)),
        },
    )
    .returning(libraries.c.entered_at)
)
COUNT = (
    update(libraries)
    .where(libraries.c.shop_id == bindparam("shop"))
    .values(
        {
            column.name: column
            + case((bindparam("became", type_=Text) == column.name, 1), else_=0)
            - case((bindparam("was", type_=Text) == column.name, 1), else_=0)
            for column in (libraries.c.unaudited, libraries.c.in_audit, libraries.c.approved, libraries.c.rejected)
        }
        | {
            left.name: case(
                (bindparam("was", type_=Text) == left.name.removesuffix("_left"), libraries.c.version), else_=left
            )
            for left in (
                libraries.c.unaudited_left,
                libraries.c.in_audit_left,
                libraries.c.approved_left,
                libraries.c.rejected_left,
            )
        }
    )
)
LIBRARY = select(libraries).where(libraries.c.shop_id == bindparam("shop"))

GOODS = select(live_goods).where(_one)
GOODS_EVER = (
    select(live_goods)
    .where(live_goods.c.shop_id == bindparam("shop"), live_goods.c.goods_id.in_(bindparam("ids", expanding=True)))
    .order_by(live_goods.c.goods_id)
)
# For the changer: nobody else moves or edits it before the commit.
GOODS_LOCKED = GOODS.with_for_update()
GOODS_BY_IDS = select(live_goods).where(_goods, live_goods.c.goods_id.in_(bindparam("ids", expanding=True)))
# For whoever relies on the state to the end of the transaction, without changing the goods (a shelf).
GOODS_PINNED = GOODS_BY_IDS.order_by(live_goods.c.goods_id).with_for_update(read=True)
GOODS_OF_PRODUCTS = select(live_goods).where(_goods, live_goods.c.product_id.in_(bindparam("ids", expanding=True)))
INSERT_GOODS = insert(live_goods)

# The audit's only door: two racing moves from one state, and the second finds no row.
MOVE = (
    update(live_goods)
    .where(_one, live_goods.c.audit_state == bindparam("was"))
    .values(
        audit_state=bindparam("became"),
        audit_id=bindparam("audit"),
        state_entered_at=bindparam("entered", type_=Instant),
        updated_at=bindparam("moment", type_=Instant),
    )
    .returning(live_goods)
)
EDIT = update(live_goods).where(_one, live_goods.c.audit_state == bindparam("was")).returning(live_goods)
DELETE = (
    update(live_goods)
    .where(_one, live_goods.c.audit_state != "in_audit")
    .values(deleted_at=bindparam("moment", type_=Instant))
    .returning(live_goods)
)
# Oldest in the state first, then by id: the order in which the wire pages.
PAGE_BY_STATE = (
    select(live_goods)
    .where(_goods, live_goods.c.audit_state == bindparam("state"))
    .order_by(live_goods.c.state_entered_at, live_goods.c.goods_id)
    .offset(bindparam("skip"))
    .limit(bindparam("most"))
)
# Newest first, for people; a text is looked for in the name.
PAGE_NEWEST = (
    select(live_goods)
    .where(
        _goods,
        or_(bindparam("state", type_=Text).is_(None), live_goods.c.audit_state == bindparam("state", type_=Text)),
        or_(bindparam("pattern", type_=Text).is_(None), live_goods.c.name.ilike(bindparam("pattern", type_=Text))),
        live_goods.c.goods_id < bindparam("before", type_=BigInteger),
    )
    .order_by(live_goods.c.goods_id.desc())
    .limit(bindparam("most"))
)
NEWEST_FOR_SALE = (
    select(live_goods)
    .where(_goods, live_goods.c.audit_state == "approved", live_goods.c.expired_at.is_(None))
    .order_by(live_goods.c.goods_id.desc())
    .limit(bindparam("most"))
)
HISTORY = (
    select(live_goods_history)
    .where(live_goods_history.c.shop_id == bindparam("shop"), live_goods_history.c.goods_id == bindparam("which"))
    .order_by(live_goods_history.c.entry_id)
)

# --- products
# ----------------------------------------------------------------------------------------------------------

_product = and_(products.c.shop_id == bindparam("shop"), products.c.deleted_at.is_(None))
_skus = and_(skus.c.shop_id == bindparam("shop"), skus.c.deleted_at.is_(None))

PRODUCT = select(products).where(_product, products.c.product_id == bindparam("which"))
PRODUCT_LOCKED = PRODUCT.with_for_update()  # two edits of one matrix go one after the other
PRODUCTS_BY_IDS = select(products).where(_product, products.c.product_id.in_(bindparam("ids", expanding=True)))
_has_card = (
    select(literal(1))
    .where(
        live_goods.c.shop_id == products.c.shop_id,
        live_goods.c.product_id == products.c.product_id,
        live_goods.c.deleted_at.is_(None),
    )
    .exists()
)
_has_card_in = (
    select(literal(1))
    .where(
        live_goods.c.shop_id == products.c.shop_id,
        live_goods.c.product_id == products.c.product_id,
        live_goods.c.deleted_at.is_(None),
        live_goods.c.audit_state == bindparam("state", type_=Text),
    )
    .exists()
)
PRODUCTS_NEWEST = (
    select(products)
    .where(
        _product,
        or_(
            bindparam("state", type_=Text).is_(None),
            and_(bindparam("state", type_=Text) == "no_card", ~_has_card),
            _has_card_in,
        ),
        or_(bindparam("pattern", type_=Text).is_(None), products.c.title.ilike(bindparam("pattern", type_=Text))),
        products.c.product_id < bindparam("before", type_=BigInteger),
    )
    .order_by(products.c.product_id.desc())
    .limit(bindparam("most"))
)
INSERT_PRODUCT = insert(products)
EDIT_PRODUCT = (
    update(products)
    .where(_product, products.c.product_id == bindparam("which"))
    .values(version=products.c.version + 1, updated_at=bindparam("moment", type_=Instant))
)

SKUS_OF_PRODUCTS = (
    select(skus)
    .where(_skus, skus.c.product_id.in_(bindparam("ids", expanding=True)))
    .order_by(skus.c.product_id, skus.c.position, skus.c.sku_id)
)
INSERT_SKUS = insert(skus)
EDIT_SKU = update(skus).where(_skus, skus.c.product_id == bindparam("product"), skus.c.sku_id == bindparam("which"))
# The SKUs of an order line with their product, and with the product's card where that may be shown.
APPROVED_BY_CATEGORY = (
    select(products.c.category, products.c.delivery, func.count().label("many"))
    .join_from(
        live_goods,
        products,
        and_(products.c.shop_id == live_goods.c.shop_id, products.c.product_id == live_goods.c.product_id),
    )
    .where(_goods, live_goods.c.audit_state == "approved")
    .group_by(products.c.category, products.c.delivery)
)
OFFERS = (
    select(
        skus.c.sku_id,
        skus.c.product_id,
        skus.c.specs,
        skus.c.price_fen,
        products.c.title,
        products.c.pictures,
        products.c.delivery,
        live_goods.c.goods_id,
    )
    .join_from(skus, products, and_(products.c.shop_id == skus.c.shop_id, products.c.product_id == skus.c.product_id))
    .outerjoin(
        live_goods,
        and_(
            live_goods.c.shop_id == products.c.shop_id,
            live_goods.c.product_id == products.c.product_id,
            live_goods.c.deleted_at.is_(None),
            live_goods.c.expired_at.is_(None),
            live_goods.c.audit_state == "approved",
        ),
    )
    .where(_skus, products.c.deleted_at.is_(None), skus.c.sku_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
)

# --- how long goods may be sold
# ---------------------------------------------------------------------------------------------------

SET_VALID_UNTIL = (
    update(live_goods)
    .where(_one)
    .values(
        valid_until=bindparam("until", type_=Instant), expired_at=None, updated_at=bindparam("moment", type_=Instant)
    )
)
_OVER = and_(
    live_goods.c.valid_until <= bindparam("now", type_=Instant),
    live_goods.c.valid_until.is_not(None),
    live_goods.c.expired_at.is_(None),
    live_goods.c.deleted_at.is_(None),
)
SHOPS_WITH_OVER = select(live_goods.c.shop_id).where(_OVER).distinct()
OVER = (
    select(live_goods.c.goods_id)
    .where(live_goods.c.shop_id == bindparam("shop"), _OVER)
    .order_by(live_goods.c.goods_id)
)
# When goods are to be taken off sale; what is sold in a broadcast at that moment, at the broadcast's end.
VALIDITY_PENDING = board_rows(
    "goods",
    live_goods.c.goods_id,
    live_goods.c.valid_until,
    live_goods.c.shop_id == bindparam("shop"),
    live_goods.c.valid_until.is_not(None),
    live_goods.c.expired_at.is_(None),
    live_goods.c.deleted_at.is_(None),
)
# The condition once more, under the row's lock: a second worker finds it done, and who was given more time keeps it.
EXPIRE = (
    update(live_goods)
    .where(_one, live_goods.c.valid_until <= bindparam("moment", type_=Instant), live_goods.c.expired_at.is_(None))
    .values(expired_at=bindparam("moment", type_=Instant), updated_at=bindparam("moment", type_=Instant))
    .returning(live_goods.c.goods_id)
)

# --- changes that wait for their review
# ---------------------------------------------------------------------------------------------------

_insert_version = pg_insert(goods_versions)
PUT_VERSION = _insert_version.on_conflict_do_update(
    index_elements=[goods_versions.c.shop_id, goods_versions.c.goods_id],
    set_={name: _insert_version.excluded[name] for name in ("audit_id", "state", "card", "product", "submitted_at")},
)
VERSIONS = select(goods_versions).where(
    goods_versions.c.shop_id == bindparam("shop"), goods_versions.c.goods_id.in_(bindparam("ids", expanding=True))
)
# A rejected change stays with the merchant until another takes its place; an appeal lets it wait again.
MOVE_VERSION = (
    update(goods_versions)
    .where(
        goods_versions.c.shop_id == bindparam("shop"),
        goods_versions.c.goods_id == bindparam("which"),
        goods_versions.c.audit_id == bindparam("audit"),
    )
    .values(state=bindparam("became"))
)
DROP_VERSION = (
    delete(goods_versions)
    .where(goods_versions.c.shop_id == bindparam("shop"), goods_versions.c.goods_id == bindparam("which"))
    .returning(goods_versions)
)
SET_AUDIT_ID = (
    update(live_goods).where(_one).values(audit_id=bindparam("audit"), updated_at=bindparam("moment", type_=Instant))
)
