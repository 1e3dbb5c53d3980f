"""The port behind which a sandbox shop's seed is: what it is given again after a reset."""

from __future__ import annotations

from liveshelf.kernel.ids import ShopId


class Seeder:
    """Gives emptied shops their seed. A class and not a protocol, so that it can be asked for by type."""

    async def seed(self, shop: ShopId) -> None:
        """Give an emptied shop its goods, rooms and buyers again; a shop without a seed stays empty."""
        raise NotImplementedError
