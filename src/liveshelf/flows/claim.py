"""Claims by comment: from what a viewer says to an unpaid order that is held for them, or a place in the line.

Claims of one shop and process are gathered and decided one after the other under their round's lock, through the same
checkout as every order: nothing is oversold, and the same claims in the same order have the same winners. Who comes too
late waits, and moves up when what was held is free again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from liveshelf.customers.types import Buyer
from liveshelf.flows import quote
from liveshelf.flows.checkout import Placed, PlaceOrder, place_many
from liveshelf.flows.quote import Wish, WishState, of_wishes
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import OrderId, RoomId, ShopId, SkuId
from liveshelf.orders.errors import PriceChanged
from liveshelf.orders.types import Order
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.groupcommit import Lanes
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import claims
from liveshelf.rooms.claim_rules import Unclear, Wanted, read
from liveshelf.rooms.claim_types import Claim, Guard, Round, Said
from liveshelf.rooms.errors import ClaimRoundClosed
from liveshelf.rooms.messages import Comment
from liveshelf.stock.errors import StockInsufficient
from liveshelf.stock.types import Terms

# Somebody took it from the shelf at the same moment, or its price changed: their turn comes again.
_AGAIN = (StockInsufficient, PriceChanged)


@dataclass(frozen=True, slots=True)
class Question:
    """What a claim leaves open, and the word that the answer begins with, when it is known what is meant."""

    unclear: Unclear
    keyword: str | None


Heard: TypeAlias = Claim | Question | DomainError | None


@dataclass(frozen=True, slots=True)
class _Asked:
    round_id: int
    said: Said


_Answer: TypeAlias = Claim | DomainError


class Claims:
    """Gathers the claims of one process."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        self._db = runtime.db
        self._guard = Guard(settings.claim_unpaid_max, settings.claim_lapses_max)
        self._lanes: Lanes[_Asked, _Answer] = Lanes(self._commit)

    async def hear(self, buyer: Buyer, room_id: RoomId, comment: Comment) -> Heard:
        """What a comment that was said claims: its claim as it was decided, a question, why it is refused, or nothing
        when it is talk. Hearing it again changes nothing. Raises `LaneFull`.
        """
        async with self._db.read(buyer.shop) as tx:
            rounds = await claims.open_rounds(tx, room_id)
            if not rounds:
                return None
            found = read(comment.text, await claims.offered(tx, room_id, rounds))
        if found is None:
            return None
        if isinstance(found, Unclear):
            word = next((one.keyword for one in rounds if one.goods_id == found.goods_id), None)
            return Question(found, word)
        return await self.take(buyer, _round_of(rounds, found), int(comment.comment_id), found)

    async def take(self, buyer: Buyer, round_id: int, comment_id: int, wanted: Wanted) -> Claim | DomainError:
        """Decide one claim. Raises `LaneFull`."""
        return await self._lanes.submit(buyer.shop, _Asked(round_id, Said(comment_id, buyer.customer_id, wanted)))

    async def _commit(self, shop: ShopId, many: Sequence[_Asked], _locked: Callable[[], None]) -> list[_Answer]:
        answers: list[_Answer] = []
        for run in _runs(many):
            answers += await self._decide(shop, run)
        return answers

    async def _decide(self, shop: ShopId, run: Sequence[_Asked]) -> list[_Answer]:
        async def work(tx: Tx) -> list[_Answer]:
            of = await claims.lock(tx, run[0].round_id)
            lined = await claims.line_up(tx, of, [one.said for one in run], guard=self._guard)
            await settle(tx, of, fresh=of.seq + 1)
            found = await claims.by_comments(tx, [one.said.comment_id for one in run])
            return [
                at if isinstance(at, DomainError) else found[one.said.comment_id]
                for one, at in zip(run, lined, strict=True)
            ]

        try:
            return await self._db.write(SYSTEM, shop, work)
        except ClaimRoundClosed as error:
            return [error] * len(run)


def claims_of(runtime: Runtime) -> Claims:
    """The process's gatherer, made when first needed."""
    if Claims not in runtime.adapters:
        runtime.provide(Claims, Claims(runtime))
    return runtime.need(Claims)


async def settle(tx: Tx, of: Round, *, fresh: int) -> int:
    """Give what is there to who waits, in order; the caller holds the round. Who wants more than there is left stays
    where they are and holds up nobody. `fresh` is the first number that nobody was told to wait under. How many won.
    """
    chosen = await _granted(tx, of)
    if not chosen:
        return 0
    hold = timedelta(seconds=of.hold_s)
    asked = [_order(claim, wish) for claim, wish in chosen]
    outcomes = await place_many(tx, asked, terms=Terms(hold, hold))
    decided: list[tuple[Claim, Order | str]] = []
    for (claim, _), outcome in zip(chosen, outcomes, strict=True):
        if isinstance(outcome, Placed):
            decided.append((claim, outcome.order))
        elif not isinstance(outcome.error, _AGAIN):
            decided.append((claim, outcome.error.code))
    await claims.settle(tx, decided, fresh=fresh)
    return sum(isinstance(result, Order) for _, result in decided)


async def move_up(runtime: Runtime, shop: ShopId, *, order_id: int) -> None:
    """An order closed: when it was claimed, who waits is next. Repeating it changes nothing."""

    async def work(tx: Tx) -> None:
        if (round_id := await claims.round_of_order(tx, OrderId(order_id))) is not None:
            await _settle(tx, round_id)

    await runtime.db.write(SYSTEM, shop, work)


async def move_up_waiting(tx: Tx, limit: int) -> int:  # noqa: ARG001 - one round a transaction, see below
    """Stock came back another way: by hand, from a return. One round at a time: rounds are locked before stock."""
    for round_id in await claims.waited_for(tx):
        if won := await _settle(tx, round_id):
            return won
    return 0


async def _settle(tx: Tx, round_id: int) -> int:
    try:
        of = await claims.lock(tx, round_id)
    except ClaimRoundClosed:
        return 0
    return await settle(tx, of, fresh=of.seq + 1)


async def _granted(tx: ReadTx, of: Round) -> list[tuple[Claim, Wish]]:
    """Who of the line can have what they want, as far as can be seen."""
    waiting = await claims.queue(tx, of)
    wishes = await quote.look(tx, [(claim.sku_id, claim.quantity) for claim in waiting])
    left: dict[SkuId, int] = {}
    found = []
    for claim, wish in zip(waiting, wishes, strict=True):
        there = left.setdefault(claim.sku_id, wish.available)
        if wish.state is WishState.OK and claim.quantity <= there:
            left[claim.sku_id] = there - claim.quantity
            found.append((claim, wish))
    return found


def _order(claim: Claim, wish: Wish) -> PlaceOrder:
    return PlaceOrder(
        f"claim:{claim.round_id}:{claim.number}",
        claim.customer_id,
        ((claim.sku_id, claim.quantity),),
        of_wishes([wish]).quote.total_fen,
        room_id=claim.room_id,
        goods_id=claim.goods_id,
    )


def _round_of(rounds: Sequence[Round], wanted: Wanted) -> int:
    return next(one.round_id for one in rounds if one.goods_id == wanted.goods_id)


def _runs(many: Sequence[_Asked]) -> Iterator[list[_Asked]]:
    """Parts of a batch in order, each of one round and with every buyer at most once: what a buyer has claimed before
    is looked up, and so must be written.
    """
    run: list[_Asked] = []
    present: defaultdict[int, set[int]] = defaultdict(set)
    for one in many:
        if run and (one.round_id != run[0].round_id or one.said.customer_id in present[one.round_id]):
            yield run
            run, present = [], defaultdict(set)
        run.append(one)
        present[one.round_id].add(one.said.customer_id)
    if run:
        yield run
