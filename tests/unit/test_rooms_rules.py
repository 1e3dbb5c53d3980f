"""Field rules of rooms, at their borders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liveshelf.kernel.ids import GoodsId
from liveshelf.rooms import rules
from liveshelf.rooms.errors import (
    AnchorNameInvalid,
    AnchorWechatInvalid,
    CreatorWechatInvalid,
    GoodsNotInRoom,
    RoomNameInvalid,
    RoomTextNotPlain,
    RoomTimesInvalid,
    SortEmpty,
    SubAnchorWechatInvalid,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["茶" * 3, "茶" * 17, "a" * 6, "a" * 34, "茶茶aa"])
def test_room_names_have_six_to_thirty_four_units(name):
    rules.check_name(name)


@pytest.mark.parametrize("name", ["茶" * 2, "茶" * 18, "a" * 5, "a" * 35, "茶茶a", "  茶茶  ", ""])
def test_room_names_outside_are_refused(name):
    with pytest.raises(RoomNameInvalid):
        rules.check_name(name)


@pytest.mark.parametrize(("name", "good"), [("茶茶", True), ("茶" * 15, True), ("茶", False), ("茶" * 16, False)])
def test_anchor_names_have_four_to_thirty_units(name, good):
    if good:
        rules.check_anchor_name(name)
    else:
        with pytest.raises(AnchorNameInvalid):
            rules.check_anchor_name(name)


@pytest.mark.parametrize("name", ["秋茶\x00专场", "秋茶\n专场", "秋茶\ud800专场"])
def test_names_are_plain(name):
    with pytest.raises(RoomTextNotPlain):
        rules.check_name(name)
    with pytest.raises(RoomTextNotPlain):
        rules.check_anchor_name(name)


def test_wechat_ids_have_a_form():
    rules.check_wechat_ids("wx_aqing", "a-1", "")
    for refused, ids in (
        (AnchorWechatInvalid, ("阿清",)),
        (SubAnchorWechatInvalid, ("a", "b c")),
        (CreatorWechatInvalid, ("a", "", "x" * 65)),
    ):
        with pytest.raises(refused):
            rules.check_wechat_ids(*ids)


@pytest.mark.parametrize(
    ("start", "good"),
    [
        (timedelta(minutes=10), False),
        (timedelta(minutes=10, seconds=1), True),
        (timedelta(days=183), True),
        (timedelta(days=183, seconds=1), False),
        (timedelta(days=-1), False),
    ],
)
def test_over_the_wire_a_start_is_ten_minutes_to_six_months_ahead(start, good):
    if good:
        rules.check_start(NOW + start, now=NOW, lead=rules.WIRE_LEAD)
    else:
        with pytest.raises(RoomTimesInvalid):
            rules.check_start(NOW + start, now=NOW, lead=rules.WIRE_LEAD)


@pytest.mark.parametrize(
    ("minutes", "good"), [(29, False), (30, True), (24 * 60, True), (24 * 60 + 1, False), (-5, False)]
)
def test_a_broadcast_lasts_half_an_hour_to_a_day(minutes, good):
    if good:
        rules.check_length(NOW, NOW + timedelta(minutes=minutes))
    else:
        with pytest.raises(RoomTimesInvalid):
            rules.check_length(NOW, NOW + timedelta(minutes=minutes))


def test_a_new_order_puts_the_named_first_and_keeps_the_rest():
    a, b, c, d = (GoodsId(n) for n in range(4))
    assert rules.sorted_shelf([a, b, c, d], [c, a, c]) == [c, a, b, d]
    with pytest.raises(SortEmpty):
        rules.sorted_shelf([a], [])
    with pytest.raises(GoodsNotInRoom):
        rules.sorted_shelf([a], [a, b])
