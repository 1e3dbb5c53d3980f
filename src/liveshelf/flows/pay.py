"""Paying: start a payment, believe the provider's word once, honour what came late or send it back.

Three nets catch every payment: the notification (kept verbatim before anything follows from it), the timer that
processes kept ones, and the timer that asks the provider. All three end in `settle`, which goes forward only and is
harmless when repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from liveshelf.adapters.payments.port import (
    Charge,
    Notice,
    PaymentProvider,
    ProviderRefused,
    ProviderState,
    Receipt,
    RefundOrder,
    RefundStanding,
    RefundStatus,
)
from liveshelf.customers.types import Buyer
from liveshelf.flows import codes, oversold
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import OrderId, PaymentId, ShopId
from liveshelf.orders import delivery
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.types import Order, OrderState
from liveshelf.payments import queries, refunds
from liveshelf.payments import service as payments
from liveshelf.payments.errors import PaymentsOff, PaymentUnknown
from liveshelf.payments.types import Payment, PaymentState, Refund, RefundReason, RefundState
from liveshelf.platform.db import Tx
from liveshelf.platform.idempotency import Once
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import service as stock

OPERATION = "orders.pay"
_HEADERS_KEPT = 40  # of a notification; ours have three, providers' some ten

_log = logger("pay")


class Settled(StrEnum):
    """What followed from the provider's word."""

    PAID = "paid"
    HONOURED = "honoured"  # the order had closed; its stock could be held again
    OWED_BACK = "owed_back"  # nothing can be sent for this money
    KNOWN = "known"
    MISMATCH = "mismatch"  # another amount than asked for: left to people


@dataclass(frozen=True, slots=True)
class PayStarted:
    """A payment that waits for the buyer."""

    payment_id: PaymentId
    pay_url: str


@dataclass(frozen=True, slots=True)
class _Opened:
    payment_id: int


def provider_of(runtime: Runtime) -> PaymentProvider:
    """The provider of this installation. Raises `PaymentsOff`."""
    provider = runtime.adapters.get(PaymentProvider)
    if not isinstance(provider, PaymentProvider):
        raise PaymentsOff
    return provider


async def start(runtime: Runtime, buyer: Buyer, order_id: OrderId, *, request_id: str) -> PayStarted:
    """Begin to pay an order; pressing again leads to the same payment.

    Raises `OrderUnknown`, `OrderNotToPay`, `AddressNeeded`, `PaymentsOff`, `ProviderUnavailable`.
    """
    provider = provider_of(runtime)

    async def open_payment(tx: Tx) -> _Opened:
        order = await orders.lock(tx, order_id, customer_id=buyer.customer_id)
        orders.check_to_pay(order, tx.now)
        await delivery.check_addressed(tx, order)
        payment = await payments.open_payment(
            tx, order_id, amount_fen=order.total_fen, provider=provider.name, expires_at=order.expires_at
        )
        return _Opened(payment.payment_id)

    once = Once(OPERATION, request_id, {"order_id": order_id}, _Opened)
    opened = await runtime.db.write(buyer.actor, buyer.shop, open_payment, once=once)
    async with runtime.db.read(buyer.shop) as tx:
        payment = await queries.payment(tx, PaymentId(opened.payment_id))
        order = await order_queries.order(tx, order_id)
    if payment is None:
        raise PaymentUnknown
    return PayStarted(payment.payment_id, await provider.prepare(_charge(buyer.shop, order, payment)))


async def receive(runtime: Runtime, *, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Take in a notification: verify, keep verbatim, then draw its consequences.

    Raises `NoticeRefused` with nothing kept. Once kept it is acknowledged: should processing fail now, a timer does it.
    """
    adapter = provider_of(runtime)
    if adapter.name != provider:
        raise PaymentsOff
    notice = adapter.verify(headers, body)
    actor = Actor(ActorKind.PROVIDER, provider)
    kept = dict(sorted(headers.items())[:_HEADERS_KEPT])
    callback_id = await runtime.db.write(
        actor,
        notice.shop,
        lambda tx: payments.keep_callback(tx, provider=provider, notice_id=notice.notice_id, headers=kept, body=body),
    )
    try:
        await runtime.db.write(actor, notice.shop, lambda tx: _process(tx, callback_id, notice))
    except Exception:  # noqa: BLE001 - kept already: the timer draws its consequences
        _log.exception("notice_left_to_timer", shop_id=notice.shop, callback_id=callback_id)


async def process(runtime: Runtime, shop: ShopId, callback_id: int) -> None:
    """Draw the consequences of a kept notification that its own request did not process. It was verified when it
    came.
    """
    async with runtime.db.read(shop) as tx:
        kept = await queries.callback(tx, callback_id)
    if kept is None or kept.processed:
        return
    notice = provider_of(runtime).read(kept.body)
    await runtime.db.write(Actor(ActorKind.PROVIDER, kept.provider), shop, lambda tx: _process(tx, callback_id, notice))


async def check(runtime: Runtime, shop: ShopId, payment_id: PaymentId) -> None:
    """Ask the provider about a payment that no notification came for; close there what is closed here."""
    async with runtime.db.read(shop) as tx:
        payment = await queries.payment(tx, payment_id)
    if payment is None or payment.state not in {PaymentState.PENDING, PaymentState.CLOSED}:
        return
    provider = provider_of(runtime)
    closed = payment.state is PaymentState.CLOSED
    status = await (provider.close(shop, payment_id) if closed else provider.query(shop, payment_id))
    receipt = status.receipt
    if receipt is not None:
        actor = Actor(ActorKind.PROVIDER, provider.name)
        await runtime.db.write(actor, shop, lambda tx: settle(tx, receipt))
    elif closed and status.state in {ProviderState.CLOSED, ProviderState.UNKNOWN}:
        await runtime.db.write(SYSTEM, shop, lambda tx: payments.stop_asking(tx, payment_id))


async def refund(runtime: Runtime, shop: ShopId, refund_id: int) -> None:
    """Send what is owed, or ask about what was sent: prepare, call, settle. Repeating it refunds once."""
    async with runtime.db.read(shop) as tx:
        owed = await queries.refund(tx, refund_id)
        payment = None if owed is None else await queries.payment(tx, owed.payment_id)
    if owed is None or payment is None or owed.state is RefundState.SETTLED:
        return
    order = RefundOrder(shop, payment.payment_id, owed.number, owed.amount_fen, payment.amount_fen, owed.reason)
    provider = provider_of(runtime)
    try:
        status = await (provider.refund(order) if owed.state is RefundState.OWED else provider.query_refund(order))
    except ProviderRefused as refusal:
        problem = str(refusal.context.get("reason", refusal.code))
        _log.error("refund_refused", shop_id=shop, refund_id=refund_id, reason=problem)
        await runtime.db.write(SYSTEM, shop, lambda tx: refunds.note_problem(tx, owed, problem=problem))
        return
    actor = Actor(ActorKind.PROVIDER, provider.name)
    await runtime.db.write(actor, shop, lambda tx: settle_refund(tx, owed, status))


async def settle_refund(tx: Tx, refund: Refund, status: RefundStatus) -> None:
    """The provider says how a refund stands: draw every consequence in this transaction."""
    match status.standing:
        case RefundStanding.SUCCESS:
            await refunds.settle(tx, refund, provider_ref=status.provider_ref)
        case RefundStanding.PROCESSING:
            await refunds.mark_sent(tx, refund, provider_ref=status.provider_ref)
        case RefundStanding.CLOSED:
            await refunds.mark_sent(tx, refund, provider_ref=status.provider_ref)
            await refunds.owe_anew(tx, refund, problem=status.standing.value)
        case RefundStanding.ABNORMAL:
            await refunds.mark_sent(tx, refund, provider_ref=status.provider_ref)
            await refunds.note_problem(tx, refund, problem=status.standing.value)
        case RefundStanding.UNKNOWN:
            _log.error("refund_unknown_at_provider", shop_id=tx.shop, refund_id=refund.refund_id)
            await refunds.note_problem(tx, refund, problem=status.standing.value)


async def settle(tx: Tx, receipt: Receipt) -> Settled:
    """The provider says that this was paid: draw every consequence in this transaction.

    The order is locked first, so payment, cancelling and closing of one order happen one after the other. Raises
    `PaymentUnknown`.
    """
    payment = await queries.payment(tx, receipt.payment_id)
    if payment is None:
        raise PaymentUnknown
    if payment.amount_fen != receipt.amount_fen:
        _log.error("amount_differs", payment_id=payment.payment_id, asked=payment.amount_fen, paid=receipt.amount_fen)
        return Settled.MISMATCH
    order = await orders.lock(tx, payment.order_id)
    fits = payment.amount_fen == order.total_fen  # else it was asked for before the price changed
    if not await payments.mark_paid(tx, payment, provider_ref=receipt.provider_ref, paid_at=receipt.paid_at):
        return Settled.KNOWN
    if order.state is OrderState.TO_PAY and fits:
        await orders.mark_paid(tx, order, paid_at=receipt.paid_at)
        await stock.commit(tx, [order.order_id])
        await codes.deliver(tx, order.order_id)
        return Settled.PAID
    if order.state is OrderState.CLOSED and fits and await stock.hold_again(tx, order.order_id) is None:
        await orders.mark_paid(tx, order, paid_at=receipt.paid_at)
        await stock.commit(tx, [order.order_id])
        await codes.deliver(tx, order.order_id)
        return Settled.HONOURED
    reason = _why_back(order, fits=fits)
    if reason is RefundReason.LATE_PAYMENT:
        await oversold.name_late_payment(tx, order, refund_fen=payment.amount_fen)
    await refunds.owe(
        tx,
        order.order_id,
        amount_fen=payment.amount_fen,
        reason=reason,
        key=f"payment:{payment.payment_id}",
        payment_id=payment.payment_id,
    )
    return Settled.OWED_BACK


def _why_back(order: Order, *, fits: bool) -> RefundReason:
    if order.paid_at is not None:
        return RefundReason.DOUBLE_PAYMENT
    return RefundReason.LATE_PAYMENT if fits else RefundReason.PRICE_CHANGED


async def _process(tx: Tx, callback_id: int, notice: Notice) -> None:
    kept = await payments.lock_callback(tx, callback_id)
    if kept is None or kept.processed:
        return
    try:
        await settle(tx, notice.receipt)
    except PaymentUnknown:
        _log.error("notice_of_unknown_payment", payment_id=notice.receipt.payment_id)
    await payments.finish_callback(tx, callback_id)


def _charge(shop: ShopId, order: Order, payment: Payment) -> Charge:
    title = order.lines[0].title if order.lines else ""
    return Charge(
        shop=shop,
        payment_id=payment.payment_id,
        order_id=order.order_id,
        amount_fen=payment.amount_fen,
        description=title if len(order.lines) == 1 else f"{title} +{len(order.lines) - 1}",
        expires_at=payment.expires_at,
        return_url=f"/shop/{shop}/orders/{order.order_id}",
    )
