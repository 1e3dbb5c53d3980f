"""What a newcomer does first: a list that moves on by what has happened, and by nothing else.

No task can be ticked off: each is a question to the data, asked anew. The list begins with standard physical goods,
which need the fewest papers, and is gone once everything has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.payments import queries as payments
from liveshelf.platform.db import ReadTx
from liveshelf.qualifications import service as qualifications
from liveshelf.rooms import queries as rooms
from liveshelf.shops import policy
from liveshelf.shops import queries as shops


class Task(StrEnum):
    """The tasks of a beginner, in their order."""

    OPEN_SHOP = "open_shop"
    BIND_MERCHANT = "bind_merchant"
    LIST_GOODS = "list_goods"  # a standard physical thing
    SEE_APPROVED = "see_approved"
    TEST_PAYMENT = "test_payment"
    PLAN_ROOM = "plan_room"


@dataclass(frozen=True, slots=True)
class Progress:
    """One task, and whether what it is about has happened."""

    task: Task
    done: bool


async def tasks(tx: ReadTx, *, simulated: bool) -> list[Progress]:
    """How far the shop has come; empty once all is done. `simulated` says whether payment is."""
    shop = await shops.shop(tx)
    counts = (await goods.library(tx)).counts
    _, planned = await rooms.rooms_at(tx, first=0, limit=1)
    waived = shop.opened_under_waiver and not (await policy.policy(tx)).papers_waivable
    happened = {
        Task.OPEN_SHOP: shop.opened_at is not None and not waived,
        Task.BIND_MERCHANT: await qualifications.merchant_bound(tx, simulated=simulated),
        Task.LIST_GOODS: sum(counts.values()) > 0,
        Task.SEE_APPROVED: counts[AuditState.APPROVED] > 0,
        Task.TEST_PAYMENT: await payments.any_paid(tx),
        Task.PLAN_ROOM: planned > 0,
    }
    return [] if all(happened.values()) else [Progress(task, happened[task]) for task in Task]
