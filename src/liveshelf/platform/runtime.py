"""What a process has at hand: made once in its composition root, passed to handlers and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database
from liveshelf.platform.fanout import Bus
from liveshelf.platform.outbound import Outbound
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """The process's own tools, and the adapters that its composition root chose."""

    settings: Settings
    keys: Keys
    clock: Clock
    db: Database
    bus: Bus
    outbound: Outbound
    adapters: dict[type, Any] = field(default_factory=dict)

    def provide(self, port: type[T], adapter: T) -> None:
        """Choose the adapter behind a port."""
        self.adapters[port] = adapter

    def need(self, port: type[T]) -> T:
        """The adapter behind a port. A missing one is a bug of the composition root."""
        return cast("T", self.adapters[port])
