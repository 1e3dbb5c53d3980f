"""The demo shop's seed behind the port that a reset calls."""

from __future__ import annotations

from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.shops.seeding import Seeder


class DemoSeeder(Seeder):
    """Seeds the demo shop again, and no other."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def seed(self, shop: ShopId) -> None:
        """As the port says."""
        # Loaded when somebody resets: it brings the pictures' drawing along.
        from liveshelf.entry.demo.seed import reseed  # noqa: PLC0415

        await reseed(self._runtime, shop)
