"""Shops for tests, made through the product's own door."""

from __future__ import annotations

from dataclasses import dataclass

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import Database
from liveshelf.shops import credentials, policy, service
from liveshelf.shops.policy import Profile


@dataclass(frozen=True)
class MadeShop:
    """A shop and what its software signs in with."""

    shop: ShopId
    appid: str
    secret: str


async def a_shop(db: Database, name: str = "山间茶铺", *, sandbox: bool = True) -> MadeShop:
    shop = (await db.write(SYSTEM, PLATFORM, lambda tx: service.create_shop(tx, name, sandbox=sandbox))).shop_id
    credential, secret = await db.write(SYSTEM, shop, credentials.make_credential)
    return MadeShop(shop, credential.appid, secret)


async def profile(db: Database, which: Profile) -> None:
    """Let a profile of the house bind."""
    await db.write(SYSTEM, PLATFORM, lambda tx: policy.set_policy(tx, which))
