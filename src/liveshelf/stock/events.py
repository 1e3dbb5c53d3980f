"""What has happened to stock."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class StockChanged(Event, frozen=True):
    """The counters of a SKU in a pool are these now. Once a SKU, pool and transaction; the latest `version` wins."""

    name: ClassVar[str] = "stock.changed"
    sku_id: int
    pool: str
    on_hand: int
    held: int
    sold: int
    version: int
