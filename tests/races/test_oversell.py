"""Many buyers, few pieces, several processes: exactly what is there is sold, also when a process is killed midway."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import pytest

from liveshelf.kernel.ids import OrderId, ShopId, SkuId
from liveshelf.orders import queries as orders
from liveshelf.orders.types import OrderState
from liveshelf.platform.db import Database
from liveshelf.platform.settings import Settings
from tests.make.processes import Process, running, until
from tests.make.selling import PRICE_FEN, level, something
from tests.make.shops import a_shop

BUYERS = 200
PIECES = 50
# Each buyer carries a cookie of their own: one that the client kept would make everybody the same buyer.
KEEPS_NOTHING = CookieJar(DefaultCookiePolicy(allowed_domains=[]))


@dataclass
class Race:
    """What every buyer needs to know."""

    client: httpx.AsyncClient
    processes: list[Process]
    shop: ShopId
    baskets: Sequence[Mapping[SkuId, int]]  # the buyers take them in turn

    async def buy(self, number: int) -> str:
        """One buyer's whole try. Who gets no answer sends the same request again, to the next process."""
        headers = {"x-forwarded-for": f"10.0.{number // 250}.{number % 250}"}
        basket = self.baskets[number % len(self.baskets)]
        draft = {
            "request_id": str(uuid.uuid4()),
            "lines": [{"sku_id": sku_id, "quantity": count} for sku_id, count in basket.items()],
            "expected_total_fen": PRICE_FEN * sum(basket.values()),
        }
        for again in range(100):
            base = f"{self.processes[(number + again) % len(self.processes)].url}/v1/storefront/{self.shop}"
            try:
                if "cookie" not in headers:
                    answer = await self.client.get(f"{base}/me", headers=headers)
                    headers["cookie"] = answer.headers["set-cookie"].split(";")[0]
                answer = await self.client.post(f"{base}/orders", json=draft, headers=headers)
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            told = answer.json()
            return str(told["order_id"] if answer.status_code == httpx.codes.CREATED else told["code"])
        raise AssertionError("nobody answered")


async def placed(db: Database, shop: ShopId) -> int:
    async with db.read(shop) as tx:
        return (await orders.counts(tx))[OrderState.TO_PAY]


@pytest.mark.parametrize("killed", [False, True], ids=["all live", "one killed midway"])
async def test_two_hundred_buyers_get_fifty_pieces(db: Database, settings: Settings, killed: bool):
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=PIECES)

    async def some_placed() -> bool:
        return await placed(db, shop) >= PIECES // 5

    limits = httpx.Limits(max_connections=BUYERS, max_keepalive_connections=0)  # each buyer is a stranger
    with running(settings, "http", "http") as processes:
        for process in processes:
            await process.ready()
        async with httpx.AsyncClient(limits=limits, timeout=30, cookies=KEEPS_NOTHING) as client:
            race = Race(client, processes, shop, [{sold.sku_id: 1}])
            tries = [asyncio.create_task(race.buy(number)) for number in range(BUYERS)]
            if killed:
                await until(some_placed, every_s=0.002)
                processes[0].kill()
            answers = Counter(await asyncio.gather(*tries))
    assert answers.pop("stock.insufficient") == BUYERS - PIECES
    assert len(answers) == PIECES
    assert set(answers.values()) == {1}, "two buyers were told the same order"
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.available) == (PIECES, PIECES, 0)
    assert await placed(db, shop) == PIECES


async def test_of_mixed_baskets_each_is_placed_whole_or_not_at_all(db: Database, settings: Settings):
    shop = (await a_shop(db)).shop
    pieces = {(await something(db, shop, on_hand=count)).sku_id: count for count in (20, 35, 50)}
    rng = random.Random(7)
    baskets = [
        {sku_id: rng.randint(1, 2) for sku_id in rng.sample(sorted(pieces), rng.randint(1, len(pieces)))}
        for _ in range(BUYERS)
    ]

    async def some_placed() -> bool:
        return await placed(db, shop) >= 5

    limits = httpx.Limits(max_connections=BUYERS, max_keepalive_connections=0)
    with running(settings, "http", "http") as processes:
        for process in processes:
            await process.ready()
        async with httpx.AsyncClient(limits=limits, timeout=30, cookies=KEEPS_NOTHING) as client:
            race = Race(client, processes, shop, baskets)
            tries = [asyncio.create_task(race.buy(number)) for number in range(BUYERS)]
            await until(some_placed, every_s=0.002)
            processes[0].kill()
            answers = await asyncio.gather(*tries)
    told = {OrderId(int(answer)): baskets[number] for number, answer in enumerate(answers) if answer.isdigit()}
    assert {answer for answer in answers if not answer.isdigit()} == {"stock.insufficient"}
    async with db.read(shop) as tx:
        kept = await orders.orders(tx, told)
        assert sum((await orders.counts(tx)).values()) == len(kept) == len(told)
    for order_id, one in kept.items():
        assert {line.sku_id: line.quantity for line in one.lines} == told[order_id]
    for sku_id, count in pieces.items():
        wanted = sum(basket.get(sku_id, 0) for basket in told.values())
        assert (await level(db, shop, sku_id)).held == wanted <= count
    # Whoever was refused could not have been served: not even now is there enough of everything they wanted.
    left = {sku_id: (await level(db, shop, sku_id)).available for sku_id in pieces}
    refused = [baskets[number] for number, answer in enumerate(answers) if not answer.isdigit()]
    assert all(any(left[sku_id] < count for sku_id, count in basket.items()) for basket in refused)
