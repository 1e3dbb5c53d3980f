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


class StockLow(Event, frozen=True):
    """So few are left that somebody should look. Once until more arrives, not once a sale."""

    name: ClassVar[str] = "stock.low"
    sku_id: int
    pool: str
    available: int
    low_at: int


class Oversold(Event, frozen=True):
    """Promised pieces are gone, as a count or another system says: the newest orders lose them, each by itself."""

    name: ClassVar[str] = "stock.oversold"
    sku_id: int
    pool: str
    short: int


class OversoldDue(Event, frozen=True):
    """Orders of this SKU must be closed now."""

    name: ClassVar[str] = "stock.oversold_due"
    sku_id: int
    pool: str


class AuditDue(Event, frozen=True):
    """The auditor should look at this shop's stock."""

    name: ClassVar[str] = "stock.audit_due"
