"""Keyset pages: a cursor names the last row seen, so rows that come or go never shift a page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.ids import INT63_MAX
from liveshelf.kernel.text import is_plain

T = TypeVar("T")
R = TypeVar("R")

LIMIT_DEFAULT = 30
LIMIT_MAX = 100  # one screen of a console table; larger reads are exports


class CursorInvalid(Invalid):
    """The cursor did not come from this listing."""

    code = "paging.cursor_invalid"
    title = "This page link is no longer valid. Start from the first page."


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones begin (`None` at the end). `total` only where it is cheap."""

    items: Sequence[T]
    next: str | None = None
    total: int | None = None

    def map(self, change: Callable[[T], R]) -> Page[R]:
        """The same page with every row changed."""
        return Page([change(item) for item in self.items], self.next, self.total)


def encode_cursor(*key: int | str) -> str:
    """Pack the sort key of the last row."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *shape: type) -> tuple[int | str, ...] | None:
    """Unpack a cursor, checked against the expected types. Raises `CursorInvalid`."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        raise CursorInvalid from error
    if not isinstance(key, list) or [type(part) for part in key] != list(shape):
        raise CursorInvalid
    # What no row can have: the database would not even take it as a question.
    if any(abs(part) > INT63_MAX if isinstance(part, int) else not is_plain(part) for part in key):
        raise CursorInvalid
    return tuple(key)


def below(cursor: str | None) -> int:
    """For a listing by one falling id: the id that its next row is below. Raises `CursorInvalid`."""
    key = decode_cursor(cursor, int)
    return int(key[0]) if key else INT63_MAX


def clamp_limit(limit: int | None) -> int:
    """The page size to use: the default when absent, never more than `LIMIT_MAX`."""
    return LIMIT_DEFAULT if limit is None else max(1, min(limit, LIMIT_MAX))


def page_of(
    rows: Sequence[T], limit: int, key: Callable[[T], tuple[int | str, ...]], total: int | None = None
) -> Page[T]:
    """Build a page from up to `limit + 1` rows; the extra row only proves that there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(shown, encode_cursor(*key(shown[-1])) if more else None, total)
