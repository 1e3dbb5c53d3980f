"""A shop for the checkout benchmark: a hundred thousand buyers with sessions, a hot SKU and a thousand others, and as
many closed orders as are wanted, all made from rows that the product itself wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from liveshelf.flows.checkout import Placed
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ShopId, SkuId
from liveshelf.orders import service as orders
from liveshelf.platform.db import Database
from liveshelf.stock import queries as stock
from liveshelf.stock.rules import ON_HAND_MAX
from tests.make.selling import PRICE_FEN, buy, guest, something, wish
from tests.make.shops import a_shop

BUYERS = 100_000
SKUS = 1_000
STEP = 1_000_000  # orders stored with one statement
# Rows of one order, table by table, that are copied for stored ones. Its events and its request's result are not among
# them: neither is read or joined again, and results are forgotten after seven days.
STORED = ("orders", "order_lines", "order_history", "stock_holds", "stock_moves")


@dataclass(frozen=True)
class Market:
    """What a load generator needs to know. SKUs are numbered from `hot` on; the first is the hot one."""

    shop: ShopId
    hot: SkuId
    price_fen: int = PRICE_FEN

    def skus(self, *, spread: bool) -> tuple[int, int]:
        return (self.hot + 1, self.hot + SKUS) if spread else (self.hot, self.hot)


async def open_market(db: Database, admin: asyncpg.Connection) -> Market:
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=ON_HAND_MAX)
    who = await guest(db, shop)
    await _clone_goods(admin, shop, sold.sku_id)
    await _clone_buyers(admin, shop, who)
    # What the rows were copied from is used once, so that all of a placed order's rows are there to be copied.
    (outcome,) = await buy(db, shop, wish(who, sold.sku_id))
    assert isinstance(outcome, Placed), outcome
    order_id = outcome.order.order_id
    await db.write(SYSTEM, shop, lambda tx: orders.cancel(tx, order_id, customer_id=who))
    await admin.execute("VACUUM ANALYZE")
    return Market(shop, sold.sku_id)


async def store(market: Market, many: int, _db: Database, admin: asyncpg.Connection) -> None:
    """So many closed orders, of all buyers, older than anything placed from now on."""
    template = await admin.fetchval("SELECT min(order_id) FROM orders WHERE shop_id = $1", market.shop)
    await admin.execute("SET session_replication_role = replica")  # the rows' keys were checked when they were written
    await admin.execute("SET synchronous_commit = off")
    for first in range(0, many, STEP):
        for table in STORED:
            count = await admin.fetchval(f"SELECT count(*) FROM {table} WHERE order_id = $1", template)  # noqa: S608
            changes = {"order_id": "1 + n", "customer_id": f"1 + n % {BUYERS}"}
            changes |= dict.fromkeys(("entry_id", "move_id"), f"(1 + n) * {count} + rank")
            await _clone(
                admin, table, f"order_id = {template}", changes, numbers=f"{first}, {min(many, first + STEP) - 1}"
            )
    await admin.execute("RESET ALL")
    await admin.execute("VACUUM ANALYZE")


async def _clone_goods(admin: asyncpg.Connection, shop: ShopId, sku_id: SkuId) -> None:
    of_shop = f"shop_id = {shop}"
    ids = {key: f"t.{key} + n" for key in ("product_id", "sku_id", "goods_id")}
    for table in ("products", "skus", "live_goods", "stock", "stock_moves"):
        await _clone(admin, table, of_shop, {**ids, "move_id": "t.move_id + n * 1000"}, numbers=f"1, {SKUS}")
    await admin.execute("UPDATE libraries SET approved = approved + $1 WHERE shop_id = $2", SKUS, int(shop))
    assert sku_id + SKUS < 10_000


async def _clone_buyers(admin: asyncpg.Connection, shop: ShopId, who: CustomerId) -> None:
    of_shop = f"shop_id = {shop}"
    changes = {"customer_id": f"{who} + n", "openid": "t.openid || n"}
    changes["token_hash"] = "sha256(convert_to('bench-' || n, 'utf8'))"  # noqa: S105 - a column of the table
    for table in ("customers", "customer_sessions"):
        await _clone(admin, table, of_shop, changes, numbers=f"0, {BUYERS - 1}", skip_first=table == "customers")
    await admin.execute("UPDATE counters SET value = $1 WHERE kind = 'customer'", who + BUYERS)


async def _clone(
    admin: asyncpg.Connection, table: str, of: str, changes: dict[str, str], *, numbers: str, skip_first: bool = False
) -> None:
    """Insert the table's present rows `of` something once more for every number `n`, with some columns changed."""
    columns = [
        row["column_name"]
        for row in await admin.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'",
            table,
        )
    ]
    values = ", ".join(changes.get(one, f"t.{one}") for one in columns)
    await admin.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"  # noqa: S608 - constants of this file
        f" FROM generate_series({numbers}) n, (SELECT *, row_number() OVER () AS rank FROM {table} WHERE {of}) t"
        f" WHERE n > {0 if skip_first else -1} ORDER BY n"
    )


async def books_agree(market: Market, placed: int, db: Database, admin: asyncpg.Connection) -> None:
    """Every order that was answered is there, and stock tells the same. Sums over all stored rows: seconds."""
    held = await admin.fetchval("SELECT sum(held) FROM stock WHERE shop_id = $1", market.shop)
    open_orders = await admin.fetchval(
        "SELECT count(*) FROM orders WHERE shop_id = $1 AND state = 'to_pay'", market.shop
    )
    assert held == open_orders == placed, (held, open_orders, placed)
    async with db.read(market.shop) as tx:
        assert await stock.differences(tx) == []
