"""Commands: record, seal, erase."""

from __future__ import annotations

from typing import TypeAlias

from liveshelf.kernel.ids import new_number
from liveshelf.platform.db import Tx
from liveshelf.trail._tables import trail

Detail: TypeAlias = str | int | bool | list[str] | list[int] | None


def record(tx: Tx, action: str, subject: str, **detail: Detail) -> None:
    """Write down that the transaction's actor did something. Inserted with the transaction's commit, or not at all.

    `action` is a verb phrase with a dot ("goods.delete"), `subject` the thing ("goods:1001"), `detail` plain facts
    without personal data.
    """
    tx.append(
        trail,
        trail_id=new_number(),
        actor=str(tx.actor),
        action=action,
        subject=subject,
        detail=detail,
        trace=tx.trace,
        at=tx.now,
    )
