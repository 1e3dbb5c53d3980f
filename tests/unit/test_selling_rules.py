"""Pure decisions of stock, customers and the pay page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.adapters.payments.pay_page import language, render
from liveshelf.adapters.payments.port import ProviderState
from liveshelf.adapters.payments.simulator import PayPage
from liveshelf.customers.errors import CustomerInvalid
from liveshelf.customers.rules import clean_name, new_code, new_openid, seal_phone
from liveshelf.kernel.ids import OrderId, PaymentId, ShopId, SkuId
from liveshelf.platform.signing import Keys
from liveshelf.stock.rules import share_out
from liveshelf.stock.types import Held, Level, Pool, Want

LINES = st.dictionaries(st.integers(1, 3).map(SkuId), st.integers(1, 4), min_size=1).map(lambda d: tuple(d.items()))


@given(st.lists(LINES, max_size=12), st.integers(0, 9))
def test_nobody_gets_what_is_not_there_and_order_of_arrival_decides(wishes, on_hand: int):
    levels = {(SkuId(n), Pool.GENERAL): Level(on_hand, 0, 0, 1) for n in (1, 2)}  # none of the third
    wants = [Want(OrderId(n), lines, "test") for n, lines in enumerate(wishes)]
    answers, after = share_out(levels, wants)
    for level in after.values():
        assert 0 <= level.held <= level.on_hand
    granted = [want for want, short in zip(wants, answers, strict=True) if isinstance(short, Held)]
    for (sku_id, _), level in after.items():
        assert level.held == sum(dict(want.lines).get(sku_id, 0) for want in granted)
    for at in range(len(wants)):  # who comes later changes nothing for who came before
        assert share_out(levels, wants[:at])[0] == answers[:at]


@pytest.mark.parametrize("phone", ["13800138000", "+86 138-0013-8000", " 138 0013 8000 "])
def test_a_phone_is_found_however_it_was_typed_and_kept_unreadable(keys: Keys, phone: str):
    sealed = seal_phone(keys, phone)
    assert sealed.hash == seal_phone(keys, "13800138000").hash
    assert sealed.cipher != seal_phone(keys, phone).cipher
    assert b"13800138000" not in sealed.cipher
    assert keys.decrypt("customer-phone", sealed.cipher) == "13800138000"


@pytest.mark.parametrize(
    "phone", ["", "1380013800", "138001380000", "23800138000", "1380013800x", "１３８００１３８０００"]
)
def test_what_is_no_phone_is_refused(keys: Keys, phone: str):
    with pytest.raises(CustomerInvalid):
        seal_phone(keys, phone)


@pytest.mark.parametrize("name", ["", "   ", "x" * 21, "a\nb", "\ud800", "a\x00"])
def test_a_name_is_plain_text_of_twenty_characters(name: str):
    with pytest.raises(CustomerInvalid):
        clean_name(name)


def test_openids_and_codes_have_wechats_shape():
    assert {(one[0], len(one)) for one in (new_openid() for _ in range(50))} == {("o", 28)}
    assert len({new_code() for _ in range(50)}) == 50
    assert {len(new_code()) for _ in range(50)} == {32}


@pytest.mark.parametrize(
    ("asked", "header", "spoken"),
    [
        ("en", "zh-CN", "en"),
        ("fr", "en-US,zh", "en"),
        ("zh", "en-US", "zh"),
        (None, "fr, en;q=0.8", "en"),
        (None, "en;q=0.5, zh-CN;q=0.9", "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, "en;q=0", "zh"),
        (None, "en;q=often", "zh"),
        (None, "de", "zh"),
        (None, "", "zh"),
    ],
)
def test_the_pay_page_speaks_what_the_buyer_reads(asked: str | None, header: str, spoken: str):
    assert language(asked, header) == spoken


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", [ProviderState.PAID, ProviderState.CLOSED, ProviderState.WAITING])
def test_the_pay_page_is_honest_and_escapes_what_it_shows(lang: str, state: ProviderState):
    page = PayPage(ShopId(1), PaymentId(2), 9_950, "<script>$amount</script>", state, open=False)
    for shown in (
        render(page, return_url='/shop/1"x', lang=lang),
        render(replace(page, open=True), return_url='/shop/1"x', lang=lang),
    ):
        assert "模拟支付 Simulated payment" in shown
        assert "<script>" not in shown
        assert "99.50" in shown
        assert '/shop/1"x' not in shown
