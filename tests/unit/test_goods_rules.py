"""The field rules of a card: names, prices, links; and what a product suggests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.goods import rules
from liveshelf.goods.errors import FieldInvalid, NameLength, PageUnknown, PriceInvalid, PriceTypeInvalid, UrlInvalid
from liveshelf.goods.types import AUDIT, AuditState, PriceTag, PriceType, Sku
from liveshelf.kernel.fen import MAX_FEN, Fen, yuan_text
from liveshelf.kernel.ids import ProductId, SkuId
from liveshelf.kernel.text import units


@pytest.mark.feature("A-205")
@pytest.mark.feature("A-206")
@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("瓷" * 14, True),
        ("瓷" * 15, False),
        ("a" * 28, True),
        ("a" * 29, False),
        ("瓷" * 13 + "ab", True),
        ("瓷" * 13 + "abc", False),
        ("Ａ" * 14, True),  # full width counts as wide
        ("Ａ" * 15, False),
        ("🍵" * 14, True),
        ("🍵" * 15, False),
        ("", False),
        ("  ", False),
        ("茶\n盏", False),
        ("茶\x00盏", False),
    ],
)
def test_a_name_has_at_most_28_units(name, fits):
    if fits:
        assert rules.check_name(name) == name
    else:
        with pytest.raises(NameLength):
            rules.check_name(name)


@given(st.text(max_size=40))
def test_every_name_that_passes_fits_and_can_be_shown(name):
    try:
        rules.check_name(name)
    except NameLength:
        return
    assert len(name.strip()) > 0
    assert units(name) <= rules.NAME_UNITS


@pytest.mark.feature("A-211")
@pytest.mark.feature("A-212")
@pytest.mark.parametrize(
    "text", ["99.555", "abc", "-1", "NaN", "Infinity", "", "1e3", "0", "0.00", "１２", " 1", "1,5", "100000000.01"]
)
def test_a_price_that_is_no_amount_is_refused(text):
    with pytest.raises(PriceInvalid):
        rules.read_price(text)


@pytest.mark.feature("A-211")
@given(st.integers(min_value=1, max_value=MAX_FEN))
def test_every_amount_in_fen_survives_as_yuan(fen):
    assert rules.read_price(yuan_text(fen)) == fen


PRICES = [
    (1, 100, None, True),
    (1, 100, 50, True),  # SDKs send a second price with a fixed one; it is ignored
    (1, 0, None, False),
    (2, 100, 200, True),
    (2, 100, 100, True),
    (2, 200, 100, False),
    (2, 100, None, False),
    (3, 200, 100, True),
    (3, 100, 100, True),
    (3, 100, 200, False),
    (3, 100, None, False),
    (3, 100, 0, False),
    (2, -5, 100, False),
    (1, MAX_FEN + 1, None, False),
]


@pytest.mark.feature("A-208")
@pytest.mark.feature("A-209")
@pytest.mark.feature("A-210")
@pytest.mark.feature("A-705")
@pytest.mark.parametrize(("kind", "price", "price2", "fits"), PRICES)
def test_prices_fit_their_type(kind, price, price2, fits):
    if fits:
        tag = rules.check_prices(kind, price, price2)
        assert tag == PriceTag(PriceType(kind), Fen(price), None if kind == 1 else Fen(price2))
    else:
        with pytest.raises(PriceInvalid):
            rules.check_prices(kind, price, price2)


@pytest.mark.feature("A-207")
@pytest.mark.parametrize("kind", [0, 4, -1])
def test_a_price_type_is_one_of_three(kind):
    with pytest.raises(PriceTypeInvalid):
        rules.check_prices(kind, 100, 100)


@given(st.integers(-2, 6), st.integers(-5, 500), st.none() | st.integers(-5, 500))
def test_what_passes_is_in_order_for_its_type(kind, price, price2):
    try:
        tag = rules.check_prices(kind, price, price2)
    except (PriceInvalid, PriceTypeInvalid):
        return
    assert (tag.price2_fen is None) == (tag.price_type is PriceType.FIXED)
    assert tag.present_fen == min(tag.price_fen, tag.price2_fen or tag.price_fen)


@pytest.mark.feature("A-213")
@pytest.mark.parametrize(
    "url",
    [
        "pages/goods/detail",
        "pages/goods/detail?id=1001",
        "pages/a-b/c_d.e?id=1&from=%E7%9B%B4%E6%92%AD",
        "pages/web/web?url=https%3A%2F%2Fexample.com%2Fx%3Fa%3D1%26b%3D2",
        "pages/goods/detail?name=青瓷",
        "pages/goods/detail?token=abc==",
        "pages/goods/detail?flag",
        "index",
    ],
)
def test_a_page_path_with_encoded_values_is_accepted(url):
    assert rules.check_url(url) == url


@pytest.mark.feature("A-213")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "/pages/goods/detail",
        "https://example.com/pages",
        "pages/web/web?url=https://example.com/x?a=1&b=2",
        "pages/web/web?url=https://example.com",
        "pages/goods/detail?url=a?b=1",
        "pages/goods/detail?id=1#top",
        "pages/goods/detail?id=%zz",
        "pages/goods/detail?id=1 2",
        "pages/goods/detail?=1",
        "pages/goods/detail?a=1&&b=2",
        "pages//detail",
        'pages/goods/detail?x="><script>',
        "pages/goods/detail?id=\x00",
        "javascript:alert(1)",
        "pages/" + "a" * 1024,
    ],
)
def test_a_link_that_breaks_its_query_is_refused(url):
    with pytest.raises(UrlInvalid):
        rules.check_url(url)


@pytest.mark.feature("A-911")
def test_a_page_that_the_shop_does_not_have_is_refused_and_an_empty_list_knows_none():
    rules.check_page("pages/any/where?x=1", [])
    rules.check_page("pages/goods/detail?id=1", ["pages/goods/detail"])
    with pytest.raises(PageUnknown):
        rules.check_page("pages/goods/details?id=1", ["pages/goods/detail"])


def test_an_appid_and_widget_names_are_plain_and_short():
    assert rules.check_third_party("wx0123456789abcdef") == "wx0123456789abcdef"
    assert rules.check_goods_key(["id"]) == ("id",)
    for bad in ("a b", "微信", "x" * 65, "\x00"):
        with pytest.raises(FieldInvalid):
            rules.check_third_party(bad)
    for names in ([""], ["x" * 65], ["a"] * 21, ["\x00"]):
        with pytest.raises(FieldInvalid):
            rules.check_goods_key(names)


def test_what_the_console_may_do_never_contradicts_the_audit():
    for state in AuditState:
        verbs = rules.may(state)
        assert ("submit" in verbs) == (state in {AuditState.UNAUDITED, AuditState.REJECTED})
        assert ("withdraw" in verbs) == AUDIT.allows(state, AuditState.UNAUDITED)
        assert ("delete" in verbs) == (state is not AuditState.IN_AUDIT)


def _sku(price: int, before: int | None = None) -> Sku:
    return Sku(SkuId(1), ProductId(1), (), Fen(price), None if before is None else Fen(before))


def test_a_product_suggests_the_tag_that_its_prices_make():
    assert rules.proposed_tag([_sku(100)]) == PriceTag(PriceType.FIXED, Fen(100), None)
    assert rules.proposed_tag([_sku(100), _sku(100)]) == PriceTag(PriceType.FIXED, Fen(100), None)
    assert rules.proposed_tag([_sku(300), _sku(100)]) == PriceTag(PriceType.RANGE, Fen(100), Fen(300))
    assert rules.proposed_tag([_sku(100, 200)]) == PriceTag(PriceType.DISCOUNT, Fen(200), Fen(100))
    assert rules.proposed_tag([_sku(100, 200), _sku(100)]) == PriceTag(PriceType.FIXED, Fen(100), None)


def test_a_proposed_link_is_on_a_page_that_the_shop_has():
    for pages in ([], ["pages/index"], ["pages/index", "pages/product/show"], [rules.PROPOSED_PAGE]):
        url = rules.check_url(rules.proposed_url(ProductId(7), pages))
        rules.check_page(url, pages)
