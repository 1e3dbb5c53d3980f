"""Money, text, ids, states and pages: plain values."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.kernel.fen import MAX_FEN, Fen, parse_yuan, split, yuan_text
from liveshelf.kernel.ids import INT63_MAX, TimeOrdered, new_rid
from liveshelf.kernel.paging import CursorInvalid, below, decode_cursor, encode_cursor, page_of
from liveshelf.kernel.states import Transitions
from liveshelf.kernel.text import cut_units, fold, is_plain, mask, units
from liveshelf.kernel.time import china_day, next_china_midnight


@given(st.integers(0, MAX_FEN))
def test_every_amount_comes_back_as_it_was_written(fen: int):
    assert parse_yuan(yuan_text(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("99.5", 9950), ("99.50", 9950), ("99.500", 9950), ("0.01", 1), ("128", 12800)]
)
def test_yuan_are_read_exactly(text: str, fen: int):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["99.555", "-1", "+1", "1e3", "", ".5", "1.", "NaN", "1 000", "٣", "100000000.01"])
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(ValueError, match=r".*"):
        parse_yuan(text)


@given(st.integers(0, MAX_FEN), st.lists(st.integers(0, 10_000), min_size=1).filter(any))
def test_shares_sum_to_the_whole_and_are_fair_to_the_fen(total: int, weights: list[int]):
    shares = split(Fen(total), weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1


def test_a_split_by_nothing_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 0\]"):
        split(Fen(1), [0, 0])


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("青瓷茶盏", 8),
        ("tea", 3),
        ("ＡＢ", 4),  # full-width letters
        ("“茶”", 6),  # Chinese quotes are wide in Chinese text
        ("café", 4),
        ("cafe\u0301", 4),  # the accent belongs to its letter
        ("👍", 2),
        ("👨\u200d👩\u200d👧", 6),  # three faces, joined
        ("", 0),
    ],
)
def test_units_count_as_wechat_does(text: str, length: int):
    assert units(text) == length


@given(st.text(max_size=60), st.integers(0, 40))
def test_a_cut_is_a_beginning_within_the_limit(text: str, limit: int):
    cut = cut_units(text, limit)
    assert text.startswith(cut)
    assert units(cut) <= limit


def test_control_characters_and_lone_surrogates_are_not_plain_text():
    assert is_plain("青瓷 tea 👍")
    assert not is_plain("a\x00b")
    assert not is_plain("a\nb")
    assert not is_plain("\ud800")


def test_words_are_compared_folded():
    assert fold("ＴＥＡ 茶") == "tea茶"


def test_masks_hide_what_is_short():
    assert mask("wx_aqing") == "wx****ng"
    assert mask("abc") == "***"


def test_numbers_grow_and_never_repeat_across_threads():
    make = TimeOrdered()
    found: list[int] = []

    def draw() -> None:
        found.extend(make() for _ in range(2000))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == len(found)
    assert max(found) <= INT63_MAX
    later = make()
    assert later > max(found)


def test_a_rid_is_three_groups_of_eight():
    assert [len(part) for part in new_rid().split("-")] == [8, 8, 8]


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


def test_a_machine_with_an_unreachable_state_is_not_built():
    with pytest.raises(ValueError, match="unreachable"):
        Transitions("light", {Light.RED}, {Light.RED: {Light.GREEN}, Light.GREEN: {Light.RED}, Light.BLUE: {Light.RED}})


def test_a_machine_knows_where_a_state_is_entered_from():
    light = Transitions(
        "light", {Light.RED}, {Light.RED: {Light.GREEN}, Light.GREEN: {Light.BLUE}, Light.BLUE: {Light.GREEN}}
    )
    assert light.sources(Light.GREEN) == {Light.RED, Light.BLUE}
    assert light.allows(Light.RED, Light.GREEN)
    assert not light.allows(Light.GREEN, Light.RED)


def test_a_cursor_comes_back_and_a_foreign_one_is_refused():
    cursor = encode_cursor(5, "name")
    assert decode_cursor(cursor, int, str) == (5, "name")
    assert decode_cursor(None, int) is None
    for foreign in ("!!!", "bm9wZQ", cursor):
        with pytest.raises(CursorInvalid):
            decode_cursor(foreign, int)


def test_a_page_knows_whether_there_is_a_next_one():
    page = page_of([1, 2, 3], 2, lambda row: (row,))
    assert list(page.items) == [1, 2]
    assert decode_cursor(page.next, int) == (2,)
    assert below(page.next) == 2
    assert below(None) == INT63_MAX
    assert page_of([1, 2], 2, lambda row: (row,)).next is None


def test_days_change_at_midnight_in_china():
    before = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)
    assert china_day(before).day == 22
    assert next_china_midnight(before) == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert china_day(next_china_midnight(before)).day == 23
