"""What every decision of the platform's people shares: who may decide, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from liveshelf.accounts import queries as accounts
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.ids import AccountId
from liveshelf.kernel.time import begins, china_day
from liveshelf.platform.calendar import warn_of_unknown, working_days
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.qualifications.errors import DeciderNotIndependent
from liveshelf.qualifications.types import Window
from liveshelf.shops.policy import policy


@dataclass(frozen=True, slots=True)
class Clock:
    """From which day on an answer may be expected, and the end of the last day for it."""

    expected_on: date
    due_at: datetime


async def clock(tx: ReadTx, window: Window) -> Clock:
    """The clock of what is submitted now. The day of submission does not count; the last day counts whole."""
    days, today = await working_days(tx), china_day(tx.now)
    last = days.after(today, window.most)
    warn_of_unknown(days, last)
    return Clock(days.after(today, window.least), begins(last + timedelta(days=1)))


async def must_be_independent(tx: Tx) -> None:
    """Raises `DeciderNotIndependent` when the person who decides works in the transaction's shop and the policy wants
    two people.
    """
    if tx.actor.kind is not ActorKind.REVIEWER or not tx.actor.id.isdigit():
        return
    if (await policy(tx)).human_passes_may_be_one_person:
        return
    if any(one.shop == tx.shop for one in await accounts.memberships(tx, AccountId(int(tx.actor.id)))):
        raise DeciderNotIndependent
