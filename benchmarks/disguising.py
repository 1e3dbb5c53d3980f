"""Hides a phrase the way that merchants who try to get past a filter do. Seeded; knows nothing of the lexicon.

What it can write is gathered here and in the packaged tables of characters (traditional forms, spellings); whether the
screen sees through it is for `review.py` to say.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib.resources import files

DATA = files("liveshelf.compliance") / "data"
MARKS = "·*-_.|~ /^`'"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
EMOJI = "🌸✨🔥🎁⭐🍀💎"


def _pairs(*lines: str) -> dict[str, str]:
    return dict(pair.split(":") for line in lines for pair in line.split())


LOOKS_LIKE = _pairs(
    "a:аɑ𝐚ⓐ🅐 b:Ь𝐛ⓑ c:с𝐜ⓒ e:е𝐞ⓔ i:і𝐢ⓘ o:о𝐨ⓞ p:р𝐩ⓟ q:ԛ𝐪ⓠ🅠 s:ѕ𝐬ⓢ t:т𝐭ⓣ u:υ𝐮ⓤ v:ѵν𝐯ⓥ🅥🇻 w:ԝ𝐰ⓦ x:х𝐱ⓧ🅧🇽 y:у𝐲ⓨ",
    "微:薇徽 最:蕞朂 第:苐 强:彊 国:囯圀 烟:菸 药:葯",
)
APART = _pairs(
    "强:弓虽 证:讠正 信:亻言 保:亻呆 假:亻叚 仿:亻方 扣:扌口 招:扌召 治:氵台 级:纟及 钱:钅戋 枪:木仓 烟:火因",
    "炸:火乍 弹:弓单 赌:贝者 超:走召 顶:丁页 病:疒丙 防:阝方 偷:亻俞 酒:氵酉",
)
DIGITS = [
    *("零一二三四五六七八九", "〇①②③④⑤⑥⑦⑧⑨", "0１２３４５６７８９", "⓪❶❷❸❹❺❻❼❽❾", "零壹贰叁肆伍陆柒捌玖"),
    *("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "ol23456789"),
]
SPELLING = {
    char: syllable
    for syllable, chars in (line.split(" ") for line in (DATA / "pinyin.txt").read_text("utf-8").splitlines())
    for char in chars
}
TRADITIONAL: dict[str, str] = {}
for _line in (DATA / "traditional.txt").read_text("utf-8").splitlines():
    TRADITIONAL.setdefault(_line[1], _line[0])


def _common() -> dict[str, str]:
    """By syllable the characters of the first level of GB 2312, which everybody has on the keyboard."""
    found: dict[str, str] = {}
    for row in range(0xB0, 0xD8):
        for column in range(0xA1, 0xFF):
            char = bytes([row, column]).decode("gb2312", errors="ignore")
            if char in SPELLING:
                found[SPELLING[char]] = found.get(SPELLING[char], "") + char
    return found


COMMON = _common()


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _between(marks: str) -> Callable[[random.Random, str], str]:
    def made(luck: random.Random, phrase: str) -> str:
        mark = luck.choice(marks)
        return "".join(char + (mark if at < len(phrase) - 1 else "") for at, char in enumerate(phrase))

    return made


def _full_width(_: random.Random, phrase: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in phrase)


def _traditional(_: random.Random, phrase: str) -> str:
    return "".join(TRADITIONAL.get(char, char) for char in phrase)


def _pinyin(luck: random.Random, phrase: str) -> str:
    places = [at for at, char in enumerate(phrase) if char in SPELLING]
    at = luck.choice(places) if places else -1
    return "".join(SPELLING[char] if place == at else char for place, char in enumerate(phrase))


def _all_pinyin(luck: random.Random, phrase: str) -> str:
    return luck.choice(["", " "]).join(SPELLING.get(char, char) for char in phrase)


def _sounds_like(luck: random.Random, phrase: str) -> str:
    places = [at for at, char in enumerate(phrase) if len(COMMON.get(SPELLING.get(char, ""), "")) > 1]
    if not places:
        return phrase
    at = luck.choice(places)
    others = [char for char in COMMON[SPELLING[phrase[at]]] if char != phrase[at]]
    return phrase[:at] + luck.choice(others) + phrase[at + 1 :]


def _looks_like(luck: random.Random, phrase: str) -> str:
    return "".join(luck.choice(LOOKS_LIKE[char]) if char in LOOKS_LIKE else char for char in phrase)


def _apart(_: random.Random, phrase: str) -> str:
    return "".join(APART.get(char, char) for char in phrase)


def _digits(luck: random.Random, phrase: str) -> str:
    digits = luck.choice(DIGITS)
    return "".join(digits[int(char)] if char in "0123456789" else char for char in phrase)


def _keycaps(_: random.Random, phrase: str) -> str:
    return "".join(char + "\ufe0f\u20e3" if char in "0123456789" else char for char in phrase)


def _case(luck: random.Random, phrase: str) -> str:
    return "".join(char.upper() if luck.random() < 0.6 else char for char in phrase)


def _han(phrase: str) -> int:
    return sum(map(_is_han, phrase))


def _only_han(phrase: str) -> bool:
    return _han(phrase) == len(phrase)


def _has_number(phrase: str) -> bool:
    return sum(char in "0123456789" for char in phrase) >= 10


# name: how, and for which phrases it leaves something that a reader still understands
DISGUISES: dict[str, tuple[Callable[[random.Random, str], str], Callable[[str], bool]]] = {
    "full width": (_full_width, lambda phrase: _han(phrase) < len(phrase) and "." not in phrase),
    "marks between": (_between(MARKS), lambda phrase: _only_han(phrase) or _has_number(phrase)),
    "zero width": (_between(ZERO_WIDTH), lambda phrase: "." not in phrase),
    "emoji between": (_between(EMOJI), _only_han),
    "traditional": (_traditional, lambda phrase: any(char in TRADITIONAL for char in phrase)),
    "one syllable spelled": (_pinyin, _only_han),
    "all spelled": (_all_pinyin, lambda phrase: _only_han(phrase) and len(phrase) >= 3),
    "sounds alike": (_sounds_like, lambda phrase: _only_han(phrase) and len(phrase) >= 3),
    "looks alike": (_looks_like, lambda phrase: any(char in LOOKS_LIKE for char in phrase) and "." not in phrase),
    "taken apart": (_apart, lambda phrase: any(char in APART for char in phrase)),
    "other digits": (_digits, _has_number),
    "keycaps": (_keycaps, _has_number),
    "case": (_case, lambda phrase: any(char.isascii() and char.isalpha() for char in phrase)),
}


def disguised(luck: random.Random, phrase: str) -> tuple[str, str]:
    """A disguise's name and the phrase in it; an empty name when none suits the phrase."""
    suiting = [name for name, (_, suits) in DISGUISES.items() if suits(phrase)]
    luck.shuffle(suiting)
    for name in suiting:
        hidden = DISGUISES[name][0](luck, phrase)
        if hidden != phrase:
            return name, hidden
    return "", phrase
