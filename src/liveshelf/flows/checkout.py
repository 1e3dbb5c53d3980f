"""Checkout: many orders in one transaction, each decided by itself, in order of arrival.

Requests of one shop are gathered by the lanes of each process; `place_many` answers a batch with a number of statements
that does not grow with it. What is refused leaves nothing behind, so the same request may come again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from liveshelf.customers.errors import BuyerUnknown
from liveshelf.customers.types import customer_actor
from liveshelf.flows.checkout_facts import Facts, gather
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM, Actor
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import AddressId, CustomerId, GoodsId, OrderId, RoomId, ShopId, SkuId, new_number
from liveshelf.orders import cart, rules
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.errors import PriceChanged
from liveshelf.orders.papers import SealedPapers
from liveshelf.orders.types import Line, NewOrder, Order, OrderState
from liveshelf.platform import idempotency
from liveshelf.platform.db import Tx
from liveshelf.platform.groupcommit import Lanes
from liveshelf.platform.hotpath import CONNECTIONS, HotPath
from liveshelf.platform.idempotency import KeyInvalid, KeyReused, Named, Once, Replay
from liveshelf.platform.runtime import Runtime
from liveshelf.pricing.rules import total_fen
from liveshelf.stock import service as stock
from liveshelf.stock.errors import refused
from liveshelf.stock.types import Held, Terms, Want

OPERATION = "orders.place"
TERMS = Terms()


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A buyer wants these SKUs, at the total they saw. `room_id` names the room they bought in, `goods_id` the card.

    `address_id` is one of the buyer's addresses, `papers` their note and invoice; both may be absent. What is bought
    `from_cart` leaves the cart.
    """

    request_id: str
    customer_id: CustomerId
    lines: tuple[tuple[SkuId, int], ...]
    expected_total_fen: int
    room_id: RoomId | None = None
    goods_id: GoodsId | None = None
    address_id: AddressId | None = None
    papers: SealedPapers | None = None
    from_cart: bool = False

    @property
    def actor(self) -> Actor:
        """The buyer as a doer."""
        return customer_actor(self.customer_id)

    @property
    def once(self) -> Once[PlacedId]:
        """The mark of this request: its id, and what makes it another request."""
        papers = None if self.papers is None else self.papers.hash
        facts = (
            self.lines,
            self.expected_total_fen,
            self.room_id,
            self.goods_id,
            self.address_id,
            papers,
            self.from_cart,
        )
        return Once(OPERATION, self.request_id, facts, PlacedId)

    @property
    def name(self) -> Named:
        """The same mark, as batches look for it."""
        return Named(str(self.actor), self.request_id, self.once.request_hash)


@dataclass(frozen=True, slots=True)
class PlacedId:
    """What is remembered of a request that was granted."""

    order_id: int


@dataclass(frozen=True, slots=True)
class Placed:
    """The order is there and holds its stock. `again` says that an earlier request placed it."""

    order: Order
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was placed; the error says why."""

    error: DomainError


Outcome: TypeAlias = Placed | Refused


class CheckoutLanes(Lanes[PlaceOrder, Outcome]):
    """The lanes of this process."""


def provide_lanes(runtime: Runtime) -> None:
    """Make `place` work in this process."""
    settings = runtime.settings
    terms = Terms(timedelta(seconds=settings.hold_s), timedelta(seconds=settings.hold_hot_s), settings.hot_unpaid_max)
    path = HotPath(settings.app_database_url, runtime.clock)
    runtime.provide(HotPath, path)

    async def commit(shop: ShopId, requests: Sequence[PlaceOrder], locked: Callable[[], None]) -> Sequence[Outcome]:
        return await path.write(SYSTEM, shop, lambda tx: place_many(tx, requests, terms=terms, locked=locked))

    runtime.provide(CheckoutLanes, CheckoutLanes(commit, at_once=CONNECTIONS))


async def place(runtime: Runtime, shop: ShopId, request: PlaceOrder) -> Placed:
    """Place one order, together with whoever buys at the same moment. Raises `LaneFull` and what refuses the order."""
    outcome = await runtime.need(CheckoutLanes).submit(shop, request)
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome


async def place_many(
    tx: Tx,
    requests: Sequence[PlaceOrder],
    *,
    terms: Terms = TERMS,
    locked: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Place orders in order of arrival; one outcome a request, in the same order.

    Refusals: `KeyReused`, `OrderLimit`, `NotForSale`, `RoomMissing`, `NotOnAir`, `PriceChanged`, `StockInsufficient`,
    `LimitReached`, `TooManyUnpaidOrders`, `BuyerUnknown`, `AddressUnknown`. A request that was granted before, also
    earlier in the batch, gets the same order again.
    """
    names = [request.name for request in requests]
    outcomes, twin_of = await _known(tx, names)
    todo = [at for at in range(len(requests)) if at not in outcomes and at not in twin_of]
    facts = await gather(tx, [requests[at] for at in todo])
    drafts: dict[int, NewOrder] = {}
    for at in todo:
        try:
            drafts[at] = _draft(tx, requests[at], facts)
        except DomainError as error:
            outcomes[at] = Refused(error)
    wants = [_want(draft) for draft in drafts.values()]
    answers = await stock.hold_many(tx, wants, terms=terms, purchases=order_queries.purchases) if wants else []
    locked()  # whoever comes from now on waits for these counters, and so comes after us
    for at, answer in zip(drafts, answers, strict=True):
        if isinstance(answer, Held):
            drafts[at] = _held(drafts[at], answer)
            outcomes[at] = Placed(drafts[at].order)
        else:
            outcomes[at] = Refused(refused(answer))
    granted = [at for at in drafts if isinstance(outcomes[at], Placed)]
    orders.place(tx, [drafts[at] for at in granted])
    await cart.settle(tx, [taken for at in granted for taken in _out_of_cart(requests[at], drafts[at])])
    idempotency.remember(tx, OPERATION, [(names[at], PlacedId(drafts[at].order.order_id)) for at in granted])
    return [_again(outcomes[twin_of[at]]) if at in twin_of else outcomes[at] for at in range(len(requests))]


async def _known(tx: Tx, names: Sequence[Named]) -> tuple[dict[int, Outcome], dict[int, int]]:
    """Outcomes that stand already, and which request repeats which earlier one of this batch."""
    outcomes: dict[int, Outcome] = {}
    replays: dict[int, OrderId] = {}
    first: dict[tuple[str, str], int] = {}
    twin_of: dict[int, int] = {}
    for at, (name, answer) in enumerate(zip(names, await idempotency.known(tx, OPERATION, names), strict=True)):
        earlier = first.setdefault((name.actor, name.key), at)
        if not idempotency.is_nameable(name.key):
            outcomes[at] = Refused(KeyInvalid(field="request_id"))
        elif isinstance(answer, KeyReused):
            outcomes[at] = Refused(answer)
        elif isinstance(answer, Replay):
            replays[at] = OrderId(answer.result["order_id"])
        elif names[earlier].request_hash != name.request_hash:
            outcomes[at] = Refused(KeyReused(field="request_id"))
        elif earlier != at:
            twin_of[at] = earlier
    if replays:
        placed = await order_queries.orders(tx, replays.values())
        outcomes |= {at: Placed(placed[order_id], again=True) for at, order_id in replays.items()}
    return outcomes, twin_of


def _draft(tx: Tx, request: PlaceOrder, facts: Facts) -> NewOrder:
    rules.check_lines(request.lines)
    buyer = facts.buyers.get(request.customer_id)
    if buyer is None:
        raise BuyerUnknown
    facts.check_card(request.lines, request.goods_id)
    lines = tuple(_line(facts, sku_id, count) for sku_id, count in request.lines)
    if request.room_id is not None:
        facts.check_room(request.room_id, lines)
    total = total_fen(lines, shipped=_parcel(lines))
    rules.check_total(total)
    if total != request.expected_total_fen:
        raise PriceChanged(total_fen=total)
    order = Order(
        order_id=OrderId(new_number()),
        customer_id=buyer,
        state=OrderState.TO_PAY,
        total_fen=Fen(total),
        room_id=request.room_id,
        created_at=tx.now,
        expires_at=tx.now,  # its hold will say how long it lasts
        paid_at=None,
        closed_at=None,
        close_reason=None,
        lines=lines,
    )
    address = None if request.address_id is None else facts.address(request.address_id, buyer)
    papers = None if request.papers is None else request.papers.cipher
    return NewOrder(order, request.actor, address, papers)


def _line(facts: Facts, sku_id: SkuId, quantity: int) -> Line:
    offer = facts.offer(sku_id)
    return Line(
        offer.sku_id,
        offer.product_id,
        offer.goods_id,
        offer.title,
        offer.specs,
        offer.picture_media_id,
        offer.price_fen,
        quantity,
        offer.delivery,
    )


def _out_of_cart(request: PlaceOrder, draft: NewOrder) -> list[tuple[CustomerId, SkuId]]:
    return [(draft.order.customer_id, sku_id) for sku_id, _ in request.lines] if request.from_cart else []


def _parcel(lines: Sequence[Line]) -> bool:
    return any(line.delivery is DeliveryKind.SHIPPED for line in lines)


def _want(draft: NewOrder) -> Want:
    lines = tuple((line.sku_id, line.quantity) for line in draft.order.lines)
    return Want(draft.order.order_id, lines, str(draft.actor), buyer=draft.order.customer_id)


def _held(draft: NewOrder, answer: Held) -> NewOrder:
    order = draft.order
    return replace(draft, order=replace(order, expires_at=order.created_at + answer.lasts))


def _again(outcome: Outcome) -> Outcome:
    return Placed(outcome.order, again=True) if isinstance(outcome, Placed) else outcome
