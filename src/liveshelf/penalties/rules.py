"""The rules that are penalised, what each level brings, and how repetition raises it: data, and pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveshelf.kernel.text import is_plain
from liveshelf.penalties.errors import RuleUnknown, ViolationInvalid
from liveshelf.penalties.types import Level, Penalty, PenaltyState, Violation

TEXT_MAX = 1_000
REASON_MAX = 500
LIMITED_FOR = timedelta(days=7)
APPEAL_WITHIN = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that can be broken, with the level of breaking it and where it is written."""

    code: str
    level: Level
    zh: str
    en: str
    basis_zh: str
    basis_en: str


RULES = (
    Rule(
        "counterfeit",
        Level.SEVERE,
        "销售假冒伪劣商品",
        "Counterfeit goods are sold.",
        "《电子商务法》第四十二条、《产品质量法》",
        "E-Commerce Law art. 42, Product Quality Law",
    ),
    Rule(
        "forbidden_goods",
        Level.SEVERE,
        "销售法律禁止交易的商品",
        "Goods are sold that the law forbids to trade.",
        "《电子商务法》第十三条",
        "E-Commerce Law art. 13",
    ),
    Rule(
        "exaggerated_claim",
        Level.GENERAL,
        "夸大或虚假宣传",
        "Claims are exaggerated or false.",
        "《广告法》第九条、第二十八条",
        "Advertising Law arts. 9 and 28",
    ),
    Rule(
        "misleading_price",
        Level.GENERAL,
        "虚构原价、误导性价格",
        "Original prices are made up, or prices mislead.",
        "《明码标价和禁止价格欺诈规定》",
        "Rules on marked prices and against price fraud",
    ),
    Rule(
        "off_platform",
        Level.GENERAL,
        "引导站外交易",
        "Buyers are led to trade elsewhere.",
        "平台规则",
        "House rule",
    ),
    Rule(
        "ad_unmarked",
        Level.MINOR,
        "推广内容未标明“广告”",
        "An advertisement is not marked as one.",
        "《互联网广告管理办法》第九条",
        "Measures on internet advertising art. 9",
    ),
    Rule(
        "missing_notice",
        Level.MINOR,
        "未公示必须公示的信息",
        "Information that must be shown is missing.",
        "《电子商务法》第十五条",
        "E-Commerce Law art. 15",
    ),
)
BY_CODE = {rule.code: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Repeat:
    """The `count`-th violation of a level within `within` counts as one of the next level."""

    level: Level
    count: int
    within: timedelta
    becomes: Level


REPEAT_POLICY = (
    Repeat(Level.MINOR, 3, timedelta(days=30), Level.GENERAL),
    Repeat(Level.GENERAL, 3, timedelta(days=90), Level.SEVERE),
)


def check_violation(violation: Violation, now: datetime) -> Rule:
    """The rule that was broken. Raises `RuleUnknown`, `ViolationInvalid` naming the part that can't be."""
    rule = BY_CODE.get(violation.rule)
    if rule is None:
        raise RuleUnknown(field="rule", known=sorted(BY_CODE))
    if not 1 <= len(violation.what.strip()) <= TEXT_MAX or not is_plain(violation.what.replace("\n", " ")):
        raise ViolationInvalid("Say in 1 to 1000 characters what happened.", field="what")
    if len(violation.quote) > TEXT_MAX or not is_plain(violation.quote.replace("\n", " ")):
        raise ViolationInvalid("A quotation has at most 1000 characters.", field="quote")
    if violation.happened_at > now:
        raise ViolationInvalid("It can't have happened later than now.", field="happened_at")
    if violation.video_s is not None and (violation.room_id is None or violation.video_s < 0):
        raise ViolationInvalid("A place in the video needs its room.", field="video_s")
    return rule


def raised(level: Level, past: Sequence[Penalty], now: datetime) -> Level:
    """The level after the repeat policy: one more of `level`, after those of the past that were not reversed.

    What was raised counts at the level it was raised to.
    """
    for repeat in REPEAT_POLICY:
        if repeat.level is level:
            counted = [
                one
                for one in past
                if one.level is level
                and one.state is not PenaltyState.REVERSED
                and one.imposed_at > now - repeat.within
            ]
            if len(counted) + 1 >= repeat.count:
                return repeat.becomes
    return level
