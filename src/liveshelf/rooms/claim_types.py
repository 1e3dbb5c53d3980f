"""Values of claims by comment, and how they are read from their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import CustomerId, GoodsId, OrderId, RoomId, SkuId
from liveshelf.rooms.claim_rules import Wanted


class ClaimState(StrEnum):
    """What became of a claim."""

    WAITING = "waiting"
    WON = "won"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Round:
    """Goods that may be claimed. `buyer_max` are pieces, `hold_s` is how long what is won waits to be paid."""

    round_id: int
    room_id: RoomId
    goods_id: GoodsId
    keyword: str
    buyer_max: int
    hold_s: int
    seq: int
    opened_at: datetime
    closed_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `code` says why its turn brought nothing; `is_open` whether its round still is."""

    round_id: int
    number: int
    room_id: RoomId
    goods_id: GoodsId
    comment_id: int
    customer_id: CustomerId
    sku_id: SkuId
    quantity: int
    state: ClaimState
    order_id: OrderId | None
    code: str | None
    at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that claims something."""

    comment_id: int
    customer_id: CustomerId
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps a few from claiming everything: open claims of a buyer, and how many may run out in a day."""

    unpaid_max: int = 3
    lapses_max: int = 3


def as_round(row: Row[Any]) -> Round:
    """The round of a row."""
    return Round(
        row.round_id,
        RoomId(row.room_id),
        GoodsId(row.goods_id),
        row.keyword,
        row.buyer_max,
        row.hold_s,
        row.seq,
        row.opened_at,
        row.closed_at,
        row.is_open,
    )


def as_claim(row: Row[Any]) -> Claim:
    """The claim of a row."""
    return Claim(
        row.round_id,
        row.number,
        RoomId(row.room_id),
        GoodsId(row.goods_id),
        row.comment_id,
        CustomerId(row.customer_id),
        SkuId(row.sku_id),
        row.quantity,
        ClaimState(row.state),
        None if row.order_id is None else OrderId(row.order_id),
        row.code,
        row.at,
        row.is_open,
    )
