"""How other platforms look at the same goods before they are sold: three profiles, as data, and pure decisions.

WeChat asks for filed qualifications, Douyin watches what is said while it is said, Taobao takes samples and asks for
the brand's authorisation. A pre-check (预检) says what each would ask of a goods, so that a shop can have it ready.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from liveshelf.compliance import screen
from liveshelf.compliance.lexicon import Lexicon
from liveshelf.compliance.types import Finding

_PARTS = 10_000  # a sampling rate is exact to a hundredth of a percent


class Platform(StrEnum):
    """Whose way of looking it is."""

    WECHAT = "wechat"
    DOUYIN = "douyin"
    TAOBAO = "taobao"


class Check(StrEnum):
    """One thing that a platform looks at."""

    FILING = "filing"  # 资质备案: the papers of the category must be on file
    WORDS = "words"  # 文本: name and detail, as they will be said and shown
    WATCH = "watch"  # 实时内容监测: pictures of the broadcast are taken while it runs
    SPOT = "spot"  # 品牌抽检: sampled goods must show the brand's authorisation


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform checks. `watch_every_s` between two pictures of a broadcast; `spot_percent` of goods sampled."""

    platform: Platform
    checks: tuple[Check, ...]
    watch_every_s: int | None = None
    spot_percent: float = 0.0


PROFILES: Mapping[Platform, Profile] = MappingProxyType(
    {
        Platform.WECHAT: Profile(Platform.WECHAT, (Check.FILING,)),
        Platform.DOUYIN: Profile(Platform.DOUYIN, (Check.WORDS, Check.WATCH), watch_every_s=10),
        Platform.TAOBAO: Profile(Platform.TAOBAO, (Check.SPOT,), spot_percent=20.0),
    }
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A goods as a pre-check sees it. `papers` are the codes of those that its category needs, `on_file` of those that
    the shop has and that count today.
    """

    shop_id: int
    goods_id: int
    texts: Mapping[str, str]
    papers: tuple[str, ...]
    on_file: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What one check asks of a goods: papers to show, of which some are `lacking`, words to change, pictures every so
    often, or nothing.
    """

    check: Check
    papers: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    every_s: int | None = None
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Precheck:
    """What a platform would ask of a goods. `clear` when nothing is left to do for the shop."""

    platform: Platform
    asked: tuple[Asked, ...]

    @property
    def clear(self) -> bool:
        """Whether the shop has nothing to prepare or change."""
        return not any(one.lacking or one.findings for one in self.asked)


def precheck(
    profile: Profile, goods: Checked, *, day: date, lexicon: Lexicon | None = None, authorisation: Sequence[str] = ()
) -> Precheck:
    """What this platform would ask of the goods today; `authorisation` are the papers by which a brand lets sell."""
    asked = []
    for check in profile.checks:
        match check:
            case Check.FILING:
                asked.append(Asked(check, papers=goods.papers, lacking=_lacking(goods, goods.papers)))
            case Check.WORDS:
                found = [
                    one
                    for field, text in goods.texts.items()
                    for one in screen.text(text, field=field, lexicon=lexicon)
                ]
                asked.append(Asked(check, findings=tuple(found)))
            case Check.WATCH:
                asked.append(Asked(check, every_s=profile.watch_every_s))
            case Check.SPOT:
                hit = sampled(goods.shop_id, goods.goods_id, percent=profile.spot_percent, day=day)
                shown = tuple(authorisation) if hit else ()
                asked.append(Asked(check, papers=shown, lacking=_lacking(goods, shown), sampled=hit))
    return Precheck(profile.platform, tuple(asked))


def _lacking(goods: Checked, papers: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in papers if one not in goods.on_file)


def sampled(shop_id: int, goods_id: int, *, percent: float, day: date) -> bool:
    """Whether a spot check meets these goods in the month of a day: the same answer all month, then another draw."""
    drawn = hashlib.sha256(f"spot:{day:%Y-%m}:{shop_id}:{goods_id}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % _PARTS < round(percent * _PARTS / 100)
