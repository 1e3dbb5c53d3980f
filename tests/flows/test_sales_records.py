"""L-309: what a broadcast sold is kept as long as it must be, read and exported until then, and deleted only after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liveshelf.accounts.types import Role
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.clock import Clock
from liveshelf.rooms import service
from liveshelf.shops.time_limits import TimeLimits, set_limits
from liveshelf.trail import queries as trail
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR, live_room, room
from tests.make.selling import bought, guest, order, something, wish
from tests.make.shops import a_shop

DAY = timedelta(days=1)


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


@pytest.fixture
async def owner(runtime, shop):
    return bearer(await staff_session(runtime, shop))


async def ended(db, shop) -> tuple[RoomId, list]:
    one = await something(db, shop)
    room_id = await live_room(db, shop, [one.goods_id])
    placed = [await bought(db, shop, wish(await guest(db, shop), one.sku_id, room_id=room_id)) for _ in range(2)]
    await db.write(ANCHOR, shop, lambda tx: service.end(tx, room_id))
    return room_id, placed


@pytest.mark.feature("L-309")
async def test_day_30_reads_and_refuses_deletion_and_day_31_deletes_and_writes_it_down(
    client, db, shop, owner, clock: Clock
):
    await db.write(SYSTEM, shop, lambda tx: set_limits(tx, TimeLimits(sales_days=30)))
    room_id, placed = await ended(db, shop)
    url = f"/v1/shops/{shop}/rooms/{room_id}/sales"
    clock.set_offset(30 * DAY - timedelta(seconds=2))
    read = (await client.get(url, headers=owner)).json()
    assert (read["orders"], read["may"], read["purged_at"]) == (2, [], None)
    refused = await client.delete(url, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "rooms.sales_kept")
    assert refused.json()["context"]["until"].startswith(read["kept_until"][:19])
    listed = await client.get(f"/v1/shops/{shop}/orders", params={"room_id": room_id}, headers=owner)
    assert len(listed.json()["items"]) == 2

    exported = await client.post(
        f"/v1/shops/{shop}/orders/exports", json={"request_id": "x1", "room_id": room_id}, headers=owner
    )
    assert exported.status_code == 201, exported.text

    clock.set_offset(30 * DAY + timedelta(seconds=2))
    assert (await client.get(url, headers=owner)).json()["may"] == ["purge"]
    for _ in range(2):
        assert (await client.delete(url, headers=owner)).status_code == 204
    gone = (await client.get(url, headers=owner)).json()
    assert (gone["orders"], gone["may"]) == (0, [])
    assert gone["purged_at"] is not None
    assert (await order(db, shop, placed[0].order_id)).room_id is None
    async with db.read(shop) as tx:
        entries = (await trail.newest(tx, cursor=None, limit=20)).items
    noted = [entry for entry in entries if entry.action == "rooms.purge_sales"]
    assert len(noted) == 1, "once, however often it was asked"


async def test_three_years_are_the_standard_and_a_deleted_room_is_no_way_around(client, db, shop, owner, clock: Clock):
    room_id, _ = await ended(db, shop)
    url = f"/v1/shops/{shop}/rooms/{room_id}/sales"
    assert (await client.delete(f"/v1/shops/{shop}/rooms/{room_id}", headers=owner)).status_code == 204
    clock.set_offset(1095 * DAY - timedelta(seconds=2))
    assert (await client.get(url, headers=owner)).json()["orders"] == 2
    assert (await client.delete(url, headers=owner)).json()["code"] == "rooms.sales_kept"
    clock.set_offset(1095 * DAY + timedelta(seconds=2))
    assert (await client.delete(url, headers=owner)).status_code == 204


async def test_what_is_not_over_has_no_end_yet_and_only_the_owner_deletes(client, db, shop, owner, runtime):
    planned = await room(db, shop)
    url = f"/v1/shops/{shop}/rooms/{planned}/sales"
    assert (await client.get(url, headers=owner)).json()["kept_until"] is None
    assert (await client.delete(url, headers=owner)).json()["code"] == "rooms.state_refuses"
    assert (await client.delete(f"/v1/shops/{shop}/rooms/99/sales", headers=owner)).status_code == 404
    clerk = bearer(await staff_session(runtime, shop, role=Role.SERVICE))
    assert (await client.get(url, headers=clerk)).status_code == 200
    assert (await client.delete(url, headers=clerk)).status_code == 403


async def test_a_setting_below_thirty_days_is_refused(client, shop, owner):
    body = {"request_id": "l1", "receive_days": 10, "ship_hours": 48, "answer_hours": 6}
    for days in (29, 3651, -1):
        answer = await client.put(f"/v1/shops/{shop}/time-limits", json={**body, "sales_days": days}, headers=owner)
        assert (answer.status_code, answer.json()["context"]["field"]) == (422, "sales_days")
