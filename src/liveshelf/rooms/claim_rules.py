"""Reading a comment as a claim: 扣1, "A3 ×2", 三号要红色L码两件.

A comment is a claim only when it can be read whole: a word that belongs to no claim makes it talk, so prices, phone
numbers and questions are never claims. What is a claim but says too little is asked back and never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from liveshelf.kernel.ids import GoodsId, SkuId

QUANTITY_MAX = 99
READ_MAX = 40  # characters; whoever writes more says something else
KEYWORD_MAX = 8
CHOICES_MAX = 12  # of a question; more nobody reads


class Ask(StrEnum):
    """What a claim leaves open."""

    GOODS = "goods"
    SPEC = "spec"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class OfferedSku:
    """A SKU by the values of its specs: 红色, L."""

    sku_id: SkuId
    values: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """As it is named in a question."""
        return " ".join(self.values)


@dataclass(frozen=True, slots=True)
class Offered:
    """A goods that may be claimed: what is said for it, and the number that the host calls it by."""

    goods_id: GoodsId
    keyword: str
    number: int
    skus: tuple[OfferedSku, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A claim: so many pieces of a SKU."""

    goods_id: GoodsId
    sku_id: SkuId
    quantity: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """Somebody means to claim. `goods_id` is of what, when that was said; `choices` what they may say."""

    ask: Ask
    goods_id: GoodsId | None = None
    choices: tuple[str, ...] = ()


Reading: TypeAlias = Wanted | Unclear | None


class _Is(StrEnum):
    GOODS = "goods"
    VALUE = "value"
    COUNT = "count"
    NUMBER = "number"
    CALL = "call"
    FILL = "fill"


@dataclass(frozen=True, slots=True)
class _Token:
    """A part of the text. `means` are goods ids, spec values, or one number."""

    kind: _Is
    means: frozenset[int | str] = frozenset()


_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_PAIRS = {"俩": 2, "仨": 3}
_NUMBER = r"(?:\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九俩仨])"
_UNITS = "件|个|份|套|双|条|瓶|盒|单|只|包|箱|袋|支|块装|斤装|台|本|把|张|副|对"
# 2件, 两个; x2, *2, 乘2 ; 俩 has its unit in it.
_COUNT = re.compile(rf"(?P<n>{_NUMBER})(?:{_UNITS})|[x×*✕✖乘] ?(?P<x>{_NUMBER})(?:{_UNITS})?|(?P<p>[俩仨])")
_BARE = re.compile(r"\d+")
# With the slips of the thumb and of the input method that everybody makes: 口, 叩, kou.
_CALLS = (
    "我要",
    "要",
    "扣",
    "口",
    "叩",
    "抠",
    "釦",
    "kou",
    "拍",
    "买",
    "来",
    "抢",
    "下单",
    "给我",
    "帮我",
    "留",
    "+",
    "加",
)
_FILLS = (
    "的",
    "了",
    "啊",
    "呀",
    "哦",
    "哈",
    "吧",
    "我",
    "谢谢",
    "主播",
    "老板",
    "老师",
    "小姐姐",
    "请",
    "亲",
    "一下",
    "链接",
    "下",
    "号码",
    "尺码",
    "颜色",
    "规格",
    "码",
    "号",
    "宝",
)
_MARKS = frozenset(" ,，。!！~～、:：;；#()（）[]【】\"'“”‘’_…")
_HANDS = frozenset("👍🙋🙏❤️🔥😍🥰😊🎉✋👋☝️")
_SIZES = {"xxl": "2xl", "xxxl": "3xl", "xxxxl": "4xl", "2xl": "xxl", "3xl": "xxxl", "4xl": "xxxxl"}
_REPEATS = 6  # 111111: one wish, said loudly


def read(text: str, offered: Sequence[Offered]) -> Reading:
    """What a comment claims of what is offered now; `None` when it is talk."""
    said = _plain(text)
    if not offered or not said or len(said) > READ_MAX:
        return None
    tokens = _tokens(said, offered)
    if tokens is None:
        return None
    return _meaning([one for one in tokens if one.kind is not _Is.FILL], offered)


def check_keyword(text: str) -> str | None:
    """The word to say for a goods, as it is kept; `None` when it can't be one: it has 1 to 8 letters, digits or Chinese
    characters, and is no word that claims have anyway.
    """
    kept = "".join(_plain(text).split())
    # A number of more than two digits is read as no goods; a word of the claims' own says nothing.
    if not 1 <= len(kept) <= KEYWORD_MAX or not kept.isalnum() or kept in {*_CALLS, *_FILLS}:
        return None
    return None if _COUNT.fullmatch(kept) or (kept.isdigit() and len(kept) > 2) else kept  # noqa: PLR2004 - as said


def number_of(text: str) -> int:
    """A number in digits or Chinese: 12, 两, 十二, 二十."""
    if text.isdigit():
        return int(text)
    if text in _PAIRS:
        return _PAIRS[text]
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[ones]
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def _plain(text: str) -> str:
    # White space stays: "1 2" is not 12.
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _tokens(said: str, offered: Sequence[Offered]) -> list[_Token] | None:
    """The text's parts; `None` when a part belongs to no claim."""
    names = _names(offered)
    found: list[_Token] = []
    at = 0
    while at < len(said):
        length, token = max(_at(said, at, names, goods_named=_named(found)), key=lambda one: one[0], default=(0, None))
        if token is None:
            return None
        found.append(token)
        at += length
    return found


def _named(tokens: Sequence[_Token]) -> bool:
    return any(one.kind is _Is.GOODS for one in tokens)


def _at(
    said: str, at: int, names: dict[str, dict[_Is, set[int | str]]], *, goods_named: bool
) -> Iterator[tuple[int, _Token]]:
    """Everything that can be read at a place; of what is equally long the first is meant."""
    # Once the goods is named, the same word can only be one of its specs.
    order = (_Is.VALUE, _Is.GOODS) if goods_named else (_Is.GOODS, _Is.VALUE)
    for name, means in names.items():
        if said.startswith(name, at) and _is_whole(said, at, len(name)):
            for kind in order:
                if kind in means:
                    yield len(name), _Token(kind, frozenset(means[kind]))
    yield from _numbers(said, at, names)
    for kind, words in ((_Is.CALL, _CALLS), (_Is.FILL, _FILLS)):
        for word in words:
            if said.startswith(word, at):
                yield len(word), _Token(kind)
    char = said[at]
    if char in _MARKS or char in _HANDS or (char == "." and not _between_digits(said, at)):
        yield 1, _Token(_Is.FILL)


def _numbers(said: str, at: int, names: dict[str, dict[_Is, set[int | str]]]) -> Iterator[tuple[int, _Token]]:
    if (count := _COUNT.match(said, at)) and _is_whole(said, at, len(count[0])):
        number = number_of(next(one for one in count.groups() if one))
        yield len(count[0]), _Token(_Is.COUNT, frozenset({number}))
    if (bare := _BARE.match(said, at)) and not said[at - 1 : at].isdigit():
        repeated = _repeated(bare[0], names)
        yield len(bare[0]), repeated or _Token(_Is.NUMBER, frozenset({bare[0]}))


def _repeated(digits: str, names: dict[str, dict[_Is, set[int | str]]]) -> _Token | None:
    """111: the keyword 1 said more than once."""
    one = names.get(digits[0], {})
    if 1 < len(digits) <= _REPEATS and set(digits) == {digits[0]} and _Is.GOODS in one:
        return _Token(_Is.GOODS, frozenset(one[_Is.GOODS]))
    return None


def _is_whole(said: str, at: int, length: int) -> bool:
    """Whether the text ends and begins anew here: A3 is not a part of A33, nor L of XL."""
    return not _joined(said[at - 1 : at], said[at : at + 1]) and not _joined(
        said[at + length - 1 : at + length], said[at + length : at + length + 1]
    )


def _joined(left: str, right: str) -> bool:
    if not left or not right or not (left + right).isascii():
        return False
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _between_digits(said: str, at: int) -> bool:
    return said[at - 1 : at].isdigit() and said[at + 1 : at + 2].isdigit()


def _names(offered: Sequence[Offered]) -> dict[str, dict[_Is, set[int | str]]]:
    """Every way to name a goods or a spec's value, with all that it can mean."""
    names: dict[str, dict[_Is, set[int | str]]] = {}

    def add(name: str, kind: _Is, means: int | str) -> None:
        if name:
            names.setdefault(name, {}).setdefault(kind, set()).add(means)

    for one in offered:
        for name in _goods_names(one):
            add(name, _Is.GOODS, one.goods_id)
        for sku in one.skus:
            for value in sku.values:
                for name in _value_names(value):
                    add(name, _Is.VALUE, _plain(value))
    return names


def _goods_names(one: Offered) -> Iterator[str]:
    yield one.keyword
    for number in {str(one.number), one.keyword} if one.keyword.isdigit() else {str(one.number)}:
        for written in {number, _in_chinese(int(number))}:
            yield from (f"{written}号", f"{written}号链接", f"{written}链接", f"{written}号宝贝")
    if one.keyword.isdigit() and int(one.keyword) in _DIGITS.values():
        yield _in_chinese(int(one.keyword))


def _in_chinese(number: int) -> str:
    ones = next((name for name, value in _DIGITS.items() if value == number % 10), "")
    tens = number // 10
    if not 0 < number <= QUANTITY_MAX:
        return str(number)
    if not tens:
        return ones
    return ("" if tens == 1 else next(name for name, value in _DIGITS.items() if value == tens)) + "十" + ones


def _value_names(value: str) -> Iterator[str]:
    """红色 is also called 红, L also L码, XXL also 2XL, and "M(90-105斤)" M."""
    whole = _plain(value)
    yield whole
    core = re.split(r"[(\[【（]", whole)[0].strip()
    for name in {core, core.removesuffix("码").removesuffix("号")}:
        if not name:
            continue
        yield name
        yield from (f"{name}码", f"{name}号")
        if other := _SIZES.get(name):
            yield from (other, f"{other}码", f"{other}号")
    if core.endswith("色") and len(core) > 1:
        yield core.removesuffix("色")


def _meaning(tokens: Sequence[_Token], offered: Sequence[Offered]) -> Reading:
    if any(one.kind is _Is.NUMBER and len(str(next(iter(one.means)))) > 2 for one in tokens):  # noqa: PLR2004 - 666
        return None
    named = [one.means for one in tokens if one.kind is _Is.GOODS]
    counts = {int(next(iter(one.means))) for one in tokens if one.kind is _Is.COUNT}
    bare = any(one.kind is _Is.NUMBER for one in tokens)
    if not named:
        return _unnamed(tokens, offered, counts=counts, bare=bare)
    meant = frozenset.intersection(*named)
    if len(meant) != 1:
        words = sorted(one.keyword for one in offered)
        return Unclear(Ask.GOODS, choices=tuple(words))
    goods_id = next(iter(meant))
    goods = next(one for one in offered if one.goods_id == goods_id)
    return _of_goods(goods, tokens, counts=counts, bare=bare)


def _unnamed(tokens: Sequence[_Token], offered: Sequence[Offered], *, counts: set[int], bare: bool) -> Reading:
    """要两件 while one goods is offered needs no name; 红色 or 666 alone is talk."""
    called = any(one.kind is _Is.CALL for one in tokens)
    if bare or not called or not (counts or any(one.kind is _Is.VALUE for one in tokens)):
        return None
    if len(offered) > 1:
        return Unclear(Ask.GOODS, choices=tuple(sorted(one.keyword for one in offered)))
    return _of_goods(offered[0], tokens, counts=counts, bare=False)


def _of_goods(goods: Offered, tokens: Sequence[_Token], *, counts: set[int], bare: bool) -> Reading:
    if bare or len(counts) > 1 or any(not 1 <= one <= QUANTITY_MAX for one in counts):
        return Unclear(Ask.QUANTITY, goods.goods_id)
    left = [sku for sku in goods.skus if _fits(sku, tokens)]
    if len(left) != 1:
        choices = tuple(one.label for one in (left or goods.skus))[:CHOICES_MAX]
        return Unclear(Ask.SPEC, goods.goods_id, choices)
    return Wanted(goods.goods_id, left[0].sku_id, next(iter(counts), 1))


def _fits(sku: OfferedSku, tokens: Sequence[_Token]) -> bool:
    own = {_plain(value) for value in sku.values}
    return all(one.means & own for one in tokens if one.kind is _Is.VALUE)
