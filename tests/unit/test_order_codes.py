"""An order's state as WeChat's shop numbers it: a projection and nothing else."""

from __future__ import annotations

import pytest

from liveshelf.facades.wechat.order_codes import COVERS, status_of
from liveshelf.orders.types import ORDER, PAID_REASONS, CloseReason, OrderState

CODES = [
    (OrderState.TO_PAY, None, 10),
    (OrderState.TO_SHIP, None, 20),
    (OrderState.PARTLY_SHIPPED, None, 21),
    (OrderState.TO_RECEIVE, None, 30),
    (OrderState.DONE, None, 100),
    (OrderState.CLOSED, CloseReason.UNPAID, 250),
    (OrderState.CLOSED, CloseReason.CANCELLED, 250),
    (OrderState.CLOSED, CloseReason.OVERSOLD, 200),
    (OrderState.CLOSED, CloseReason.ABNORMAL, 200),
    (OrderState.CLOSED, CloseReason.REFUNDED, 200),
]


@pytest.mark.parametrize(("state", "reason", "code"), CODES)
def test_every_state_has_its_number(state: OrderState, reason: CloseReason | None, code: int):
    assert status_of(state, reason) == code
    assert state in COVERS[code]


def test_the_table_is_total():
    assert {state for state, _, _ in CODES} == set(OrderState)
    assert {reason for _, reason, _ in CODES if reason} == set(CloseReason)
    assert set().union(*COVERS.values()) == set(OrderState)


def test_what_was_paid_and_closed_stays_closed_and_done_is_the_end():
    assert ORDER.edges[OrderState.DONE] == set()
    assert ORDER.sources(OrderState.CLOSED) == {
        OrderState.TO_PAY,
        OrderState.TO_SHIP,
        OrderState.PARTLY_SHIPPED,
        OrderState.TO_RECEIVE,
    }
    assert set(CloseReason) - {CloseReason.UNPAID, CloseReason.CANCELLED} == PAID_REASONS
