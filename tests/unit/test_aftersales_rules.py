"""Pure rules of after-sales: shares to the fen, the seven reasons, the review flow, what is refused."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.accounts.types import Role
from liveshelf.aftersales import reasons, rules
from liveshelf.aftersales.errors import (
    AddressInvalid,
    FlowInvalid,
    ParcelInvalid,
    ReasonInvalid,
    ReasonsIncomplete,
    TextInvalid,
)
from liveshelf.aftersales.types import CASE, Address, Band, CaseKind, CaseState, Responsibility
from liveshelf.kernel.fen import Fen
from liveshelf.platform.signing import Keys


@given(
    st.integers(1, 10_000_000),
    st.lists(st.tuples(st.integers(1, 100_000), st.integers(1, 99)), min_size=1, max_size=20),
)
def test_all_pieces_together_are_what_was_paid(paid: int, lines: list[tuple[int, int]]):
    worth = rules.worth(
        paid,
        {number: weight for number, (weight, _) in enumerate(lines)},
        {number: count for number, (_, count) in enumerate(lines)},
    )
    assert sum(sums[-1] for sums in worth.values()) == paid
    for sums in worth.values():
        pieces = [after - before for before, after in itertools.pairwise(sums)]
        assert all(piece >= 0 for piece in pieces)
        assert max(pieces) - min(pieces) <= 1


@given(st.integers(1, 100_000), st.integers(1, 20), st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5))))
def test_cases_that_come_and_go_never_pass_the_line_and_lose_no_fen(paid: int, count: int, steps: list):
    sums = rules.worth(paid, {1: 1}, {1: count})[1]
    held: list[tuple[int, int]] = []
    for which, quantity in steps:
        claimed, claimed_fen = sum(one for one, _ in held), sum(fen for _, fen in held)
        if claimed + quantity <= count:
            worth = rules.next_worth(sums, claimed=claimed, claimed_fen=claimed_fen, quantity=quantity)
            held.append((quantity, worth))
        elif held:
            held.pop(which % len(held))  # somebody withdraws
        assert sum(fen for _, fen in held) <= paid
    claimed, claimed_fen = sum(one for one, _ in held), sum(fen for _, fen in held)
    if claimed < count:
        rest = rules.next_worth(sums, claimed=claimed, claimed_fen=claimed_fen, quantity=count - claimed)
        assert claimed_fen + rest == paid


@pytest.mark.feature("S-316")
def test_exactly_seven_reasons_each_with_a_responsibility_and_a_rule_of_evidence():
    assert len(reasons.TEMPLATES) == 7
    assert len({one.code for one in reasons.TEMPLATES}) == 7
    assert {one.responsibility for one in reasons.TEMPLATES} == set(Responsibility)
    shown = {one.code for one in reasons.TEMPLATES if one.pictures}
    assert shown == {"wrong_or_missing", "damaged", "quality"}
    for one in reasons.TEMPLATES:
        assert one.zh, one.code
        assert one.en, one.code
        assert one.kinds, one.code


def test_a_shop_words_and_orders_the_seven_but_keeps_them():
    mine = [replace(one, zh=f"{one.zh}。", kinds=()) for one in reversed(reasons.TEMPLATES)]
    checked = reasons.checked(mine)
    assert [one.code for one in checked] == [one.code for one in reversed(reasons.TEMPLATES)]
    assert checked[0].kinds == reasons.TEMPLATES[-1].kinds
    with pytest.raises(ReasonsIncomplete):
        reasons.checked(mine[1:])
    with pytest.raises(ReasonsIncomplete):
        reasons.checked([*mine, mine[0]])
    with pytest.raises(ReasonsIncomplete):
        reasons.checked([replace(one, active=False) for one in mine])
    for wrong in ("", " ", "字" * 41, "一\x00"):
        with pytest.raises(ReasonInvalid):
            reasons.checked([replace(mine[0], zh=wrong), *mine[1:]])


def test_a_reason_goes_with_what_is_asked_for():
    with pytest.raises(ReasonInvalid):
        reasons.chosen(reasons.TEMPLATES, "not_received", CaseKind.RETURN, shipped=True)
    with pytest.raises(ReasonInvalid):
        reasons.chosen(reasons.TEMPLATES, "damaged", CaseKind.REFUND, shipped=False)
    with pytest.raises(ReasonInvalid):
        reasons.chosen(
            [replace(one, active=False) for one in reasons.TEMPLATES], "quality", CaseKind.RETURN, shipped=True
        )


def band(upto: int | None, *steps: Role) -> Band:
    return Band(None if upto is None else Fen(upto), steps)


@pytest.mark.feature("S-317", half=True)
@pytest.mark.parametrize(
    ("bands", "problem"),
    [
        ([], "count"),
        ([band(100)], "gap"),
        ([band(None), band(100)], "unreachable"),
        ([band(100), band(100), band(None)], "unreachable"),
        ([band(200), band(100), band(None)], "unreachable"),
        ([band(0), band(None)], "unreachable"),
        ([band(None, Role.ANCHOR)], "steps"),
        ([band(None, Role.SERVICE, Role.OPERATOR, Role.OWNER)], "steps"),
        ([band(None, Role.OWNER, Role.SERVICE)], "unreachable"),
        ([band(None, Role.SERVICE, Role.SERVICE)], "unreachable"),
        ([band(10**18), band(None)], "unreachable"),
    ],
)
def test_a_flow_with_a_gap_or_an_idle_step_is_refused(bands: list[Band], problem: str):
    with pytest.raises(FlowInvalid) as refused:
        rules.check_flow(bands)
    assert refused.value.context["problem"] == problem


def test_who_takes_which_step():
    flow = rules.DEFAULT_FLOW
    assert flow.steps(50_00) == ()
    assert flow.steps(50_01) == (Role.SERVICE,)
    assert flow.steps(500_01) == (Role.SERVICE, Role.OWNER)
    assert rules.may_take(Role.OWNER, Role.SERVICE)
    assert not rules.may_take(Role.SERVICE, Role.OWNER)
    assert not rules.may_take(Role.ANCHOR, Role.SERVICE)
    assert not rules.may_take(None, Role.SERVICE)
    assert rules.may_grant(flow, 500_00, Role.SERVICE)
    assert not rules.may_grant(flow, 500_01, Role.SERVICE)
    assert not rules.may_grant(flow, 1, Role.ANCHOR)


def test_money_and_goods_that_are_gone_do_not_come_back():
    assert CASE.edges[CaseState.REFUNDED] == set()
    assert CASE.sources(CaseState.REFUNDED) == {CaseState.REFUNDING}
    assert CaseState.WITHDRAWN not in CASE.edges[CaseState.INSPECTING]
    assert CaseState.APPLIED not in {state for nexts in CASE.edges.values() for state in nexts}


def test_texts_parcels_and_addresses_are_bounded():
    keys = Keys(bytes(range(32)))
    assert rules.checked_text(" 好\n的 ") == "好\n的"
    for wrong in ("", " ", "字" * 501, "a\x00b", "\ud800"):
        with pytest.raises(TextInvalid):
            rules.checked_text(wrong)
    assert rules.checked_parcel(" 顺丰 ", "sf 123 456 7").number == "SF1234567"
    for carrier, number in (("", "SF123456"), ("顺丰", "123"), ("顺丰", "单号一二三四五六"), ("顺" * 51, "SF123456")):
        with pytest.raises(ParcelInvalid):
            rules.checked_parcel(carrier, number)
    home = Address("茶铺", "13800138000", "浙江 杭州", "龙井路 1 号")
    sealed = rules.seal_address(keys, home)
    assert b"13800138000" not in sealed
    assert rules.open_address(keys, sealed) == home
    for bad in (replace(home, name=""), replace(home, phone="abc"), replace(home, street="字" * 121)):
        with pytest.raises(AddressInvalid):
            rules.seal_address(keys, bad)
