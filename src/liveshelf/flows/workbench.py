"""The workbench: what needs somebody now, and today's figures, gathered from the capabilities in one snapshot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liveshelf.accounts.types import Permission
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.kernel.time import china_midnight
from liveshelf.orders import queries as orders
from liveshelf.orders.types import Figures, OrderState
from liveshelf.platform.board import Board, Running
from liveshelf.platform.db import ReadTx
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.types import ON_AIR, RoomCard, RoomState
from liveshelf.stock import queries as stock

SOON = timedelta(hours=24)
_LIMITS_MOST = 6  # the board has the rest
_ROOMS_MOST = 20  # rooms on air or soon on air: one screen


class ToDoKind(StrEnum):
    """The kinds of work that the workbench knows."""

    REVIEWS = "reviews"
    REJECTED_GOODS = "rejected_goods"
    LOW_STOCK = "low_stock"
    ORDERS_TO_SHIP = "orders_to_ship"
    ROOMS_SOON = "rooms_soon"


@dataclass(frozen=True, slots=True)
class ToDo:
    """So much work of a kind. `due_at` is the earliest deadline among it, where there is one."""

    kind: ToDoKind
    count: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a member sees first. `today` is for those who may see orders; the day is China's. `limits` are those that
    staff have to meet within `SOON`, the next one first.
    """

    to_do: list[ToDo]
    today: Figures | None
    live_rooms: list[RoomCard]
    limits: list[Running]

    @property
    def watching(self) -> int:
        """Distinct viewers of the rooms that are on air."""
        return sum(card.viewers for card in self.live_rooms)


async def workbench(tx: ReadTx, may: Collection[Permission], board: Board) -> Workbench:
    """The workbench of somebody with these permissions; what they may not see is left out."""
    library = await goods.library(tx)
    on_air = await rooms.cards(tx, states=sorted(ON_AIR), limit=_ROOMS_MOST)
    planned = await rooms.cards(tx, states=[RoomState.SCHEDULED], limit=_ROOMS_MOST)
    starts = sorted(card.room.starts_at for card in planned.items if card.room.starts_at < tx.now + SOON)
    to_do = [
        ToDo(ToDoKind.ROOMS_SOON, len(starts), starts[0] if starts else None),
        ToDo(ToDoKind.REJECTED_GOODS, library.counts[AuditState.REJECTED]),
        ToDo(ToDoKind.REVIEWS, library.counts[AuditState.IN_AUDIT]),
        ToDo(ToDoKind.LOW_STOCK, await stock.low_count(tx)),
    ]
    today = None
    if Permission.ORDERS_READ in may:
        to_do.append(ToDo(ToDoKind.ORDERS_TO_SHIP, (await orders.counts(tx))[OrderState.TO_SHIP]))
        today = await orders.figures_since(tx, china_midnight(tx.now))
    limits = []
    if Permission.CLOCKS_READ in may:
        page = await board.page(tx, actor="staff", limit=_LIMITS_MOST)
        limits = [one for one in page.items if one.due_at < tx.now + SOON]
    return Workbench(to_do, today, list(on_air.items), limits)
