"""Three platforms look at the same goods in three ways, and spot checks meet the share that they say."""

from __future__ import annotations

from datetime import date

import pytest

from liveshelf.compliance.platforms import PROFILES, Check, Checked, Platform, Precheck, precheck, sampled

DAY = date(2026, 11, 27)
BRAND = "brand_authorisation"


def seen_by(platform: Platform, *, name: str = "青瓷茶盏", goods_id: int = 1) -> Precheck:
    goods = Checked(1, goods_id, {"name": name, "detail": "一壶四盏"}, ("business_licence", BRAND))
    return precheck(PROFILES[platform], goods, day=DAY, authorisation=(BRAND,))


@pytest.mark.feature("L-702")
def test_the_same_goods_run_three_different_checks():
    checks = {platform: tuple(one.check for one in seen_by(platform).asked) for platform in Platform}
    assert checks == {
        Platform.WECHAT: (Check.FILING,),
        Platform.DOUYIN: (Check.WORDS, Check.WATCH),
        Platform.TAOBAO: (Check.SPOT,),
    }
    assert seen_by(Platform.WECHAT).asked[0].papers == ("business_licence", BRAND)
    assert seen_by(Platform.DOUYIN).asked[1].every_s == 10
    assert seen_by(Platform.DOUYIN).clear


@pytest.mark.feature("L-702")
def test_words_are_a_matter_of_the_one_that_watches_content():
    name = "全网第一茶盏"
    found = seen_by(Platform.DOUYIN, name=name)
    assert not found.clear
    assert {one.field for one in found.asked[0].findings} == {"name"}
    assert all(not one.findings for one in seen_by(Platform.WECHAT, name=name).asked)
    assert all(not one.findings for one in seen_by(Platform.TAOBAO, name=name).asked)


@pytest.mark.feature("L-702")
@pytest.mark.parametrize("percent", [0.0, 0.5, 20.0, 100.0])
def test_a_spot_check_meets_its_share_of_goods(percent: float):
    many = 40_000
    hits = sum(sampled(1, goods_id, percent=percent, day=DAY) for goods_id in range(many))
    assert abs(hits / many * 100 - percent) < 0.6


@pytest.mark.feature("L-702")
def test_a_spot_check_asks_all_month_the_same_goods_and_others_the_next():
    def drawn(day: date) -> set[int]:
        return {goods_id for goods_id in range(2_000) if sampled(7, goods_id, percent=20.0, day=day)}

    assert drawn(date(2026, 11, 1)) == drawn(date(2026, 11, 30))
    assert drawn(date(2026, 11, 30)) != drawn(date(2026, 12, 1))
    hit = next(iter(drawn(DAY)))
    asked = precheck(PROFILES[Platform.TAOBAO], Checked(7, hit, {}, ()), day=DAY, authorisation=(BRAND,)).asked[0]
    assert (asked.sampled, asked.papers, asked.lacking) == (True, (BRAND,), (BRAND,))
    ready = Checked(7, hit, {}, (), frozenset({BRAND}))
    assert precheck(PROFILES[Platform.TAOBAO], ready, day=DAY, authorisation=(BRAND,)).clear
    missed = next(goods_id for goods_id in range(2_000) if goods_id not in drawn(DAY))
    assert precheck(PROFILES[Platform.TAOBAO], Checked(7, missed, {}, ()), day=DAY).clear
