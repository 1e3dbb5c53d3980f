"""The demo shop: made once, completed after a crash, put back after a reset."""

from __future__ import annotations

import asyncio
import json
import stat
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from liveshelf.accounts import passwords
from liveshelf.aftersales import queries as aftersales
from liveshelf.customers import addresses
from liveshelf.customers import queries as customers
from liveshelf.entry.compose import provide_adapters
from liveshelf.entry.demo import catalogue, shopkeeper
from liveshelf.entry.demo.seed import reseed, seed_demo
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import abnormal, address_requests, cart
from liveshelf.orders import queries as orders
from liveshelf.orders.types import OrderState
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import connect
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.types import RoomState
from liveshelf.shops import credentials
from liveshelf.shops import service as shops
from liveshelf.stock import queries as stock


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, demo=True)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed, but not for as long as real ones."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
async def ready(runtime: Runtime) -> Runtime:
    provide_adapters(runtime)
    return runtime


async def counts(runtime: Runtime, shop: ShopId) -> dict[str, int]:
    """How much of everything there is."""
    async with runtime.db.read(shop) as tx:
        library = await goods.library(tx)
        page = await rooms.cards(tx, limit=50)
        by_state = await orders.counts(tx)
    return {
        **{state.value: library.counts[state] for state in AuditState},
        **Counter(card.room.state.value for card in page.items),
        **{f"orders {state.value}": by_state[state] for state in OrderState},
    }


def told(runtime: Runtime):
    return json.loads((runtime.settings.data_dir / "demo.json").read_text())


async def test_the_demo_shop_has_goods_in_every_state_a_live_room_and_orders(ready: Runtime) -> None:
    await seed_demo(ready, ready.settings.data_dir)
    content = told(ready)
    shop = ShopId(content["shop_id"])
    assert await counts(ready, shop) == {
        "approved": 11,
        "in_audit": 1,
        "rejected": 1,
        "unaudited": 1,
        "live": 1,
        "scheduled": 1,
        "orders to_pay": 1,
        "orders to_ship": 8,
        "orders partly_shipped": 1,
        "orders to_receive": 2,
        "orders done": 1,
        "orders closed": 2,
    }
    async with ready.db.read(shop) as tx:
        page = await rooms.cards(tx, states=[RoomState.LIVE], limit=5)
        live = page.items[0]
        shown = await rooms.snapshot(tx, live.room.room_id)
        assert await stock.differences(tx) == []
        assert await abnormal.count_open(tx) == 1
        assert await address_requests.count_open(tx) == 1
        case_counts = await aftersales.counts(tx)
        shopper, *others = await customers.demo_buyers(tx)
        assert len(await cart.lines(tx, shopper.customer_id)) == 2
        assert all([await addresses.book(tx, one.customer_id) for one in (shopper, *others)])
    open_cases = {state.value for state, found in case_counts.items() if found.many}
    assert {"applied", "inspecting", "refused"} <= open_cases
    assert live.shelf_count == 8
    assert live.room.pushed_goods_id is not None
    assert shown is not None
    assert len(shown.comments) == 5
    assert content["buyer"]["room_url"].endswith(f"/shop/{shop}/rooms/{live.room.room_id}")
    assert {account["role"] for account in content["console"]["accounts"]} == {role for role, _, _ in catalogue.STAFF}


async def test_a_second_start_changes_nothing_but_the_addresses(ready: Runtime) -> None:
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    before = told(ready)
    there = await counts(ready, ShopId(before["shop_id"]))
    moved = replace(ready, settings=replace(ready.settings, port=9100))
    await seed_demo(moved, ready.settings.data_dir, profile="test")
    after = told(ready)
    assert await counts(ready, ShopId(before["shop_id"])) == there
    assert after["base_url"] == "http://127.0.0.1:9100"
    assert after["wechat"] == before["wechat"]
    assert after["console"]["accounts"] == before["console"]["accounts"]


async def test_its_file_is_for_the_owner_only(ready: Runtime) -> None:
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    assert stat.S_IMODE((ready.settings.data_dir / "demo.json").stat().st_mode) == 0o600


async def test_the_profile_for_ci_is_there_in_a_moment(ready: Runtime) -> None:
    began = time.process_time()
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    # Time of the processor, so that a busy neighbour does not matter; without what hashing six passwords takes.
    assert time.process_time() - began < 1.5
    there = await counts(ready, ShopId(told(ready)["shop_id"]))
    assert (there["approved"], there["in_audit"], there["live"], there["scheduled"]) == (2, 1, 1, 1)


@pytest.mark.parametrize("step", ["_upload", "_review", "_plan", "_go_live", "_buyers"])
async def test_a_start_that_died_is_completed_by_the_next(
    ready: Runtime, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(shopkeeper.Shopkeeper, step)
    calls = 0

    async def dies(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2 or step in {"_go_live", "_buyers"}:
            raise asyncio.CancelledError
        return await real(*args, **kwargs)

    monkeypatch.setattr(shopkeeper.Shopkeeper, step, dies)
    with pytest.raises(asyncio.CancelledError):
        await seed_demo(ready, ready.settings.data_dir, profile="test")
    accounts = told(ready)["console"]["accounts"]
    monkeypatch.undo()
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    content = told(ready)
    there = await counts(ready, ShopId(content["shop_id"]))
    assert content["complete"]
    assert content["console"]["accounts"] == accounts
    assert content["shop_id"] == 1
    assert (there["approved"], there["in_audit"], there["live"], there["scheduled"]) == (2, 1, 1, 1)


async def test_a_secret_that_nobody_saw_is_made_anew(ready: Runtime) -> None:
    made = await ready.db.write(SYSTEM, ShopId(0), lambda tx: shops.create_shop(tx, catalogue.SHOP_NAME, sandbox=True))
    credential, _ = await ready.db.write(SYSTEM, made.shop_id, credentials.make_credential)
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    content = told(ready)
    assert content["wechat"]["appid"] == credential.appid
    async with ready.db.read(made.shop_id) as tx:
        found = await credentials.authenticate(tx, credential.appid, content["wechat"]["secret"])
    assert found.shop_id == made.shop_id


async def test_a_lost_file_gets_new_accounts_beside_the_old_ones(ready: Runtime) -> None:
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    (ready.settings.data_dir / "demo.json").unlink()
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    assert {account["username"] for account in told(ready)["console"]["accounts"]} == {
        f"{name}2" for _, name, _ in catalogue.STAFF
    }


async def test_a_reset_shop_is_filled_again_with_the_same_people_and_credential(ready: Runtime) -> None:
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    before = told(ready)
    shop = ShopId(before["shop_id"])
    await ready.db.write(SYSTEM, shop, shops.reset)
    assert (await counts(ready, shop))["approved"] == 0
    await reseed(ready, shop)
    after = told(ready)
    there = await counts(ready, shop)
    assert (there["approved"], there["in_audit"], there["live"]) == (2, 1, 1)
    assert after["wechat"] == before["wechat"]
    assert after["console"]["accounts"] == before["console"]["accounts"]


async def test_another_sandbox_has_no_seed(ready: Runtime) -> None:
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    other = await ready.db.write(SYSTEM, ShopId(0), lambda tx: shops.create_shop(tx, "别家", sandbox=True))
    await reseed(ready, other.shop_id)
    assert (await counts(ready, other.shop_id))["approved"] == 0


async def test_a_broadcast_whose_time_has_passed_is_planned_anew(ready: Runtime, admin_dsn: str) -> None:
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    first = told(ready)["buyer"]["room_url"]
    # Only the owner of the database moves the clock, as `liveshelf clock advance` does.
    owner = connect(admin_dsn, Clock(movable=True))
    await owner.advance_clock(timedelta(days=3))
    await owner.dispose()
    await seed_demo(ready, ready.settings.data_dir, profile="test")
    async with ready.db.read(ShopId(1)) as tx:
        live = (await rooms.cards(tx, states=[RoomState.LIVE], limit=5)).items[0].room
    assert told(ready)["buyer"]["room_url"] != first
    assert told(ready)["buyer"]["room_url"].endswith(f"/rooms/{live.room_id}")
