"""What a rehearsal's figures mean, at their limits."""

from __future__ import annotations

import pytest

from liveshelf.entry.commands.rehearse import told
from liveshelf.entry.rehearsal import verdict
from liveshelf.entry.rehearsal.crowd import ways
from liveshelf.entry.rehearsal.script import OnSale, Shown
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.ids import GoodsId, SkuId
from liveshelf.rehearsals.types import Area, Check, Code, EndedBy, Outcome, Report
from liveshelf.rooms.claim_rules import Offered, OfferedSku, Unclear, Wanted, read

GO, NO_GO, NOT_TRIED = Outcome.GO, Outcome.NO_GO, Outcome.NOT_TRIED


def test_a_percentile_is_a_value_that_was_measured():
    assert verdict.percentile([], 99) == 0
    assert verdict.percentile([7], 99) == 7
    assert verdict.percentile(list(range(100, 0, -1)), 99) == 100
    assert verdict.percentile(list(range(1000)), 99) == 990
    assert verdict.percentile([3, 1, 2], 50) == 2


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (verdict.watching(200, opened=200, wrong=0), GO),
        (verdict.watching(200, opened=199, wrong=0), NO_GO),
        (verdict.watching(200, opened=200, wrong=1), NO_GO),
        (verdict.cards(3, [1000], missed=0, doubled=0), GO),
        (verdict.cards(3, [1001], missed=0, doubled=0), NO_GO),
        (verdict.cards(3, [1], missed=1, doubled=0), NO_GO),
        (verdict.cards(3, [1], missed=0, doubled=1), NO_GO),
        (verdict.cards(0, [], missed=0, doubled=0), NOT_TRIED),
        (verdict.comments(5, shown=5, took_ms=[1000]), GO),
        (verdict.comments(5, shown=4, took_ms=[10]), NO_GO),
        (verdict.comments(5, shown=5, took_ms=[1001]), NO_GO),
        (verdict.claims(4, won=2, waiting=1, asked_back=1, refused=0, wrong=0, clear=3, pieces=2, p99_ms=9), GO),
        (verdict.claims(4, won=3, waiting=0, asked_back=1, refused=0, wrong=0, clear=3, pieces=2, p99_ms=9), NO_GO),
        (verdict.claims(4, won=0, waiting=4, asked_back=0, refused=0, wrong=0, clear=3, pieces=2, p99_ms=9), NO_GO),
        (verdict.claims(4, won=2, waiting=1, asked_back=0, refused=0, wrong=0, clear=3, pieces=2, p99_ms=9), NO_GO),
        (verdict.claims(4, won=2, waiting=1, asked_back=1, refused=0, wrong=1, clear=3, pieces=2, p99_ms=9), NO_GO),
        (verdict.claims(4, won=0, waiting=0, asked_back=4, refused=0, wrong=0, clear=0, pieces=2, p99_ms=9), GO),
        (verdict.claims(0, won=0, waiting=0, asked_back=0, refused=0, wrong=0, clear=3, pieces=0, p99_ms=0), NOT_TRIED),
        (verdict.paying(7, ordered=2, paid=2, too_late=5, took_ms=[9]), GO),
        (verdict.paying(7, ordered=2, paid=1, too_late=5, took_ms=[9]), NO_GO),
        (verdict.paying(7, ordered=2, paid=2, too_late=4, took_ms=[9]), NO_GO),
        (verdict.paying(7, ordered=0, paid=0, too_late=7, took_ms=[9]), NO_GO),
        (verdict.paying(0, ordered=0, paid=0, too_late=0, took_ms=[]), NOT_TRIED),
        (verdict.sold(5, sold=5, short=0, books_wrong=0), GO),
        (verdict.sold(5, sold=6, short=0, books_wrong=0), NO_GO),
        (verdict.sold(5, sold=5, short=1, books_wrong=0), NO_GO),
        (verdict.sold(5, sold=5, short=0, books_wrong=1), NO_GO),
        (verdict.back(Code.HTTP, 5000), GO),
        (verdict.back(Code.HTTP, 5001), NO_GO),
        (verdict.notices(6, lost=3, settled=6), GO),
        (verdict.notices(6, lost=3, settled=5), NO_GO),
        (verdict.notices(0, lost=0, settled=0), NOT_TRIED),
        (verdict.uplink(26, uplink_kbps=100_000, picture_kbps=3_000, page_kbps=20), GO),
        (verdict.uplink(27, uplink_kbps=100_000, picture_kbps=3_000, page_kbps=20), NO_GO),
        (verdict.uplink(4_000, uplink_kbps=100_000, picture_kbps=0, page_kbps=20), GO),
        (verdict.uplink(4_001, uplink_kbps=100_000, picture_kbps=0, page_kbps=20), NO_GO),
        (verdict.uplink(1, uplink_kbps=None, picture_kbps=0, page_kbps=20), NOT_TRIED),
        (verdict.uplink(1, uplink_kbps=100_000, picture_kbps=None, page_kbps=20), NOT_TRIED),
        (verdict.disk(2, picture_kbps=4_000, free_mb=3_600), GO),
        (verdict.disk(2, picture_kbps=4_000, free_mb=3_599), NO_GO),
        (verdict.disk(2, picture_kbps=None, free_mb=3_600), GO),
        (verdict.disk(1, picture_kbps=1, free_mb=-7), NO_GO),
    ],
)
def test_each_check_at_its_limit(check: Check, outcome: Outcome):
    assert check.outcome is outcome, check
    assert ("reason" in check.facts) == (outcome is NOT_TRIED)


def test_the_machine_carries_what_was_expected_or_does_not():
    def machine(held: int) -> Check:
        return verdict.machine(200, held=held, p99_ms=40, orders_per_s=300, comments_per_s=200, ended_by=EndedBy.SLOW)

    assert (machine(200).outcome, machine(199).outcome) == (GO, NO_GO)


def test_what_was_not_tried_is_no_reason_against_going_on_air_but_one_no_is():
    fine = verdict.back(Code.HTTP, 1)
    untried = verdict.notices(0, lost=0, settled=0)
    assert Report((fine, untried), 1, 2, 3, 4).go
    assert not Report((fine, untried, verdict.back(Code.WORKER, 9_999)), 1, 2, 3, 4).go


def test_people_claim_in_many_ways_and_the_crowd_knows_which_of_them_are_clear():
    skus = (OnSale(SkuId(1), 100, 5, ("红色", "L")), OnSale(SkuId(2), 100, 5, ("红色", "M")))
    shirt = Shown(GoodsId(7), 3, True, DeliveryKind.SHIPPED, skus)
    offered = [Offered(GoodsId(7), "3", 3, tuple(OfferedSku(one.sku_id, one.values) for one in skus))]
    meant = [read(text, offered) for text in ways(shirt, "3")]
    assert {type(one) for one in meant} == {Wanted, Unclear, type(None)}
    assert {one.sku_id for one in meant if isinstance(one, Wanted)} == {1, 2}
    assert all(one.quantity == 1 for one in meant if isinstance(one, Wanted))


def test_the_command_line_tells_a_check_in_one_line_in_both_languages():
    line = told(verdict.back(Code.DATABASE, 700, limit_ms=5_000))
    assert line == "ok    数据库被杀 database killed: back_ms 700, limit_ms 5000"
    assert all(told(Check(Area.CROWD, code, NO_GO)).startswith("NO ") for code in Code)
