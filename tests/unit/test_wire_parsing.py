"""How the wire reads what it is sent, and what its log keeps of it."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.facades.wechat.bodies import parse_body, parse_query, parse_upload
from liveshelf.facades.wechat.cache import Answers
from liveshelf.facades.wechat.envelope import success, yuan
from liveshelf.facades.wechat.errors import BodyUnreadable, MediaAbsent, ParameterWrong
from liveshelf.facades.wechat.masks import masked, masked_text
from liveshelf.facades.wechat.params import Params
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=5), st.booleans())
def test_json_objects_come_back_as_they_were(value: dict[str, object], ascii_only: bool):
    assert parse_body(json.dumps(value, ensure_ascii=ascii_only).encode(), "") == value


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"]),
)
def test_any_bytes_are_a_value_or_refused(body: bytes, content_type: str):
    with contextlib.suppress(BodyUnreadable):
        assert isinstance(parse_body(body, content_type), dict)
    with contextlib.suppress(BodyUnreadable, MediaAbsent):
        parse_upload(body, content_type)
    assert isinstance(dict(parse_query(body)), dict)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_queries_come_back_as_they_were(value: dict[str, str]):
    plain = {
        key: text
        for key, text in value.items()
        if key.encode(errors="replace").decode() == key and text.encode(errors="replace").decode() == text
    }
    assert parse_query(urlencode(plain).encode()) == plain


def test_numbers_keep_every_digit():
    read = parse_body(b'{"a":99.50,"b":1e2,"c":12345678901234567890}', "")
    assert read == {"a": Decimal("99.50"), "b": Decimal("1E+2"), "c": 12345678901234567890}
    params = Params({"a": Decimal("99.50"), "b": Decimal("1E+30"), "c": True, "d": [1], "e": " 12.3 ", "f": ""})
    assert [params.amount_text(key) for key in "abcdefg"] == ["99.50", "?", "?", "?", "12.3", None, None]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("ids[0]=5&ids[1]=6", {"ids": ["5", "6"]}),
        ("ids[1]=6&ids[0]=5", {"ids": ["5", "6"]}),
        ("ids[]=5&ids[]=6", {"ids": ["5", "6"]}),
        ("users[0][username]=u&users[0][nickname]=n", {"users": [{"username": "u", "nickname": "n"}]}),
        ("goodsInfo[name]=%E8%8C%B6&goodsInfo[price]=1", {"goodsInfo": {"name": "茶", "price": "1"}}),
        (quote("ids[0]") + "=5", {"ids": ["5"]}),
        ("a[b]c=1", {"a[b]c": "1"}),
    ],
)
def test_forms_are_read_in_phps_notation(form: str, expected: object):
    assert parse_body(form.encode(), "application/x-www-form-urlencoded") == expected


@pytest.mark.parametrize(
    "form", ["a=1&a[b]=2", "a" + "[b]" * 9 + "=1", "a=%ff", "&".join(f"a{n}=1" for n in range(3_000))]
)
def test_forms_that_make_no_sense_are_refused(form: str):
    with pytest.raises(BodyUnreadable):
        parse_body(form.encode(), "application/x-www-form-urlencoded")


def test_strict_mode_sees_json_of_another_type_as_empty():
    assert parse_body(b'{"a":1}', "text/plain", strict=True) == {}
    assert parse_body(b'{"a":1}', "application/json; charset=utf-8", strict=True) == {"a": 1}


@given(st.integers(0, 10**12))
def test_yuan_are_exact_numbers(fen: int):
    text = success({"price": yuan(fen)}).decode()
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal)["price"] * 100 == fen
    assert "e" not in text.rsplit(":", 1)[1].lower()


def test_parameters_are_read_leniently_and_refused_by_name():
    params = Params(
        {"n": "7", "z": 0, "d": Decimal("3.0"), "f": "1", "t": "x", "l": ["1", 2, Decimal(3)], "o": {"a": 1}}
    )
    assert (params.number("n"), params.number("z"), params.number("d"), params.flag("f")) == (7, 0, 3, True)
    assert params.identifiers("l") == [1, 2, 3]
    assert params.part("o").number("a") == 1
    for read in (
        lambda: params.identifier("z"),
        lambda: params.number("t"),
        lambda: params.number("none"),
        lambda: params.text("n2"),
        lambda: params.text("o"),
        lambda: params.flag("n"),
        lambda: params.flag("none"),
        lambda: params.part("t"),
        lambda: params.parts("l"),
        lambda: params.identifiers("t"),
        lambda: params.optional_texts("t"),
    ):
        with pytest.raises(ParameterWrong):
            read()
    assert params.flag("none", default=True) is True
    assert params.optional_text("z") is None


def test_secrets_leave_every_text_that_is_kept():
    for text in (
        '{"secret": "s3cret", "x": 1}',
        '{"secret":"s3cret',
        "appid=wx&secret=s3cret&x=1",
        '{"a":{"access_token" : "s3cret"}}',
        '{"password":"a\\"s3cret"}',
        "js_code=s3cret",
        '"session_key":"s3cret"',
    ):
        assert "s3cret" not in masked_text(text), text
    assert masked({"Secret": "s3cret", "deep": [{"access_token": "s3cret"}], "name": "茶"}) == {
        "Secret": "***",
        "deep": [{"access_token": "***"}],
        "name": "茶",
    }


def test_answers_are_kept_for_one_version_and_within_bounds():
    answers = Answers(10_000)
    one, two = ShopId(1), ShopId(2)
    key = (AuditState.APPROVED, 0, 30)
    answers.put_page(one, 5, key, b"five")
    assert answers.shelf(one, 5).pages[key] == b"five"
    assert not answers.shelf(one, 4).pages
    assert answers.shelf(one, 5).pages
    assert not answers.shelf(one, 6).pages
    answers.put_items(two, 1, dict.fromkeys(range(20), b"x" * 100))
    assert answers.shelf(two, 1).found([1, 99]) == [b"x" * 100, None]
    answers.put_page(one, 6, key, b"y" * 9_000)
    assert answers.shelf(one, 6).pages
    assert not answers.shelf(two, 1).items
