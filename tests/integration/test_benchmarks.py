"""Benchmarks fill tables directly, past the code that keeps up with the schema: their shops are made here, small."""

from __future__ import annotations

import asyncpg

from benchmarks import libraries
from liveshelf.goods import queries
from liveshelf.platform.db import Database
from liveshelf.platform.signing import Keys


async def test_a_library_of_the_wires_benchmark_can_be_filled(db: Database, admin_dsn: str, keys: Keys):
    admin = await asyncpg.connect(admin_dsn)
    try:
        library = await libraries.a_library(db, admin, keys, 7)
    finally:
        await admin.close()
    async with db.read(library.shop) as tx:
        assert len(await queries.live_goods(tx, range(1_001, 1_010))) == 7
