"""Signing, settings, rate limits, lanes and outbound addresses: no database."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from liveshelf.kernel.ids import ShopId
from liveshelf.platform.groupcommit import LaneFull, Lanes
from liveshelf.platform.outbound import Outbound, OutboundRefusedError, allow_list
from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.settings import SettingInvalidError, Settings, read_settings
from liveshelf.platform.signing import Keys, SealBrokenError, load_keys

SHOP = ShopId(1)


def test_what_was_signed_for_one_purpose_is_refused_for_another(keys: Keys):
    signed = keys.sign("room-ticket", b"payload")
    assert keys.verify("room-ticket", signed) == b"payload"
    for forged in (signed[:-2] + "AA", "x" + signed, "", "a.b.c", signed.replace(".", "")):
        with pytest.raises(SealBrokenError):
            keys.verify("room-ticket", forged)
    with pytest.raises(SealBrokenError):
        keys.verify("another", signed)


def test_encrypted_text_comes_back_and_a_changed_byte_is_noticed(keys: Keys):
    sealed = keys.encrypt("phone", "13800000000")
    assert keys.decrypt("phone", sealed) == "13800000000"
    assert keys.encrypt("phone", "13800000000") != sealed
    with pytest.raises(SealBrokenError):
        keys.decrypt("phone", sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_the_master_key_is_made_once_and_closed_to_others(tmp_path: Path):
    first = load_keys("", tmp_path)
    assert load_keys("", tmp_path).mac("a", b"b") == first.mac("a", b"b")
    assert (tmp_path / "keys" / "master").stat().st_mode & 0o777 == 0o600


def test_settings_travel_to_child_processes_unchanged():
    settings = Settings(port=9000, demo=True, data_dir=Path("/data"))
    assert read_settings(settings.environment()) == settings


@pytest.mark.parametrize(("name", "value"), [("LIVESHELF_PORT", "many"), ("LIVESHELF_DEMO", "maybe")])
def test_a_setting_that_can_not_be_read_is_named(name: str, value: str):
    with pytest.raises(SettingInvalidError, match=name):
        read_settings({name: value})


def test_a_bucket_empties_refuses_and_fills_again(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr("liveshelf.platform.ratelimit.seconds", lambda: now)
    limit = RateLimit(per_s=1, burst=2)
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]
    assert limit.allows("b")
    now += 1
    assert [limit.allows("a"), limit.allows("a")] == [True, False]


async def test_a_lane_gathers_what_waits_and_answers_each_in_order():
    batches: list[int] = []

    async def commit(_shop: ShopId, requests, _locked):
        batches.append(len(requests))
        await asyncio.sleep(0.01)
        return [request * 2 for request in requests]

    lanes: Lanes[int, int] = Lanes(commit)
    assert await asyncio.gather(*(lanes.submit(SHOP, number) for number in range(50))) == [2 * n for n in range(50)]
    assert sum(batches) == 50
    assert len(batches) <= 3


async def test_one_poisoned_request_harms_no_neighbour():
    async def commit(_shop: ShopId, requests, _locked):
        if 13 in requests:
            raise ValueError("unlucky")
        return requests

    lanes: Lanes[int, int] = Lanes(commit)
    answers = await asyncio.gather(*(lanes.submit(SHOP, n) for n in range(11, 16)), return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, int)] == [11, 12, 14, 15]
    assert isinstance(answers[2], ValueError)


async def test_a_full_lane_tells_the_place_in_line_and_goes_on():
    gate = asyncio.Event()

    async def commit(_shop: ShopId, requests, _locked):
        await gate.wait()
        return requests

    lanes: Lanes[int, int] = Lanes(commit, batch_max=1, waiting_max=2)
    first = asyncio.create_task(lanes.submit(SHOP, 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(lanes.submit(SHOP, n)) for n in (2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(LaneFull) as refused:
        await lanes.submit(SHOP, 4)
    assert refused.value.context["place"] == 3
    gate.set()
    assert await asyncio.gather(first, *waiting) == [1, 2, 3]


async def test_a_buyer_who_went_away_before_the_turn_does_not_buy():
    gate, seen = asyncio.Event(), []

    async def commit(_shop: ShopId, requests, _locked):
        await gate.wait()
        seen.extend(requests)
        return requests

    lanes: Lanes[int, int] = Lanes(commit, batch_max=1)
    first = asyncio.create_task(lanes.submit(SHOP, 1))
    second = asyncio.create_task(lanes.submit(SHOP, 2))
    await asyncio.sleep(0.01)
    second.cancel()
    gate.set()
    assert await first == 1
    await asyncio.sleep(0.01)
    assert seen == [1]


async def test_a_stormed_shop_slows_down_itself_and_not_its_neighbour():
    done: list[ShopId] = []

    async def commit(shop: ShopId, requests, _locked):
        await asyncio.sleep(0.002)
        done.extend([shop] * len(requests))
        return requests

    lanes: Lanes[int, int] = Lanes(commit, batch_max=10, at_once=1)
    storm = [asyncio.create_task(lanes.submit(ShopId(1), n)) for n in range(200)]
    await asyncio.sleep(0)
    await asyncio.gather(*(lanes.submit(ShopId(2), n) for n in range(5)))
    assert done.count(ShopId(1)) <= 30, "the neighbour waited for more than a turn or two"
    await asyncio.gather(*storm)


async def test_all_lanes_together_are_bounded_and_full_ones_say_when_to_come_back():
    gate = asyncio.Event()

    async def commit(_shop: ShopId, requests, _locked):
        await gate.wait()
        return requests

    lanes: Lanes[int, int] = Lanes(commit, all_max=3, at_once=1)
    waiting = [asyncio.create_task(lanes.submit(ShopId(1), n)) for n in range(3)]
    await asyncio.sleep(0.01)  # they are a batch, and wait no more
    waiting += [asyncio.create_task(lanes.submit(ShopId(2), n)) for n in range(3)]
    await asyncio.sleep(0.01)
    with pytest.raises(LaneFull) as refused:
        await lanes.submit(ShopId(3), 1)
    assert refused.value.context == {"place": 1, "retry_after_s": 1}
    gate.set()
    assert await asyncio.gather(*waiting) == [0, 1, 2] * 2
    assert await lanes.submit(ShopId(3), 7) == 7


async def test_the_next_batch_begins_when_the_one_before_has_its_locks_and_not_earlier():
    begun: list[int] = []
    has_locks, gate = asyncio.Event(), asyncio.Event()

    async def commit(_shop: ShopId, requests, locked):
        begun.append(len(requests))
        if len(begun) == 1:
            await has_locks.wait()
            locked()
            await gate.wait()
        return requests

    lanes: Lanes[int, int] = Lanes(commit, batch_max=2)
    first = [asyncio.create_task(lanes.submit(SHOP, n)) for n in (1, 2)]
    await asyncio.sleep(0.01)
    second = [asyncio.create_task(lanes.submit(SHOP, n)) for n in (3, 4)]
    await asyncio.sleep(0.01)
    assert begun == [2]
    has_locks.set()
    assert await asyncio.gather(*second) == [3, 4]
    assert not any(one.done() for one in first)
    gate.set()
    assert await asyncio.gather(*first) == [1, 2]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1/",
        "http:///nothing",
    ],
)
async def test_calls_into_the_network_are_refused(url: str):
    outbound = Outbound()
    with pytest.raises(OutboundRefusedError):
        await outbound.post(url, b"")
    await outbound.close()


async def test_an_allowed_address_is_reached_and_a_redirect_is_not_followed():
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, family=socket.AF_INET)
    port = server.sockets[0].getsockname()[1]
    outbound = Outbound(allow_list(f"127.0.0.1:{port}"))
    assert (await outbound.post(f"http://127.0.0.1:{port}/x", b"{}")).status == 302
    await outbound.close()
    server.close()
