"""Claims by comment through several processes: the winners are those of the server's order, whoever played it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from liveshelf.customers import service as customers
from liveshelf.customers.types import Buyer
from liveshelf.flows.claim import claims_of
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, RoomId, ShopId, new_number
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rooms import claims
from liveshelf.rooms.claim_rules import Wanted
from liveshelf.rooms.claim_types import Claim, ClaimState, Round
from liveshelf.stock import queries as stock
from tests.make.processes import running
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import Sold, something
from tests.make.shops import a_shop

BUYERS = 40
PIECES = 23
KEEPS_NOTHING = CookieJar(DefaultCookiePolicy(allowed_domains=[]))


async def a_round(db: Database) -> tuple[ShopId, RoomId, Sold, Round, list[tuple[Buyer, str]]]:
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=PIECES)
    room_id = await live_room(db, shop, [sold.goods_id])
    opened = await db.write(
        ANCHOR,
        shop,
        lambda tx: claims.open_round(tx, room_id, sold.goods_id, keyword="1", buyer_max=3, hold_s=180),
    )
    people = []
    for _ in range(BUYERS):
        who, token = await db.write(SYSTEM, shop, customers.make_guest)
        people.append((Buyer(shop, who.customer_id, who.name, who.kind), token))
    return shop, room_id, sold, opened, people


async def in_order(db: Database, shop: ShopId, of: Round) -> list[Claim]:
    """What was claimed, as the server numbered it."""
    async with db.read(shop) as tx:
        return (await claims.of_rounds(tx, [of.round_id]))[::-1]


def winners(wanted: Sequence[int], pieces: int) -> list[bool]:
    """The rule: one after the other, and who wants more than is left waits and holds up nobody."""
    won = []
    for quantity in wanted:
        won.append(quantity <= pieces)
        pieces -= quantity if won[-1] else 0
    return won


async def test_claims_through_two_processes_have_the_winners_of_their_order(
    runtime: Runtime, db: Database, settings: Settings
):
    shop, room_id, sold, opened, people = await a_round(db)
    dice = random.Random(20_261_128)
    said = [dice.choice(("扣1", "1 两件", "+1", "1号三件")) for _ in people]
    with running(settings, "http", "http") as processes:
        await asyncio.gather(*(one.ready() for one in processes))
        async with httpx.AsyncClient(timeout=60, cookies=KEEPS_NOTHING) as client:

            async def say(at: int, through: int) -> str:
                url = f"{processes[through % 2].url}/v1/storefront/{shop}/rooms/{room_id}/comments"
                headers = {"x-forwarded-for": f"10.1.0.{at}", "cookie": f"liveshelf_buyer_{shop}={people[at][1]}"}
                answer = await client.post(url, json={"request_id": "one", "text": said[at]}, headers=headers)
                assert answer.status_code in {200, 201}, answer.text
                return str(answer.json()["claim"]["state"])

            # Every third buyer's page is impatient, and sends the same request to the other process as well.
            tries = [(at, at) for at in range(BUYERS)] + [(at, at + 1) for at in range(0, BUYERS, 3)]
            dice.shuffle(tries)
            await asyncio.gather(*(say(*one) for one in tries))

    found = await in_order(db, shop, opened)
    assert [one.number for one in found] == list(range(1, BUYERS + 1))
    assert len({one.customer_id for one in found}) == BUYERS
    won = [one.state is ClaimState.WON for one in found]
    assert won == winners([one.quantity for one in found], PIECES)
    assert len({one.order_id for one in found if one.order_id is not None}) == sum(won)
    async with db.read(shop) as tx:
        assert (await stock.levels(tx, [sold.sku_id]))[sold.sku_id].available == 0
        assert await stock.differences(tx) == []

    # The same input once more, by one process in another shop.
    again, _, other, second, crowd = await a_round(db)
    place = {who.customer_id: at for at, (who, _) in enumerate(people)}
    for one in found:
        wanted = Wanted(other.goods_id, other.sku_id, one.quantity)
        await claims_of(runtime).take(crowd[place[one.customer_id]][0], second.round_id, new_number(), wanted)
    seats: dict[CustomerId, int] = {who.customer_id: at for at, (who, _) in enumerate(crowd)}
    replayed = [(seats[one.customer_id], one.state) for one in await in_order(db, again, second)]
    assert replayed == [(place[one.customer_id], one.state) for one in found]
