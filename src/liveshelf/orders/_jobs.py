"""Time limits of the orders capability."""

from __future__ import annotations

from datetime import timedelta

from liveshelf.orders import _abnormal_sql, _address_sql, _delivery_sql, _sql
from liveshelf.orders.abnormal import close_overdue, flag_late, remind
from liveshelf.orders.address_requests import escalate
from liveshelf.orders.delivery import forget_old, wipe
from liveshelf.orders.reminders import remind_unpaid
from liveshelf.orders.service import close_unpaid
from liveshelf.orders.shipping import receive_due
from liveshelf.platform.timers import Timer, Warn

TIMERS = (
    Timer(
        name="orders.unpaid",
        owner="orders",
        promise="An order that is not paid in time closes and gives its stock back.",
        due_shops=_sql.SHOPS_UNPAID,
        fire=close_unpaid,
        actor="buyer",
        escalation="At the limit the order closes and its stock is free again.",
        pending=_sql.UNPAID,
    ),
    Timer(
        name="orders.remind_unpaid",
        owner="orders",
        promise="A buyer is reminded once, 5 minutes before an unpaid order closes.",
        due_shops=_sql.SHOPS_TO_REMIND,
        fire=remind_unpaid,
        features=("S-918",),
        actor="buyer",
        escalation="The reminder is all there is; paying or cancelling stops it, and then the order closes.",
        every_s=5,
    ),
    Timer(
        name="orders.receive",
        owner="orders",
        promise="An order counts as received as many days after its last piece left as the shop had promised (10 by "
        "default), 7 more when the buyer asked for longer.",
        due_shops=_sql.SHOPS_TO_RECEIVE,
        fire=receive_due,
        actor="buyer",
        escalation="At the limit the order is done.",
        pending=_sql.RECEIVING,
    ),
    Timer(
        name="orders.abnormal",
        owner="orders",
        promise="What is wrong with an order is settled within 24 hours, or the order gets the outcome of its kind.",
        due_shops=_abnormal_sql.SHOPS_OVERDUE,
        fire=close_overdue,
        features=("L-503", "L-504"),
        actor="staff",
        escalation="Staff are reminded after 12 and 22 hours; at the limit what is unshipped closes and is refunded.",
        pending=_abnormal_sql.RUNNING,
    ),
    Timer(
        name="orders.abnormal_remind",
        owner="orders",
        promise="Staff are reminded of an abnormal order after 12 and after 22 hours.",
        due_shops=_abnormal_sql.SHOPS_TO_REMIND,
        fire=remind,
        features=("L-503",),
        actor="staff",
        escalation="A reminder decides nothing.",
        every_s=5,
    ),
    Timer(
        name="orders.late_shipment",
        owner="orders",
        promise="An order that is not shipped in the hours that the shop promised when it was paid (48 unless it says "
        "otherwise) is flagged by itself.",
        due_shops=_abnormal_sql.SHOPS_LATE,
        fire=flag_late,
        features=("L-503",),
        actor="staff",
        escalation="At the limit it is an abnormal order, with a clock of its own.",
        every_s=30,
        pending=_abnormal_sql.TO_SHIP_IN_TIME,
    ),
    Timer(
        name="orders.address_answer",
        owner="orders",
        promise="A buyer's wish for another address has its answer within 2 hours, or the owner is told.",
        due_shops=_address_sql.SHOPS_TO_ESCALATE,
        fire=escalate,
        features=("L-507", "L-508"),
        actor="staff",
        escalation="At the limit the owner is told. Nothing is changed without an answer.",
        every_s=5,
        pending=_address_sql.RUNNING,
        warning=Warn(timedelta(minutes=30), "orders.write"),
    ),
    Timer(
        name="orders.forgotten",
        owner="orders",
        promise="What the orders of an erased customer say of them is gone a minute after each order is over.",
        due_shops=_delivery_sql.SHOPS_TO_WIPE,
        fire=wipe,
        every_s=60.0,
    ),
    Timer(
        name="orders.forget_old",
        owner="orders",
        promise="Addresses and papers of orders are deleted three years after the order ended.",
        due_shops=_delivery_sql.SHOPS_WITH_OLD,
        fire=forget_old,
        every_s=6 * 3600.0,
    ),
)
