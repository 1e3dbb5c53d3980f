"""The shop's own checklist before a broadcast: by category, signed item by item, and nothing goes on air without."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.checklists import queries
from liveshelf.checklists.errors import ChecklistOpen
from liveshelf.flows import catalog, go_live, listing
from liveshelf.goods.types import AuditState, Origin, ProductDraft, SkuDraft
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories
from liveshelf.rooms import service as rooms
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.accounts import bearer, staff_session
from tests.make.shops import a_shop

ROOT = categories.tree().roots[0]
CODE = ROOT.children[0].code


@pytest.fixture
async def shop(runtime: Runtime) -> ShopId:
    return (await a_shop(runtime.db)).shop


class Staff:
    """A member of the shop at the console."""

    def __init__(self, client: httpx.AsyncClient, token: str, shop: ShopId) -> None:
        self._client, self._headers, self._shop = client, bearer(token), shop

    async def __call__(self, method: str, path: str, **json: Any) -> tuple[int, Any]:
        url = f"/v1/shops/{self._shop}{path}"
        answer = await self._client.request(method, url, json=json or None, headers=self._headers)
        return answer.status_code, answer.json()


@pytest.fixture
async def owner(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId) -> Staff:
    return Staff(client, await staff_session(runtime, shop), shop)


async def categorised(runtime: Runtime, shop: ShopId, category: int | None) -> GoodsId:
    """An approved goods of a category."""
    db = runtime.db
    picture = await make.cover(db, shop, side=800)
    draft = ProductDraft("青瓷茶盏", "一盏", (picture,), (), (SkuDraft((), 12_800, stock=3),), category=category)

    async def work(tx: Tx) -> GoodsId:
        product_id = await catalog.create_product(tx, draft)
        card = make.draft(picture_cover, product_id=product_id)
        listed = await listing.add_and_submit(tx, card, origin=Origin.CONSOLE)
        for verdict in (make.MACHINE_PASS, make.PASS):
            await listing.decide(tx, listed.audit_id, verdict)
        return listed.goods_id

    picture_cover = await make.cover(db, shop)
    return await db.write(make.REVIEWER, shop, work)


async def room_with(runtime: Runtime, shop: ShopId, *goods_ids: GoodsId) -> RoomId:
    room_id = await make_rooms.room(runtime.db, shop)
    if goods_ids:
        await runtime.db.write(make.STAFF, shop, lambda tx: rooms.put_on_shelf(tx, room_id, list(goods_ids)))
    return room_id


async def start(runtime: Runtime, shop: ShopId, room_id: RoomId) -> None:
    await runtime.db.write(make.STAFF, shop, lambda tx: go_live.start(tx, room_id))


@pytest.mark.feature("L-604")
async def test_a_room_goes_on_air_when_every_item_of_what_it_sells_is_signed(
    runtime: Runtime, shop: ShopId, owner: Staff
):
    sold = await categorised(runtime, shop, CODE)
    room_id = await room_with(runtime, shop, sold)
    await owner("PUT", "/checklists/0", request_id="a", items=["价格与页面一致", "广告已标明"])
    await owner("PUT", f"/checklists/{ROOT.code}", request_id="b", items=["授权书在手边"])
    _, seen = await owner("GET", f"/rooms/{room_id}/checklist")
    assert (seen["left"], [one["text"] for one in seen["items"]]) == (
        3,
        ["价格与页面一致", "广告已标明", "授权书在手边"],
    )
    with pytest.raises(ChecklistOpen) as refused:
        await start(runtime, shop, room_id)
    assert refused.value.context["left"] == 3
    ids = [one["item_id"] for one in seen["items"]]
    _, seen = await owner("POST", f"/rooms/{room_id}/checklist/sign", request_id="c", item_ids=ids[:2])
    assert (seen["left"], seen["items"][0]["signed_by"]) == (1, f"owner-of-{shop}")
    with pytest.raises(ChecklistOpen):
        await start(runtime, shop, room_id)
    await owner("POST", f"/rooms/{room_id}/checklist/sign", request_id="d", item_ids=ids)
    await start(runtime, shop, room_id)


@pytest.mark.feature("L-604")
async def test_a_template_of_another_category_asks_nothing_and_a_shop_without_any_goes_on_air(
    runtime: Runtime, shop: ShopId, owner: Staff
):
    plain = await room_with(runtime, shop, await categorised(runtime, shop, None))
    await owner("PUT", f"/checklists/{ROOT.code}", request_id="a", items=["授权书在手边"])
    await start(runtime, shop, plain)
    assert (await make.goods_in(runtime.db, shop, AuditState.APPROVED)).goods_id


async def test_an_item_that_is_reworded_is_signed_anew_and_the_others_stay_signed(
    runtime: Runtime, shop: ShopId, owner: Staff
):
    room_id = await room_with(runtime, shop)
    await owner("PUT", "/checklists/0", request_id="a", items=["价格一致", "广告标明"])
    _, seen = await owner("GET", f"/rooms/{room_id}/checklist")
    ids = [one["item_id"] for one in seen["items"]]
    await owner("POST", f"/rooms/{room_id}/checklist/sign", request_id="b", item_ids=ids)
    await owner("PUT", "/checklists/0", request_id="c", items=["广告标明", "价格与页面一致"])
    _, seen = await owner("GET", f"/rooms/{room_id}/checklist")
    assert [(one["text"], one["signed_by"] is not None) for one in seen["items"]] == [
        ("广告标明", True),
        ("价格与页面一致", False),
    ]
    status, answer = await owner("POST", f"/rooms/{room_id}/checklist/sign", request_id="d", item_ids=ids)
    assert (status, answer["code"]) == (422, "checklists.item_unknown")
    async with runtime.db.read(shop) as tx:
        assert sum(one.signed_by is None for one in await queries.of_room(tx, room_id, ())) == 1


@pytest.mark.parametrize(
    ("category", "items"),
    [("0", ["价格一致", "价格一致"]), ("0", ["  "]), ("0", ["长" * 101]), ("0", ["一"] * 31), ("999", ["价格一致"])],
)
async def test_a_template_that_can_not_be_is_refused(owner: Staff, category: str, items: list[str]):
    status, _ = await owner("PUT", f"/checklists/{category}", request_id="a", items=items)
    assert status == 422


async def test_who_may_write_and_who_may_sign(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId, owner: Staff):
    anchor = Staff(client, await staff_session(runtime, shop, Role.ANCHOR), shop)
    support = Staff(client, await staff_session(runtime, shop, Role.SERVICE), shop)
    room_id = await room_with(runtime, shop)
    await owner("PUT", "/checklists/0", request_id="a", items=["价格一致"])
    _, seen = await anchor("GET", f"/rooms/{room_id}/checklist")
    ids = [one["item_id"] for one in seen["items"]]
    assert (await anchor("PUT", "/checklists/0", request_id="b", items=[]))[0] == 403
    assert (await support("POST", f"/rooms/{room_id}/checklist/sign", request_id="c", item_ids=ids))[0] == 403
    assert (await anchor("POST", f"/rooms/{room_id}/checklist/sign", request_id="d", item_ids=ids))[0] == 200
    assert (await owner("GET", "/rooms/999/checklist"))[0] == 404
    _, templates = await owner("GET", "/checklists")
    assert (templates[0]["category"], templates[0]["items"]) == (0, ["价格一致"])
    assert len(templates) == 1 + len(categories.tree().roots)
