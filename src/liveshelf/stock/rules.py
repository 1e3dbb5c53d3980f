"""Pure decisions about stock: who gets what when several want the same, for how long, and what a count makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from liveshelf.kernel.ids import CustomerId, SkuId
from liveshelf.stock.types import (
    Held,
    Level,
    Limit,
    OverLimit,
    Place,
    Purchase,
    Refusal,
    Shortage,
    Terms,
    TooManyUnpaid,
    Want,
)

ON_HAND_MAX = 9_999_999  # of one SKU; seven digits are what the console's column shows
LIMIT_MAX = 9_999  # pieces a buyer; above that it is no limit
LOW_AT = 5  # pieces left: at so many somebody should look, where the shop has not said otherwise


def hot(level: Level, *, wanted: int = 0) -> bool:
    """Whether at least half of what may be sold is held by orders that nobody has paid, once so many more are."""
    held = level.held + wanted
    return held > 0 and 2 * held >= level.on_hand - level.safety


def lasts(level: Level, terms: Terms, *, wanted: int = 0) -> timedelta:
    """How long a hold lasts that is made when so many more are held.

    `terms.base` while less than half of what may be sold is held unpaid; above, evenly less, down to `terms.floor`
    when all of it is. Nobody can freeze the stock, and nobody is hurried while there is enough.
    """
    if not hot(level, wanted=wanted):
        return terms.base
    goods, floor = level.on_hand - level.safety, min(terms.floor, terms.base)
    left = max(0, goods - level.held - wanted)
    return floor + (terms.base - floor) * (min(1.0, 2 * left / goods) if goods > 0 else 0.0)


@dataclass
class Tally:
    """What the buyers of a batch have of what they want, kept up while the batch is decided."""

    limits: Sequence[Limit] = ()
    pieces: Counter[tuple[CustomerId, int]] = field(default_factory=Counter)  # by buyer and limit
    unpaid: Counter[tuple[CustomerId, SkuId]] = field(default_factory=Counter)  # orders

    @classmethod
    def of(
        cls, limits: Sequence[Limit], purchases: Iterable[Purchase], returned: Mapping[tuple[int, int], int]
    ) -> Tally:
        """The tally before the batch. `returned` is what came back, by order and SKU."""
        tally = cls(limits)
        for one in purchases:
            tally.add(one.buyer, one.sku_id, one.quantity - returned.get((one.order_id, one.sku_id), 0))
            if one.unpaid:
                tally.unpaid[one.buyer, one.sku_id] += 1
        return tally

    def add(self, buyer: CustomerId, sku_id: SkuId, pieces: int) -> None:
        """The buyer has so many more."""
        for limit in self.limits:
            if sku_id in limit.sku_ids:
                self.pieces[buyer, limit.limit_id] += pieces

    def grant(self, want: Want) -> None:
        """One more order of the batch was granted."""
        if want.buyer is not None:
            for sku_id, count in want.lines:
                self.add(want.buyer, sku_id, count)
                self.unpaid[want.buyer, sku_id] += 1


def share_out(
    levels: Mapping[Place, Level], wants: Sequence[Want], *, terms: Terms | None = None, tally: Tally | None = None
) -> tuple[list[Held | Refusal], dict[Place, Level]]:
    """Decide every want in its order: all of its lines are held, or none. Returns the answers and the levels that
    follow.

    Order of arrival decides and nothing else: a later, smaller want takes what an earlier, larger one could not.
    """
    terms = terms or Terms()
    taken: dict[Place, int] = {}
    answers: list[Held | Refusal] = []
    unhurried = Held(terms.base)
    for want in wants:
        refusal: Refusal | None = None
        if tally is not None:
            refusal = _over_limit(tally, want) or _too_many_unpaid(levels, taken, want, terms=terms, tally=tally)
        refusal = refusal or _shortage(levels, taken, want)
        if refusal is not None:
            answers.append(refusal)
            continue
        answer = unhurried
        for sku_id, count in want.lines:
            place = (sku_id, want.pool)
            before = taken.get(place, 0)
            lasting = lasts(levels[place], terms, wanted=before)
            if lasting < answer.lasts:
                answer = Held(lasting)
            taken[place] = before + count
        answers.append(answer)
        if tally is not None:
            tally.grant(want)
    after = {place: replace(levels[place], held=levels[place].held + count) for place, count in taken.items() if count}
    return answers, {**levels, **after}


def settled(level: Level) -> Level:
    """The level after a change that takes from what is held: what was short of it is short no more."""
    if not level.short:
        return level
    return replace(level, short=min(level.short, max(0, level.held - level.on_hand)))


def declared(level: Level, on_hand: int) -> Level:
    """The level when there are so many, whatever buyers hold: what is missing is short."""
    return replace(level, on_hand=on_hand, short=max(0, level.held - on_hand))


def _shortage(levels: Mapping[Place, Level], taken: Mapping[Place, int], want: Want) -> Shortage | None:
    for sku_id, count in want.lines:
        place = (sku_id, want.pool)
        level = levels.get(place)
        there = 0 if level is None else level.unheld if want.promised else level.available
        left = max(0, there - taken.get(place, 0))
        if left < count:
            return Shortage(sku_id, left)
    return None


def _over_limit(tally: Tally, want: Want) -> OverLimit | None:
    if want.buyer is None or not tally.limits:
        return None
    for limit in tally.limits:
        wanted = [(sku_id, count) for sku_id, count in want.lines if sku_id in limit.sku_ids]
        left = max(0, limit.most - tally.pieces[want.buyer, limit.limit_id])
        if wanted and sum(count for _, count in wanted) > left:
            return OverLimit(wanted[0][0], limit.most, left)
    return None


def _too_many_unpaid(
    levels: Mapping[Place, Level], taken: Mapping[Place, int], want: Want, *, terms: Terms, tally: Tally
) -> TooManyUnpaid | None:
    if want.buyer is None or terms.unpaid_max is None:
        return None
    for sku_id, _ in want.lines:
        place = (sku_id, want.pool)
        level = levels.get(place)
        if level is None or tally.unpaid[want.buyer, sku_id] < terms.unpaid_max:
            continue
        if hot(level, wanted=taken.get(place, 0)):
            return TooManyUnpaid(sku_id, terms.unpaid_max)
    return None
