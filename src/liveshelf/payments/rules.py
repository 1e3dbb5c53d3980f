"""Pure decisions about payments: the numbers that providers know refunds by."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"R([1-9][0-9]{0,18})(?:-([1-9][0-9]{0,3}))?")


def refund_number(refund_id: int, round_: int) -> str:
    """The number of a refund at the provider: the same at every try, so it is sent once. Only a refund that the
    provider itself gave up gets a new one, by its round.
    """
    return f"R{refund_id}" if round_ == 1 else f"R{refund_id}-{round_}"


def refund_named(number: str) -> tuple[int, int] | None:
    """The refund and the round of a number, if it is one of ours."""
    match = _NUMBER.fullmatch(number)
    return None if match is None else (int(match[1]), int(match[2] or 1))
