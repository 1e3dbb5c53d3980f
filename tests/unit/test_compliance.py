"""The lexicon and the machine's checks of a card."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from liveshelf.compliance import rules
from liveshelf.compliance.errors import NameIllegal, PictureIllegal
from liveshelf.compliance.types import Severity
from liveshelf.media.rules import read_picture
from tests.make import pictures


@pytest.mark.feature("A-908")
@pytest.mark.parametrize(
    ("name", "rule", "text"),
    [
        ("国家级品质茶", "absolute", "国家级"),
        ("全网第一好茶", "absolute", "全网第一"),
        ("ＮＯ.1 cup", "absolute", "ＮＯ.1"),
        ("仿真手枪", "weapons", "手枪"),
        ("象牙雕件", "wildlife", "象牙雕"),
        ("加微信领茶", "contact", "加微信"),
        ("加-微 信领茶", "contact", "加-微 信"),
        ("加\u200b微\u200b信", "contact", "加\u200b微\u200b信"),
        ("加ＶＸ看货", "contact", "加ＶＸ"),
        ("茶 138 0013-8000", "contact.phone", "138 0013-8000"),
        ("茶138.0013.8000", "contact.phone", "138.0013.8000"),
        ("包治百病茶", "medical", "包治百病"),
    ],
)
def test_a_certain_word_refuses_and_names_its_place(name, rule, text):
    found = [one for one in rules.name_findings(name) if one.severity is Severity.REFUSE]
    assert [(one.rule, one.text, name[one.start : one.end]) for one in found] == [(rule, text, text)]
    with pytest.raises(NameIllegal) as caught:
        rules.refuse_illegal_name(name)
    assert caught.value.context["text"] == text


@pytest.mark.parametrize(
    "name",
    [
        "青瓷茶盏",
        "最新款茶杯",
        "象牙白瓷杯",
        "第一次泡茶",
        "毕业证书框",
        "devxtra cup",
        "best" + "ow cup",
        "1380013800",
        "茶盏 2026",
        "",
    ],
)
def test_harmless_names_have_no_findings(name):
    assert rules.name_findings(name) == []


def test_a_word_that_needs_proof_is_shown_and_does_not_refuse():
    (one,) = rules.name_findings("顶级青瓷")
    assert (one.rule, one.severity, one.text) == ("absolute_hint", Severity.NOTE, "顶级")
    rules.refuse_illegal_name("顶级青瓷")


def test_a_longer_word_says_it_once():
    assert [one.text for one in rules.name_findings("最佳茶杯")] == ["最佳"]


@given(st.text(max_size=60))
def test_any_text_can_be_checked_and_every_finding_is_inside_it(name):
    for one in rules.name_findings(name):
        assert name[one.start : one.end] == one.text


@given(st.sampled_from(["国家级", "加微信", "手枪"]), st.text(alphabet=" -_.*·　\u200b", max_size=3))
def test_marks_between_the_characters_hide_nothing(word, mark):
    assert any(one.severity is Severity.REFUSE for one in rules.name_findings(mark.join(word)))


@pytest.mark.feature("A-909")
@pytest.mark.parametrize(
    ("size", "kind", "options"),
    [((300, 260), "JPEG", {"quality": 40}), ((120, 110), "PNG", {}), ((800, 700), "WEBP", {})],
)
def test_a_flagged_picture_is_known_resized_and_encoded_again(size, kind, options):
    picture = read_picture(pictures.encoded(pictures.flagged().resize(size), kind, **options))
    with pytest.raises(PictureIllegal):
        rules.refuse_flagged_picture(picture.fingerprint)
    assert [one.rule for one in rules.picture_findings(picture.data, picture.fingerprint)] == ["picture.flagged"]


def test_other_pictures_are_not_flagged():
    for seed in range(20):
        rules.refuse_flagged_picture(read_picture(pictures.jpeg(seed=seed)).fingerprint)
    rules.refuse_flagged_picture(read_picture(pictures.encoded(Image.new("RGB", (50, 50), "white"), "PNG")).fingerprint)


def test_a_code_in_the_picture_is_found_with_what_it_says():
    code = zxingcpp.create_barcode("https://example.com/buy", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    sheet = pictures.image(300, 300)
    sheet.paste(Image.fromarray(code) if not isinstance(code, Image.Image) else code, (20, 20))
    picture = read_picture(pictures.encoded(sheet))
    (one,) = rules.picture_findings(picture.data, picture.fingerprint)
    assert (one.rule, one.text, one.severity) == ("picture.code", "https://example.com/buy", Severity.REFUSE)


def test_a_link_that_leads_elsewhere_is_shown():
    (one,) = rules.link_findings("pages/web/web?url=https%3A%2F%2Fshop.example.com%2Fx")
    assert one.text.startswith("https://shop.example.com")
    assert one.severity is Severity.NOTE
    assert rules.link_findings("pages/goods/detail?id=1") == []


def test_unlikely_prices_are_shown():
    assert rules.price_findings(1, 9900, None) == []
    assert len(rules.price_findings(1, 1, None)) == 1
    assert len(rules.price_findings(1, 2_000_000_00, None)) == 1
    assert len(rules.price_findings(3, 99_900, 990)) == 1
    assert rules.price_findings(3, 12_800, 9_900) == []
