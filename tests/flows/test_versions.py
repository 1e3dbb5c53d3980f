"""What was approved changes in prices at once and in everything else through a review, by every door that can write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from liveshelf.flows import casework, catalog, listing, versions
from liveshelf.goods import queries
from liveshelf.goods import versions as stored
from liveshelf.goods.errors import NoVersionPending
from liveshelf.goods.types import AuditState, CardChanges, LiveGoods, Origin, ProductDraft, SkuDraft, Spec
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AuditId, GoodsId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries as cases
from liveshelf.reviews.errors import CaseNotWaiting
from liveshelf.reviews.types import CaseState, Stage, Verdict
from liveshelf.stock import queries as stock
from tests.make import goods as make
from tests.make.accounts import bearer, staff_session
from tests.make.shops import a_shop
from tests.make.wire import UPDATE, Wire

ANNA, BERT = Actor(ActorKind.REVIEWER, "901"), Actor(ActorKind.REVIEWER, "902")
REFUSAL = Verdict(Stage.PERSON, passed=False, reasons=("name_mismatch",))
RED, BLUE = (Spec("颜色", "红"),), (Spec("颜色", "蓝"),)


@dataclass
class World:
    """A shop with one approved goods, and everybody who can write."""

    runtime: Runtime
    client: httpx.AsyncClient
    shop: ShopId
    goods_id: GoodsId
    headers: dict[str, str]
    wire: Wire

    async def patch(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.patch(f"/v1/shops/{self.shop}{path}", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def goods(self) -> LiveGoods:
        return await make.goods(self.runtime.db, self.shop, self.goods_id)

    async def product(self, *, pending: bool = False) -> Any:
        one = (await self.client.get(f"/v1/shops/{self.shop}/products/1", headers=self.headers)).json()
        return one["pending"] if pending else one

    async def seen(self) -> dict[str, Any]:
        """What a buyer sees, and the library as software sees it."""
        page = (await self.client.get(f"/v1/storefront/{self.shop}/goods/{self.goods_id}")).json()
        (listed,) = await self.wire.stored(self.goods_id)
        return {**page, "wire": listed}

    async def judged(self, who: Actor = ANNA, verdict: Verdict = make.PASS) -> CaseState:
        """The machine passes what waits, then a person judges it."""
        async with self.runtime.db.read(self.shop) as tx:
            audit_id = (await stored.pending(tx, [self.goods_id]))[self.goods_id].audit_id
        await self.decided(audit_id, make.MACHINE_PASS)
        return await self.decided(audit_id, verdict, who)

    async def decided(self, audit_id: AuditId, verdict: Verdict, who: Actor = ANNA) -> CaseState:
        return await self.runtime.db.write(who, self.shop, lambda tx: casework.decide(tx, audit_id, verdict))


@pytest.fixture
async def world(client: httpx.AsyncClient, runtime: Runtime) -> World:
    db = runtime.db
    made = await a_shop(db)
    shop = made.shop
    picture = await make.cover(db, shop, side=800)
    skus = (SkuDraft(RED, 100, stock=5), SkuDraft(BLUE, 200, stock=7))
    draft = ProductDraft("龙泉青瓷茶盏", "一壶四盏", (picture,), ("茶具",), skus)
    product_id = await db.write(make.STAFF, shop, lambda tx: catalog.create_product(tx, draft))
    # Made over the API, so that the wire may operate it too.
    listed = await make.goods_in(db, shop, AuditState.APPROVED, origin=Origin.API, product_id=product_id)
    headers = bearer(await staff_session(runtime, shop))
    wire = await Wire(client, runtime, made).sign_in()
    return World(runtime, client, shop, listed.goods_id, headers, wire)


async def _card(world: World, **changes: Any) -> None:
    await world.patch(f"/goods/{world.goods_id}", **changes)


async def _product(world: World, **changes: Any) -> None:
    await world.patch("/products/1", **changes)


async def _matrix(world: World) -> None:
    red, blue = (await world.product())["skus"]
    green = {"specs": [{"name": "颜色", "value": "绿"}], "price_fen": 300, "stock": 3}
    kept = [{"sku_id": one["sku_id"], "specs": one["specs"], "price_fen": one["price_fen"]} for one in (red, blue)]
    await _product(world, skus=[*kept, green])


async def _picture(world: World) -> str:
    return await make.cover(world.runtime.db, world.shop, side=300, fingerprint=77, temporary=True)


async def _new_cover(world: World) -> None:
    await _card(world, cover_media_id=await _picture(world))


async def _new_picture(world: World) -> None:
    await _product(world, pictures=[await _picture(world)])


Door = Callable[[World], Awaitable[None]]

# Every way into what buyers see, with what it changes there.
DOORS: dict[str, tuple[Door, str]] = {
    "library: name": (lambda world: _card(world, name="青瓷小盏"), "name"),
    "library: cover": (_new_cover, "cover_url"),
    "library: link": (lambda world: _card(world, url="pages/goods/detail?id=7"), "wire"),
    "editor: title": (lambda world: _product(world, title="景德镇茶盏"), "title"),
    "editor: detail": (lambda world: _product(world, description="一壶六盏"), "description"),
    "editor: pictures": (_new_picture, "pictures"),
    "editor: tags": (lambda world: _product(world, tags=["送礼"]), "tags"),
    "editor: delivery": (lambda world: _product(world, delivery="virtual"), "delivery"),
    "editor: choices": (_matrix, "skus"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.feature("L-601", half=True)
async def test_buyers_see_what_was_approved_until_the_change_has_passed(world: World, door: str):
    write, what = DOORS[door]
    before = await world.seen()
    await write(world)
    assert await world.seen() == before
    assert (await world.goods()).audit_state is AuditState.APPROVED
    assert await world.judged() is CaseState.APPROVED
    after = await world.seen()
    assert after[what] != before[what]
    async with world.runtime.db.read(world.shop) as tx:
        assert await stored.pending(tx, [world.goods_id]) == {}


@pytest.mark.parametrize("door", DOORS)
async def test_a_change_that_is_rejected_is_never_seen_and_stays_with_the_merchant(world: World, door: str):
    before = await world.seen()
    await DOORS[door][0](world)
    assert await world.judged(verdict=REFUSAL) is CaseState.REJECTED
    assert await world.seen() == before
    view = (await world.client.get(f"/v1/shops/{world.shop}/goods/{world.goods_id}", headers=world.headers)).json()
    assert (view["state"], view["pending"]["rejected"], view["pending"]["reasons"]) == (
        "approved",
        True,
        ["name_mismatch"],
    )


@pytest.mark.parametrize("content", [{"name": "青瓷小盏"}, {"url": "pages/goods/detail?id=7"}])
async def test_over_the_wire_the_contract_decides_and_approved_goods_keep_their_content(world: World, content):
    before = await world.seen()
    assert await world.wire.code(UPDATE, {"goodsInfo": {"goodsId": world.goods_id, **content}}) == 300010
    assert await world.seen() == before
    async with world.runtime.db.read(world.shop) as tx:
        assert await stored.pending(tx, [world.goods_id]) == {}


async def test_prices_do_not_wait_by_any_door(world: World):
    red, blue = (await world.product())["skus"]
    kept = [{"sku_id": one["sku_id"], "specs": one["specs"], "price_fen": one["price_fen"]} for one in (red, blue)]
    await _product(world, skus=[{**kept[0], "price_fen": 111}, kept[1]], title="景德镇茶盏")
    seen = await world.seen()
    assert ([one["price_fen"] for one in seen["skus"]], seen["title"]) == ([111, 200], "龙泉青瓷茶盏")
    await _card(world, price_fen=12_700, name="青瓷小盏")
    seen = await world.seen()
    assert (seen["price_fen"], seen["name"]) == (12_700, "青瓷茶盏")
    assert await world.wire.code(UPDATE, {"goodsInfo": {"goodsId": world.goods_id, "price": 126, "priceType": 1}}) == 0
    await world.judged()
    seen = await world.seen()
    # What passed was the content; the price is the latest one said.
    assert (seen["name"], seen["title"], seen["price_fen"]) == ("青瓷小盏", "景德镇茶盏", 12_600)
    assert [one["price_fen"] for one in seen["skus"]] == [111, 200]


async def test_a_newer_change_takes_the_place_of_the_one_that_waits_with_what_that_said(world: World):
    await _card(world, name="青瓷小盏")
    async with world.runtime.db.read(world.shop) as tx:
        first = (await stored.pending(tx, [world.goods_id]))[world.goods_id].audit_id
    await _product(world, title="景德镇茶盏")
    await _product(world, description="一壶六盏")
    with pytest.raises(CaseNotWaiting):
        await world.decided(first, make.MACHINE_PASS)
    async with world.runtime.db.read(world.shop) as tx:
        assert (await cases.case(tx, first)).state is CaseState.WITHDRAWN
    await world.judged()
    seen = await world.seen()
    assert (seen["name"], seen["title"], seen["description"]) == ("青瓷小盏", "景德镇茶盏", "一壶六盏")


async def test_a_new_choice_has_its_stock_when_it_has_passed(world: World):
    await _matrix(world)
    assert len((await world.seen())["skus"]) == 2
    assert [one["stock"] for one in (await world.product(pending=True))["skus"]] == [0, 0, 3]
    await world.judged()
    green = (await world.seen())["skus"][2]
    assert (green["price_fen"], green["available"]) == (300, 3)
    async with world.runtime.db.read(world.shop) as tx:
        assert (await stock.levels(tx, [green["sku_id"]]))[green["sku_id"]].on_hand == 3


async def test_what_waits_can_be_taken_back_and_saying_the_approved_again_takes_it_back_too(world: World):
    path = f"/v1/shops/{world.shop}/goods/{world.goods_id}/withdraw-change"
    await _card(world, name="青瓷小盏")
    answer = await world.client.post(path, headers=world.headers)
    assert answer.json()["pending"] is None
    assert (await world.client.post(path, headers=world.headers)).json()["code"] == NoVersionPending.code
    await _card(world, name="青瓷小盏")
    await _card(world, name="青瓷茶盏")
    await _product(world, title="景德镇茶盏")
    await _product(world, title="龙泉青瓷茶盏")
    async with world.runtime.db.read() as tx:
        assert (await cases.waiting(tx, cursor=None, limit=None)).total == 0
    async with world.runtime.db.read(world.shop) as tx:
        assert await stored.pending(tx, [world.goods_id]) == {}


async def test_a_deleted_goods_takes_its_waiting_change_along(world: World):
    db = world.runtime.db
    await _card(world, name="青瓷小盏")
    async with db.read(world.shop) as tx:
        audit_id = (await stored.pending(tx, [world.goods_id]))[world.goods_id].audit_id
    await db.write(make.STAFF, world.shop, lambda tx: listing.delete(tx, world.goods_id))
    with pytest.raises(CaseNotWaiting):
        await world.decided(audit_id, make.MACHINE_PASS)


async def test_a_rejected_change_can_be_appealed_and_then_counts(world: World):
    await _card(world, name="青瓷小盏")
    await world.judged(verdict=REFUSAL)
    async with world.runtime.db.read(world.shop) as tx:
        version = (await stored.pending(tx, [world.goods_id]))[world.goods_id]

    async def appeal(tx: Tx) -> None:
        await casework.appeal(tx, version.audit_id, "名称与图片一致")

    await world.runtime.db.write(make.STAFF, world.shop, appeal)
    await world.decided(version.audit_id, make.PASS, BERT)
    assert (await world.seen())["name"] == "青瓷小盏"


async def test_what_a_reviewer_has_before_them_is_not_changed_behind_their_back(world: World):
    """A product whose card is in audit: a change of it waits for a review of its own."""
    db, shop = world.runtime.db, world.shop
    picture = await make.cover(db, shop, side=800)
    draft = ProductDraft("青瓷", "一盏", (picture,), (), (SkuDraft((), 100, stock=1),))
    product_id = await db.write(make.STAFF, shop, lambda tx: catalog.create_product(tx, draft))
    listed = await make.added(db, shop, product_id=product_id)

    async def change(tx: Tx) -> None:
        (sku,) = (await queries.skus(tx, [product_id]))[product_id]
        kept = (SkuDraft((), 100, sku_id=sku.sku_id),)
        await catalog.update_product(tx, product_id, replace(draft, title="官窑", skus=kept))

    await db.write(make.STAFF, shop, change)
    async with db.read(shop) as tx:
        assert (await queries.products(tx, [product_id]))[product_id].title == "青瓷"
        assert (await versions.of_case(tx, await cases.case(tx, listed.audit_id))) is None
    await world.decided(listed.audit_id, make.MACHINE_PASS)
    await world.decided(listed.audit_id, make.PASS)
    async with db.read(shop) as tx:
        assert (await queries.products(tx, [product_id]))[product_id].title == "青瓷"


async def test_what_nobody_has_approved_changes_at_once(world: World):
    db, shop = world.runtime.db, world.shop
    listed = await make.goods_in(db, shop, AuditState.REJECTED)
    await db.write(make.STAFF, shop, lambda tx: versions.change_card(tx, listed.goods_id, CardChanges(name="青瓷小盏")))
    assert (await make.goods(db, shop, listed.goods_id)).name == "青瓷小盏"
