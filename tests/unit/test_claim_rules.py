"""Which comments are claims, of what, and which are asked back."""

from __future__ import annotations

import pytest

from liveshelf.kernel.ids import GoodsId, SkuId
from liveshelf.rooms.claim_rules import Ask, Offered, OfferedSku, Unclear, Wanted, check_keyword, number_of, read

CUP = Offered(GoodsId(10), "1", 3, (OfferedSku(SkuId(100)),))
POT = Offered(GoodsId(11), "a3", 7, (OfferedSku(SkuId(110)),))
COAT = Offered(
    GoodsId(12),
    "5",
    12,
    tuple(
        OfferedSku(SkuId(120 + at), values)
        for at, values in enumerate(
            [("红色", "M(90-105斤)"), ("红色", "L"), ("酒红色", "L"), ("黑色", "XXL"), ("黑色", "L")]
        )
    ),
)
SHOE = Offered(GoodsId(13), "8", 1, tuple(OfferedSku(SkuId(130 + at), (str(37 + at),)) for at in range(3)))


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("1", 1),
        ("扣1", 1),
        ("扣 1", 1),
        ("扣一", 1),
        ("口1", 1),
        ("叩1", 1),
        ("kou1", 1),
        ("KOU 1", 1),
        ("+1", 1),
        ("\uff0b1", 1),  # full width, as the input method writes it
        ("\uff11", 1),
        ("①", 1),
        ("加1", 1),
        ("要1", 1),
        ("我要1", 1),
        ("111", 1),
        ("1111！！", 1),
        ("1 1 1", 1),
        ("1~", 1),
        ("1.", 1),
        ("1🙋", 1),
        ("主播我要1", 1),
        ("扣1,谢谢老板", 1),
        ("1号", 1),
        ("一号", 1),
        ("3号", 1),
        ("三号", 1),
        ("#3号", 1),
        ("3号链接", 1),
        ("3号链接要2个", 2),
        ("3号 两件", 2),
        ("三号两件", 2),
        ("三号要俩", 2),
        ("3号×2", 2),
        ("1 x2", 2),
        ("1x2", 2),
        ("1X2", 2),
        ("1*2", 2),
        ("1 × 2", 2),
        ("3号 X 两件", 2),
        ("扣1 两份", 2),
        ("要1两件", 2),
        ("1要三件", 3),
        ("3号十二个", 12),
        ("3号二十件", 20),
        ("要2件", 2),
        ("来两个", 2),
        ("给我留2件", 2),
        ("拍3号2件", 2),
        ("3号来一件吧", 1),
    ],
)
def test_a_plain_claim(text, quantity):
    assert read(text, [CUP]) == Wanted(CUP.goods_id, SkuId(100), quantity)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("A3", 1),
        ("a3", 1),
        ("\uff21\uff13", 1),
        ("A3 x2", 2),
        ("A3×2", 2),
        ("A3X2", 2),
        ("a3*2件", 2),
        ("扣A3", 1),
        ("A3 两件", 2),
        ("A3,2个", 2),
        ("要A3 2份", 2),
        ("7号", 1),
        ("七号2件", 2),
    ],
)
def test_a_claim_by_a_letter_and_a_number(text, quantity):
    assert read(text, [CUP, POT]) == Wanted(POT.goods_id, SkuId(110), quantity)


@pytest.mark.parametrize(
    ("text", "sku_id", "quantity"),
    [
        ("12号要红色L码2件", 121, 2),
        ("5 红L", 121, 1),
        ("5红色l", 121, 1),
        ("扣5 酒红L", 122, 1),
        ("5号酒红色 L码", 122, 1),
        ("5 M", 120, 1),
        ("5 m码两件", 120, 2),
        ("十二号 黑色 2XL", 123, 1),
        ("5 xxl", 123, 1),
        ("5 黑 L x3", 124, 3),
        ("5要黑色的L码,谢谢", 124, 1),
        ("要红色M码2件", 120, 2),
    ],
)
def test_a_claim_with_specs(text, sku_id, quantity):
    assert read(text, [COAT]) == Wanted(COAT.goods_id, SkuId(sku_id), quantity)


@pytest.mark.parametrize(
    ("text", "sku_id", "quantity"), [("8 38", 131, 1), ("8号38码", 131, 1), ("8 39码2双", 132, 2), ("扣8 37", 130, 1)]
)
def test_a_size_that_is_a_number(text, sku_id, quantity):
    assert read(text, [SHOE]) == Wanted(SHOE.goods_id, SkuId(sku_id), quantity)


@pytest.mark.parametrize(
    ("text", "offered", "ask", "choices"),
    [
        ("5", [COAT], Ask.SPEC, ("红色 M(90-105斤)", "红色 L", "酒红色 L", "黑色 XXL", "黑色 L")),
        ("扣5 红色", [COAT], Ask.SPEC, ("红色 M(90-105斤)", "红色 L")),
        ("5 L", [COAT], Ask.SPEC, ("红色 L", "酒红色 L", "黑色 L")),
        ("5 红色XXL", [COAT], Ask.SPEC, ("红色 M(90-105斤)", "红色 L", "酒红色 L", "黑色 XXL", "黑色 L")),
        ("8 两双", [SHOE], Ask.SPEC, ("37", "38", "39")),
        ("1 2", [CUP], Ask.QUANTITY, ()),
        ("A3 2", [POT], Ask.QUANTITY, ()),
        ("1 x0", [CUP], Ask.QUANTITY, ()),
        ("1 2件 3件", [CUP], Ask.QUANTITY, ()),
        ("要两件", [CUP, POT], Ask.GOODS, ("1", "a3")),
        ("1 a3", [CUP, POT], Ask.GOODS, ("1", "a3")),
        ("1号", [CUP, SHOE], Ask.GOODS, ("1", "8")),  # the host's first goods, or the one with the word 1
    ],
)
def test_what_says_too_little_is_asked_back(text, offered, ask, choices):
    found = read(text, offered)
    assert isinstance(found, Unclear)
    assert (found.ask, found.choices) == (ask, choices)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1号发货吗",
        "1号有货吗",
        "1号多少钱",
        "1?",
        "1吗",
        "3号什么时候发货",
        "不要1",
        "1不要了",
        "取消1",
        "1元",
        "1块钱",
        "9.9",
        "1.1",
        "19.9包邮",
        "¥1",
        "$1",
        "1折",
        "1/2",
        "1-2天发货",
        "1%",
        "13800138000",
        "138 0013 8000",
        "电话13800138000",
        "加我微信1",
        "11月1日",
        "1点开播",
        "666",
        "888",
        "2",
        "99",
        "哈哈哈",
        "主播好",
        "来了",
        "谢谢老板",
        "红色",
        "L",
        "我165 110斤穿什么码",
        "身高165",
        "2件",
        "两件多少钱",
        "第1次来",
        "1楼说得对",
        "A33",
        "1a",
        "b1",
        "我买了1件,收到了很好",
        "上次3号质量一般",
        "满2件减10",
        "1" * 11,
        "1 " * 30,
        "+86 138",
        "扣",
        "要",
        "扣2",
        "+2",
    ],
)
def test_talk_is_no_claim(text):
    assert read(text, [CUP]) is None
    assert not isinstance(read(text, [CUP, POT]), Wanted)


def test_nothing_is_claimed_while_nothing_is_offered():
    assert read("扣1", []) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1", "1"),
        (" A3 ", "a3"),
        ("\uff21\uff13", "a3"),
        ("红茶", "红茶"),
        ("", None),
        ("扣", None),
        ("2件", None),
        ("x2", None),
        ("123", None),
        ("a-1", None),
        ("九个字的口令就太长了", None),
    ],
)
def test_the_word_to_say(text, kept):
    assert check_keyword(text) == kept


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2), ("两", 2), ("十", 10), ("十二", 12), ("三十", 30), ("二十一", 21)]
)
def test_numbers_in_chinese(text, number):
    assert number_of(text) == number
