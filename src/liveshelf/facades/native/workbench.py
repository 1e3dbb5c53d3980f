"""The first page of the console."""

from __future__ import annotations

import msgspec
from litestar import get

from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.broadcasts import RoomBrief, room_brief
from liveshelf.facades.native.clocks import RunningLimit, running_limit
from liveshelf.facades.native.shell import instant, staff
from liveshelf.flows import workbench as flow
from liveshelf.flows.beginning import Task, tasks
from liveshelf.platform.board import Board
from liveshelf.platform.runtime import Runtime


class ToDoView(msgspec.Struct, frozen=True):
    """So much work of a kind; `due_at` where a deadline runs."""

    kind: flow.ToDoKind
    count: int
    due_at: str | None


class TodayView(msgspec.Struct, frozen=True):
    """What was sold since midnight in China: orders paid, money, pieces."""

    orders: int
    paid_fen: int
    units: int


class TaskView(msgspec.Struct, frozen=True):
    """A task of a beginner, and whether what it is about has happened."""

    task: Task
    done: bool


class WorkbenchView(msgspec.Struct, frozen=True):
    """What needs somebody now. `today` is null for members who may not see orders. `beginner` is for whoever runs
    a shop that has not done everything once.
    """

    to_do: list[ToDoView]
    today: TodayView | None
    watching: int
    live_rooms: list[RoomBrief]
    limits: list[RunningLimit]
    beginner: list[TaskView]


@get("/shops/{shop_id:int}/workbench", dependencies=staff("rooms.read"), tags=["workbench"])
async def read_workbench(operator: Operator, runtime: Runtime) -> WorkbenchView:
    """What needs somebody now, today's sales and the rooms on air."""
    board = runtime.need(Board)
    async with runtime.db.read(operator.shop) as tx:
        found = await flow.workbench(tx, operator.permissions, board)
        beginner = []
        if Permission.SHOP_WRITE in operator.permissions:
            beginner = await tasks(tx, simulated=runtime.settings.simulated_payment)
    today = found.today
    return WorkbenchView(
        to_do=[ToDoView(one.kind, one.count, instant(one.due_at)) for one in found.to_do],
        today=None if today is None else TodayView(today.orders, today.paid_fen, today.units),
        watching=found.watching,
        live_rooms=[room_brief(card) for card in found.live_rooms],
        limits=[running_limit(one, board, tx.now) for one in found.limits],
        beginner=[TaskView(one.task, one.done) for one in beginner],
    )


ROUTES = [read_workbench]
