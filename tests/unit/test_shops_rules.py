"""Shops' decisions that need nothing but their arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.platform.signing import Keys
from liveshelf.shops import rules
from liveshelf.shops.errors import PagesInvalid, ShopInvalid, TokenMalformed, TokenUnknown, WidgetKeyInvalid
from liveshelf.shops.tokens import TokenClaims, read_token, write_token
from liveshelf.shops.types import LARGE_QUOTA, PAGES_MAX, TokenKind

KEYS = Keys(bytes(range(32)))
APPIDS = st.text("0123456789abcdef", min_size=16, max_size=16).map(lambda digits: f"wx{digits}")
CLAIMS = st.builds(TokenClaims, APPIDS, st.sampled_from(TokenKind), st.integers(1, 2**32 - 1), st.integers(0, 2**40))


@given(CLAIMS)
def test_a_token_says_what_it_was_made_from(claims: TokenClaims):
    token = write_token(KEYS, claims)
    assert len(token) == 60
    assert read_token(KEYS, token) == claims
    assert write_token(KEYS, claims) == token
    with pytest.raises(TokenUnknown):
        read_token(Keys(bytes(32)), token)


@given(CLAIMS, st.integers(0, 59), st.sampled_from("ABCxyz019-_"))
def test_a_token_with_one_character_changed_is_nobodys(claims: TokenClaims, place: int, char: str):
    token = write_token(KEYS, claims)
    changed = token[:place] + char + token[place + 1 :]
    if changed != token:
        with pytest.raises(TokenUnknown):
            read_token(KEYS, changed)


@given(st.text(max_size=700))
def test_any_other_text_is_unknown_or_malformed(text: str):
    with pytest.raises((TokenUnknown, TokenMalformed)):
        read_token(KEYS, text)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_shares_ahead_never_reach_the_limit(limit: int, granted: int):
    ahead = rules.shares_ahead(limit, granted)
    assert 0 <= ahead <= rules.BLOCK_MAX
    assert not ahead or granted + ahead <= limit
    assert not ahead or limit > LARGE_QUOTA


def test_app_json_names_the_pages_of_main_and_sub_packages():
    document = {
        "pages": ["pages/index/index", "pages/a", "pages/a"],
        "subpackages": [{"root": "/more/", "pages": ["b", "c/d"]}],
        "window": {},
    }
    assert rules.pages_of_app_json(document) == ("pages/index/index", "pages/a", "more/b", "more/c/d")


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"pages": "a"},
        {"pages": [1]},
        {"pages": ["a b"]},
        {"pages": ["a?b=1"]},
        {"pages": [], "subPackages": "x"},
        {"pages": [], "subPackages": [{"pages": ["a"]}]},
        {"pages": [], "subPackages": [{"root": "x", "pages": None}]},
        {"pages": [str(number) for number in range(PAGES_MAX + 1)]},
    ],
)
def test_what_is_no_app_json_is_refused(document: object):
    with pytest.raises(PagesInvalid):
        rules.pages_of_app_json(document)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\nb", "\x00"])
def test_shop_names_are_short_and_plain(name: str):
    with pytest.raises(ShopInvalid):
        rules.checked_name(name)


@pytest.mark.parametrize("names", [None, "a", [], [1], ["a b"], ["a=b"], ["x" * 65], ["a"] * 21])
def test_widget_keys_are_lists_of_parameter_names(names: object):
    with pytest.raises(WidgetKeyInvalid):
        rules.checked_widget_key(names)
