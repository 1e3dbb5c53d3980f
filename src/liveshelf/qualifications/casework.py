"""How applications and papers stand in the review queue: a case each, due within the working days of its window.

The queue has the clock, the reviewers and the verdict; what it decides is followed here in the same transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.kernel.time import china_day
from liveshelf.platform.calendar import warn_of_unknown, working_days
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.qualifications.types import ApplicationKind, Window
from liveshelf.reviews import service as reviews
from liveshelf.reviews.errors import CaseNotWaiting
from liveshelf.reviews.types import Content, ReviewClock, ReviewKind, SubjectRef
from liveshelf.shops.policy import policy

KINDS: Final[Mapping[ApplicationKind, ReviewKind]] = MappingProxyType(
    {ApplicationKind.OPENING: ReviewKind.SHOP, ApplicationKind.LIVE: ReviewKind.PERMISSION}
)


def application_ref(shop: ShopId, kind: ApplicationKind) -> SubjectRef:
    """An application as the subject of a case."""
    return SubjectRef(f"{KINDS[kind].value}:{shop}")


def paper_ref(paper_id: int) -> SubjectRef:
    """A paper as the subject of a case."""
    return SubjectRef(f"{ReviewKind.PAPER.value}:{paper_id}")


async def submitted(
    tx: Tx, subject: SubjectRef, *, kind: ReviewKind, content: Content, title: str, window: Window
) -> AuditId:
    """Let it be judged by persons, since no machine can: by two, or by one in a house where one may be the human
    pass.
    """
    persons = 1 if (await policy(tx)).human_passes_may_be_one_person else 2
    clock = ReviewClock(window.most)
    return await reviews.submit(tx, subject, kind=kind, content=content, title=title, clock=clock, persons=persons)


async def expected_on(tx: ReadTx, window: Window) -> date:
    """From which day on an answer to what is submitted now may be expected; it is never a wait."""
    days, today = await working_days(tx), china_day(tx.now)
    warn_of_unknown(days, days.after(today, window.most))
    return days.after(today, window.least)


async def close(tx: Tx, audit_ids: Iterable[AuditId]) -> None:
    """End the cases of what is judged elsewhere, or not at all."""
    for audit_id in audit_ids:
        with contextlib.suppress(CaseNotWaiting):  # decided at this very moment
            await reviews.withdraw(tx, audit_id)
