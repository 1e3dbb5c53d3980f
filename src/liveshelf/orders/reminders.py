"""One reminder before an unpaid order closes; and the merchant's own remark."""

from __future__ import annotations

from liveshelf.kernel.ids import OrderId
from liveshelf.orders import _sql
from liveshelf.orders.events import PaymentReminderDue
from liveshelf.orders.rules import clean_reason
from liveshelf.orders.service import lock
from liveshelf.orders.types import Flag
from liveshelf.platform.db import Tx


async def remind_unpaid(tx: Tx, limit: int) -> int:
    """Remind buyers whose time to pay is nearly up, once an order; how many it were. Orders that had no longer than
    the reminder's lead from the beginning are left alone, and for those whose time is over it is too late: they are
    marked, so that nothing is due any more, and nobody is told.
    """
    rows = await tx.all(_sql.REMIND_UNPAID, moment=tx.now, most=limit)
    for row in rows:
        if row.expires_at <= tx.now:
            continue
        tx.emit(
            PaymentReminderDue(
                order_id=row.order_id, customer_id=row.customer_id, expires_at=row.expires_at.isoformat()
            ),
            stream=f"order:{row.order_id}",
        )
    return len(rows)


async def remark(tx: Tx, order_id: OrderId, *, text: str, flag: Flag | None) -> None:
    """The merchant's own words and flag on an order; buyers never see them. Raises `OrderUnknown`, `ReasonInvalid`."""
    await lock(tx, order_id)
    await tx.execute(
        _sql.REMARK, order=order_id, said=clean_reason(text, empty=True) or None, colour=flag.value if flag else None
    )
