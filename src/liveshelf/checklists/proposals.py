"""Templates that we propose; a shop takes them over, changes them, or writes its own. Top categories as in the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveshelf.checklists.types import EVERY


@dataclass(frozen=True, slots=True)
class Proposed:
    """One proposed item in both languages."""

    zh: str
    en: str


PROPOSED: Mapping[int, tuple[Proposed, ...]] = {
    EVERY: (
        Proposed("价格与页面一致，无虚构原价", "Prices are as on the page, no original price is made up"),
        Proposed("口播稿无绝对化用语和医疗功效", "The script has no absolute claims and no medical effects"),
        Proposed("推广内容已标明“广告”", "Advertisements are marked as such"),
        Proposed("库存已核对，赠品与活动条件已写明", "Stock is checked; gifts and conditions are written down"),
        Proposed("主播已实名，画面中无他人隐私", "The host is verified; nobody's private data is in the picture"),
    ),
}
