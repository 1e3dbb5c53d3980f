"""Statements of the orders capability. Every move is one conditional update; its history row goes with it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Interval, Text, and_, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from liveshelf.orders._tables import order_history, order_lines, order_price_changes, orders
from liveshelf.orders.types import ORDER, CloseReason, OrderState
from liveshelf.platform.timers import board_rows
from liveshelf.shops.time_limits import STANDARD

_of_shop = orders.c.shop_id == bindparam("shop")
# Written into the statement, not bound: the partial index is only found by a state that the planner can see.
_to_pay = orders.c.state == literal(OrderState.TO_PAY.value, literal_execute=True)
_this = (_of_shop, orders.c.order_id == bindparam("order"))
_ids = bindparam("ids", type_=ARRAY(BigInteger))

OUTCOMES = select(
    func.count().filter(orders.c.state == OrderState.TO_PAY.value).label("to_pay"),
    func.count(orders.c.paid_at).label("paid"),
    func.count().filter(orders.c.state == OrderState.CLOSED.value, orders.c.paid_at.is_(None)).label("lost"),
).where(_of_shop, orders.c.order_id == func.any(_ids))
BY_IDS = select(orders).where(_of_shop, orders.c.order_id == func.any(_ids)).order_by(orders.c.order_id.desc())
LINES = (
    select(order_lines)
    .where(order_lines.c.shop_id == bindparam("shop"), order_lines.c.order_id == func.any(_ids))
    .order_by(order_lines.c.order_id, order_lines.c.line_no)
)
HISTORY = (
    select(order_history)
    .where(order_history.c.shop_id == bindparam("shop"), order_history.c.order_id == func.any(_ids))
    .order_by(order_history.c.order_id, order_history.c.entry_id)
)

# Payment, cancelling and closing all take the order first, then its payment, then its stock: no circle, and one of them
# decides.
LOCK = select(orders.c.order_id).where(*_this).with_for_update(key_share=True)

MARK_PAID = (
    update(orders)
    .where(*_this, orders.c.state.in_(sorted(ORDER.sources(OrderState.TO_SHIP))), orders.c.paid_at.is_(None))
    .values(
        state=OrderState.TO_SHIP,
        paid_at=bindparam("moment"),
        ship_due_at=bindparam("ship_due"),
        receive_days=bindparam("days"),
        closed_at=None,
        close_reason=None,
        version=orders.c.version + 1,
    )
    .returning(orders.c.order_id)
)
CANCEL = (
    update(orders)
    .where(*_this, _to_pay)
    .values(
        state=OrderState.CLOSED,
        closed_at=bindparam("moment"),
        close_reason=CloseReason.CANCELLED,
        version=orders.c.version + 1,
    )
    .returning(orders.c.order_id)
)

# What was shipped can't be taken off the shelf again: the first is for orders of which nothing has left.
_close_paid = update(orders).values(
    state=OrderState.CLOSED,
    closed_at=bindparam("moment"),
    close_reason=bindparam("reason"),
    receive_due_at=None,
    version=orders.c.version + 1,
)
CLOSE_UNSHIPPED = _close_paid.where(*_this, orders.c.state == OrderState.TO_SHIP).returning(orders.c.order_id)
CLOSE_REFUNDED = _close_paid.where(
    *_this, orders.c.state.in_([OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED, OrderState.TO_RECEIVE])
).returning(orders.c.order_id)

CLOSE_OVERSOLD = (
    update(orders)
    .where(*_this, _to_pay)
    .values(
        state=OrderState.CLOSED,
        closed_at=bindparam("moment"),
        close_reason=CloseReason.OVERSOLD,
        version=orders.c.version + 1,
    )
    .returning(orders.c.order_id)
)

_moment = bindparam("moment", type_=orders.c.shipped_at.type)
_receive_days = func.coalesce(orders.c.receive_days, STANDARD.receive_days)
SHIP_PART = (
    update(orders)
    .where(*_this, orders.c.state == OrderState.TO_SHIP)
    .values(state=OrderState.PARTLY_SHIPPED, version=orders.c.version + 1)
    .returning(orders.c.order_id)
)
SHIP_ALL = (
    update(orders)
    .where(*_this, orders.c.state.in_(sorted(ORDER.sources(OrderState.TO_RECEIVE))))
    .values(
        state=OrderState.TO_RECEIVE,
        shipped_at=_moment,
        receive_due_at=_moment
        + func.make_interval(0, 0, 0, func.coalesce(orders.c.receive_days, STANDARD.receive_days)),
        version=orders.c.version + 1,
    )
    .returning(orders.c.order_id)
)
RECEIVE = (
    update(orders)
    .where(*_this, orders.c.state == OrderState.TO_RECEIVE)
    .values(state=OrderState.DONE, done_at=bindparam("moment"), receive_due_at=None, version=orders.c.version + 1)
    .returning(orders.c.order_id)
)
_to_receive = orders.c.state == literal(OrderState.TO_RECEIVE.value, literal_execute=True)
RECEIVING = board_rows("order", orders.c.order_id, orders.c.receive_due_at, _of_shop, _to_receive)
SHOPS_TO_RECEIVE = select(orders.c.shop_id).where(_to_receive, orders.c.receive_due_at <= bindparam("now")).distinct()
_received = (
    select(orders.c.order_id)
    .where(_of_shop, _to_receive, orders.c.receive_due_at <= bindparam("moment"))
    .order_by(orders.c.receive_due_at, orders.c.order_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)  # one that somebody works on is left to them for now
)
RECEIVE_DUE = (
    update(orders)
    .where(_of_shop, orders.c.order_id.in_(_received), _to_receive)
    .values(state=OrderState.DONE, done_at=bindparam("moment"), receive_due_at=None, version=orders.c.version + 1)
    .returning(orders.c.order_id, orders.c.room_id, orders.c.customer_id)
)

UNPAID = board_rows("order", orders.c.order_id, orders.c.expires_at, _of_shop, _to_pay)
EXTEND_RECEIVE = (
    update(orders)
    .where(*_this, orders.c.state == OrderState.TO_RECEIVE, orders.c.receipt_extended_at.is_(None))
    .values(
        receive_due_at=orders.c.receive_due_at + bindparam("by", type_=Interval),
        receipt_extended_at=bindparam("moment"),
        version=orders.c.version + 1,
    )
    .returning(orders.c.order_id)
)

REPRICE = (
    update(orders)
    .where(*_this, _to_pay)
    .values(total_fen=bindparam("total"), version=orders.c.version + 1)
    .returning(orders.c.order_id)
)
AGREED = (
    select(order_price_changes.c.order_id, order_price_changes.c.line_no, order_price_changes.c.became_fen)
    .where(order_price_changes.c.shop_id == bindparam("shop"), order_price_changes.c.order_id == func.any(_ids))
    .order_by(order_price_changes.c.order_id, order_price_changes.c.line_no, order_price_changes.c.change_id)
)
REMARK = update(orders).where(*_this).values(remark=bindparam("said"), flag=bindparam("colour"))

# The index of unpaid orders serves the reminder too, so placing an order pays nothing for it. An order whose whole time
# is no longer than the lead is left alone.
REMIND_BEFORE = timedelta(minutes=5)
_to_remind = (
    _to_pay,
    orders.c.reminded_at.is_(None),
    orders.c.expires_at - orders.c.created_at > REMIND_BEFORE,
)
_now = bindparam("now", type_=orders.c.expires_at.type)
SHOPS_TO_REMIND = select(orders.c.shop_id).where(orders.c.expires_at <= _now + REMIND_BEFORE, *_to_remind).distinct()
_remindable = (
    select(orders.c.order_id)
    .where(_of_shop, orders.c.expires_at <= _moment + REMIND_BEFORE, *_to_remind)
    .order_by(orders.c.expires_at, orders.c.order_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
REMIND_UNPAID = (
    update(orders)
    .where(_of_shop, orders.c.order_id.in_(_remindable), _to_pay)
    .values(reminded_at=_moment)
    .returning(orders.c.order_id, orders.c.customer_id, orders.c.expires_at)
)

SHOPS_UNPAID = select(orders.c.shop_id).where(_to_pay, orders.c.expires_at <= bindparam("now")).distinct()
_unpaid = (
    select(orders.c.order_id)
    .where(_of_shop, _to_pay, orders.c.expires_at <= bindparam("moment"))
    .order_by(orders.c.expires_at, orders.c.order_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)  # one being paid right now is left to its payment
)
CLOSE_UNPAID = (
    update(orders)
    .where(_of_shop, orders.c.order_id.in_(_unpaid), _to_pay)
    .values(
        state=OrderState.CLOSED,
        closed_at=bindparam("moment"),
        close_reason=CloseReason.UNPAID,
        version=orders.c.version + 1,
    )
    .returning(orders.c.order_id, orders.c.room_id)
)

MOVE_CUSTOMER = (
    update(orders).where(_of_shop, orders.c.customer_id == bindparam("guest")).values(customer_id=bindparam("member"))
)

OF_CUSTOMER = (
    select(orders.c.order_id)
    .where(_of_shop, orders.c.customer_id == bindparam("customer"), orders.c.order_id < bindparam("before"))
    .order_by(orders.c.order_id.desc())
    .limit(bindparam("most"))
)
_named = (
    select(order_lines.c.order_id)
    .where(
        order_lines.c.shop_id == orders.c.shop_id,
        order_lines.c.order_id == orders.c.order_id,
        order_lines.c.title.ilike(bindparam("pattern"), escape="\\"),
    )
    .exists()
)
# One statement a combination of filters, so that each has its own plan: a state by the state's index, all by the
# primary key.
PAGE = (
    select(orders.c.order_id)
    .where(_of_shop, orders.c.order_id < bindparam("before"))
    .order_by(orders.c.order_id.desc())
    .limit(bindparam("most"))
)
BUYERS = select(orders.c.order_id, orders.c.customer_id).where(_of_shop, orders.c.order_id == func.any(_ids))
IN_STATE = orders.c.state == bindparam("state")
IN_STATES = orders.c.state == func.any(bindparam("states", type_=ARRAY(Text)))
IN_ROOM = orders.c.room_id == bindparam("room")
OF_BUYERS = orders.c.customer_id == func.any(bindparam("buyers", type_=ARRAY(BigInteger)))
ANY_OF_BUYERS = select(orders.c.order_id).where(_of_shop, OF_BUYERS).limit(1)
AMONG = orders.c.order_id == func.any(_ids)
# Row by row, among orders that an index gave: what they are called, when they were placed, how they are marked.
FOUND = select(orders.c.order_id).where(_of_shop, AMONG).order_by(orders.c.order_id.desc()).limit(bindparam("most"))
NAMED = _named
SINCE = orders.c.created_at >= bindparam("since")
UNTIL = orders.c.created_at < bindparam("until")
FLAGGED = orders.c.flag == bindparam("colour")

# Each state by its index and no further than anybody reads: a shop's ten million orders that are done cost nothing.
COUNTED = 10_000
COUNTS = select(
    *(
        select(func.count())
        .select_from(
            select(orders.c.order_id)
            .where(_of_shop, orders.c.state == state.value)
            .limit(COUNTED)
            .subquery(state.value)
        )
        .scalar_subquery()
        .label(state.value)
        for state in OrderState
    )
)

_paid = and_(orders.c.paid_at.is_not(None), orders.c.state != OrderState.CLOSED)
_sales = select(
    func.count().label("orders"), func.coalesce(func.sum(orders.c.total_fen).filter(_paid), 0).label("paid_fen")
)
_pieces = (
    select(func.coalesce(func.sum(order_lines.c.quantity), 0))
    .select_from(order_lines)
    .join(orders, and_(orders.c.shop_id == order_lines.c.shop_id, orders.c.order_id == order_lines.c.order_id))
    .where(_of_shop, _paid)
)
_in_room = orders.c.room_id == bindparam("room")
SALES_OF_ROOM = _sales.where(_of_shop, _in_room)
PIECES_OF_ROOM = _pieces.where(_in_room)
OF_ROOM_AFTER = (
    select(orders.c.order_id)
    .where(_of_shop, _in_room, orders.c.order_id > bindparam("after", type_=BigInteger))
    .order_by(orders.c.order_id)
    .limit(bindparam("most"))
)
FORGET_ROOM = update(orders).where(_of_shop, _in_room).values(room_id=None)
SALES_SINCE = _sales.where(_of_shop, orders.c.created_at >= bindparam("since"))
PIECES_SINCE = _pieces.where(orders.c.created_at >= bindparam("since"))

# What these buyers have of these SKUs, by the buyers' own index; closed orders do not count.
PURCHASES = (
    select(
        orders.c.customer_id,
        orders.c.order_id,
        order_lines.c.sku_id,
        order_lines.c.quantity,
        (orders.c.state == OrderState.TO_PAY).label("unpaid"),
    )
    .join(order_lines, and_(orders.c.shop_id == order_lines.c.shop_id, orders.c.order_id == order_lines.c.order_id))
    .where(
        _of_shop,
        orders.c.customer_id == func.any(bindparam("customers", type_=ARRAY(BigInteger))),
        orders.c.state != OrderState.CLOSED,
        order_lines.c.sku_id == func.any(bindparam("skus", type_=ARRAY(BigInteger))),
    )
)
_with_sku = (
    select(order_lines.c.order_id)
    .where(
        order_lines.c.shop_id == orders.c.shop_id,
        order_lines.c.order_id == orders.c.order_id,
        order_lines.c.sku_id == bindparam("sku"),
    )
    .exists()
)
# By the state's index from its end: orders that nothing was shipped of are few beside those that are done.
NEWEST_UNSHIPPED = (
    select(orders.c.order_id)
    .where(
        _of_shop,
        orders.c.state.in_([OrderState.TO_PAY, OrderState.TO_SHIP]),
        orders.c.order_id < bindparam("before"),
        _with_sku,
    )
    .order_by(orders.c.order_id.desc())
    .limit(1)
)
