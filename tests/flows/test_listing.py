"""The life of a live goods through the flows, on a real database."""

from __future__ import annotations

from liveshelf.goods.types import AuditState
from liveshelf.platform.db import Database
from tests.make import goods as make
from tests.make.shops import a_shop


async def test_smoke(db: Database):
    here = (await a_shop(db)).shop
    for state in AuditState:
        listed = await make.goods_in(db, here, state)
        assert (await make.goods(db, here, listed.goods_id)).audit_state is state
