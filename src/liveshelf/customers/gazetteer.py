"""Finds a district in running text, however it was written: in full, abbreviated, without its province, without spaces.

Names are looked up from every position: a province, then a city in it, then a district in that, each of them perhaps
left out or shortened. The reading with the most said in it wins; a reading that fits several districts is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TypeAlias

from liveshelf.customers.divisions import DIRECT, divisions
from liveshelf.customers.types import Division

# Districts that were merged or renamed, and that people go on writing.
_FORMER = {
    "崇文区": "110101",
    "宣武区": "110102",
    "闸北区": "310106",
    "卢湾区": "310101",
    "南汇区": "310115",
    "萝岗区": "440112",
    "下城区": "330105",
    "江干区": "330102",
    "沧浪区": "320508",
    "平江区": "320508",
    "金阊区": "320508",
    "白下区": "320104",
    "下关区": "320106",
    "港闸区": "320613",
    "江东区": "330212",
    "章丘市": "370114",
    "梅列区": "350404",
}
_ENDINGS = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|地区|林区|矿区|新区|省|市|盟|区|县|旗)$")
_PEOPLES = re.compile(
    r"(?:朝鲜族|土家族|苗族|羌族|藏族|彝族|布依族|侗族|哈尼族|壮族|傣族|景颇族|白族|傈僳族|回族|蒙古族?|哈萨克|柯尔克孜|满族|畲族|"
    r"瑶族|黎族|仡佬族|水族|纳西族|拉祜族|佤族|布朗族|各族|毛南族|仫佬族|土族|撒拉族|东乡族|保安族|裕固族|锡伯|达斡尔族?|鄂温克族|鄂伦春|"
    r"塔吉克|怒族|独龙族|普米族)+自治[州县旗]$"
)
# What follows a short name and makes it part of a street's: "南山大道" is not in Nanshan because of its name.
_STREET = re.compile(
    r"[东南西北中上下]?[一二三四五六七八九十]?(?:路|街|大道|道)|"
    r"巷|弄|胡同|桥|港|村|镇|乡|园|苑|花园|广场|大厦|中学|小学|大学|医院|站|酒店|[省市区县州盟旗]"
)
_GAP = re.compile(r"[ ·•\-/]*(?:市辖区[ ]*)?")
_SHORT_MIN = 2
_FULL, _SHORT, _DISTRICT = 10, 6, 20  # what a name in full, a short one, and a known district are worth


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text a place stands, and what it says. `division` is absent while the district is open."""

    start: int
    end: int
    division: Division | None
    province: str
    city: str
    explicit: bool  # province or city were written, not only the district


Meaning: TypeAlias = tuple[str, str, str]  # province, city, district, with parts left empty
Named: TypeAlias = tuple[int, int, Meaning]


@dataclass(slots=True)
class _Names:
    """Names of one level: what each may mean."""

    full: dict[str, list[Meaning]] = field(default_factory=lambda: defaultdict(list))
    short: dict[str, list[Meaning]] = field(default_factory=lambda: defaultdict(list))
    longest: dict[str, int] = field(default_factory=dict)  # of the names that begin with these two characters

    def add(self, name: str, meaning: Meaning, *, shorts: set[str]) -> None:
        if meaning not in self.full[name]:
            self.full[name].append(meaning)
        for short in shorts - {name}:
            if meaning not in self.short[short]:
                self.short[short].append(meaning)
        for one in (name, *shorts):
            self.longest[one[:2]] = max(len(one), self.longest.get(one[:2], 0))

    def at(self, text: str, start: int) -> list[Named]:
        """Every name that begins here: where it ends, what it is worth, what it means."""
        found = []
        longest = self.longest.get(text[start : start + 2], 0)
        for end in range(min(len(text), start + longest), start + 1, -1):
            word = text[start:end]
            found += [(end, _FULL + len(word), meaning) for meaning in self.full.get(word, ())]
            if word in self.short and not _STREET.match(text, end):
                found += [(end, _SHORT + len(word), meaning) for meaning in self.short[word]]
        return found


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    provinces: _Names
    cities: _Names
    districts: _Names
    codes: dict[tuple[str, str, str], str]
    only: dict[tuple[str, str], str]  # cities with one district


def find_place(text: str) -> Place | None:
    """The best reading of the text as a place, or `None`."""
    reader = _Reader(_gazetteer(), text)
    best: tuple[int, int, Place] | None = None
    for start in range(len(text)):
        for score, place in reader.readings(start):
            if best is None or (score, -start) > best[:2]:
                best = (score, -start, place)
    return None if best is None else best[2]


class _Reader:
    """One text being read. Every position is looked up once a level, however often readings come by."""

    def __init__(self, book: _Gazetteer, text: str) -> None:
        self._book = book
        self._text = text
        self._cities = cache(lambda at: book.cities.at(text, at))
        self._districts = cache(lambda at: book.districts.at(text, at))

    def readings(self, start: int) -> Iterator[tuple[int, Place]]:
        """Every reading that begins here, with what it is worth."""
        for end, worth, (province, _, _) in (*self._book.provinces.at(self._text, start), (start, 0, ("", "", ""))):
            after = _skip(self._text, end)
            cities = [one for one in self._cities(after) if province in {"", one[2][0]}]
            for city_end, city_worth, (of, city, _) in (*cities, (end, 0, (province, "", ""))):
                yield from self._with_district(start, (city_end, worth + city_worth, of, city))

    def _begins(self, at: int) -> bool:
        return at == 0 or not self._text[at - 1].isalnum()

    def _with_district(self, start: int, sofar: tuple[int, int, str, str]) -> Iterator[tuple[int, Place]]:
        end, worth, province, city = sofar
        after = _skip(self._text, end)
        meant: dict[int, tuple[int, set[Meaning]]] = {}
        for to, value, meaning in self._districts(after):
            fits = province in {"", meaning[0]} and city in {"", meaning[1]}
            # A short name says something only beside another, or where it is a city's own and begins what is said.
            alone = (
                not province and value < _FULL + _SHORT_MIN and not (meaning[2].endswith("市") and self._begins(start))
            )
            if fits and not (alone or (not province and self._text[after:to] in _BARE)):
                known = meant.setdefault(to, (value, set()))
                meant[to] = (max(known[0], value), known[1] | {meaning})
        for to, (value, meanings) in meant.items():
            if len(meanings) == 1:
                (meaning,) = meanings
                found = divisions().districts[self._book.codes[meaning]]
                place = Place(start, to, found, found.province, found.city, bool(province or city))
                yield worth + value + _DISTRICT, place
        if (only := self._book.only.get((province, city))) is not None:
            found = divisions().districts[only]
            yield worth + _DISTRICT, Place(start, end, found, province, city, explicit=True)
        elif worth:
            yield worth, Place(start, end, None, province, city, explicit=True)


_BARE = frozenset({"郊区", "城区", "市区", "矿区"})  # real names of districts, and words for anywhere


def _skip(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


@lru_cache(maxsize=1)
def _gazetteer() -> _Gazetteer:
    provinces, cities, districts = _Names(), _Names(), _Names()
    codes: dict[tuple[str, str, str], str] = {}
    inside: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in divisions().districts.values():
        meaning = (one.province, one.city, one.district)
        codes[meaning] = one.code
        inside[one.province, one.city].append(one.code)
        shorts = _shorts(one.province)
        provinces.add(one.province, (one.province, "", ""), shorts=shorts | {f"{short}省" for short in shorts})
        cities.add(one.city, (one.province, one.city, ""), shorts=_city_shorts(one))
        districts.add(one.district, meaning, shorts=_district_shorts(one))
    for name, code in _FORMER.items():
        now = divisions().districts[code]
        districts.add(name, (now.province, now.city, now.district), shorts=set())
    only = {city: found[0] for city, found in inside.items() if len(found) == 1}
    return _Gazetteer(provinces, cities, districts, codes, only)


def _shorts(name: str) -> set[str]:
    bare = _PEOPLES.sub("", name)
    if bare != name:
        return {bare, f"{bare}{name[-1]}"}
    bare = _ENDINGS.sub("", name)
    return {bare} if len(bare) >= _SHORT_MIN else set()


def _city_shorts(one: Division) -> set[str]:
    if one.city.endswith(DIRECT):
        return {"省直辖", "自治区直辖", "省直辖县级行政单位", DIRECT, "省直辖县"}
    return _shorts(one.city)


def _district_shorts(one: Division) -> set[str]:
    shorts = _shorts(one.district)
    for city in (one.city, *_shorts(one.city)):
        rest = one.district.removeprefix(city)
        if rest != one.district and len(rest) > _SHORT_MIN:
            shorts.add(rest)
            shorts.add(rest.replace("高新技术产业开发区", "高新区").replace("经济技术开发区", "经开区"))
    return shorts
