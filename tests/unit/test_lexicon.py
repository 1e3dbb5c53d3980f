"""The packaged lexicon, and texts in which its words are hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.compliance import characters, lexicon, packaged, screen
from liveshelf.compliance.types import Severity, WordClass
from liveshelf.reviews.reasons import CODES


def seen(text: str, *, field: str = "name") -> list[tuple[str, str, str]]:
    return [(one.rule, one.text, one.severity.value) for one in screen.text(text, field=field)]


def test_every_class_says_why_in_both_languages_and_names_its_source():
    for one in packaged.classes():
        assert all((one.zh, one.en, one.zh_name, one.en_name, one.source)), one.class_id
        assert one.reason in CODES, one.class_id
    assert len({one.class_id for one in packaged.classes()}) >= 20
    assert packaged.version()


@pytest.mark.parametrize("one", packaged.classes(), ids=lambda one: one.class_id)
def test_every_word_of_a_class_is_found_and_what_is_allowed_is_not(one: WordClass):
    for word in one.words:
        assert one.family in {hit.family for hit in screen.text(word, field="name")}, word
    for word in one.allowed:
        assert one.class_id not in {hit.rule for hit in screen.text(word, field="name")}, word


@pytest.mark.feature("L-603")
@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        ("青瓷 ｚｕｉ好 茶盏", "absolute", "ｚｕｉ好"),
        ("最 好 的茶", "absolute", "最 好"),
        ("最·佳茶盏", "absolute", "最·佳"),
        ("最\u200b佳茶盏", "absolute", "最\u200b佳"),
        ("最🌸佳茶盏", "absolute", "最🌸佳"),
        ("國家級茶盏", "absolute", "國家級"),
        ("zui佳茶盏", "absolute", "zui佳"),
        ("zui jia茶盏", "absolute", "zui jia"),
        ("蕞佳茶盏", "absolute", "蕞佳"),
        ("最弓虽茶盏", "absolute", "最弓虽"),
        ("全网第1茶", "absolute", "全网第1"),
        ("加薇信领茶", "contact", "加薇信"),
        ("力口微信领茶", "contact", "力口微信"),
        ("jia微信领茶", "contact", "jia微信"),
        ("jiaweixin领茶", "contact", "jiaweixin"),
        ("加🆅🆇领茶", "contact", "加🆅🆇"),
        ("➕V看货", "contact.plus_v", "➕V"),
        ("wh4ts4pp 下单", "contact", "wh4ts4pp"),
        ("мy whаtsapp", "contact", "whаtsapp"),  # with a Cyrillic a
        ("微信：tea_2026a", "contact.wechat_id", "微信：tea_2026a"),
        ("QQ：28473625", "contact.qq", "QQ：28473625"),
        ("看 www.teahouse.cn", "contact.url", "www.teahouse"),
        ("teahouse点com", "contact.url", "teahouse点com"),
        ("boss@teahouse.cn", "contact.email", "boss@teahouse.cn"),
        ("热线400-820-8820", "contact.hotline", "400-820-8820"),
        ("一三八零零一三八零零零", "contact.phone", "一三八零零一三八零零零"),
        ("①③⑧００１３８０００", "contact.phone", "①③⑧００１３８０００"),
        ("1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣", "contact.phone", "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0"),
        ("l38oo138000", "contact.phone", "l38oo138000"),
    ],
)
def test_a_disguise_hides_nothing_and_the_place_is_told_as_it_was_written(text, rule, place):
    assert (rule, place, "refuse") in seen(text)


def test_what_only_sounds_alike_is_shown_to_a_person_and_refuses_nothing():
    assert seen("独一无贰的茶") == [("absolute", "独一无贰", "note")]


@pytest.mark.feature("L-602")
@pytest.mark.parametrize(
    ("text", "rule"), [("根治糖尿病", "medical"), ("降血压降血脂", "medical"), ("祖传秘方", "medical")]
)
def test_medical_effects_refuse(text, rule):
    assert {one[0] for one in seen(text)} == {rule}
    assert all(one[2] == "refuse" for one in seen(text))


@pytest.mark.parametrize(
    "text",
    [
        "最好不要放冰箱",
        "万能胶",
        "100元购物券",
        "安徽信阳毛尖",
        "V领针织衫",
        "加V领打底",
        "USA货号",
        "绘本 本色情怀",
        "象牙白",
        "第1次做饭",
        "尺码 155 160 165 170",
        "型号 QS1398 黑",
        "醉美江南",
        "威信",
        "妙手抢购手套",
        "路口交通标志",
        "面包过期",
        "meiweixinxian",
        "家用加围巾",
        "5kg*2袋",
        "top10畅销书书单",
        "no10球衣",
        "13号针织针",
        "加维生素",
        "微芯单片机",
        "大马士革钢",
        "像牙齿一样白",
    ],
)
def test_innocent_texts_have_no_findings(text):
    assert seen(text) == []


def test_what_buyers_think_is_theirs_to_say_and_their_numbers_are_not():
    assert seen("这是最好的茶", field="comment") == []
    assert [one[0] for one in seen("加我微信", field="comment")] == ["contact"]
    assert seen("喝了治好糖尿病", field="review") == [("medical", "治好糖尿病", "note")]
    assert [one[2] for one in seen("傻逼主播", field="comment")] == ["refuse"]


def test_the_end_of_a_sentence_and_the_beginning_of_the_next_make_no_word():
    running = "这只手工做的儿童水枪，支持七天无理由退货，颜色很好看，孩子喜欢"
    assert seen(running) == []
    assert [one[1] for one in seen("水枪，支")] == ["枪，支"]


def test_a_text_in_two_parts_says_each_class_of_it():
    assert {one[0] for one in seen("全网最低价")} == {"absolute", "price"}


def test_a_shops_words_stand_beside_the_platforms():
    own = WordClass(
        "shop", "shop", "本店词", "own words", "本店不用", "Not used here.", "the shop", Severity.NOTE, None,
        "name_illegal", ("竹林七号",), ("竹林七号院",),
    )  # fmt: skip
    both = lexicon.Lexicon("s3", (own,), more=lexicon.of_package())
    assert both.version == f"{packaged.version()}+s3"
    found = screen.text("竹-林七号最佳", field="name", lexicon=both)
    assert [one.rule for one in found] == ["shop", "absolute"]
    assert screen.text("竹林七号院", field="name", lexicon=both) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"zh": " "}, "zh"),
        ({"severity": "perhaps"}, "perhaps"),
        ({"words": ""}, "no words"),
        ({"colour": "red"}, "colour"),
        ({"patterns": [{"id": "x", "view": "plain", "pattern": "(", "gates": "a"}]}, "x"),
        ({"patterns": [{"id": "x", "view": "plain", "pattern": "a"}]}, "no gates"),
    ],
)
def test_a_file_that_is_wrong_says_which_and_why(changed, said):
    good = {
        "zh_name": "类", "en_name": "class", "zh": "原因", "en": "reason", "source": "law", "severity": "refuse",
        "buyers": "none", "reason": "other", "words": "一二", "allowed": "",
    }  # fmt: skip
    assert packaged._class("mine", good).words == ("一二",)
    with pytest.raises(packaged.LexiconBrokenError, match=r"mine\.toml") as caught:
        packaged._class("mine", good | changed)
    assert said in str(caught.value) or "error" in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_can_be_screened_and_every_finding_is_inside_it(text):
    for field in ("name", "comment"):
        for one in screen.text(text, field=field):
            assert text[one.start : one.end] == one.text != ""


@given(st.text(max_size=60))
def test_a_place_is_known_for_every_character_of_a_view(text):
    for view, places in ((characters.base, characters.base_places), (characters.plain, characters.plain_places)):
        where = list(places(text))
        assert len(where) == len(view(text))
        assert where == sorted(where)


def test_a_long_text_is_screened_in_bounded_time():
    assert len(screen.text("加微信 最好 " * 50_000, field="detail")) < 10_000
    screen.text("weixin" * 5_000, field="detail")
    screen.text("a1" * 10_000, field="detail")
    screen.text("一" * 20_000, field="detail")
