"""The map from our errors to WeChat's numbers: total, and every number of the list produced from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from liveshelf.entry import registry
from liveshelf.facades.wechat.coverage import coverage_page
from liveshelf.facades.wechat.errors import ERRORS, Refusal, refusal_of, text_of
from liveshelf.facades.wechat.router import ROUTES, table
from liveshelf.flows import listing
from liveshelf.kernel.errors import DomainError, leaves
from liveshelf.shops.types import QUOTAS

# Capabilities and codes that no wire call reaches: people and their sessions, orders and what follows them, payments,
# the review desk, files, clocks, the native API's own envelope, and what only staff can ask for.
NEVER_PREFIXES = (
    "accounts.",
    "aftersales.",
    "announcements.",
    "batches.",
    "billing.",
    "calendar.",
    "checklists.",
    "compliance.entry_",
    "compliance.lexicon_",
    "compliance.shop_may_",
    "compliance.text_illegal",
    "clocks.",
    "customers.address",
    "customers.divisions_",
    "fulfilment.",
    "orders.",
    "penalties.",
    "webhooks.",
    "checkout.",
    "payments.",
    "qualifications.",
    "rehearsals.",
    "reviews.",
    "rooms.claim_",
    "stock.",
    "paging.",
    "request.",
    "trail.",
    "outbound.",
    "timeline.",
    "wecom.",
)
NEVER = {
    "customers.unknown",
    "customers.sign_in_refused",
    "customers.sign_in_too_often",
    "customers.phone_taken",
    "customers.already_member",
    "customers.invalid",
    "customers.no_demo_buyers",
    "customers.customer_unknown",
    "customers.export_too_soon",
    "customers.export_unknown",
    "customers.purpose_unknown",
    "goods.no_version_pending",
    "goods.product_missing",
    "goods.product_changed",
    "goods.product_has_card",
    "goods.validity_invalid",
    "rooms.comment_invalid",
    "rooms.comment_missing",
    "rooms.comment_refused",
    "rooms.comment_too_soon",
    "rooms.comments_closed",
    "rooms.contact_invalid",
    "rooms.member_in_use",
    "rooms.member_linked",
    "rooms.member_missing",
    "rooms.all_muted",
    "rooms.legal_absent",
    "rooms.mute_missing",
    "rooms.muted",
    "rooms.override_invalid",
    "rooms.plan_invalid",
    "rooms.preflight_blocked",
    "rooms.question_answered",
    "rooms.quick_bar_full",
    "rooms.sales_kept",
    "rooms.setting_invalid",
    "rooms.shelf_sorted_meanwhile",
    "rooms.likes_closed",
    "rooms.ticket_refused",
    "rooms.too_many_streams",
    "video.already_sending",
    "video.codec_refused",
    "video.delay_invalid",
    "video.key_expired",
    "video.key_refused",
    "video.link_refused",
    "video.missing",
    "shops.missing",
    "shops.credential_missing",
    "shops.invalid",
    "shops.addresses_invalid",
    "shops.not_sandbox",
    "shops.overlap_invalid",
    "shops.time_limit_invalid",
    "shops.not_waivable",
    "shops.waiver_invalid",
    "shops.reset_not_confirmed",
    "shops.pages_invalid",
    "shops.quota_unknown",
    "shops.fault_invalid",
    "shops.fault_missing",
    "shops.too_many_faults",
}


def test_every_error_of_the_product_is_mapped_or_named_as_one_that_never_comes():
    registry.everything()
    codes = {
        leaf.code
        for leaf in leaves()
        if leaf.__module__.startswith("liveshelf.") and leaf.__module__ != "liveshelf.kernel.errors"
    }
    unmapped = {code for code in codes - set(ERRORS) - NEVER if not code.startswith(NEVER_PREFIXES)}
    assert unmapped == set()
    assert set(ERRORS) <= codes, "an error in the table that nobody can raise"
    assert not NEVER & set(ERRORS)
    assert codes >= NEVER


def test_every_text_can_be_written():
    for leaf in leaves():
        if leaf.code in ERRORS:
            refusal = refusal_of(leaf("detail {with} braces", field="goods_key"))
            assert refusal.errcode == ERRORS[leaf.code][0]
            assert refusal.text


def test_an_error_of_nobody_is_a_system_error():
    class Odd(DomainError):
        code = "tests.odd"

    assert refusal_of(Odd("secret detail")) == Refusal(-1, "system error")
    assert text_of(123_456) == "system error"


@pytest.mark.feature("A-901", half=True)
async def test_a_bug_is_a_system_error_with_its_rid_in_the_log(wire, monkeypatch, capsys):
    async def broken(*_args: object, **_how: object) -> None:
        raise RuntimeError("a bug with a secret path")

    monkeypatch.setattr(listing, "delete", broken)
    answer = await wire.post("/wxaapi/broadcast/goods/delete", {"goodsId": 1})
    assert answer["errcode"] == -1
    assert answer["errmsg"].startswith("system error rid: ")
    assert "secret" not in answer["errmsg"]


def test_names_and_paths_of_calls_are_unique_and_quotas_belong_to_calls():
    names = [route.name for route in ROUTES]
    assert len(set(names)) == len(names)
    assert set(QUOTAS) - {"submissions"} <= set(names)
    assert len(table(ROUTES)) == sum(1 + len(route.aliases) for route in ROUTES)
    with pytest.raises(ValueError, match="share a path"):
        table([ROUTES[0], ROUTES[0]])


def test_the_coverage_page_names_every_call_and_code():
    page = coverage_page()
    for route in ROUTES:
        assert f"`{route.path}`" in page
    for errcode, _ in ERRORS.values():
        assert f"| {errcode} |" in page


def test_the_twenty_codes_of_the_list_each_have_a_test():
    """The rows A-901 to A-920 are named by tests of this folder."""
    named = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [row for row in (f"A-{number}" for number in range(901, 921)) if f'"{row}"' not in named] == []
