"""Advertising says that it is, and every text that somebody is shown goes through the lexicon first."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.aftersales import granting
from liveshelf.compliance.errors import TextIllegal
from liveshelf.flows import catalog, join, opening, review
from liveshelf.goods.types import AuditState, Origin, ProductDraft, SkuDraft
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.idempotency import Once
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories
from liveshelf.reviews import queries as cases
from liveshelf.reviews.types import CaseState, ReviewKind
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.accounts import account, bearer, reviewer_session, staff_session
from tests.make.aftersales import SUPPORT, Desk
from tests.make.paying import till_of
from tests.make.pictures import jpeg
from tests.make.selling import guest, something
from tests.make.shops import a_shop
from tests.make.wire import Wire


@pytest.fixture
async def shop(runtime: Runtime, tmp_path) -> ShopId:
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    return (await a_shop(runtime.db)).shop


async def test_goods_marked_as_advertising_say_so_wherever_a_buyer_meets_them(
    runtime: Runtime, client: httpx.AsyncClient, shop: ShopId
):
    db = runtime.db
    marked = await make.goods_in(db, shop, AuditState.APPROVED, origin=Origin.CONSOLE, is_ad=True)
    plain = await make.goods_in(db, shop, AuditState.APPROVED)
    room_id = await make_rooms.live_room(db, shop, [marked.goods_id, plain.goods_id], is_ad=True)
    home = (await client.get(f"/v1/storefront/{shop}")).json()
    assert {one["goods_id"]: one["is_ad"] for one in home["goods"]} == {marked.goods_id: True, plain.goods_id: False}
    assert [one["is_ad"] for one in home["rooms"]] == [True]
    assert (await client.get(f"/v1/storefront/{shop}/goods/{marked.goods_id}")).json()["is_ad"] is True
    page = (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()
    assert page["room"]["is_ad"] is True
    assert [item["is_ad"] for item in page["shelf"]] == [True, False]


async def test_the_mark_of_approved_goods_changes_with_its_review_and_the_wire_leaves_it_alone(
    runtime: Runtime, client: httpx.AsyncClient
):
    made = await a_shop(runtime.db)
    listed = await make.goods_in(runtime.db, made.shop, AuditState.APPROVED, is_ad=True)
    headers = bearer(await staff_session(runtime, made.shop))
    wire = await Wire(client, runtime, made).sign_in()
    changed = {"goodsId": listed.goods_id, "priceType": 1, "price": 99}
    assert await wire.code("/wxaapi/broadcast/goods/update", {"goodsInfo": changed}) == 0
    url = f"/v1/shops/{made.shop}/goods/{listed.goods_id}"
    edited = (await client.patch(url, json={"is_ad": False}, headers=headers)).json()
    assert (edited["is_ad"], edited["pending"]["is_ad"]) == (True, False)
    shown = (await client.get(f"/v1/storefront/{made.shop}/goods/{listed.goods_id}")).json()
    assert shown["is_ad"] is True
    for verdict in (make.MACHINE_PASS, make.PASS):
        await wire.decide(int(edited["pending"]["audit_id"]), verdict)
    shown = (await client.get(f"/v1/storefront/{made.shop}/goods/{listed.goods_id}")).json()
    assert shown["is_ad"] is False


async def _submitted(runtime: Runtime, client: httpx.AsyncClient, shop: ShopId, **product: Any) -> int:
    """The audit id of goods whose product says this."""
    headers = bearer(await staff_session(runtime, shop))
    files = {"file": ("a.jpg", jpeg(), "image/jpeg")}
    media = (await client.post(f"/v1/shops/{shop}/media", files=files, headers=headers)).json()["media_id"]
    skus = (SkuDraft((), 12_800, stock=5),)
    draft = ProductDraft(
        **{"title": "龙泉青瓷茶盏", "description": "", "pictures": (media,), "tags": (), "skus": skus, **product}
    )
    product_id = await runtime.db.write(make.STAFF, shop, lambda tx: catalog.create_product(tx, draft))
    listed = await make.added(runtime.db, shop, product_id=product_id, cover_media_id=media)
    await review.machine_pass(runtime, shop, audit_id=listed.audit_id)
    return listed.audit_id


@pytest.mark.parametrize(
    ("field", "product"),
    [
        ("detail", {"description": "常喝可治疗高血压"}),
        ("title", {"title": "全网最低价茶盏"}),
        ("tags", {"tags": ("加微信领券",)}),
    ],
)
async def test_words_anywhere_in_a_product_are_found_before_it_is_public(
    runtime: Runtime, client: httpx.AsyncClient, shop: ShopId, field: str, product: dict[str, Any]
):
    audit_id = await _submitted(runtime, client, shop, **product)
    async with runtime.db.read(shop) as tx:
        case = await cases.case(tx, audit_id)
        given = (await cases.verdicts(tx, [audit_id]))[case.audit_id]
    assert case.state is CaseState.REJECTED
    assert field in {found.field for found in given[0].verdict.findings}


async def test_the_reviewer_sees_the_whole_product_and_its_category(
    runtime: Runtime, client: httpx.AsyncClient, shop: ShopId
):
    code = next(iter(categories.tree().by_code))
    audit_id = await _submitted(runtime, client, shop, description="一壶四盏", tags=("茶具",), category=code)
    headers = bearer(await reviewer_session(runtime))
    shown = (await client.get(f"/v1/reviews/{audit_id}", headers=headers)).json()
    assert shown["content"]["texts"].items() >= {"title": "龙泉青瓷茶盏", "detail": "一壶四盏", "tags": "茶具"}.items()
    one = categories.tree().by_code[code]
    assert shown["content"]["category"]["zh"].endswith(one.zh)
    assert shown["state"] == "waiting"


async def test_names_of_shops_and_buyers_are_looked_at(runtime: Runtime, client: httpx.AsyncClient, shop: ShopId):
    me = await account(runtime, "owner")
    with pytest.raises(TextIllegal):
        await opening.begin(runtime, me, "全网最低价茶铺", once=Once("shop.begin", "a", "", int))
    who = await guest(runtime.db, shop)
    with pytest.raises(TextIllegal):
        await runtime.db.write(make.STAFF, shop, lambda tx: join.rename(tx, who, "加微信tea2026"))
    renamed = await runtime.db.write(make.STAFF, shop, lambda tx: join.rename(tx, who, "最爱喝茶"))
    assert renamed.name == "最爱喝茶"  # an opinion is theirs to have


async def test_a_shops_first_submission_and_a_later_change_are_both_whole(
    runtime: Runtime, client: httpx.AsyncClient, shop: ShopId
):
    await _submitted(runtime, client, shop, description="一壶四盏")
    async with runtime.db.read(shop) as tx:
        (case,) = (await cases.of_shop(tx, kind=ReviewKind.GOODS)).items
    assert {"name", "url", "title", "detail"} <= case.content.texts.keys()


async def test_a_shops_words_in_a_case_are_looked_at_and_a_buyers_complaint_is_kept(runtime: Runtime, shop: ShopId):
    desk = Desk(runtime.db, shop, till_of(runtime), runtime.keys)
    sold = await something(runtime.db, shop)
    case = await desk.apply(await desk.paid(sold), text="说是全网最低价，还让我加微信 tea_2026a")
    assert (await desk.log(case))[0].text.startswith("说是全网最低价")
    with pytest.raises(TextIllegal):
        await desk.say(case, "请加微信 tea_2026a 处理", until=None)
    with pytest.raises(TextIllegal):
        await desk.do(
            case, lambda tx, one, _order: granting.refuse(tx, one, role=SUPPORT, text="请加微信 tea_2026a 处理")
        )
    assert [entry.said.value for entry in await desk.log(case)] == ["applied"]
