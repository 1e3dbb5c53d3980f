"""Every fen has its reason: totals are the sum of their items, and shares the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.kernel.fen import Fen
from liveshelf.pricing.rules import per_line, quote, total_fen
from liveshelf.pricing.types import Item, ItemKind, Priced, Quote

FEN = st.integers(1, 10**9).map(Fen)
LINES = st.lists(st.builds(Priced, FEN, FEN), min_size=1, max_size=20)


@given(lines=LINES, shipped=st.booleans())
def test_a_total_is_the_sum_of_its_items(lines: list[Priced], *, shipped: bool):
    quoted = quote(lines, shipped=shipped)
    assert quoted.total_fen == total_fen(lines, shipped=shipped) == sum(line.due_fen for line in lines)
    assert [item.kind for item in quoted.items].count(ItemKind.FREIGHT) == shipped
    assert sum(per_line(quoted, len(lines))) == quoted.total_fen


@given(LINES, st.integers(-(10**6), 10**6))
def test_what_concerns_the_whole_order_is_shared_to_the_fen(lines: list[Priced], common: int):
    quoted = quote(lines, shipped=False)
    whole = Quote((*quoted.items, Item(ItemKind.FREIGHT, common)))
    shares = per_line(whole, len(lines))
    assert sum(shares) == whole.total_fen
    own = per_line(quoted, len(lines))
    for share, alone in zip(shares, own, strict=True):
        assert abs(abs(share - alone) - abs(common) * alone / quoted.total_fen) < 1


def test_what_was_agreed_stands_beside_what_it_cost():
    quoted = quote([Priced(Fen(1_000), Fen(900)), Priced(Fen(100), Fen(100))], shipped=True)
    assert quoted.items == (
        Item(ItemKind.GOODS, 1_000, 1),
        Item(ItemKind.AGREED, -100, 1),
        Item(ItemKind.GOODS, 100, 2),
        Item(ItemKind.FREIGHT, 0),
    )
    assert quoted.total_fen == 1_000
    assert per_line(quoted, 2) == [900, 100]


def test_nothing_can_be_shared_over_nothing():
    with pytest.raises(ValueError, match=r"\[\]"):
        per_line(Quote((Item(ItemKind.FREIGHT, 100),)), 0)
