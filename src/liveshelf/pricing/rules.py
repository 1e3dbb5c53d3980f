"""How a total comes about. Pure, and cheap: checkout asks once an order."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.kernel.fen import Fen, split
from liveshelf.pricing.types import Item, ItemKind, Line, Quote

FREIGHT_FEN = Fen(0)


def total_fen(lines: Sequence[Line], *, shipped: bool) -> Fen:
    """The total of the lines' quote, without its items: what checkout compares, thousands of times a second."""
    return Fen(sum(line.due_fen for line in lines) + (FREIGHT_FEN if shipped else 0))


def quote(lines: Sequence[Line], *, shipped: bool) -> Quote:
    """What these lines cost, item by item. A freight item stands there exactly when a parcel goes out."""
    items = []
    for number, line in enumerate(lines, 1):
        items.append(Item(ItemKind.GOODS, line.amount_fen, number))
        if line.due_fen != line.amount_fen:
            items.append(Item(ItemKind.AGREED, line.due_fen - line.amount_fen, number))
    if shipped:
        items.append(Item(ItemKind.FREIGHT, FREIGHT_FEN))
    return Quote(tuple(items))


def per_line(quoted: Quote, lines: int) -> list[Fen]:
    """What each line bears of the total: its own items, and of what concerns the whole order a share by those.

    The shares sum to the total. Raises `ValueError` when nothing of a shared amount can be borne by weight.
    """
    own = [sum(item.amount_fen for item in quoted.items if item.line_no == number) for number in range(1, lines + 1)]
    common = sum(item.amount_fen for item in quoted.items if item.line_no is None)
    if not common:
        return [Fen(amount) for amount in own]
    sign = -1 if common < 0 else 1
    shares = split(Fen(abs(common)), own)
    return [Fen(amount + sign * share) for amount, share in zip(own, shares, strict=True)]
