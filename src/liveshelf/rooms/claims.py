"""Claims by comment (扣号): goods that viewers may claim by saying a word, and who was when.

A round is opened for a goods and numbers its claims under its lock: the numbers are the order in which claims are
decided, whatever clocks and comment ids say. What is won is an unpaid order; whether it was paid or lost is the order's
to say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from liveshelf.goods import queries as goods
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import CustomerId, GoodsId, OrderId, RoomId, new_number
from liveshelf.orders import queries as orders
from liveshelf.orders.types import CloseReason, Order, OrderState
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _claims_sql, _line, queries
from liveshelf.rooms.claim_rules import Offered, OfferedSku, Wanted, check_keyword
from liveshelf.rooms.claim_types import Claim, ClaimState, Guard, Round, Said, as_claim, as_round
from liveshelf.rooms.errors import (
    ClaimOverMax,
    ClaimQueueFull,
    ClaimRoundClosed,
    ClaimRoundInvalid,
    ClaimRoundMissing,
    ClaimRoundOpen,
    ClaimRoundsFull,
    ClaimSittingOut,
    ClaimUnpaidFull,
    GoodsOffSale,
    RoomMissing,
    RoomStateRefuses,
)
from liveshelf.rooms.events import ClaimMovedUp, stream_of
from liveshelf.rooms.types import RoomState
from liveshelf.trail import service as trail

KEYWORD = "1"
BUYER_MAX = 2
HOLD_S = 180
BOUNDS = {"buyer_max": (1, 99), "hold_s": (60, 1800)}
OPEN_MAX = 5  # rounds of a room at the same time: more words nobody remembers
WAITING_MAX = 500  # of a round
CLAIMS_KEPT = _claims_sql.CLAIMS_KEPT
SHOPS_WAITED_FOR = _claims_sql.SHOPS_WAITED_FOR
DAY = timedelta(hours=24)
ROUNDS_SHOWN = 10
CLAIMS_SHOWN = 200
MINE_SHOWN = 20


async def open_round(tx: Tx, room_id: RoomId, goods_id: GoodsId, *, keyword: str, buyer_max: int, hold_s: int) -> Round:
    """Let a goods be claimed. Raises `RoomMissing`, `RoomStateRefuses` unless the room is live, `GoodsUnknown`,
    `GoodsNotInRoom`, `GoodsOffSale`, `ClaimRoundInvalid`, `ClaimRoundOpen`, `ClaimRoundsFull`.
    """
    kept = check_keyword(keyword)
    if kept is None:
        raise ClaimRoundInvalid(field="keyword")
    for name, value in (("buyer_max", buyer_max), ("hold_s", hold_s)):
        least, most = BOUNDS[name]
        if not least <= value <= most:
            raise ClaimRoundInvalid(field=name, least=least, most=most)
    room = await _line.locked(tx, room_id)
    if room.state is not RoomState.LIVE:
        raise RoomStateRefuses(state=room.state.value)
    if not (await _line.place_of(tx, room_id, goods_id)).on_sale:
        raise GoodsOffSale(goods_id=goods_id)
    present = await open_rounds(tx, room_id)
    if any(one.goods_id == goods_id or one.keyword == kept for one in present):
        raise ClaimRoundOpen
    if len(present) >= OPEN_MAX:
        raise ClaimRoundsFull(most=OPEN_MAX)
    await tx.execute(_claims_sql.CLOSE_STALE, room=room_id, goods=goods_id, moment=tx.now)
    round_id = new_number()
    row = {
        "shop_id": tx.shop,
        "round_id": round_id,
        "room_id": room_id,
        "goods_id": goods_id,
        "keyword": kept,
        "buyer_max": buyer_max,
        "hold_s": hold_s,
        "seq": 0,
        "opened_by": str(tx.actor),
        "opened_at": tx.now,
    }
    await tx.execute(_claims_sql.INSERT_ROUND.values(**row))
    trail.record(tx, "rooms.open_claims", f"room:{room_id}", round_id=str(round_id), goods_id=goods_id, keyword=kept)
    return Round(round_id, room_id, goods_id, kept, buyer_max, hold_s, 0, tx.now, None, is_open=True)


async def close_round(tx: Tx, room_id: RoomId, round_id: int) -> None:
    """Claim it no more; who waits gets nothing, what is held stays held. A second time changes nothing. Raises
    `RoomMissing`, `ClaimRoundMissing`.
    """
    await _must_exist(tx, room_id)
    if await tx.scalar(_claims_sql.CLOSE_ROUND, room=room_id, round=round_id, moment=tx.now) is not None:
        trail.record(tx, "rooms.close_claims", f"room:{room_id}", round_id=str(round_id))
        return
    row = await tx.one(_claims_sql.ROUND, round=round_id)
    if row is None or row.room_id != room_id:
        raise ClaimRoundMissing(round_id=str(round_id))


async def open_rounds(tx: ReadTx, room_id: RoomId) -> list[Round]:
    """What may be claimed in a room now."""
    return [as_round(row) for row in await tx.all(_claims_sql.OPEN_ROUNDS, room=room_id)]


async def rounds(tx: ReadTx, room_id: RoomId) -> list[Round]:
    """The latest rounds of a room, newest first. Raises `RoomMissing`."""
    await _must_exist(tx, room_id)
    return [as_round(row) for row in await tx.all(_claims_sql.LATEST_ROUNDS, room=room_id, most=ROUNDS_SHOWN)]


async def offered(tx: ReadTx, room_id: RoomId, of: Sequence[Round]) -> list[Offered]:
    """What may be claimed, as comments name it."""
    if not of:
        return []
    numbers = {place.goods_id: place.number for place in await queries.places(tx, room_id)}
    cards = {card.goods_id: card for card in await goods.live_goods(tx, [one.goods_id for one in of])}
    skus = await goods.skus(tx, [card.product_id for card in cards.values()])
    return [
        Offered(
            one.goods_id,
            one.keyword,
            numbers[one.goods_id],
            tuple(
                OfferedSku(sku.sku_id, tuple(spec.value for spec in sku.specs))
                for sku in skus.get(cards[one.goods_id].product_id, ())
            ),
        )
        for one in of
        if one.goods_id in cards and one.goods_id in numbers
    ]


async def lock(tx: Tx, round_id: int) -> Round:
    """The round, for this transaction alone. Raises `ClaimRoundClosed`."""
    row = await tx.one(_claims_sql.LOCK_ROUND, round=round_id)
    if row is None or not row.is_open:
        raise ClaimRoundClosed
    return as_round(row)


async def line_up(tx: Tx, of: Round, said: Sequence[Said], *, guard: Guard) -> list[int | DomainError]:
    """Number these claims, each of another buyer, in this order; the caller holds the round. A claim has its number, or
    why it has none; a comment that claimed before has the number of then.

    Refusals: `ClaimSittingOut`, `ClaimUnpaidFull`, `ClaimOverMax`, `ClaimQueueFull`.
    """
    known = {row.comment_id: row.number for row in await tx.all(_claims_sql.BY_COMMENTS, comments=_ids(said))}
    past = await _histories(tx, of, [one.customer_id for one in said])
    waiting = int(await tx.scalar(_claims_sql.COUNT_WAITING, round=of.round_id))
    answers: list[int | DomainError] = []
    rows: list[dict[str, object]] = []
    last = of.seq
    for one in said:
        if one.comment_id in known:
            answers.append(known[one.comment_id])
            continue
        reason = _refusal(past[one.customer_id], of, one.wanted, guard=guard, now=tx.now)
        if reason is None and waiting + len(rows) >= WAITING_MAX:
            reason = ClaimQueueFull(retry_after_s=of.hold_s)
        if reason is not None:
            answers.append(reason)
            continue
        last += 1
        rows.append(_row(tx, of, one, last))
        answers.append(last)
    if rows:
        await tx.conn.execute(_claims_sql.INSERT_CLAIMS, rows)
        await tx.execute(_claims_sql.SET_SEQ, round=of.round_id, last=last)
    return answers


async def queue(tx: ReadTx, of: Round) -> list[Claim]:
    """Who waits, in order."""
    return [as_claim(row) for row in await tx.all(_claims_sql.QUEUE, round=of.round_id, most=WAITING_MAX)]


async def settle(tx: Tx, decided: Sequence[tuple[Claim, Order | str]], *, fresh: int) -> None:
    """Waiting claims have their order, or the code of why they get none. Who waited from before the number `fresh` is
    told that it is their turn.
    """
    rows = []
    for claim, result in decided:
        won = isinstance(result, Order)
        rows.append(
            {
                "b_shop": tx.shop,
                "b_round": claim.round_id,
                "b_number": claim.number,
                "b_state": ClaimState.WON if won else ClaimState.REFUSED,
                "b_order": result.order_id if isinstance(result, Order) else None,
                "b_code": result if isinstance(result, str) else None,
            }
        )
        if isinstance(result, Order) and claim.number < fresh:
            moved = ClaimMovedUp(
                room_id=claim.room_id,
                order_id=result.order_id,
                customer_id=result.customer_id,
                expires_at=result.expires_at.isoformat(),
            )
            tx.emit(moved, stream=stream_of(claim.room_id))
    if rows:
        await tx.conn.execute(_claims_sql.SETTLE, rows)


async def by_comments(tx: ReadTx, comment_ids: Iterable[int]) -> dict[int, Claim]:
    """The claims that these comments made."""
    rows = await tx.all(_claims_sql.BY_COMMENTS, comments=list(comment_ids))
    return {row.comment_id: as_claim(row) for row in rows}


async def mine(tx: ReadTx, room_id: RoomId, customer_id: CustomerId) -> list[Claim]:
    """What a buyer claimed in a room, the latest first. Raises `RoomMissing`."""
    await _must_exist(tx, room_id)
    rows = await tx.all(_claims_sql.MINE, room=room_id, customer=customer_id, most=MINE_SHOWN)
    return [as_claim(row) for row in rows]


async def places_in_line(tx: ReadTx, of: Sequence[Claim]) -> dict[tuple[int, int], int]:
    """At which place each waiting claim is, among those for the same SKU, by round and number."""
    found: dict[tuple[int, int], int] = {}
    for round_id in sorted({one.round_id for one in of if one.state is ClaimState.WAITING}):
        at: Counter[int] = Counter()
        for row in await tx.all(_claims_sql.QUEUE, round=round_id, most=WAITING_MAX):
            at[row.sku_id] += 1
            found[round_id, row.number] = at[row.sku_id]
    return found


async def of_rounds(tx: ReadTx, round_ids: Sequence[int]) -> list[Claim]:
    """The latest claims of these rounds, each round's newest first."""
    rows = await tx.all(_claims_sql.OF_ROUNDS, rounds=list(round_ids), most=CLAIMS_SHOWN)
    return [as_claim(row) for row in rows]


async def counts(tx: ReadTx, round_ids: Sequence[int]) -> dict[int, dict[ClaimState, int]]:
    """How many claims of each state a round has."""
    found: dict[int, dict[ClaimState, int]] = defaultdict(dict)
    for row in await tx.all(_claims_sql.COUNTS, rounds=list(round_ids)):
        found[row.round_id][ClaimState(row.state)] = row.claims
    return found


async def round_of_order(tx: ReadTx, order_id: OrderId) -> int | None:
    """The round in which an order was claimed."""
    found: int | None = await tx.scalar(_claims_sql.ROUND_OF_ORDER, order=order_id)
    return found


async def waited_for(tx: ReadTx) -> list[int]:
    """Open rounds in which somebody waits."""
    return [row.round_id for row in await tx.all(_claims_sql.WAITED_FOR, most=WAITING_MAX)]


async def told_of(tx: ReadTx, customer_id: CustomerId) -> list[dict[str, object]]:
    """What a buyer claimed anywhere in the shop: room, SKU, pieces, what became of it and when."""
    return [
        {"room_id": row.room_id, "sku_id": row.sku_id, "quantity": row.quantity, "state": row.state, "at": row.at}
        for row in await tx.all(_claims_sql.ALL_OF, customer=customer_id)
    ]


async def move(tx: Tx, *, guest: CustomerId, member: CustomerId) -> None:
    """What a guest claimed is the member's."""
    await tx.execute(_claims_sql.MOVE, customer=guest, member=member)


async def forget(tx: Tx, customer_id: CustomerId) -> None:
    """A buyer was erased."""
    await tx.execute(_claims_sql.FORGET, customer=customer_id)


async def forget_old(tx: Tx, limit: int) -> int:
    """Delete who claimed what more than 90 days ago; how many claims. Orders keep what was bought."""
    return len(await tx.all(_claims_sql.DELETE_OLD, before=tx.now - CLAIMS_KEPT, most=limit))


async def _must_exist(tx: ReadTx, room_id: RoomId) -> None:
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)


def _ids(said: Sequence[Said]) -> list[int]:
    return [one.comment_id for one in said]


_Past = list[tuple[Claim, Order | None]]


async def _histories(tx: Tx, of: Round, customers: Sequence[CustomerId]) -> dict[CustomerId, _Past]:
    rows = await tx.all(_claims_sql.HISTORY, customers=list(customers), since=tx.now - DAY, round=of.round_id)
    found = [as_claim(row) for row in rows]
    placed: Mapping[OrderId, Order] = {}
    if ids := [one.order_id for one in found if one.order_id is not None]:
        placed = await orders.orders(tx, ids)
    past: dict[CustomerId, _Past] = {one: [] for one in customers}
    for one in found:
        past[one.customer_id].append((one, None if one.order_id is None else placed.get(one.order_id)))
    return past


def _refusal(past: _Past, of: Round, wanted: Wanted, *, guard: Guard, now: datetime) -> DomainError | None:
    lapsed = sorted(
        order.closed_at
        for _, order in past
        if order is not None
        and order.close_reason is CloseReason.UNPAID
        and order.closed_at is not None
        and order.closed_at > now - DAY
    )
    if len(lapsed) >= guard.lapses_max:
        until = lapsed[-guard.lapses_max] + DAY
        return ClaimSittingOut(most=guard.lapses_max, until=until.isoformat().replace("+00:00", "Z"))
    waits = [one for one, _ in past if one.state is ClaimState.WAITING and one.is_open]
    unpaid = [one for one, order in past if order is not None and order.state is OrderState.TO_PAY]
    if len(waits) + len(unpaid) >= guard.unpaid_max:
        return ClaimUnpaidFull(most=guard.unpaid_max)
    kept = [one for one, order in past if order is not None and order.state is not OrderState.CLOSED]
    taken = sum(one.quantity for one in (*waits, *kept) if one.round_id == of.round_id)
    if taken + wanted.quantity > of.buyer_max:
        return ClaimOverMax(most=of.buyer_max, left=max(0, of.buyer_max - taken))
    return None


def _row(tx: Tx, of: Round, said: Said, number: int) -> dict[str, object]:
    return {
        "shop_id": tx.shop,
        "round_id": of.round_id,
        "number": number,
        "comment_id": said.comment_id,
        "customer_id": said.customer_id,
        "sku_id": said.wanted.sku_id,
        "quantity": said.wanted.quantity,
        "state": ClaimState.WAITING,
        "at": tx.now,
    }
