"""Token buckets in memory: how often one key (an address, a phone, a user name) may do something.

Per process and wall time; a guard against hammering, not a quota. The number of keys is bounded: the least recently
seen are forgotten first, which only ever forgives.
"""

from __future__ import annotations

import time
from collections import OrderedDict

seconds = time.monotonic  # what buckets fill by; stands still in tests that count tries
KEYS_MAX = 50_000  # some 10 MB


class RateLimit:
    """Each key may spend `burst` at once and earns `per_s` a second."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._buckets: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()

    def __contains__(self, key: str | bytes) -> bool:
        """Whether the key was seen lately."""
        return key in self._buckets

    def allows(self, key: str | bytes, cost: float = 1.0) -> bool:
        """Spend `cost`; false when the bucket has less, and then nothing is spent."""
        return not self.spend(key, cost)

    def spend(self, key: str | bytes, cost: float = 1.0) -> float:
        """Spend `cost` and return 0; when the bucket has less, nothing is spent, and it has enough in so many
        seconds.
        """
        now = seconds()
        left, seen = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - seen) * self._per_s)
        allowed = left >= cost
        self._buckets[key] = (left - cost if allowed else left, now)
        if len(self._buckets) > KEYS_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (cost - left) / self._per_s
