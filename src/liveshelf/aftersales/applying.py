"""Applying: what an order's lines can still give back, and a case made of some of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import msgspec

from liveshelf.aftersales import _sql, granting, queries, reasons, rules, service
from liveshelf.aftersales._tables import aftersale_lines
from liveshelf.aftersales.errors import (
    AmountInvalid,
    EvidenceNeeded,
    ExchangeUneven,
    KindNotPossible,
    LinesInvalid,
    NothingLeft,
    OrderNotCovered,
    ReplacementSoldOut,
    ReturnAddressMissing,
    TooManyCases,
)
from liveshelf.aftersales.events import CaseOpened
from liveshelf.aftersales.types import Application, Case, CaseKind, CaseLine, CaseState, Left, Reason, Said
from liveshelf.goods import queries as goods
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, OrderId, SkuId, new_number
from liveshelf.orders import service as orders
from liveshelf.orders import stops
from liveshelf.orders.types import Order, OrderState, Why
from liveshelf.payments import queries as payments
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.shops.time_limits import time_limits_of

_COVERED = frozenset({OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED, OrderState.TO_RECEIVE, OrderState.DONE})


async def left(tx: ReadTx, order: Order) -> list[Left]:
    """What each line of an order can still give back; nothing when the order is not covered (any more)."""
    if not covered(order, tx):
        return []
    paid = await payments.paid_of(tx, order.order_id)
    claims = await queries.claims(tx, order.order_id)
    sent = await granting.sent_pieces(tx, order)
    worth = _worth(order, paid.paid_fen)
    found = []
    for number, line in enumerate(order.lines, 1):
        claimed, claimed_fen = _claimed(claims, number)
        rest = line.quantity - claimed
        shipped = max(0, sent[number] - claims.get((number, True), (0, 0))[0])
        values = tuple(
            rules.next_worth(worth[number], claimed=claimed, claimed_fen=claimed_fen, quantity=count)
            for count in range(1, rest + 1)
        )
        found.append(Left(number, rest, min(shipped, rest), values))
    return found


def covered(order: Order, tx: ReadTx) -> bool:
    """Whether after-sales can be asked for: it was paid, and is not done for longer than `rules.COVERED_TIME`."""
    late = order.done_at is not None and order.done_at + rules.COVERED_TIME <= tx.now
    return order.state in _COVERED and not late


async def apply(tx: Tx, order_id: OrderId, wish: Application, *, customer_id: CustomerId) -> int:
    """Open a case on one's own order; its number. Granted at once where the shop's flow has no step for the amount.

    The order's lock makes applications wait for each other, so their sum never passes what a line has. Raises
    `OrderUnknown`, `OrderNotCovered`, `LinesInvalid`, `NothingLeft`, `KindNotPossible`, `AmountInvalid`,
    `ReasonInvalid`, `EvidenceNeeded`, `EvidenceInvalid`, `TextInvalid`, `ExchangeUneven`, `TooManyCases`.
    """
    order = await orders.lock(tx, order_id, customer_id=customer_id)
    rests = {one.line_no: one for one in await left(tx, order)}
    if not rests:
        raise OrderNotCovered(state=order.state.value)
    if await tx.scalar(_sql.COUNT_OF_ORDER, order=order_id) >= rules.CASES_MAX:
        raise TooManyCases(most=rules.CASES_MAX)
    shipped = _chosen(order, rests, wish)
    if wish.kind not in rules.kinds_of(shipped=shipped):
        raise KindNotPossible(kinds=[kind.value for kind in rules.kinds_of(shipped=shipped)])
    reason = reasons.chosen(await queries.reasons(tx), wish.reason_code, wish.kind, shipped=shipped)
    text = rules.checked_text(wish.text, empty=True)
    pictures = await service.checked_pictures(tx, wish.pictures)
    if reason.pictures and not pictures:
        raise EvidenceNeeded(field="pictures")
    lines = tuple(
        CaseLine(number, order.lines[number - 1].sku_id, count, rests[number].worth_fen[count - 1], want)
        for number, count, want in await _wanted(tx, order, wish)
    )
    amount = _amount(wish, sum(line.most_fen for line in lines), shipped=shipped)
    case = await _open(tx, order, wish, lines=lines, reason=reason, shipped=shipped, amount=amount)
    service.write(tx, case, Said.APPLIED, text=text, pictures=pictures, amount_fen=amount, became=CaseState.APPLIED)
    orders.remember(
        tx, order.order_id, order.state, order.state, why=Why.AFTERSALE, facts={"case_id": str(case.case_id)}
    )
    tx.emit(
        CaseOpened(
            case_id=case.case_id,
            order_id=order.order_id,
            customer_id=customer_id,
            kind=wish.kind.value,
            amount_fen=amount,
        ),
        stream=f"order:{order.order_id}",
    )
    await tx.flush()  # the log comes before what the flow grants at once
    await _by_flow(tx, case, order)
    return case.case_id


async def _open(
    tx: Tx,
    order: Order,
    wish: Application,
    *,
    lines: tuple[CaseLine, ...],
    reason: Reason,
    shipped: bool,
    amount: Fen,
) -> Case:
    case_id = new_number()
    promised = await time_limits_of(tx)
    await tx.execute(
        _sql.INSERT_CASE.values(
            shop_id=tx.shop,
            case_id=case_id,
            order_id=order.order_id,
            customer_id=order.customer_id,
            kind=wish.kind,
            state=CaseState.APPLIED,
            shipped=shipped,
            reason=msgspec.to_builtins(reason),
            amount_fen=amount,
            flow_version=(await queries.flow(tx)).version,
            step=0,
            answer_hours=promised.answer_hours,
            answer_due_at=tx.now + timedelta(hours=promised.answer_hours),
            promises=0,
            breached=False,
            created_at=tx.now,
        )
    )
    for line in lines:
        tx.append(
            aftersale_lines,
            case_id=case_id,
            order_id=order.order_id,
            line_no=line.line_no,
            sku_id=line.sku_id,
            quantity=line.quantity,
            most_fen=line.most_fen,
            want_sku_id=line.want_sku_id,
        )
    await tx.flush()
    if not shipped:
        await stops.stop(tx, order.order_id, claim=case_id, lines=[(line.sku_id, line.quantity) for line in lines])
    return await queries.case(tx, case_id)


async def _by_flow(tx: Tx, case: Case, order: Order) -> None:
    flow = await service.flow_of(tx, case)
    if flow.steps(case.amount_fen):
        return
    try:
        await granting.grant(replace(tx, actor=SYSTEM), case, order)
    except (ReturnAddressMissing, ReplacementSoldOut):
        return  # a person has to look after all: the case waits, with its clock


def _chosen(order: Order, rests: Mapping[int, Left], wish: Application) -> bool:
    """Whether the chosen pieces were sent. Raises `LinesInvalid`, `NothingLeft`."""
    numbers = [number for number, _, _ in wish.lines]
    if not numbers or len(set(numbers)) != len(numbers):
        raise LinesInvalid(field="lines")
    if any(number not in rests or count < 1 for number, count, _ in wish.lines):
        raise LinesInvalid(field="lines")
    for number, count, _ in wish.lines:
        if count > rests[number].quantity:
            raise NothingLeft(field="lines", left=rests[number].quantity, most=order.lines[number - 1].quantity)
    waiting = all(count <= rests[number].quantity - rests[number].shipped for number, count, _ in wish.lines)
    there = all(count <= rests[number].shipped for number, count, _ in wish.lines)
    if wish.kind is not CaseKind.REFUND and waiting and not there:
        raise KindNotPossible(kinds=[kind.value for kind in rules.kinds_of(shipped=False)])
    if not (waiting or there):
        raise LinesInvalid(field="lines")
    return there and (wish.kind is not CaseKind.REFUND or not waiting)


async def _wanted(tx: ReadTx, order: Order, wish: Application) -> list[tuple[int, int, SkuId | None]]:
    """The lines with the SKU that an exchange brings: the same again, or another choice at the same price."""
    if wish.kind is not CaseKind.EXCHANGE:
        return [(number, count, None) for number, count, _ in wish.lines]
    skus = await goods.skus(tx, [order.lines[number - 1].product_id for number, _, _ in wish.lines])
    found: list[tuple[int, int, SkuId | None]] = []
    for number, count, want in wish.lines:
        line = order.lines[number - 1]
        fitting = {sku.sku_id: sku.price_fen for sku in skus.get(line.product_id, [])}
        wanted = line.sku_id if want is None else want
        if wanted != line.sku_id and fitting.get(wanted) != line.price_fen:
            raise ExchangeUneven(field="lines")
        found.append((number, count, wanted))
    return found


def _amount(wish: Application, most: int, *, shipped: bool) -> Fen:
    amount = most if wish.amount_fen is None or wish.kind is CaseKind.EXCHANGE else wish.amount_fen
    if wish.kind is not CaseKind.EXCHANGE and not 1 <= amount <= most:
        raise AmountInvalid(field="amount_fen", most_fen=most)
    if not shipped and amount != most:
        raise AmountInvalid("What was not sent is given back whole.", field="amount_fen", most_fen=most)
    return Fen(amount)


def _claimed(claims: Mapping[tuple[int, bool], tuple[int, int]], number: int) -> tuple[int, int]:
    sides = [claims.get((number, shipped), (0, 0)) for shipped in (True, False)]
    return sum(count for count, _ in sides), sum(fen for _, fen in sides)


def _worth(order: Order, paid_fen: int) -> dict[int, list[Fen]]:
    lines = dict(enumerate(order.lines, 1))
    return rules.worth(
        paid_fen,
        {number: line.amount_fen for number, line in lines.items()},
        {number: line.quantity for number, line in lines.items()},
    )
