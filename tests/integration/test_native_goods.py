"""Products, goods, pictures, the review desk and the record through the native API, over the whole HTTP application."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.flows import listing, review
from liveshelf.goods.types import AuditState, Origin
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.platform.runtime import Runtime
from tests.make import goods as make
from tests.make import pictures
from tests.make.accounts import bearer, reviewer_session, staff_session
from tests.make.shops import a_shop

GOOD_HEADERS = {"x-content-type-options": "nosniff", "cache-control": "public, max-age=31536000, immutable"}


class Caller:
    """Somebody with a session, in one shop."""

    def __init__(self, client: httpx.AsyncClient, token: str, shop: ShopId) -> None:
        self._client, self._headers, self.shop = client, bearer(token), shop

    async def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> httpx.Response:
        base = "/v1" if path.startswith("/reviews") else f"/v1/shops/{self.shop}"
        return await self._client.request(method, base + path, json=json, headers=self._headers, **options)

    async def ok(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        answer = await self(method, path, json, **options)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, json: Any = None, **options: Any) -> tuple[int, str]:
        answer = await self(method, path, json, **options)
        assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
        return answer.status_code, answer.json()["code"]

    async def picture(self, data: bytes | None = None) -> Any:
        return await self.ok("POST", "/media", files={"file": ("a.jpg", data or pictures.jpeg(800, 600))})


def new() -> str:
    return str(uuid.uuid4())


@pytest.fixture
async def shop(runtime: Runtime) -> ShopId:
    return (await a_shop(runtime.db)).shop


@pytest.fixture
async def owner(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId) -> Caller:
    return Caller(client, await staff_session(runtime, shop), shop)


@pytest.fixture
async def desk(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId) -> Caller:
    return Caller(client, await reviewer_session(runtime), shop)


async def product(owner: Caller, **changes: Any) -> Any:
    picture = await owner.picture()
    body = {
        "request_id": new(),
        "title": "龙泉青瓷手作茶盏套装礼盒一壶四盏",
        "description": "一壶四盏",
        "pictures": [picture["media_id"]],
        "tags": ["茶具"],
        "skus": [
            {"specs": [{"name": "颜色", "value": "青"}], "price_fen": 12_800, "stock": 5},
            {"specs": [{"name": "颜色", "value": "白"}], "price_fen": 9_900, "list_price_fen": 12_000, "stock": 3},
        ],
    }
    return await owner.ok("POST", "/products", {**body, **changes})


async def test_a_picture_is_kept_encoded_again_and_served_to_everybody(client: httpx.AsyncClient, owner: Caller):
    kept = await owner.picture(pictures.encoded(pictures.image(500, 400), "PNG"))
    assert (kept["width"], kept["height"]) == (500, 400)
    shown = await client.get(kept["url"])
    assert (shown.status_code, shown.headers["content-type"], len(shown.content)) == (200, "image/png", kept["bytes"])
    assert {name: shown.headers[name] for name in GOOD_HEADERS} == GOOD_HEADERS
    for unknown in ("/media/x", "/media/1-" + "A" * 32, "/media/%00", "/media/..%2f..%2fetc"):
        assert (await client.get(unknown)).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "media.type_refused"),
        (pictures.huge_png(), 422, "media.too_many_pixels"),
        (pictures.jpeg()[:500], 422, "media.broken"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), 413, "media.too_large"),
        (b"\xff\xd8\xff" + bytes(40 * 1024 * 1024), 413, "request.too_large"),
        (b"", 415, "media.type_refused"),
    ],
    ids=["svg", "40 megapixels", "cut off", "over 10 MB", "over the body limit", "empty"],
)
async def test_a_bad_picture_is_a_clear_refusal(owner: Caller, data: bytes, status: int, code: str):
    assert await owner.refused("POST", "/media", files={"file": ("a.jpg", data)}) == (status, code)


async def test_a_form_without_a_file_is_a_clear_refusal(owner: Caller):
    status, _ = await owner.refused("POST", "/media", files={"other": ("a.jpg", pictures.jpeg())})
    assert 400 <= status < 500
    status, _ = await owner.refused("POST", "/media", {"file": "text"})
    assert 400 <= status < 500


async def test_a_product_becomes_a_card_that_a_reviewer_refuses_for_reasons(
    owner: Caller, desk: Caller, runtime: Runtime
):
    made = await product(owner)
    assert [(sku["price_fen"], sku["available"]) for sku in made["skus"]] == [(12_800, 5), (9_900, 3)]
    assert made["card"] is None
    proposal = await owner.ok("GET", f"/products/{made['product_id']}/card-proposal")
    assert (proposal["name"], proposal["price_type"]) == ("龙泉青瓷手作茶盏套装礼盒一壶", 2)
    assert (proposal["price_fen"], proposal["price2_fen"]) == (9_900, 12_800)
    body = {"request_id": new(), "product_id": made["product_id"]}
    card = await owner.ok("POST", "/goods", body)
    assert card == await owner.ok("POST", "/goods", body)  # the same request once more
    assert (card["state"], card["origin"], card["may"], card["available"]) == ("in_audit", "console", ["withdraw"], 8)
    assert card["cover_url"] == proposal["cover_url"]
    goods, audit = f"/goods/{card['goods_id']}", card["audit_id"]
    assert await owner.refused("DELETE", goods) == (409, "goods.delete_in_audit")
    assert await owner.refused("PATCH", goods, {"name": "白瓷"}) == (409, "goods.audit_state_refuses")

    assert (await desk.ok("GET", "/reviews"))["items"] == []
    await review.machine_pass(runtime, owner.shop, audit_id=int(audit))
    queue = await desk.ok("GET", "/reviews?state=waiting")
    assert [(one["audit_id"], one["machine"]["verdict"]) for one in queue["items"]] == [(audit, "passed")]
    assert queue["items"][0]["shop"]["name"] == "山间茶铺"
    rejection = {"request_id": new(), "reasons": ["picture_unclear"], "note": "图片模糊"}
    case = await desk.ok("POST", f"/reviews/{audit}/reject", rejection)
    assert (case["state"], case["verdict"]["reasons"], case["verdict"]["by"]) == (
        "rejected",
        ["picture_unclear"],
        "reviewer",
    )
    assert await desk.ok("POST", f"/reviews/{audit}/reject", rejection) == case
    late = {"request_id": new()}
    assert await desk.refused("POST", f"/reviews/{audit}/approve", late) == (409, "reviews.case_not_waiting")

    shown = await owner.ok("GET", goods)
    assert (shown["reject_reasons"], shown["may"]) == (["picture_unclear"], ["edit", "submit", "delete"])


async def test_a_refused_card_is_changed_withdrawn_approved_and_deleted(owner: Caller, desk: Caller, runtime: Runtime):
    made = await product(owner)
    listed = await make.goods_in(
        runtime.db, owner.shop, AuditState.REJECTED, origin=Origin.CONSOLE, product_id=made["product_id"]
    )
    goods, audit = f"/goods/{listed.goods_id}", str(listed.audit_id)
    changes = {"name": "青瓷小盏", "cover_media_id": (await owner.picture())["media_id"], "price_fen": 9_900}
    changed = await owner.ok("PATCH", goods, {**changes, "price_type": 1})
    assert (changed["name"], changed["price2_fen"]) == ("青瓷小盏", None)
    again = (await owner.ok("POST", goods + "/submit"))["audit_id"]
    assert again != audit
    assert (await owner.ok("POST", goods + "/withdraw"))["state"] == "unaudited"
    assert await owner.refused("POST", goods + "/withdraw") == (409, "goods.not_submitted")
    again = (await owner.ok("POST", goods + "/submit"))["audit_id"]
    await review.machine_pass(runtime, owner.shop, audit_id=int(again))
    previous = (await desk.ok("GET", f"/reviews/{again}"))["previous"]
    assert previous["name"] == "青瓷茶盏"
    await desk.ok("POST", f"/reviews/{again}/approve", {"request_id": new()})
    assert (await owner.ok("GET", goods))["may"] == ["edit", "edit_price", "delete"]
    page = await owner.ok("GET", "/goods?state=approved&q=青瓷")
    assert [one["goods_id"] for one in page["items"]] == [listed.goods_id]
    assert (await owner.ok("GET", "/goods?state=approved"))["total"] == 1
    history = await owner.ok("GET", goods + "/history")
    assert [(line["from"], line["to"]) for line in history][-2:] == [
        ("unaudited", "in_audit"),
        ("in_audit", "approved"),
    ]
    assert history[-1]["by"] == "reviewer"
    assert history[4]["by"] == f"owner-of-{owner.shop}"
    assert (await owner.ok("GET", f"/products/{made['product_id']}"))["card"]["state"] == "approved"
    await owner.ok("DELETE", goods)
    assert await owner.refused("GET", goods) == (404, "goods.missing")
    assert (await owner.ok("GET", goods + "/history"))[-1]["to"] == "deleted"
    decided = await desk.ok("GET", "/reviews?state=decided&limit=1")
    assert decided["items"][0]["audit_id"] == again
    assert decided["next"]
    actions = [line["action"] for line in (await owner.ok("GET", "/trail"))["items"]]
    assert actions[:3] == ["goods.delete", "reviews.approve", "goods.submit"]


async def test_a_product_is_changed_in_part_and_only_from_the_version_that_was_read(owner: Caller):
    made = await product(owner)
    path = f"/products/{made['product_id']}"
    changed = await owner.ok("PATCH", path, {"title": "青瓷", "version": made["version"]})
    assert (changed["title"], changed["tags"], len(changed["skus"])) == ("青瓷", ["茶具"], 2)
    assert await owner.refused("PATCH", path, {"title": "白瓷", "version": made["version"]}) == (
        409,
        "goods.product_changed",
    )
    first = changed["skus"][0]
    one = {"sku_id": first["sku_id"], "specs": first["specs"], "price_fen": 1_000, "stock": 99}
    changed = await owner.ok("PATCH", path, {"skus": [one]})
    assert [(sku["sku_id"], sku["price_fen"], sku["on_hand"]) for sku in changed["skus"]] == [
        (first["sku_id"], 1_000, 5)
    ]
    await owner.ok("DELETE", path)
    assert await owner.refused("GET", path) == (404, "goods.product_missing")


async def test_products_and_goods_are_paged_newest_first(owner: Caller):
    made = [(await product(owner, title=f"茶盏 {number}"))["product_id"] for number in range(3)]
    first = await owner.ok("GET", "/products?limit=2")
    rest = await owner.ok("GET", f"/products?limit=2&cursor={first['next']}")
    assert [one["product_id"] for one in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next"] is None
    assert len((await owner.ok("GET", "/products?q=盏 1&state=no_card"))["items"]) == 1
    assert (await owner.ok("GET", "/products?state=approved"))["items"] == []


BAD: list[tuple[str, str, Any]] = [
    ("GET", "/goods?state=nonsense", None),
    ("GET", "/goods?limit=0", None),
    ("GET", "/goods?cursor=bm9uc2Vuc2U", None),
    ("GET", "/goods?cursor=WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ", None),  # an integer of 24 digits
    ("GET", "/goods/99999999999999999999", None),
    ("GET", "/products?state=x", None),
    ("GET", "/products/0", None),
    ("POST", "/products", {"request_id": "r", "title": "x"}),
    ("POST", "/goods", {"request_id": "\x00", "product_id": 1}),
    ("POST", "/reviews/5/approve", {"request_id": "r", "note": "\x00"}),
    ("POST", "/products", {"request_id": "", "title": "x", "pictures": [], "skus": []}),
    ("POST", "/goods", {"request_id": "r", "product_id": "1"}),
    ("POST", "/goods", {"request_id": "r", "product_id": 1, "surprise": 1}),
    ("POST", "/goods", []),
    ("PATCH", "/goods/1001", {"price_fen": 2**70}),
    ("PATCH", "/goods/1001", {"name": ["x"]}),
    ("PATCH", "/products/1", {"skus": [{"specs": []}]}),
    ("GET", "/reviews/99999999999999999999", None),
    ("GET", "/reviews?cursor=WyJ4IiwgMV0", None),  # no instant
    ("GET", "/reviews?cursor=WyIyMDI2LTAxLTAxIiwgMV0", None),  # an instant of no zone
    ("POST", "/reviews/5/reject", {"request_id": "r", "reasons": ["nonsense"]}),
    ("POST", "/reviews/5/approve", {"request_id": "r", "note": "x" * 501}),
]


@pytest.mark.parametrize(("method", "path", "body"), BAD)
async def test_bad_input_is_a_clear_refusal(owner: Caller, desk: Caller, method: str, path: str, body: Any):
    who = desk if path.startswith("/reviews") else owner
    status, _ = await who.refused(method, path, body)
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE products; --", "<script>alert(1)</script>", "\x00", "\ud800", "%s{}$1"]
)
async def test_hostile_text_is_stored_as_it_is_or_refused(owner: Caller, text: str):
    picture = await owner.picture()
    sku = {"specs": [], "price_fen": 1}
    body = {"request_id": new(), "title": text, "pictures": [picture["media_id"]], "skus": [sku]}
    answer = await owner("POST", "/products", body) if text.isprintable() else None
    if answer is not None:
        assert answer.json()["title"] == text
    found = await owner("GET", "/products", params={"q": text.encode("utf-8", "replace").decode()})
    assert found.status_code == 200
    answer = await owner("PATCH", "/goods/1001", {"cover_media_id": "\x00", "url": text if text.isascii() else "x"})
    assert answer.status_code in {404, 422}


async def test_nobody_reads_or_changes_another_shops_things(
    client: httpx.AsyncClient, runtime: Runtime, owner: Caller, desk: Caller
):
    other = (await a_shop(runtime.db, "别家")).shop
    theirs = await make.goods_in(runtime.db, other, AuditState.APPROVED)
    assert await owner.refused("GET", f"/goods/{theirs.goods_id}") == (404, "goods.missing")
    stranger = Caller(client, await staff_session(runtime, other), owner.shop)
    assert await stranger.refused("GET", "/goods") == (404, "accounts.shop_unknown")
    anchor = Caller(client, await staff_session(runtime, owner.shop, Role.ANCHOR), owner.shop)
    assert (await anchor.ok("GET", "/goods"))["items"] == []
    assert (await anchor.refused("DELETE", "/goods/1001"))[0] == 403
    assert (await anchor.refused("GET", "/trail"))[0] == 403
    assert (await owner.refused("GET", "/reviews"))[0] == 403
    assert (await desk.refused("GET", "/goods"))[0] == 404
    nobody = Caller(client, "nonsense", owner.shop)
    assert await nobody.refused("GET", "/goods") == (401, "accounts.not_signed_in")


async def test_a_reason_list_is_offered_in_both_languages(desk: Caller):
    reasons = await desk.ok("GET", "/reviews/reasons")
    assert {"code", "zh", "en", "fix_zh", "fix_en", "kinds"} == set(reasons[0])


async def test_an_approval_of_development_mode_says_so(owner: Caller, desk: Caller, runtime: Runtime):
    listed = await make.added(runtime.db, owner.shop)
    verdict = review.machine_verdict([], "", development=True)
    await runtime.db.write(review.MACHINE, owner.shop, lambda tx: listing.decide(tx, AuditId(listed.audit_id), verdict))
    assert (await owner.ok("GET", f"/goods/{listed.goods_id}/history"))[-1]["development"] is True
    assert (await desk.ok("GET", f"/reviews/{listed.audit_id}"))["verdict"]["development"] is True


@pytest.mark.feature("S-113")
async def test_a_product_is_in_a_category_of_the_tree_and_the_title_may_say_of_a_better_one(owner: Caller) -> None:
    made = await product(owner)
    assert made["category"] is None
    tree = await owner.ok("GET", "/category-advice", params={"title": made["title"], "category": 101})
    assert tree["fits"] is False
    better = tree["better"][0]
    changed = await owner.ok("PATCH", f"/products/{made['product_id']}", {"category": better})
    assert changed["category"] == better
    assert (await owner.ok("PATCH", f"/products/{made['product_id']}", {"tags": []}))["category"] == better
    assert (await owner.ok("PATCH", f"/products/{made['product_id']}", {"category": 0}))["category"] is None
    for unknown in (1, 99, 9_999):
        refused = await owner.refused("PATCH", f"/products/{made['product_id']}", {"category": unknown})
        assert refused == (422, "qualifications.category_unknown")


async def test_the_categories_are_for_whoever_is_signed_in(client: httpx.AsyncClient, owner: Caller) -> None:
    assert (await client.get("/v1/categories")).status_code == 401
    shown = (await client.get("/v1/categories", headers=owner._headers)).json()
    assert len(shown["roots"]) == 22
    food = next(one for root in shown["roots"] for one in root["children"] if one["zh"] == "休闲零食")
    assert food["papers"] == ["business_licence", "brand_authorisation", "food_licence"]
