"""Who may ask how often, decided at the door."""

from __future__ import annotations

import pytest

from liveshelf.facades.native.regulars import ADDRESS, BUYER, FILE_COST, STAFF, STRANGERS, Regulars
from liveshelf.platform import ratelimit

HERE, THERE = "10.0.0.1", "10.0.0.2"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(ratelimit, "seconds", standing)
    return standing


def cookie(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), (b"cookie", b"theme=dark; liveshelf_buyer_7=" + token.encode())]


def came_in(door: Regulars, headers: list[tuple[bytes, bytes]], *, times: int, address: str = HERE) -> int:
    return sum(door.wait_s(headers, address) == 0 for _ in range(times))


def test_one_viewer_who_floods_uses_up_their_own_and_not_what_the_address_shares(clock: Clock):
    door = Regulars()
    for token in ("loud", "quiet"):
        door.buyer_came(token)
    assert came_in(door, cookie("loud"), times=10_000) == BUYER["burst"]
    assert came_in(door, cookie("loud"), times=10, address=THERE) == 0, "wherever they come from"
    assert came_in(door, cookie("quiet"), times=50) == 50
    assert came_in(door, [], times=50) == 50


def test_cookies_that_nobody_knows_share_what_is_their_address_s(clock: Clock):
    door = Regulars()
    door.buyer_came("known")
    entered = sum(door.wait_s(cookie(f"made-up-{number}"), HERE) == 0 for number in range(5_000))
    assert entered == STRANGERS["burst"]
    assert came_in(door, cookie("known"), times=50) == 50
    assert came_in(door, [], times=1) == 0
    assert came_in(door, [], times=1, address=THERE) == 1


def test_many_known_viewers_of_one_address_share_its_limit_at_last(clock: Clock):
    door = Regulars()
    burst = int(ADDRESS["burst"])
    for number in range(burst):
        door.buyer_came(f"v{number}")
    assert sum(came_in(door, cookie(f"v{number}"), times=2) for number in range(burst)) == burst
    clock.now += 1
    assert sum(came_in(door, cookie(f"v{number}"), times=1) for number in range(burst)) == ADDRESS["per_s"]


def test_after_the_seconds_that_a_refusal_names_the_next_comes_in(clock: Clock):
    door = Regulars()
    for headers in ([], cookie("a"), [(b"authorization", b"Bearer s")]):
        door.buyer_came("a")
        door.staff_came("s")
        while not (wait_s := door.wait_s(headers, HERE)):
            pass
        assert wait_s == 1
        clock.now += wait_s
        assert door.wait_s(headers, HERE) == 0


def test_whoever_works_here_may_ask_more_also_where_they_are_a_buyer_too(clock: Clock):
    door = Regulars()
    door.buyer_came("b")
    door.staff_came("s")
    both = [(b"cookie", b"liveshelf_buyer_1=b; liveshelf_session=s")]
    assert came_in(door, both, times=1_000) == STAFF["burst"]
    assert came_in(door, [(b"authorization", b"bearer s")], times=1) == 0


def test_a_file_costs_less_than_an_answer(clock: Clock):
    door = Regulars()
    entered = sum(door.wait_s([], HERE, FILE_COST) == 0 for _ in range(10_000))
    assert entered == STRANGERS["burst"] / FILE_COST


def test_more_cookies_than_anybody_has_are_not_all_looked_up(clock: Clock):
    door = Regulars()
    door.buyer_came("known")
    many = "; ".join(f"liveshelf_buyer_{number}=x" for number in range(500))
    headers = [(b"cookie", f"{many}; liveshelf_buyer_501=known".encode())]
    assert came_in(door, headers, times=5_000) == STRANGERS["burst"]
