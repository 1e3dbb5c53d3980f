"""What a transaction does again, and what it does not."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database, Tx

SHOP = ShopId(1)


async def test_a_deadlock_is_done_again_and_both_end_well(db: Database) -> None:
    tries: list[str] = []
    both_began = asyncio.Barrier(2)

    def crosswise(first: str, second: str):
        async def work(tx: Tx) -> int:
            tries.append(first)
            await tx.next_number(first)
            if tries.count(first) == 1:
                await both_began.wait()
            return await tx.next_number(second)

        return work

    answers = await asyncio.gather(
        db.write(SYSTEM, SHOP, crosswise("apples", "pears")), db.write(SYSTEM, SHOP, crosswise("pears", "apples"))
    )
    # The one that was chosen as the victim left nothing of its first try.
    assert sorted(answers) == [1, 2]
    # One victim as a rule; PostgreSQL may choose both when both look at the same moment.
    assert len(tries) in {3, 4}


async def test_what_would_fail_again_is_not_repeated(db: Database) -> None:
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await tx.execute(text("SELECT 1 FROM nowhere"))

    with pytest.raises(DBAPIError):
        await db.write(SYSTEM, SHOP, work)
    assert tries == 1
