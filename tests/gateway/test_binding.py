"""Goods are bound to a broadcast, and taken from it, from the shop's side: viewers see it within a second."""

from __future__ import annotations

import time

import pytest

from liveshelf.accounts.types import Role
from liveshelf.goods.types import AuditState
from tests.make.accounts import bearer, staff_session
from tests.make.gateways import relaying, served
from tests.make.goods import goods_in
from tests.make.rooms import live_room
from tests.make.shops import a_shop


@pytest.mark.feature("S-410")
async def test_binding_and_unbinding_from_the_shops_side_reaches_viewers_within_a_second(runtime, db, client):
    shop = (await a_shop(db)).shop
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    goods_id = (await goods_in(db, shop, AuditState.APPROVED)).goods_id
    room_id = await live_room(db, shop)
    shelf = f"/v1/shops/{shop}/rooms/{room_id}/shelf"
    async with relaying(runtime), served(runtime) as gateway, gateway.page(shop, room_id) as page:
        began = time.monotonic()
        bound = await client.post(shelf, json={"goods_ids": [goods_id]}, headers=owner)
        assert bound.status_code == 200, bound.text
        (added,) = await page.until("room", within_s=1)
        assert time.monotonic() - began < 1
        assert (added["type"], [item["goods_id"] for item in added["items"]]) == ("shelf_added", [goods_id])
        began = time.monotonic()
        assert (await client.delete(f"{shelf}/{goods_id}", headers=owner)).status_code == 200
        removed = (await page.until("room", 2, within_s=1))[1]
        assert time.monotonic() - began < 1
        assert (removed["type"], removed["goods_ids"]) == ("shelf_removed", [goods_id])
    seen = (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()
    assert seen["shelf"] == []
