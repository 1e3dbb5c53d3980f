"""Pure decisions about orders: what one may contain, and what may happen to it next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from liveshelf.kernel.fen import MAX_FEN
from liveshelf.kernel.text import is_plain
from liveshelf.orders.errors import OrderLimit, ReasonInvalid
from liveshelf.orders.types import ORDER, Order, OrderState

Verb = Literal[
    "pay", "cancel", "receive", "extend", "ask_address", "withdraw_address", "ship", "reprice", "remark", "flag"
]

LINES_MAX = 20
QUANTITY_MAX = 99  # of one SKU in one order
REASON_MAX = 200  # characters


def check_lines(lines: Sequence[tuple[int, int]]) -> None:
    """Raises `OrderLimit` unless there are 1 to 20 different SKUs with 1 to 99 pieces each."""
    if len(lines) == 1 and 1 <= lines[0][1] <= QUANTITY_MAX:  # nearly always
        return
    if not 1 <= len(lines) <= LINES_MAX:
        raise OrderLimit(field="lines", most=LINES_MAX)
    if len({sku_id for sku_id, _ in lines}) != len(lines):
        raise OrderLimit("The same thing stands on two lines.", field="lines")
    if any(not 1 <= quantity <= QUANTITY_MAX for _, quantity in lines):
        raise OrderLimit(field="lines", most=QUANTITY_MAX)


def check_total(total_fen: int) -> None:
    """Raises `OrderLimit` above the largest amount of one order."""
    if total_fen > MAX_FEN:
        raise OrderLimit("The order is too large.", field="lines")


def buyer_may(order: Order, now: datetime, *, address: Literal["", "may", "waits"] = "") -> list[Verb]:
    """What the buyer may do next. `address` says whether a wish for another address may come, or waits for its
    answer.
    """
    verbs: list[Verb] = []
    if order.state is OrderState.TO_PAY and order.expires_at > now:
        verbs += ["pay", "cancel"]
    if order.state is OrderState.TO_RECEIVE:
        verbs += ["receive"] if order.receipt_extended else ["receive", "extend"]
    if address:
        verbs.append("ask_address" if address == "may" else "withdraw_address")
    return verbs


def staff_may(order: Order, now: datetime, *, left: bool, fitting: bool) -> list[Verb]:
    """What staff may do next. `left` says that pieces are in no parcel yet, `fitting` that something can be wrong with
    an order in this state.
    """
    verbs: list[Verb] = []
    if left and OrderState.TO_RECEIVE in ORDER.edges[order.state]:
        verbs.append("ship")
    if order.state is OrderState.TO_PAY and order.expires_at > now:
        verbs.append("reprice")
    if fitting:
        verbs.append("flag")
    return [*verbs, "remark"]


def clean_reason(text: str, *, empty: bool = False) -> str:
    """A reason or remark without white space around it. Raises `ReasonInvalid`."""
    text = " ".join(text.split())
    if not (empty or text) or len(text) > REASON_MAX or not is_plain(text):
        raise ReasonInvalid(field="reason", most=REASON_MAX)
    return text
