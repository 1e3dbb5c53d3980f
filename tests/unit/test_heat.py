"""How long a hold lasts, and what a count makes of counters: pure decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.kernel.ids import CustomerId, OrderId, SkuId
from liveshelf.stock.rules import Tally, declared, hot, lasts, settled, share_out
from liveshelf.stock.types import (
    Held,
    Level,
    Limit,
    OverLimit,
    Pool,
    Purchase,
    Shortage,
    Terms,
    TooManyUnpaid,
    Want,
)

TERMS = Terms(timedelta(minutes=15), timedelta(minutes=3), unpaid_max=2)
SKU, OTHER = SkuId(1), SkuId(2)
BUYER = CustomerId(7)


def minutes(on_hand: int, held: int, safety: int = 0) -> float:
    return lasts(Level(on_hand, held, 0, 1, safety), TERMS) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("on_hand", "held", "expected"),
    [(100, 0, 15), (100, 49, 15), (100, 50, 15), (100, 75, 9), (100, 100, 3), (1, 0, 15), (2, 1, 15), (0, 0, 15)],
)
def test_a_hold_is_shorter_the_less_is_left(on_hand: int, held: int, expected: float):
    assert minutes(on_hand, held) == pytest.approx(expected)


def test_what_is_kept_for_safety_is_not_what_is_left():
    assert minutes(100, 10, safety=80) == pytest.approx(15)
    assert minutes(100, 15, safety=80) == pytest.approx(9)


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_hold_lasts_between_floor_and_base_and_never_longer_when_more_is_held(on_hand: int, held: int, more: int):
    now = lasts(Level(on_hand, min(held, on_hand), 0, 1), TERMS)
    then = lasts(Level(on_hand, min(held + more, on_hand), 0, 1), TERMS)
    assert TERMS.floor <= then <= now <= TERMS.base


def test_a_floor_above_the_base_is_the_base():
    assert lasts(Level(10, 10, 0, 1), Terms(timedelta(minutes=1), timedelta(minutes=3))) == timedelta(minutes=1)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(-50, 80))
def test_what_is_promised_and_missing_is_short(on_hand: int, held: int, counted: int):
    held = min(held, on_hand)
    now = declared(Level(on_hand, held, 0, 1), counted)
    assert now.short == max(0, held - counted)
    assert now.held <= now.on_hand + now.short
    assert now.available == max(0, counted - held)
    freed = settled(Level(now.on_hand, max(0, held - 1), 0, 1, short=now.short))
    assert freed.short == max(0, freed.held - freed.on_hand)


def want(
    number: int, count: int, *, sku: SkuId = SKU, buyer: CustomerId | None = BUYER, promised: bool = False
) -> Want:
    return Want(OrderId(number), ((sku, count),), "test", buyer=buyer, promised=promised)


def test_a_limit_counts_earlier_orders_and_those_of_the_same_batch():
    levels = {(SKU, Pool.GENERAL): Level(100, 0, 0, 1), (OTHER, Pool.GENERAL): Level(100, 0, 0, 1)}
    whole = Limit(1, 5, frozenset({SKU, OTHER}), None)
    earlier = [Purchase(BUYER, OrderId(90), OTHER, 3, unpaid=False)]
    wants = [want(1, 2), want(2, 1), want(3, 2, sku=OTHER), want(4, 1, buyer=CustomerId(8)), want(5, 9, buyer=None)]
    answers, _ = share_out(levels, wants, terms=TERMS, tally=Tally.of([whole], earlier, {(90, OTHER): 1}))
    assert [type(one) for one in answers] == [Held, Held, OverLimit, Held, Held]
    assert answers[2] == OverLimit(OTHER, most=5, left=0)


def test_a_buyer_does_not_hold_a_hot_sku_again_and_again_without_paying():
    levels = {(SKU, Pool.GENERAL): Level(10, 5, 0, 1)}
    assert hot(levels[SKU, Pool.GENERAL])
    earlier = [Purchase(BUYER, OrderId(90), SKU, 1, unpaid=True), Purchase(BUYER, OrderId(91), SKU, 1, unpaid=False)]
    tally = Tally.of([], earlier, {})
    answers, _ = share_out(levels, [want(1, 1), want(2, 1), want(3, 1, buyer=CustomerId(8))], terms=TERMS, tally=tally)
    assert [type(one) for one in answers] == [Held, TooManyUnpaid, Held]


def test_safety_stock_is_for_promises_that_were_made():
    levels = {(SKU, Pool.GENERAL): Level(5, 0, 0, 1, safety=3)}
    answers, after = share_out(levels, [want(1, 3), want(2, 2), want(3, 3, promised=True)])
    assert [type(one) for one in answers] == [Shortage, Held, Held]
    assert answers[0] == Shortage(SKU, 2)
    assert after[SKU, Pool.GENERAL].available == 0
