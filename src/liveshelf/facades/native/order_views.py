"""How orders look in answers, to the buyer and to staff. Shared by the modules that show orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from liveshelf.accounts import queries as accounts
from liveshelf.customers import queries as customers
from liveshelf.facades.native.order_work_views import OrderWork, nothing_yet, order_work
from liveshelf.facades.native.quotes import AmountView, amount_views
from liveshelf.facades.native.shell import instant
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.paging import Page
from liveshelf.media.types import media_path
from liveshelf.orders import queries, rules
from liveshelf.orders.types import CloseReason, Entry, Line, Order, OrderState, Why
from liveshelf.payments import queries as payments
from liveshelf.payments.types import Payment, PaymentState, Refund, RefundReason, RefundState
from liveshelf.platform.db import ReadTx
from liveshelf.pricing.rules import quote

_BUYER = f"{ActorKind.CUSTOMER.value}:"
# What happens inside of the shop, and is not the buyer's to read.
_SHOPS_OWN = frozenset(
    {Why.PACKED, Why.UNPACKED, Why.PARCEL_CORRECTED, Why.FLAGGED, Why.ABNORMAL_SETTLED, Why.ABNORMAL_OVERDUE}
)


class SpecOfLine(msgspec.Struct, frozen=True):
    """One choice: 颜色 = 红."""

    name: str
    value: str


class LineView(msgspec.Struct, frozen=True):
    """What was bought, as it was at that moment. `due_fen` is what is to be paid for it, after a change of price."""

    sku_id: int
    product_id: int
    goods_id: int | None
    title: str
    specs: list[SpecOfLine]
    picture_url: str
    price_fen: int
    quantity: int
    amount_fen: int
    delivery: DeliveryKind
    due_fen: int


class BuyerOfOrder(msgspec.Struct, frozen=True):
    """Whose order it is."""

    customer_id: int
    name: str


class RefundOfOrder(msgspec.Struct, frozen=True):
    """Money of the order that goes back, or has gone. Once sent it arrives between two days in China; `overdue` says
    that these have passed.
    """

    refund_id: str
    amount_fen: int
    reason: RefundReason
    state: RefundState
    owed_at: str
    sent_at: str | None
    settled_at: str | None
    arrive_from_on: str | None
    arrive_by_on: str | None
    overdue: bool


class PaymentOfOrder(msgspec.Struct, frozen=True):
    """The payment that was made, or the latest one tried, with all refunds of the order."""

    provider: str
    state: PaymentState
    payment_id: str
    refunds: list[RefundOfOrder]


class TimelineEntry(msgspec.Struct, frozen=True):
    """One step. `by` is `buyer`, `staff`, `system`, `provider`, `platform`, or the name of somebody of the staff.
    `what` is one of the words of what it is `about`: the order's own life, or, where staff look at one order, its
    refunds and after-sale cases.
    """

    at: str
    by: str
    what: str
    facts: dict[str, Any]
    about: Literal["order", "refund", "aftersale"] = "order"


class OrderView(msgspec.Struct, frozen=True):
    """An order. `may` names what the asker may do next; `needs_address` says that it is not paid before it has one;
    `total_fen` is the sum of `amounts`.
    """

    order_id: str
    state: OrderState
    total_fen: int
    lines: list[LineView]
    room_id: int | None
    customer: BuyerOfOrder
    created_at: str
    expires_at: str | None
    paid_at: str | None
    closed_at: str | None
    close_reason: CloseReason | None
    payment: PaymentOfOrder | None
    timeline: list[TimelineEntry]
    may: list[rules.Verb]
    needs_address: bool
    amounts: list[AmountView]
    work: OrderWork


class OrderPage(msgspec.Struct, frozen=True):
    """A page of orders."""

    items: list[OrderView]
    next: str | None
    total: int | None


async def order_views(tx: ReadTx, orders: Sequence[Order], *, as_buyer: bool) -> list[OrderView]:
    """The orders as they are sent: the same statements for however many."""
    ids = [order.order_id for order in orders]
    timelines = await queries.timelines(tx, ids)
    paid = await payments.latest_of(tx, ids)
    back = await payments.refunds_of(tx, ids)
    buyers = await customers.customers(tx, [order.customer_id for order in orders])
    work = await order_work(tx, orders, as_buyer=as_buyer)
    addressed = await queries.addressed(tx, ids)
    names = await accounts.names(tx, [entry.actor for entries in timelines.values() for entry in entries])
    return [
        order_view(
            order,
            buyer_name=buyers[order.customer_id].name,
            payment=_payment(paid.get(order.order_id), back.get(order.order_id, [])),
            timeline=[
                _entry(entry, names, as_buyer=as_buyer)
                for entry in timelines.get(order.order_id, [])
                if not (as_buyer and entry.why in _SHOPS_OWN)
            ],
            work=work[order.order_id],
            addressed=order.order_id in addressed,
        )
        for order in orders
    ]


async def order_page(tx: ReadTx, page: Page[Order], *, as_buyer: bool) -> OrderPage:
    """A page of orders as it is sent."""
    return OrderPage(await order_views(tx, page.items, as_buyer=as_buyer), page.next, page.total)


class Contents(NamedTuple):
    """What an order's lines alone say of it."""

    lines: list[LineView]
    amounts: list[AmountView]
    shipped: bool
    work: OrderWork  # while nothing was done yet


@lru_cache(maxsize=1_000)
def contents(lines: tuple[Line, ...]) -> Contents:
    """What these lines say, worked out once: in a rush thousands buy the same. Nobody changes what is returned."""
    shipped = any(line.delivery is DeliveryKind.SHIPPED for line in lines)
    # Where every fen comes from is made again from what the order keeps, so nothing has to be kept twice.
    amounts = amount_views(quote(lines, shipped=shipped))
    return Contents([_line(line) for line in lines], amounts, shipped, nothing_yet(lines))


def order_view(
    order: Order,
    *,
    buyer_name: str,
    payment: PaymentOfOrder | None,
    timeline: list[TimelineEntry],
    work: tuple[OrderWork, list[rules.Verb]],
    addressed: bool,
) -> OrderView:
    """One order as it is sent."""
    of = contents(order.lines)
    return OrderView(
        str(order.order_id),
        order.state,
        order.total_fen,
        of.lines,
        order.room_id,
        BuyerOfOrder(order.customer_id, buyer_name),
        instant(order.created_at),
        instant(order.expires_at) if order.state is OrderState.TO_PAY else None,
        instant(order.paid_at),
        instant(order.closed_at),
        order.close_reason,
        payment,
        timeline,
        work[1],
        of.shipped and not addressed,
        of.amounts,
        work[0],
    )


def placed_just_now(order: Order, buyer_name: str, *, addressed: bool) -> OrderView:
    """An order of this very moment: nothing has happened to it yet, so nothing is read again."""
    timeline = [TimelineEntry(instant(order.created_at), "buyer", Why.PLACED, {})]
    return order_view(
        order,
        buyer_name=buyer_name,
        payment=None,
        timeline=timeline,
        work=(contents(order.lines).work, rules.buyer_may(order, order.created_at)),
        addressed=addressed,
    )


def _payment(payment: Payment | None, refunds: Sequence[Refund]) -> PaymentOfOrder | None:
    if payment is None:
        return None
    return PaymentOfOrder(
        payment.provider, payment.state, str(payment.payment_id), [_refund(refund) for refund in refunds]
    )


def _refund(refund: Refund) -> RefundOfOrder:
    return RefundOfOrder(
        str(refund.refund_id),
        refund.amount_fen,
        refund.reason,
        refund.state,
        instant(refund.owed_at),
        instant(refund.sent_at),
        instant(refund.settled_at),
        None if refund.arrive_from_on is None else refund.arrive_from_on.isoformat(),
        None if refund.arrive_by_on is None else refund.arrive_by_on.isoformat(),
        refund.overdue_at is not None and refund.settled_at is None,
    )


def _line(line: Line) -> LineView:
    return LineView(
        line.sku_id,
        line.product_id,
        line.goods_id,
        line.title,
        [SpecOfLine(spec.name, spec.value) for spec in line.specs],
        media_path(line.picture_media_id),
        line.price_fen,
        line.quantity,
        line.amount_fen,
        line.delivery,
        line.due_fen,
    )


def _entry(entry: Entry, names: Mapping[str, str], *, as_buyer: bool) -> TimelineEntry:
    by = "buyer" if entry.actor.startswith(_BUYER) else entry.actor.partition(":")[0]
    if not as_buyer:  # who of the staff it was is the shop's own
        by = names.get(entry.actor, by)
    return TimelineEntry(instant(entry.at), by, entry.why, dict(entry.facts))
