"""Shops with as many live goods as a benchmark wants, put into the tables in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from liveshelf.entry import migrate
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys, load_keys
from liveshelf.shops import credentials, issuing, service

SMALL = 1_000
UNLIMITED = 1_000_000_000
_COLUMNS = (
    "shop_id goods_id product_id origin name cover_media_id price_type price_fen price2_fen url third_party_appid"
    " audit_state audit_id state_entered_at created_at updated_at is_ad"
)


@dataclass(frozen=True)
class Library:
    """A shop with goods, and a token of its software."""

    shop: ShopId
    token: str
    size: int


async def prepare(admin_dsn: str, settings: Settings, large: int) -> list[Library]:
    """A migrated database with two shops: one of 1,000 goods, and a large one."""
    keys = load_keys("", settings.data_dir)
    await migrate.migrate(admin_dsn, keys)
    db = connect(settings.app_database_url, Clock())
    admin = await asyncpg.connect(admin_dsn)
    libraries = [await a_library(db, admin, keys, size) for size in (SMALL, large)]
    await admin.execute("VACUUM ANALYZE")
    await admin.close()
    await db.dispose()
    return libraries


async def a_library(db: Database, admin: asyncpg.Connection, keys: Keys, size: int) -> Library:
    """A shop of `size` approved goods, with a token."""

    async def opened(tx: Tx) -> str:
        credential, _ = await credentials.make_credential(tx)
        await service.set_limits(tx, {"goods.getapproved": UNLIMITED, "goods.getgoodswarehouse": UNLIMITED})
        return (await issuing.issue_stable(tx, keys, credential.appid)).token

    shop = (await db.write(SYSTEM, PLATFORM, lambda tx: service.create_shop(tx, "bench", sandbox=True))).shop_id
    await fill(admin, shop, size)
    return Library(shop, await db.write(SYSTEM, shop, opened), size)


async def fill(admin: asyncpg.Connection, shop: ShopId, size: int) -> None:
    """Put `size` approved goods into a shop's empty library, all of one product."""
    now = datetime.now(UTC)
    began = now - timedelta(days=30)
    await admin.execute(
        "INSERT INTO products (shop_id, product_id, title, description, pictures, tags, delivery, version, created_at,"
        " updated_at) VALUES ($1, 1, 'p', '', '[]', '[]', 'shipped', 1, $2, $2)",
        int(shop),
        now,
    )
    goods = (
        (
            *(int(shop), 1_001 + n, 1, "api", f"青瓷茶盏 {n % 999}", f"{shop:x}-{n:032x}", 3, 12_800 + n % 500, 9_950),
            *(
                f"pages/goods/detail?id={n}",
                "",
                "approved",
                10**9 + n,
                began + timedelta(milliseconds=n),
                began,
                began,
                False,
            ),
        )
        for n in range(size)
    )
    await admin.copy_records_to_table("live_goods", columns=_COLUMNS.split(), records=goods)
    await admin.execute(
        "INSERT INTO libraries (shop_id, version, entered_at, unaudited, in_audit, approved, rejected, unaudited_left,"
        " in_audit_left, approved_left, rejected_left) VALUES ($1, 1, $2, 0, 0, $3, 0, 0, 0, 0, 0)",
        int(shop),
        now,
        size,
    )
