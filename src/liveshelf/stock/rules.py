"""Pure decisions about stock: who gets what when several want the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from liveshelf.stock.types import Level, Place, Shortage, Want

ON_HAND_MAX = 9_999_999  # of one SKU; seven digits are what the console's column shows


def share_out(levels: Mapping[Place, Level], wants: Sequence[Want]) -> tuple[list[Shortage | None], dict[Place, Level]]:
    """Decide every want in its order: all of its lines are held, or none. Returns the answers and the levels that
    follow.

    Order of arrival decides and nothing else: a later, smaller want takes what an earlier, larger one could not.
    """
    left = {place: level.available for place, level in levels.items()}
    taken: dict[Place, int] = {}
    answers: list[Shortage | None] = []
    for want in wants:
        short = _first_shortage(left, want)
        answers.append(short)
        if short is None:
            for sku_id, count in want.lines:
                place = (sku_id, want.pool)
                left[place] -= count
                taken[place] = taken.get(place, 0) + count
    after = {place: replace(levels[place], held=levels[place].held + count) for place, count in taken.items()}
    return answers, {**levels, **after}


def _first_shortage(left: Mapping[Place, int], want: Want) -> Shortage | None:
    for sku_id, count in want.lines:
        available = left.get((sku_id, want.pool), 0)
        if available < count:
            return Shortage(sku_id, available)
    return None
