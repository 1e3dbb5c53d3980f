"""A bounded memory of encoded answers. Keys carry the library's version, so an entry is right for ever or never
asked again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_OVERHEAD = 200  # bytes of Python around an entry


class Encoded(Generic[Key]):
    """Bytes by key, at most `bytes_max` of them; the least recently used go first."""

    def __init__(self, bytes_max: int) -> None:
        self._entries: OrderedDict[Key, bytes] = OrderedDict()
        self._bytes_max = bytes_max
        self._bytes = 0

    def get(self, key: Key) -> bytes | None:
        """The bytes under a key, which count as used now."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Key, value: bytes) -> None:
        """Keep bytes under a key."""
        before = self._entries.pop(key, None)
        self._entries[key] = value
        self._bytes += len(value) + _OVERHEAD - (0 if before is None else len(before) + _OVERHEAD)
        while self._bytes > self._bytes_max:
            _, gone = self._entries.popitem(last=False)
            self._bytes -= len(gone) + _OVERHEAD
