"""Paying: start a payment, believe the provider's word once, honour what came late or send it back.

Three nets catch every payment: the notification (`flows.inbox`), the timer that processes kept ones, and the timer that
asks the provider. All three end in `settle`, which goes forward only and is harmless when repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from liveshelf.adapters.payments.port import (
    Charge,
    PaymentProvider,
    ProviderRefused,
    ProviderState,
    Receipt,
    RefundOrder,
    RefundStanding,
    RefundStatus,
    Scene,
)
from liveshelf.billing import service as billing
from liveshelf.customers import queries as customers
from liveshelf.customers.types import Buyer
from liveshelf.flows import codes, oversold
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import OrderId, PaymentId, ShopId
from liveshelf.kernel.time import china_day
from liveshelf.orders import delivery
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.errors import OrderNotToPay
from liveshelf.orders.service import CURRENCY
from liveshelf.orders.types import Order, OrderState
from liveshelf.payments import queries, refunds
from liveshelf.payments import service as payments
from liveshelf.payments.errors import PayerNeeded, PaymentsOff, PaymentUnknown
from liveshelf.payments.types import Payment, PaymentState, Refund, RefundReason, RefundState
from liveshelf.platform.calendar import warn_of_unknown, working_days
from liveshelf.platform.db import Tx
from liveshelf.platform.idempotency import Once
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import service as stock

OPERATION = "orders.pay"
# WeChat Pay's words for a number that came before with another way of paying.
_KNOWN_OTHERWISE = frozenset({"INVALID_REQUEST", "OUT_TRADE_NO_USED"})

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
    """A payment that waits for the buyer, and how it is paid: an address, a code, or what WeChat's page takes."""

    payment_id: PaymentId
    pay_url: str
    code_url: str = ""
    jsapi: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payer:
    """Where the buyer pays from."""

    scene: Scene = Scene.H5
    address: str = ""
    openid: str = ""


@dataclass(frozen=True, slots=True)
class _Opened:
    payment_id: int


def provider_of(runtime: Runtime) -> PaymentProvider:
    """The provider of this installation. Raises `PaymentsOff`."""
    provider = runtime.adapters.get(PaymentProvider)
    if not isinstance(provider, PaymentProvider):
        raise PaymentsOff
    return provider


async def start(
    runtime: Runtime, buyer: Buyer, order_id: OrderId, *, request_id: str, payer: Payer | None = None
) -> PayStarted:
    """Begin to pay an order; pressing again leads to the same payment, paying in another way to one that takes its
    place.

    Raises `OrderUnknown`, `OrderNotToPay`, `AddressNeeded`, `PayerNeeded`, `PaymentsOff`, `ProviderUnavailable`,
    `ProviderRefused`.
    """
    provider = provider_of(runtime)
    payer = await _known(runtime, buyer, payer or Payer())
    merchant = await provider.merchant_of(buyer.shop)
    if merchant is None:
        raise PaymentsOff

    async def open_payment(tx: Tx) -> _Opened:
        order = await orders.lock(tx, order_id, customer_id=buyer.customer_id)
        await billing.expect(tx, merchant)
        orders.check_to_pay(order, tx.now)
        await delivery.check_addressed(tx, order)
        payment = await _opened(tx, order, provider=provider.name, merchant=merchant)
        return _Opened(payment.payment_id)

    once = Once(OPERATION, request_id, {"order_id": order_id}, _Opened)
    opened = await runtime.db.write(buyer.actor, buyer.shop, open_payment, once=once)
    async with runtime.db.read(buyer.shop) as tx:
        payment = await queries.payment(tx, PaymentId(opened.payment_id))
        order = await order_queries.order(tx, order_id)
    if payment is None:
        raise PaymentUnknown
    try:
        way = await provider.prepare(_charge(buyer.shop, order, payment, payer))
    except ProviderRefused as refusal:
        if refusal.context.get("reason") not in _KNOWN_OTHERWISE:
            raise
        payment = await _anew(runtime, buyer, provider, payment)
        way = await provider.prepare(_charge(buyer.shop, order, payment, payer))
    return PayStarted(payment.payment_id, way.url, way.code_url, way.jsapi)


async def _known(runtime: Runtime, buyer: Buyer, payer: Payer) -> Payer:
    """Inside WeChat the provider must know who pays. The simulator takes the name that this shop knows the buyer by."""
    if payer.scene is not Scene.JSAPI or payer.openid:
        return payer
    if not runtime.settings.simulated_payment:
        raise PayerNeeded(field="openid")
    async with runtime.db.read(buyer.shop) as tx:
        found = (await customers.customers(tx, [buyer.customer_id]))[buyer.customer_id]
    return replace(payer, openid=found.openid)


async def _anew(runtime: Runtime, buyer: Buyer, provider: PaymentProvider, known: Payment) -> Payment:
    """Another payment in place of one that the provider knows by another way of paying, which it does not change.

    Raises `OrderNotToPay`, also when the first was paid in the meantime.
    """
    receipt = (await provider.close(known.merchant, known.payment_id)).receipt
    if receipt is not None:
        actor = Actor(ActorKind.PROVIDER, provider.name)
        await runtime.db.write(actor, buyer.shop, lambda tx: settle(tx, receipt))
        raise OrderNotToPay(state=OrderState.TO_SHIP.value)

    async def work(tx: Tx) -> Payment:
        order = await orders.lock(tx, known.order_id, customer_id=buyer.customer_id)
        orders.check_to_pay(order, tx.now)
        now = await queries.payment(tx, known.payment_id)
        if now is not None and now.state is PaymentState.PENDING:  # nobody else has taken it away
            await payments.close(tx, [known.order_id])
        return await _opened(tx, order, provider=known.provider, merchant=known.merchant)

    return await runtime.db.write(buyer.actor, buyer.shop, work)


async def _opened(tx: Tx, order: Order, *, provider: str, merchant: str) -> Payment:
    return await payments.open_payment(
        tx,
        order.order_id,
        amount_fen=order.total_fen,
        provider=provider,
        merchant=merchant,
        expires_at=order.expires_at,
    )


async def check(runtime: Runtime, shop: ShopId, payment_id: PaymentId) -> None:
    """Ask the provider about a payment that no notification came for; close there what is closed here."""
    async with runtime.db.read(shop) as tx:
        payment = await queries.payment(tx, payment_id)
    if payment is None or payment.state not in {PaymentState.PENDING, PaymentState.CLOSED}:
        return
    provider = provider_of(runtime)
    closed = payment.state is PaymentState.CLOSED
    ask = provider.close if closed else provider.query
    status = await ask(payment.merchant, payment_id)
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
    order = RefundOrder(
        shop, payment.merchant, payment.payment_id, owed.number, owed.amount_fen, payment.amount_fen, owed.reason
    )
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
    days = await working_days(tx)
    warn_of_unknown(days, china_day(tx.now))
    match status.standing:
        case RefundStanding.SUCCESS:
            await refunds.settle(tx, refund, provider_ref=status.provider_ref, days=days)
        case RefundStanding.PROCESSING:
            await refunds.mark_sent(tx, refund, provider_ref=status.provider_ref, days=days)
        case RefundStanding.CLOSED:
            await refunds.mark_sent(tx, refund, provider_ref=status.provider_ref, days=days)
            await refunds.owe_anew(tx, refund, problem=status.standing.value)
        case RefundStanding.ABNORMAL:
            await refunds.mark_sent(tx, refund, provider_ref=status.provider_ref, days=days)
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
    if (payment.amount_fen, CURRENCY) != (receipt.amount_fen, receipt.currency):
        paid = f"{receipt.amount_fen} {receipt.currency}"
        _log.error("amount_differs", payment_id=payment.payment_id, asked=payment.amount_fen, paid=paid)
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
    never_paid = order.state is OrderState.CLOSED and order.paid_at is None
    # Whoever left in the meantime took the address along: nobody could be asked for another, so the money goes back.
    honest = never_paid and fits and await delivery.goes_somewhere(tx, order)
    if honest and await stock.hold_again(tx, order.order_id) is None:
        await orders.mark_paid(tx, order, paid_at=receipt.paid_at)
        await stock.commit(tx, [order.order_id])
        await codes.deliver(tx, order.order_id)
        return Settled.HONOURED
    reason = _why_back(order, fits=fits)
    if reason is RefundReason.LATE_PAYMENT and honest:
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


def _charge(shop: ShopId, order: Order, payment: Payment, payer: Payer) -> Charge:
    title = order.lines[0].title if order.lines else ""
    return Charge(
        shop=shop,
        merchant=payment.merchant,
        payment_id=payment.payment_id,
        order_id=order.order_id,
        amount_fen=payment.amount_fen,
        description=title if len(order.lines) == 1 else f"{title} +{len(order.lines) - 1}",
        expires_at=payment.expires_at,
        return_url=f"/shop/{shop}/orders/{order.order_id}",
        scene=payer.scene,
        payer_address=payer.address,
        payer_openid=payer.openid,
    )
