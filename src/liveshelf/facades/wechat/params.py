"""Parameters of a call as SDKs really send them: JSON or PHP forms, numbers as text, and empties that mean nothing.

Absent means missing, `null`, `""`, and `0` where an amount or a text is expected. Unknown parameters are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from liveshelf.facades.wechat.errors import ParameterWrong
from liveshelf.kernel.ids import INT63_MAX

TEXT_MAX = 4_096  # characters; no field of any call comes near
LIST_MAX = 2_000  # entries; the largest list of the contract has 2000 openids
_DIGITS = re.compile(r"[+-]?[0-9]{1,19}")
_EXPONENT_MAX = 20  # a number written with more digits than any amount has is no amount
_NOTHING = (None, "")


class Params(Mapping[str, Any]):
    """The parameters of one call or of an object inside it; `name` is what the object is called."""

    __slots__ = ("_values", "name")

    def __init__(self, values: Mapping[str, Any], name: str = "") -> None:
        self._values = values
        self.name = name

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as below; faster than the inherited one
        """What was sent under a key."""
        return self._values.get(key, default)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - whatever was sent
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def has(self, key: str) -> bool:
        """Whether something was sent, an empty text and `null` being nothing."""
        return self._values.get(key) not in _NOTHING

    def part(self, key: str) -> Params:
        """A required object. Raises `ParameterWrong` with the text that the real server sends."""
        value = self._values.get(key)
        if not isinstance(value, Mapping) or not value:
            raise ParameterWrong(f"{key} must not be empty", field=key)
        return Params(value, key)

    def text(self, key: str) -> str:
        """A required text. Raises `ParameterWrong`."""
        if not self.has(key):
            raise ParameterWrong(f"{key} must not be empty", field=key)
        return self._plain(key, self._values[key])

    def optional_text(self, key: str) -> str | None:
        """A text, or `None` when absent; the number 0 is how some SDKs leave a text out. Raises `ParameterWrong`."""
        value = self._values.get(key)
        return None if value in _NOTHING or value == 0 else self._plain(key, value)

    def number(self, key: str) -> int:
        """A required whole number of 0 or more, also as text. Raises `ParameterWrong`."""
        if not self.has(key):
            raise ParameterWrong(f"{key} must not be empty", field=key)
        return self._whole(key, self._values[key])

    def identifier(self, key: str) -> int:
        """A required number of 1 or more. Raises `ParameterWrong`."""
        number = self.number(key)
        if number < 1:
            raise ParameterWrong(f"{key} must not be empty", field=key)
        return number

    def optional_number(self, key: str) -> int | None:
        """A whole number of 0 or more, or `None` when absent. Raises `ParameterWrong`."""
        return self._whole(key, self._values[key]) if self.has(key) else None

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """0 or 1, also as text or truth value. Raises `ParameterWrong` for anything else, and when absent
        without a default.
        """
        if isinstance(sent := self._values.get(key), bool):
            return sent
        value = self.optional_number(key)
        if value is None and default is not None:
            return default
        if value not in {0, 1}:
            raise ParameterWrong(f"{key} must be 0 or 1", field=key)
        return value == 1

    def identifiers(self, key: str) -> list[int]:
        """A required list of numbers, also as texts. Raises `ParameterWrong`."""
        value = self._values.get(key)
        if not isinstance(value, list) or not value or len(value) > LIST_MAX:
            raise ParameterWrong(f"{key} must be a list of numbers", field=key)
        return [one if type(one) is int and 0 <= one <= INT63_MAX else self._whole(key, one) for one in value]

    def parts(self, key: str) -> list[Params]:
        """A required list of objects. Raises `ParameterWrong`."""
        value = self._values.get(key)
        if not isinstance(value, list) or len(value) > LIST_MAX or not all(isinstance(one, Mapping) for one in value):
            raise ParameterWrong(f"{key} must be a list of objects", field=key)
        return [Params(one, key) for one in value]

    def optional_texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts, or `None` when absent or empty. Raises `ParameterWrong`."""
        value = self._values.get(key)
        if value in _NOTHING or value in (0, []):
            return None
        if not isinstance(value, list) or len(value) > LIST_MAX:
            raise ParameterWrong(f"{key} must be Array<string>", field=key)
        return tuple(self._plain(key, one) for one in value)

    def amount_text(self, key: str) -> str | None:
        """An amount as it was written, exactly, or `None` when absent. What is no number comes back as `"?"`:
        no amount.
        """
        value = self._values.get(key)
        if value in _NOTHING:
            return None
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, Decimal):
            digits = value.as_tuple()
            short = value.is_finite() and abs(value.adjusted()) <= _EXPONENT_MAX and len(digits.digits) <= _EXPONENT_MAX
            return f"{value:f}" if short else "?"
        return str(value) if type(value) is int and abs(value) <= INT63_MAX else "?"

    def _plain(self, key: str, value: object) -> str:
        if not isinstance(value, str) or len(value) > TEXT_MAX or "\x00" in value:
            raise ParameterWrong(f"{key} must be a string", field=key)
        return value

    def _whole(self, key: str, value: object) -> int:
        whole = value if type(value) is int else None
        if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
            whole = int(value)
        if isinstance(value, Decimal) and value.is_finite() and abs(value) <= INT63_MAX and value == int(value):
            whole = int(value)
        if whole is None or not 0 <= whole <= INT63_MAX:
            raise ParameterWrong(f"{key} must be a number", field=key)
        return whole
