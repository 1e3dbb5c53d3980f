"""Numbers on papers that can be judged by themselves: each has a check digit, or a form.

Sources: GB 11643 (identity numbers, ISO 7064 MOD 11-2), GB 32100 (unified social credit codes), ISO/IEC 7812 (cards).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from liveshelf.kernel.text import is_plain
from liveshelf.qualifications.errors import PaperNumberInvalid
from liveshelf.qualifications.types import PaperKind

NUMBER_MAX = 64
_SHOWN = 4  # characters of a number that lists show, at its end

_IDENTITY = re.compile(r"[1-9]\d{16}[\dX]")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
_CREDIT_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
_CREDIT = re.compile(rf"[{_CREDIT_CHARS}]{{2}}\d{{6}}[{_CREDIT_CHARS}]{{10}}")
_CREDIT_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))
_CARD = re.compile(r"\d{12,19}")


def checked_number(kind: PaperKind, text: str, *, today: date) -> str:
    """A paper's number without spaces, in capitals. Raises `PaperNumberInvalid`."""
    number = "".join(text.split()).upper()
    if not 1 <= len(number) <= NUMBER_MAX or not is_plain(number):
        raise PaperNumberInvalid(field="number", kind=kind.value)
    judge = _JUDGES.get(kind)
    if judge is not None and not judge(number, today):
        raise PaperNumberInvalid(field="number", kind=kind.value)
    return number


def masked(number: str) -> str:
    """A number as lists show it: its end, or nothing of a short one."""
    shown = number[-_SHOWN:] if len(number) >= 2 * _SHOWN else ""
    return "*" * (len(number) - len(shown)) + shown


def is_identity(number: str, today: date) -> bool:
    """Whether this can be an identity number: its form, a birthday that has been, and its check digit."""
    if _IDENTITY.fullmatch(number) is None:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False))
    return born < today and _IDENTITY_CHECKS[total % 11] == number[-1]


def is_credit_code(number: str, _today: date) -> bool:
    """Whether this can be a unified social credit code 统一社会信用代码."""
    if _CREDIT.fullmatch(number) is None:
        return False
    total = sum(_CREDIT_CHARS.index(char) * weight for char, weight in zip(number, _CREDIT_WEIGHTS, strict=False))
    return _CREDIT_CHARS[-total % 31] == number[-1]


def is_card(number: str, _today: date) -> bool:
    """Whether this can be a bank card's number."""
    if _CARD.fullmatch(number) is None:
        return False
    digits = [int(char) for char in reversed(number)]
    return sum(sum(divmod(2 * digit, 10)) if at % 2 else digit for at, digit in enumerate(digits)) % 10 == 0


_JUDGES: Mapping[PaperKind, Callable[[str, date], bool]] = MappingProxyType(
    {
        PaperKind.IDENTITY_CARD: is_identity,
        PaperKind.BANK_CARD: is_card,
        PaperKind.BUSINESS_LICENCE: is_credit_code,
    }
)
