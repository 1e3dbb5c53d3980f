"""The record: sealed in a chain, and every tampering found."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from liveshelf.platform.timers import sweep
from liveshelf.trail import queries, service
from liveshelf.trail._jobs import TIMERS, seal
from tests.make.goods import STAFF

SHOP, OTHER = ShopId(7), ShopId(8)


async def recorded(runtime: Runtime, shop: ShopId = SHOP, *, rows: int = 3) -> None:
    async def work(tx: Tx) -> None:
        for number in range(rows):
            service.record(
                tx, "goods.add", f"goods:{number}", name="青瓷茶盏", number=number, fields=["a"], nothing=None
            )

    await runtime.db.write(STAFF, shop, work)


async def broken(runtime: Runtime, keys: Keys | None = None) -> list[str]:
    async with runtime.db.read(SHOP) as tx:
        return [str(one) for one in await queries.verify(tx, keys or runtime.keys)]


@pytest.fixture
async def sealed(runtime: Runtime) -> Runtime:
    """Three seals of three rows each, with a fourth batch that waits."""
    for _ in range(3):
        await recorded(runtime)
        await seal(runtime, SHOP)
    await recorded(runtime)
    return runtime


async def test_what_was_sealed_verifies_and_what_waits_is_not_judged(sealed: Runtime):
    assert await broken(sealed) == []
    async with sealed.db.read(SHOP) as tx:
        page = await queries.newest(tx, cursor=None, limit=10)
        rest = await queries.newest(tx, cursor=page.next, limit=10)
    entries = [*page.items, *rest.items]
    assert [one.seal_no for one in entries] == [None] * 3 + [3] * 3 + [2] * 3 + [1] * 3
    assert entries[0].detail == {"name": "青瓷茶盏", "number": 2, "fields": ["a"], "nothing": None}
    assert entries[0].actor == "staff:41"


MOVED = """
    UPDATE trail t SET detail = o.detail FROM trail o
    WHERE t.seal_no = 1 AND o.seal_no = 2 AND t.subject = 'goods:1' AND o.subject = 'goods:2'"""
TAMPERING = [
    ("UPDATE trail SET actor = 'staff:42' WHERE seal_no = 2", "seal 2: the rows are not those that were sealed"),
    ("UPDATE trail SET at = at + interval '1 microsecond' WHERE seal_no = 1", "seal 1: the rows are not"),
    ("UPDATE trail SET detail = '{\"number\": 9}' WHERE seal_no = 3", "seal 3: the detail of row"),
    ("UPDATE trail SET commitment = '\\x00' WHERE seal_no = 3", "seal 3: the rows are not"),
    (
        "DELETE FROM trail WHERE trail_id = (SELECT min(trail_id) FROM trail WHERE seal_no = 2)",
        "seal 2: 3 rows were sealed, 2 are there",
    ),
    (
        "UPDATE trail SET seal_no = 2 WHERE trail_id = (SELECT min(trail_id) FROM trail WHERE seal_no IS NULL)",
        "seal 2: 3 rows were sealed, 4 are there",
    ),
    ("DELETE FROM trail_seals WHERE seal_no = 2", "seal 2: the seal is missing"),
    ("DELETE FROM trail_seals WHERE seal_no = 3", "seal 3: 3 rows name a seal that is missing"),
    ("UPDATE trail_seals SET signature = '\\x00' WHERE seal_no = 1", "seal 1: the signature is not ours"),
    ("UPDATE trail_seals SET at = at + interval '1 day' WHERE seal_no = 1", "seal 1: the signature is not ours"),
    (
        MOVED,
        "seal 1: the detail of row",
    ),
]


@pytest.mark.parametrize(("statement", "finding"), TAMPERING)
async def test_every_tampering_is_found_even_a_superusers(sealed: Runtime, admin_dsn: str, statement, finding):
    admin = await asyncpg.connect(admin_dsn)
    assert not (await admin.execute(statement)).endswith(" 0")
    await admin.close()
    assert any(one.startswith(finding) for one in await broken(sealed))


async def test_a_record_sealed_with_other_keys_is_not_ours(sealed: Runtime):
    findings = await broken(sealed, Keys(bytes(32)))
    assert "seal 1: the signature is not ours" in findings


async def test_an_erased_detail_is_gone_and_the_chain_still_holds(sealed: Runtime):
    assert await sealed.db.write(STAFF, SHOP, lambda tx: service.erase(tx, "goods:1")) == 3
    assert await broken(sealed) == []
    async with sealed.db.read(SHOP) as tx:
        page = await queries.newest(tx, cursor=None, limit=None)
    assert {one.detail is None for one in page.items if one.subject == "goods:1" and one.seal_no} == {True}


@pytest.mark.parametrize(
    "statement", ["DELETE FROM trail", "UPDATE trail SET actor = 'x'", "UPDATE trail_seals SET rows = 1"]
)
async def test_the_product_itself_may_not_rewrite_its_record(sealed: Runtime, statement):
    async def work(tx: Tx) -> None:
        await tx.execute(text(statement))

    with pytest.raises(ProgrammingError, match="permission denied"):
        await sealed.db.write(STAFF, SHOP, work)


async def test_sealers_that_meet_seal_every_row_once(runtime: Runtime):
    await recorded(runtime, rows=30)
    await recorded(runtime, OTHER)
    sizes = await asyncio.gather(
        *(runtime.db.write(STAFF, SHOP, lambda tx: service.seal(tx, runtime.keys, 20)) for _ in range(6))
    )
    await seal(runtime, SHOP)
    assert sum(sizes) <= 30
    assert await broken(runtime) == []
    async with runtime.db.read(SHOP) as tx:
        page = await queries.newest(tx, cursor=None, limit=50)
    assert all(one.seal_no for one in page.items)
    assert len(page.items) == 30


async def test_the_timer_asks_and_the_relay_brings_the_sealer(runtime: Runtime):
    jobs: list[tuple[str, object]] = []

    async def defer(many):
        jobs.extend((name, args["shop_id"]) for name, args in many)

    await recorded(runtime)
    (timer,) = TIMERS
    assert await sweep(runtime.db, timer) == 1
    await Relay(runtime.db, runtime.bus, defer, REACTIONS).sweep()
    assert jobs == [("trail.seal", SHOP)]
    await seal(runtime, SHOP)
    assert await sweep(runtime.db, timer) == 0
