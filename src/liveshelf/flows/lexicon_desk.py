"""The lexicon at work: which approved goods it would object to as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liveshelf.compliance import queries as compliance
from liveshelf.compliance import screen
from liveshelf.compliance.types import Finding
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import GoodsId
from liveshelf.platform.db import ReadTx

LOOKED_AT: Final = 5_000  # names of one shop; they take some 50 ms
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class HitGoods:
    """Approved goods whose name the lexicon objects to now."""

    goods_id: GoodsId
    name: str
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Hits:
    """What would be hit. `complete` is false when a shop has more goods than are looked at."""

    version: str
    looked_at: int
    goods: Sequence[HitGoods]
    complete: bool


async def hits(tx: ReadTx, *, most: int) -> Hits:
    """Approved goods of the shop that would be objected to if they were submitted now, up to `most`. Changes nothing:
    what is on a shelf stays there until a person acts.
    """
    lexicon = await compliance.lexicon(tx)
    found: list[HitGoods] = []
    seen = 0
    while seen < LOOKED_AT and len(found) < most:
        page = await goods.live_goods_page(tx, AuditState.APPROVED, seen, _PAGE)
        looked = ((one, screen.text(one.name, field="name", lexicon=lexicon)) for one in page)
        found += [HitGoods(one.goods_id, one.name, tuple(findings)) for one, findings in looked if findings]
        seen += len(page)
        if len(page) < _PAGE:
            return Hits(lexicon.version, seen, found[:most], complete=len(found) <= most)
    return Hits(lexicon.version, seen, found[:most], complete=False)
