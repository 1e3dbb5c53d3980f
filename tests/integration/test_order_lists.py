"""Lists that stay fast: what a page asks of the database does not grow with the orders of a shop, nor with the page.

How many milliseconds that takes beside 50,000 orders, with more coming in, is `script/bench orders_console`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from liveshelf.accounts.types import Role
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import _sql, queries
from liveshelf.orders.types import Filter, OrderState
from liveshelf.platform.db import Database
from tests.make.accounts import bearer, staff_session
from tests.make.selling import bought, guest, something, wish
from tests.make.shops import a_shop

STORED = 12_000
# The one order's rows once more, so many times.
CLONE = """
INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object('order_id', o.order_id - n))).*
FROM orders o, generate_series(1, {many}) n;
INSERT INTO order_lines SELECT (jsonb_populate_record(l, jsonb_build_object('order_id', l.order_id - n))).*
FROM order_lines l, generate_series(1, {many}) n;
"""


@pytest.fixture
async def shop(db: Database) -> ShopId:
    shop = (await a_shop(db)).shop
    sold = await something(db, shop)
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    return shop


async def store(admin_dsn: str, many: int) -> None:
    import asyncpg  # noqa: PLC0415 - the superuser's own way in

    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(CLONE.format(many=many))
    await admin.execute("VACUUM ANALYZE")
    await admin.close()


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_conn, _cursor, statement, *_more) -> None:
        asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.feature("S-304")
@pytest.mark.parametrize("query", ["", "?state=to_pay", "?q=%E8%8C%B6", "?flag=red", "?since=2020-01-01T00:00:00Z"])
async def test_a_page_takes_as_many_statements_however_many_orders_there_are(
    db, shop, client, runtime, admin_dsn, query
):
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    path = f"/v1/shops/{shop}/orders{query}"
    with counted(db) as few:
        assert (await client.get(path, headers=owner)).status_code == 200
    await store(admin_dsn, 200)
    with counted(db) as many:
        answer = (await client.get(path, headers=owner)).json()
    assert len(many) <= max(len(few), 20)
    assert len(many) < 25
    assert len(answer["items"]) <= 30


@pytest.mark.feature("S-304")
async def test_counting_and_searching_stop_where_nobody_reads_on(db, shop, admin_dsn):
    await store(admin_dsn, STORED)
    async with db.read(shop) as tx:
        counts = await queries.counts(tx)
        nothing = await queries.page(tx, Filter(text="没有这样的商品"))
        assert nothing.next is not None  # it looked through so many, and says where to go on
        deeper = await queries.page(tx, Filter(text="没有这样的商品"), cursor=nothing.next)
    assert counts[OrderState.TO_PAY] == _sql.COUNTED
    assert (nothing.items, deeper.items) == ([], [])
    assert deeper.next != nothing.next
