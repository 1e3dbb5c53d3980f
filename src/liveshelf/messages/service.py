"""Commands: tell, mark as read, move, erase, forget."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.kernel.ids import new_number
from liveshelf.messages import _sql
from liveshelf.messages.types import KEPT, NewNotice
from liveshelf.platform.db import Tx


async def tell(tx: Tx, notices: Sequence[NewNotice]) -> int:
    """Put notices before their readers; what was told before is not told again. How many are new."""
    if not notices:
        return 0
    rows = [
        {
            "shop_id": tx.shop,
            "reader": one.reader,
            "notice_id": new_number(),
            "kind": one.kind,
            "subject": one.subject,
            "facts": dict(one.facts),
            "key": one.key,
            "created_at": one.at,
            "read_at": None,
        }
        for one in sorted(notices, key=lambda one: (one.reader, one.key))  # two jobs never wait in a circle
    ]
    told = 0
    for begin in range(0, len(rows), 500):  # some 4,500 parameters a statement
        told += len((await tx.conn.execute(_sql.TELL.values(rows[begin : begin + 500]))).all())
    return told


async def mark_read(tx: Tx, reader: str, notice_ids: Sequence[int]) -> None:
    """These were read. Ids that are not the reader's are passed over."""
    await tx.execute(_sql.MARK_READ, who=reader, ids=list(notice_ids), moment=tx.now)


async def mark_all_read(tx: Tx, reader: str, *, up_to: int) -> None:
    """All were read, up to and with the newest one that the reader has seen."""
    await tx.execute(_sql.MARK_ALL_READ, who=reader, up_to=up_to, moment=tx.now)


async def move(tx: Tx, reader: str, *, becomes: str) -> None:
    """A reader's notices are another's from now on."""
    await tx.execute(_sql.MOVE, who=reader, becomes=becomes)


async def erase(tx: Tx, reader: str) -> None:
    """Delete all of a reader's notices."""
    await tx.execute(_sql.ERASE, who=reader)


async def forget_old(tx: Tx, limit: int) -> int:
    """Delete what is older than `KEPT`; how many."""
    return len(await tx.all(_sql.DELETE_OLD, before=tx.now - KEPT, most=limit))
