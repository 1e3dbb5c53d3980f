"""Time limits that a shop promises its buyers (时限设置), within the bounds of the house.

An order takes its limits along when it is paid, an after-sale case when it is opened: a change is for what begins
afterwards. A shop may promise to be faster than the house asks, and not slower than it allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.db import ReadTx, Tx
from liveshelf.shops._tables import time_limits
from liveshelf.shops.errors import TimeLimitInvalid
from liveshelf.trail import service as trail


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Days until an order counts as received after its last piece left, hours to ship what was paid, hours to answer
    a buyer in an after-sale case, days for which the record of what a broadcast sold is kept.
    """

    receive_days: int = 10
    ship_hours: int = 48
    answer_hours: int = 6
    sales_days: int = 3 * 365

    @property
    def ship_within(self) -> timedelta:
        """From the payment on."""
        return timedelta(hours=self.ship_hours)


STANDARD = TimeLimits()
# The least and the most. The answer is the documents' six hours at the latest (S-909), and sales are kept for their
# thirty days at least (L-309); the standard three years are the law's, which a shop elsewhere may not be under.
BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "receive_days": (7, 30),
        "ship_hours": (12, 168),
        "answer_hours": (2, STANDARD.answer_hours),
        "sales_days": (30, 3650),
    }
)

_OF_SHOP = select(time_limits).where(time_limits.c.shop_id == bindparam("shop"))
_put = pg_insert(time_limits)
_PUT = _put.on_conflict_do_update(
    index_elements=[time_limits.c.shop_id],
    set_={name: _put.excluded[name] for name in (*BOUNDS, "changed_by", "changed_at")},
)


@dataclass(frozen=True, slots=True)
class LimitsSet:
    """The limits with who set them when; nobody has while they are the standard ones."""

    limits: TimeLimits
    changed_by: str | None
    changed_at: datetime | None


async def time_limits_of(tx: ReadTx) -> TimeLimits:
    """What the shop promises now, for what begins now."""
    return (await limits_set(tx)).limits


async def limits_set(tx: ReadTx) -> LimitsSet:
    """As `time_limits_of`, with who set it."""
    row = await tx.one(_OF_SHOP)
    if row is None:
        return LimitsSet(STANDARD, None, None)
    limits = TimeLimits(row.receive_days, row.ship_hours, row.answer_hours, row.sales_days)
    return LimitsSet(limits, row.changed_by, row.changed_at)


async def set_limits(tx: Tx, limits: TimeLimits) -> None:
    """Promise this from now on; in the trail. Raises `TimeLimitInvalid`."""
    for field in fields(limits):
        least, most = BOUNDS[field.name]
        if not least <= getattr(limits, field.name) <= most:
            raise TimeLimitInvalid(field=field.name, least=least, most=most)
    before = await time_limits_of(tx)
    if before == limits:
        return
    await tx.execute(_PUT.values(shop_id=tx.shop, **asdict(limits), changed_by=str(tx.actor), changed_at=tx.now))
    was = {f"was_{name}": value for name, value in asdict(before).items()}
    trail.record(tx, "shop.time_limits", f"shop:{tx.shop}", **was, **asdict(limits))
