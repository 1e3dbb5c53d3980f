"""Money as whole fen (分, 1/100 yuan).

Floats and decimals never meet an amount: yuan enter as text, are checked to have at most two decimals,
and leave as text. One currency (CNY) until a decision record says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NewType

Fen = NewType("Fen", int)

MAX_FEN = 100_000_000_00  # 100 million yuan: above any single price or order, far below 2**53
_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2})0*)?")  # not \d: that takes the digits of every script


def parse_yuan(text: str) -> Fen:
    """Read yuan as written (`"99.5"`) into fen (9950).

    Raises `ValueError` on a sign, an exponent, more than two significant decimals, or more than `MAX_FEN`.
    """
    match = _YUAN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    whole, cents = match.group(1), (match.group(2) or "").ljust(2, "0")
    fen = int(whole) * 100 + int(cents)
    if fen > MAX_FEN:
        raise ValueError(text)
    return Fen(fen)


def yuan_text(fen: int) -> str:
    """The shortest exact yuan text: 12800 -> "128", 9950 -> "99.5", 1 -> "0.01"."""
    whole, cents = divmod(fen, 100)
    if not cents:
        return str(whole)
    return f"{whole}.{cents:02d}".rstrip("0")


def split(total: Fen, weights: Sequence[int]) -> list[Fen]:
    """Share `total` by `weights` with the largest remainder; the shares always sum to `total`.

    Ties go to the earlier share, so the result depends on nothing but its arguments.
    Raises `ValueError` when there is no positive weight or a negative one.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return [Fen(share) for share in shares]
