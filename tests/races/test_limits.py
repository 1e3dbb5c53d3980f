"""One buyer in many tabs, over several processes: a purchase limit is met exactly."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

import httpx

from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform.db import Database
from liveshelf.platform.settings import Settings
from liveshelf.stock import bounds
from tests.make.processes import running
from tests.make.selling import PRICE_FEN, level, something
from tests.make.shops import a_shop

TABS = 24
MOST = 3


async def test_one_buyer_in_many_tabs_gets_no_more_than_the_limit(db: Database, settings: Settings):
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=500)
    await db.write(SYSTEM, shop, lambda tx: bounds.limit_sku(tx, sold.sku_id, MOST))
    with running(settings, "http", "http") as processes:
        for process in processes:
            await process.ready()
        async with httpx.AsyncClient(timeout=30) as client:
            me = await client.get(f"{processes[0].url}/v1/storefront/{shop}/me")
            cookie = {"cookie": me.headers["set-cookie"].split(";")[0]}

            async def buy(tab: int) -> str:
                draft = {
                    "request_id": str(uuid.uuid4()),
                    "lines": [{"sku_id": sold.sku_id, "quantity": 1}],
                    "expected_total_fen": PRICE_FEN,
                }
                url = f"{processes[tab % 2].url}/v1/storefront/{shop}/orders"
                answer = await client.post(url, json=draft, headers=cookie)
                return "placed" if answer.status_code == httpx.codes.CREATED else str(answer.json()["code"])

            answers = Counter(await asyncio.gather(*(buy(tab) for tab in range(TABS))))
    assert answers == {"placed": MOST, "stock.limit_reached": TABS - MOST}
    assert (await level(db, shop, sold.sku_id)).held == MOST
