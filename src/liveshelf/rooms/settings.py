"""What a shop may set for all its rooms, within the bounds of the house: how the quick bar counts, how much stock to
hold, and how long an important broadcast may be unwatched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _settings_sql
from liveshelf.rooms.errors import RoomSettingInvalid
from liveshelf.trail import service as trail


class BarUnit(StrEnum):
    """What the quick bar's capacity counts."""

    GOODS = "goods"
    SKU = "sku"


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """`stock_factor`: stock to hold, in times of the expected sales (L-303). `legal_gap_s`: how long nobody of the
    legal role may be at the desk of an important broadcast (L-605).
    """

    quick_bar_unit: BarUnit = BarUnit.GOODS
    stock_factor: int = 3
    legal_gap_s: int = 30

    @property
    def legal_gap(self) -> timedelta:
        """As above."""
        return timedelta(seconds=self.legal_gap_s)


STANDARD = RoomSettings()
BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType({"stock_factor": (1, 20), "legal_gap_s": (10, 300)})


@dataclass(frozen=True, slots=True)
class SettingsSet:
    """The settings with who set them when; nobody has while they are the house's."""

    settings: RoomSettings
    changed_by: str | None
    changed_at: datetime | None


async def settings_of(tx: ReadTx) -> RoomSettings:
    """What counts in the shop now."""
    return (await settings_set(tx)).settings


async def settings_set(tx: ReadTx) -> SettingsSet:
    """As `settings_of`, with who set it."""
    row = await tx.one(_settings_sql.OF_SHOP)
    if row is None:
        return SettingsSet(STANDARD, None, None)
    found = RoomSettings(BarUnit(row.quick_bar_unit), row.stock_factor, row.legal_gap_s)
    return SettingsSet(found, row.changed_by, row.changed_at)


async def set_settings(tx: Tx, wanted: RoomSettings) -> None:
    """Let this count from now on; in the trail. What stands in a quick bar stays there, even if it is more than may be
    added. Raises `RoomSettingInvalid`.
    """
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(wanted, name) <= most:
            raise RoomSettingInvalid(field=name, least=least, most=most)
    before = await settings_of(tx)
    if before == wanted:
        return
    values = {
        "quick_bar_unit": wanted.quick_bar_unit.value,
        "stock_factor": wanted.stock_factor,
        "legal_gap_s": wanted.legal_gap_s,
    }
    await tx.execute(_settings_sql.PUT.values(shop_id=tx.shop, **values, changed_by=str(tx.actor), changed_at=tx.now))
    trail.record(
        tx,
        "rooms.settings",
        f"shop:{tx.shop}",
        was_quick_bar_unit=before.quick_bar_unit.value,
        was_stock_factor=before.stock_factor,
        was_legal_gap_s=before.legal_gap_s,
        **values,
    )
