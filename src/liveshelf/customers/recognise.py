"""Reads an address out of what a buyer pastes: 「张三 13800138000 广东省深圳市南山区科技园路1号 3栋」.

Phone first, since nothing else looks like one; then the place; then the name among the pieces that are left; the rest
is the street. What is not certain says so, and the buyer looks at all of it before it is kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from liveshelf.customers.gazetteer import Place, find_place
from liveshelf.customers.postal import NAME_MAX, STREET_MAX, clean_phone

TEXT_MAX = 300  # a long address has a hundred


class Confidence(StrEnum):
    """How far a part can be relied on."""

    SURE = "sure"
    LIKELY = "likely"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read. An empty text with `NONE` was not found; without `code`, `province` and `city` say how far it
    went.
    """

    name: str
    phone: str
    code: str
    province: str
    city: str
    district: str
    street: str
    name_is: Confidence
    phone_is: Confidence
    place_is: Confidence
    street_is: Confidence


_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺"
    "倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危"
    "江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程嵇邢裴陆荣翁荀羊惠甄曲封芮储靳汲邴糜松"
    "井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥苍双闻莘党翟"
    "谭贡劳姬申扶堵冉宰郦雍璩桑桂牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄东欧沃利蔚越隆师巩厍"
    "聂晁勾敖融冷辛阚那简饶空曾沙养鞠须丰巢关相查后荆红游竺权盖益桓公岳帅海况亢有琴商牟佘伯赏墨哈谯笪年爱阳佟言福肖代付覃闫涂邝苑原冼揭朴"
)
_DOUBLE = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "令狐",
    "端木",
    "夏侯",
    "南宫",
)
_TITLES = ("先生", "女士", "小姐", "老师", "同学", "阿姨", "师傅", "总", "姐", "哥", "经理")
_LABELS = re.compile(
    r"(?P<name>收货人姓名|收件人姓名|收货人|收件人|联系人|姓名|收方)|"
    r"(?P<other>手机号码|手机号|联系电话|联系方式|收货电话|电话号码|手机|电话|所在地区|所在省市|省市区|详细地址|收货地址|收件地址|家庭住址|公司地址|"
    r"地区|地址|住址|邮政编码|邮编|备注)"
)
_LABEL_END = re.compile(r"\s*:\s*")
_PHONES = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?:(?:-|转|,转|#)(\d{1,6}))?(?!\d)|"
    r"(?<!\d)(0\d{2,3}[- ]?[2-8]\d{6,7}(?:-\d{1,6})?)(?!\d)"
)
_POSTCODE = re.compile(r"(?:邮政编码|邮编)[: ]*\d{6}(?!\d)|(?<![\d-])\d{6}(?![\d号栋室弄米])")
_FILLER = re.compile(
    r"请?(?:帮忙|麻烦)?(?:寄送?到|寄给|寄往|发到|发往|送到|送至):?|谢谢[!~]?|你好|您好|中国(?=[\u4e00-\u9fff])"
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'·]*")
_PLACE_WORDS = re.compile(
    r"(?:[路街道巷弄号栋幢楼室层单元座村镇乡组区园苑城厦店铺校厂司站院场馆府庄湾邸]|小区|公寓|花园|广场|市场|学校|宿舍|驿站|门口|前台|菜鸟|收发室|快递柜|\d)$"
)
_SPLIT_END = re.compile(r"^(.*(?:[号栋幢室楼层座弄院村组户]|单元|\d|[A-Za-z]))([\u4e00-\u9fff]{2,4})$")
_MARK = "\ue000"  # stands where phone or place were taken out
_NAMED = "\ue001"  # stands before what a label called the name

_SURE_AT, _LIKELY_AT = 40, 15


def recognise(text: str) -> Recognised:
    """Read what was pasted; at most `TEXT_MAX` characters of it."""
    plain = _plain(text[:TEXT_MAX])
    phone, rest = _take_phone(plain)
    place = find_place(rest)
    before, after = (rest, "") if place is None else (rest[: place.start], rest[place.end :])
    pieces = [_pieces(before), _pieces(after)]
    name, name_is = _take_name(pieces, placed=place is not None)
    street = _street(pieces, placed=place is not None)
    place_is = _place_is(place)
    division = place.division if place else None
    return Recognised(
        name=name,
        phone=phone,
        code=division.code if division else "",
        province=place.province if place else "",
        city=place.city if place else "",
        district=division.district if division else "",
        street=street,
        name_is=name_is,
        phone_is=Confidence.SURE if phone else Confidence.NONE,
        place_is=place_is,
        street_is=_street_is(street, place_is),
    )


def _plain(text: str) -> str:
    """One line, half width, with labels turned into marks and what separates into spaces."""
    text = unicodedata.normalize("NFKC", text).replace(_MARK, " ").replace(_NAMED, " ")
    text = "".join(char if unicodedata.category(char)[0] not in "CZ" else " " for char in text)
    text = _POSTCODE.sub(" ", _FILLER.sub(" ", text))
    parts, at = [], 0
    for label in _LABELS.finditer(text):
        end = _LABEL_END.match(text, label.end())
        apart = label.start() == 0 or text[label.start() - 1] in " ,;|、。("
        if end is None and not (apart and text[label.end() : label.end() + 1] == " "):
            continue  # the word stands inside something else: 「电话局宿舍」
        parts.append(text[at : label.start()])
        parts.append(f" {_NAMED}" if label["name"] else " ")
        at = end.end() if end else label.end()
    parts.append(text[at:])
    return re.sub(r"[,;|、。\[\]【】<>《》\"“”]", " ", "".join(parts))


def _take_phone(text: str) -> tuple[str, str]:
    """The first number that is a phone, mobile before landline, and the text without any."""
    found: list[tuple[bool, str]] = []
    for match in _PHONES.finditer(text):
        number = re.sub(r"[ -]", "", match[1]) if match[1] else match[3].replace(" ", "-")
        phone = clean_phone(f"{number}-{match[2]}" if match[2] else number)
        if phone is not None:
            found.append((match[1] is None, phone))
    phone = min(found, key=lambda one: one[0])[1] if found else ""
    return phone, _PHONES.sub(f" {_MARK} ", text)


def _pieces(text: str) -> list[str]:
    """What stands between spaces. Latin words that follow each other are one name: May Chen."""
    pieces: list[str] = []
    for word in text.split():
        latin = _LATIN.fullmatch(word.removeprefix(_NAMED)) is not None
        if latin and pieces and _LATIN.fullmatch(pieces[-1].split()[-1].removeprefix(_NAMED)):
            pieces[-1] += f" {word}"
        elif word == _NAMED or not pieces or pieces[-1] != _NAMED:
            pieces.append(word)
        else:
            pieces[-1] += word
    return pieces


def _take_name(pieces: list[list[str]], *, placed: bool) -> tuple[str, Confidence]:
    """Take the name out of the pieces before and after the place."""
    best: tuple[int, int, int] | None = None
    for side, row in enumerate(pieces):
        for at, piece in enumerate(row):
            worth = _name_worth(piece, row, at, after=side == 1)
            if best is None or worth > best[0]:
                best = (worth, side, at)
    if best is not None and best[0] >= _LIKELY_AT:
        worth, side, at = best
        name = _bare_name(pieces[side].pop(at))
        return name, Confidence.SURE if worth >= _SURE_AT else Confidence.LIKELY
    for row in reversed(pieces):
        for at, piece in enumerate(row):
            split = _SPLIT_END.match(piece)
            if placed and split and _surnamed(split[2]):
                row[at] = split[1]
                return split[2], Confidence.LIKELY
    return "", Confidence.NONE


def _name_worth(piece: str, row: list[str], at: int, *, after: bool) -> int:
    bare = _bare_name(piece)
    if piece.startswith(_NAMED):
        return 100 if 1 <= len(bare) <= NAME_MAX else 0
    if not bare or len(bare) > NAME_MAX or _PLACE_WORDS.search(bare):
        return 0
    worth = _look(bare, piece)
    if not worth:
        return 0
    beside_phone = _MARK in {row[at - 1] if at else "", row[at + 1] if at + 1 < len(row) else ""}
    worth += 10 if beside_phone else 0
    worth += 0 if after else 8
    return worth - (18 if after and at == 0 else 0)  # right after the place stands the street


def _look(bare: str, piece: str) -> int:
    """How much a text looks like somebody's name by itself."""
    if bare != piece.strip("()") or bare.endswith(_TITLES):  # 「张三收」, 王女士
        return 45
    if _HAN.fullmatch(bare):
        if _surnamed(bare):
            return 38
        return 14 if len(bare) in {2, 3, 4} else 0
    if all(_LATIN.fullmatch(word) for word in bare.split()):
        return 30 if len(bare) > 1 else 0
    return 12 if re.fullmatch(r"[\u4e00-\u9fffA-Za-z·]{2,8}", bare) else 0


def _surnamed(text: str) -> bool:
    """Whether the text is built like a Chinese name: a surname with one or two characters behind it."""
    for double in _DOUBLE:
        if text.startswith(double):
            return len(text) in {3, 4}
    return len(text) in {2, 3} and text[0] in _SURNAMES


def _bare_name(piece: str) -> str:
    bare = piece.removeprefix(_NAMED).strip("()- ·:")
    for tail in ("(收)", "(收", "亲收", "收"):
        if len(bare) > len(tail) + 1:
            bare = bare.removesuffix(tail)
    return bare.strip("()- ")


def _street(pieces: list[list[str]], *, placed: bool) -> str:
    """What is left. Words before the place are kept only where they say something that a street would."""
    first, then = ([piece.replace(_NAMED, "") for piece in row if piece != _MARK] for row in pieces)
    if placed:
        first = [piece for piece in first if _PLACE_WORDS.search(piece)]
        return " ".join((*then, *first)).strip(" -()")[:STREET_MAX]
    return " ".join((*first, *then)).strip(" -()")[:STREET_MAX]


def _place_is(place: Place | None) -> Confidence:
    if place is None:
        return Confidence.NONE
    return Confidence.SURE if place.division is not None and place.explicit else Confidence.LIKELY


def _street_is(street: str, place_is: Confidence) -> Confidence:
    if len(street) < 2:  # noqa: PLR2004 - a street of one character is none
        return Confidence.NONE
    numbered = re.search(r"\d|[一二三四五六七八九十]+(?:号|栋|楼)", street) is not None
    return Confidence.SURE if numbered and place_is is Confidence.SURE else Confidence.LIKELY
