"""Shared reads: each starts after every request that it answers."""

from __future__ import annotations

import asyncio

import pytest

from liveshelf.platform.groupread import GroupRead


async def test_requests_that_come_during_a_read_share_the_next_one():
    batches: list[set[str]] = []
    gate = asyncio.Event()

    async def read(keys: list[str]) -> dict[str, int]:
        batches.append(set(keys))
        await gate.wait()
        return dict.fromkeys(keys, len(batches))

    group = GroupRead(read)
    first = asyncio.create_task(group.get(["a"]))
    await asyncio.sleep(0.01)
    late = [asyncio.create_task(group.get([key])) for key in ("a", "b", "b")]
    await asyncio.sleep(0.01)
    gate.set()
    assert (await first)["a"] == 1
    assert [(await one)[key] for one, key in zip(late, ("a", "b", "b"), strict=True)] == [2, 2, 2]
    assert batches == [{"a"}, {"a", "b"}]
    await asyncio.sleep(0)
    assert group.idle


async def test_an_answer_is_never_from_a_read_that_began_before_the_request():
    version = 0

    async def read(keys: list[None]) -> dict[None, int]:
        seen = version
        await asyncio.sleep(0.001)
        return dict.fromkeys(keys, seen)

    group = GroupRead(read)

    async def ask() -> None:
        nonlocal version
        for _ in range(50):
            version += 1
            mine = version
            assert (await group.get([None]))[None] >= mine

    await asyncio.gather(*(ask() for _ in range(8)))


async def test_a_failed_read_fails_its_own_requests_and_no_later_one():
    calls = 0

    async def read(keys: list[int]) -> dict[int, int]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError("broken")
        return dict.fromkeys(keys, calls)

    group = GroupRead(read)
    with pytest.raises(ValueError, match="broken"):
        await group.get([1])
    assert await group.get([1]) == {1: 2}


async def test_a_request_that_goes_away_takes_nobody_along():
    gate = asyncio.Event()

    async def read(keys: list[int]) -> dict[int, int]:
        await gate.wait()
        return dict.fromkeys(keys, 0)

    group = GroupRead(read)
    gone, stays = (asyncio.create_task(group.get([1])) for _ in range(2))
    await asyncio.sleep(0.01)
    gone.cancel()
    gate.set()
    assert await stays == {1: 0}
