"""Statements of the fulfilment capability. Whoever changes an order's parcels holds the order locked."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, false, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.fulfilment._tables import parcel_lines, parcels, redeem_codes, withdrawn_pieces
from liveshelf.fulfilment.types import PARCEL, ParcelState

_of_shop = parcels.c.shop_id == bindparam("shop")
_this = (_of_shop, parcels.c.order_id == bindparam("order"), parcels.c.parcel_id == bindparam("parcel"))

INSERT = insert(parcels)
INSERT_LINES = insert(parcel_lines)

OF_ORDERS = (
    select(parcels)
    .where(_of_shop, parcels.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))))
    .order_by(parcels.c.order_id, parcels.c.parcel_id)
)
LINES = (
    select(parcel_lines)
    .where(
        parcel_lines.c.shop_id == bindparam("shop"),
        parcel_lines.c.parcel_id == func.any(bindparam("parcels", type_=ARRAY(BigInteger))),
    )
    .order_by(parcel_lines.c.parcel_id, parcel_lines.c.sku_id)
)
BY_TRACKING = (
    select(parcels.c.order_id)
    .where(_of_shop, parcels.c.tracking_no == bindparam("tracking"))
    .order_by(parcels.c.order_id.desc())
    .limit(100)
)

_packed = parcels.c.state == ParcelState.PACKED
CORRECT = (
    update(parcels)
    .where(*_this, _packed)
    .values(carrier=bindparam("by"), tracking_no=bindparam("number"), label_void=false())
    .returning(parcels.c.parcel_id)
)
SEND = (
    update(parcels)
    .where(*_this, parcels.c.state.in_(sorted(PARCEL.sources(ParcelState.SENT))))
    .where(~parcels.c.label_void)
    .values(state=ParcelState.SENT, sent_at=bindparam("moment"))
    .returning(parcels.c.parcel_id)
)
UNDO = (
    update(parcels)
    .where(*_this, parcels.c.state.in_(sorted(PARCEL.sources(ParcelState.UNDONE))))
    .values(state=ParcelState.UNDONE, label_void=false())
    .returning(parcels.c.parcel_id)
)
VOID_LABELS = (
    update(parcels)
    .where(_of_shop, parcels.c.order_id == bindparam("order"), _packed)
    .values(label_void=true())
    .returning(parcels.c.parcel_id)
)

_codes = redeem_codes.c.shop_id == bindparam("shop")
_free = redeem_codes.c.order_id.is_(None)
# The same code twice is one code: the unique key decides between two files that bring it at once.
ADD_CODE = pg_insert(redeem_codes).on_conflict_do_nothing().returning(redeem_codes.c.code_id)
_next = (
    select(redeem_codes.c.code_id)
    .where(_codes, redeem_codes.c.sku_id == bindparam("sku"), _free)
    .order_by(redeem_codes.c.code_id)
    .limit(bindparam("most"))
)
# Still free when it is written: whatever went round the lock of the counters would be seen.
GIVE_CODES = (
    update(redeem_codes)
    .where(_codes, redeem_codes.c.code_id.in_(_next), _free)
    .values(order_id=bindparam("to_order"), given_at=bindparam("moment"))
    .returning(redeem_codes.c.code_id)
)
CODES_GIVEN = (
    select(redeem_codes.c.sku_id, func.count().label("many"))
    .where(_codes, redeem_codes.c.order_id == bindparam("order"))
    .group_by(redeem_codes.c.sku_id)
)
CODES_OF_ORDER = (
    select(redeem_codes.c.sku_id, redeem_codes.c.cipher, redeem_codes.c.given_at)
    .where(_codes, redeem_codes.c.order_id == bindparam("order"))
    .order_by(redeem_codes.c.given_at, redeem_codes.c.code_id)
)
WITH_CODES = (
    select(redeem_codes.c.sku_id)
    .where(_codes, redeem_codes.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger))))
    .distinct()
)
CODES_LEFT = (
    select(
        redeem_codes.c.sku_id,
        func.count().filter(_free).label("left_"),
        func.count().label("all_"),
    )
    .where(_codes)
    .group_by(redeem_codes.c.sku_id)
)

INSERT_WITHDRAWN = insert(withdrawn_pieces)
WITHDRAWN = (
    select(
        withdrawn_pieces.c.order_id, withdrawn_pieces.c.sku_id, func.sum(withdrawn_pieces.c.quantity).label("quantity")
    )
    .where(
        withdrawn_pieces.c.shop_id == bindparam("shop"),
        withdrawn_pieces.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))),
    )
    .group_by(withdrawn_pieces.c.order_id, withdrawn_pieces.c.sku_id)
)
