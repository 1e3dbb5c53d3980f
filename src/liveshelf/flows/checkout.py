"""Checkout: many orders in one transaction, each decided by itself, in order of arrival.

Requests of one shop are gathered by the lanes of each process; `place_many` answers a batch with a number of statements
that does not grow with it. What is refused leaves nothing behind, so the same request may come again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from liveshelf.customers.errors import BuyerUnknown
from liveshelf.customers.types import written
from liveshelf.flows.checkout_facts import Facts, gather
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM
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
from liveshelf.platform.idempotency import KeyInvalid, KeyReused, Named, Replay, hash_of
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
    def name(self) -> Named:
        """Whose request it is, its id, and what makes it another request."""
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
        return Named(written(self.customer_id), self.request_id, hash_of(facts))


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
    drafts: dict[int, _Draft] = {}
    for at in todo:
        try:
            drafts[at] = _draft(requests[at], facts)
        except DomainError as error:
            outcomes[at] = Refused(error)
    wants = [
        Want(draft.order_id, requests[at].lines, names[at].actor, buyer=draft.buyer) for at, draft in drafts.items()
    ]
    answers = await stock.hold_many(tx, wants, terms=terms, purchases=order_queries.purchases) if wants else []
    locked()  # whoever comes from now on waits for these counters, and so comes after us
    granted: dict[int, NewOrder] = {}
    for (at, draft), answer in zip(drafts.items(), answers, strict=True):
        if isinstance(answer, Held):
            granted[at] = _new_order(draft, requests[at], by=names[at].actor, placed_at=tx.now, lasts=answer.lasts)
            outcomes[at] = Placed(granted[at].order)
        else:
            outcomes[at] = Refused(refused(answer))
    orders.place(tx, list(granted.values()))
    await cart.settle(tx, [taken for at, new in granted.items() for taken in _out_of_cart(requests[at], new.order)])
    idempotency.remember(tx, OPERATION, [(names[at], PlacedId(new.order.order_id)) for at, new in granted.items()])
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


@dataclass(slots=True)
class _Draft:
    """A request that may become an order, if there is stock for it."""

    order_id: OrderId
    buyer: CustomerId
    lines: tuple[Line, ...]
    total_fen: Fen
    address: bytes | None


def _draft(request: PlaceOrder, facts: Facts) -> _Draft:
    rules.check_lines(request.lines)
    buyer = facts.buyers.get(request.customer_id)
    if buyer is None:
        raise BuyerUnknown
    if request.goods_id is not None:
        facts.check_card(request.lines, request.goods_id)
    lines = tuple([facts.line(sku_id, count) for sku_id, count in request.lines])
    if request.room_id is not None:
        facts.check_room(request.room_id, lines)
    total = total_fen(lines, shipped=any(line.delivery is DeliveryKind.SHIPPED for line in lines))
    rules.check_total(total)
    if total != request.expected_total_fen:
        raise PriceChanged(total_fen=total)
    address = None if request.address_id is None else facts.address(request.address_id, buyer)
    return _Draft(OrderId(new_number()), buyer, lines, total, address)


def _new_order(draft: _Draft, request: PlaceOrder, *, by: str, placed_at: datetime, lasts: timedelta) -> NewOrder:
    order = Order(
        order_id=draft.order_id,
        customer_id=draft.buyer,
        state=OrderState.TO_PAY,
        total_fen=draft.total_fen,
        room_id=request.room_id,
        created_at=placed_at,
        expires_at=placed_at + lasts,
        paid_at=None,
        closed_at=None,
        close_reason=None,
        lines=draft.lines,
    )
    return NewOrder(order, by, draft.address, None if request.papers is None else request.papers.cipher)


def _out_of_cart(request: PlaceOrder, order: Order) -> list[tuple[CustomerId, SkuId]]:
    return [(order.customer_id, sku_id) for sku_id, _ in request.lines] if request.from_cart else []


def _again(outcome: Outcome) -> Outcome:
    return Placed(outcome.order, again=True) if isinstance(outcome, Placed) else outcome
