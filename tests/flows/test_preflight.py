"""The check before a broadcast: the four stages, what blocks, what only warns, and who may override."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import update

from liveshelf.accounts.types import Role
from liveshelf.checklists import service as checklists
from liveshelf.checklists.errors import ChecklistOpen
from liveshelf.flows import go_live, listing, preflight, price_labels
from liveshelf.flows.checkout import Placed, Refused
from liveshelf.flows.preflight import Area, Code, Finding
from liveshelf.goods._tables import live_goods, skus
from liveshelf.goods.types import AuditState, CardChanges
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.orders.errors import NotOnAir
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import live
from liveshelf.qualifications.errors import LivePermissionMissing
from liveshelf.rooms import plans
from liveshelf.rooms import queries as rooms
from liveshelf.rooms import service as room_service
from liveshelf.rooms.errors import (
    GoodsNotApproved,
    GoodsUnknown,
    OverrideInvalid,
    PlanInvalid,
    PreflightBlocked,
)
from liveshelf.rooms.plans import GoodsPlan
from liveshelf.rooms.settings import STANDARD, set_settings
from liveshelf.rooms.types import RoomState
from liveshelf.stock import service as stock
from liveshelf.trail import queries as trail
from tests.make.accounts import bearer, staff_session
from tests.make.goods import goods_in
from tests.make.rooms import ANCHOR, room
from tests.make.selling import Sold, buy, guest, something, wish
from tests.make.shops import a_shop

Work = Callable[[Tx], Awaitable[Any]]


@pytest.fixture
async def shop(runtime: Runtime) -> ShopId:
    return (await a_shop(runtime.db)).shop


class Room:
    """A scheduled room with one goods on its shelf."""

    def __init__(self, runtime: Runtime, shop: ShopId, room_id: RoomId, sold: Sold) -> None:
        self.db, self.shop, self.room_id, self.sold = runtime.db, shop, room_id, sold

    async def do(self, work: Work) -> Any:
        return await self.db.write(ANCHOR, self.shop, work)

    async def look(self) -> preflight.Preflight:
        async with self.db.read(self.shop) as tx:
            return await preflight.look(tx, self.room_id)

    async def found(self) -> list[Code]:
        return [one.code for one in (await self.look()).findings]

    async def plan(self, **what: Any) -> None:
        await self.do(lambda tx: plans.plan(tx, self.room_id, self.sold.goods_id, GoodsPlan(**what)))

    async def start(self) -> RoomState:
        return (await self.do(lambda tx: go_live.start(tx, self.room_id))).state


@pytest.fixture
async def ready(runtime: Runtime, shop: ShopId) -> Room:
    sold = await something(runtime.db, shop, on_hand=300)
    room_id = await room(runtime.db, shop)
    await runtime.db.write(ANCHOR, shop, lambda tx: room_service.put_on_shelf(tx, room_id, [sold.goods_id]))
    return Room(runtime, shop, room_id, sold)


@pytest.mark.feature("L-105")
async def test_the_check_covers_exactly_papers_prices_stock_and_labels_and_passes_when_all_fits(ready: Room):
    assert [one.value for one in Area] == ["qualification", "prices", "stock", "labels"]
    assert await ready.found() == []
    assert await ready.start() is RoomState.LIVE


@pytest.mark.feature("L-303")
@pytest.mark.parametrize(
    ("factor", "on_hand", "found"),
    [
        (3, 299, [Code.LOW_STOCK]),
        (3, 300, []),
        (2, 199, [Code.LOW_STOCK]),
        (2, 200, []),
    ],
)
async def test_stock_below_three_times_the_expected_sales_is_warned_about(
    runtime: Runtime, shop: ShopId, factor: int, on_hand: int, found: list[Code]
):
    sold = await something(runtime.db, shop, on_hand=on_hand)
    room_id = await room(runtime.db, shop)
    await runtime.db.write(ANCHOR, shop, lambda tx: room_service.put_on_shelf(tx, room_id, [sold.goods_id]))
    one = Room(runtime, shop, room_id, sold)
    await one.do(lambda tx: set_settings(tx, replace(STANDARD, stock_factor=factor)))
    assert await one.found() == []
    await one.plan(expected=100)
    assert await one.found() == found
    if found:
        (finding,) = (await one.look()).findings
        assert finding.facts == {"available": on_hand, "expected": 100, "wanted": 100 * factor, "factor": factor}
    assert await one.start() is RoomState.LIVE  # a warning keeps nobody off the air


async def _library(ready: Room, _: pytest.MonkeyPatch) -> None:
    await ready.do(lambda tx: tx.execute(update(live_goods).values(price_fen=1)))


async def _room_card(ready: Room, patch: pytest.MonkeyPatch) -> None:
    shelf = rooms.shelf

    async def other(tx: Any, room_id: RoomId) -> Any:
        return [msgspec.structs.replace(one, price_fen=1) for one in await shelf(tx, room_id)]

    patch.setattr(rooms, "shelf", other)


async def _page(ready: Room, patch: pytest.MonkeyPatch) -> None:
    taken = price_labels._taken

    async def as_before(tx: Any, sku_ids: Any) -> dict[Any, int]:
        return dict.fromkeys(await taken(tx, sku_ids), 12_800)

    patch.setattr(price_labels, "_taken", as_before)
    await ready.do(lambda tx: tx.execute(update(skus).values(price_fen=1)))


async def _label(ready: Room, _: pytest.MonkeyPatch) -> None:
    await ready.plan(label_fen=1)


async def _checkout(_: Room, patch: pytest.MonkeyPatch) -> None:
    taken = price_labels._taken

    async def other(tx: Any, sku_ids: Any) -> dict[Any, int]:
        return dict.fromkeys(await taken(tx, sku_ids), 1)

    patch.setattr(price_labels, "_taken", other)


@pytest.mark.feature("L-305")
@pytest.mark.parametrize(
    ("broken", "sources"),
    [
        (_library, ["library", "room"]),
        (_room_card, ["room"]),
        (_page, ["page"]),
        (_label, ["label"]),
        (_checkout, ["library", "room", "page", "label"]),
    ],
    ids=["library", "room", "page", "label", "checkout"],
)
async def test_a_price_that_differs_anywhere_is_named_and_blocks_until_somebody_overrides_it_with_a_reason(
    ready: Room, monkeypatch: pytest.MonkeyPatch, broken: Any, sources: list[str]
):
    await ready.plan(label_fen=12_800)
    assert await ready.found() == []
    await broken(ready, monkeypatch)
    (finding,) = (await ready.look()).findings
    assert (finding.area, finding.code, finding.facts["sources"]) == (Area.LABELS, Code.MISMATCH, sources)
    with pytest.raises(PreflightBlocked) as refused:
        await ready.start()
    assert refused.value.context["findings"] == [finding.key]
    await ready.do(lambda tx: preflight.override(tx, ready.room_id, [finding.key], "标签今晚重印"))
    async with ready.db.read(ready.shop) as tx:
        page = await trail.newest(tx, cursor=None, limit=20)
    (line,) = [one for one in page.items if one.action == "rooms.preflight_override"]
    assert line.detail == {"reason": "标签今晚重印", "findings": [finding.key]}
    assert await ready.start() is RoomState.LIVE


@pytest.mark.feature("L-105")
async def test_each_of_the_areas_can_keep_the_room_off_the_air(ready: Room, monkeypatch: pytest.MonkeyPatch):
    async def blocked_by() -> list[Area]:
        with pytest.raises(PreflightBlocked):
            await ready.start()
        return [one.area for one in (await ready.look()).blocking]

    await ready.plan(planned_fen=9_900)
    assert await blocked_by() == [Area.PRICES]
    await ready.plan(planned_fen=12_800)
    await ready.do(lambda tx: stock.set_on_hand(tx, ready.sold.sku_id, 0, "test"))
    assert await blocked_by() == [Area.STOCK]
    await ready.do(lambda tx: room_service.take_off_sale(tx, ready.room_id, ready.sold.goods_id))
    await ready.plan(label_fen=100)
    assert await blocked_by() == [Area.LABELS]
    await ready.plan()

    async def papers(_tx: Any, _looked: Any) -> list[Finding]:
        return [Finding(Area.QUALIFICATION, Code.PAPERS, ready.sold.goods_id, ready.sold.product_id, {"papers": ["x"]})]

    with monkeypatch.context() as patch:
        patch.setattr(preflight, "_qualification", papers)
        assert await blocked_by() == [Area.QUALIFICATION]
    assert await ready.start() is RoomState.LIVE


async def test_an_override_holds_for_what_was_seen_and_for_nothing_else(ready: Room):
    await ready.plan(planned_fen=9_900)
    (seen,) = (await ready.look()).blocking
    for keys, reason in (([seen.key], "短"), ([seen.key], "长" * 201), ([], "价格已确认"), (["other"], "价格已确认")):
        with pytest.raises(OverrideInvalid):
            await ready.do(partial(preflight.override, room_id=ready.room_id, keys=keys, reason=reason))
    await ready.do(lambda tx: preflight.override(tx, ready.room_id, [seen.key], "主播现场讲价"))
    assert (await ready.look()).blocking == []
    await ready.do(lambda tx: listing.update(tx, ready.sold.goods_id, CardChanges(price_fen=100), door=None))
    assert [one.code for one in (await ready.look()).blocking] == [Code.NOT_AS_PLANNED]


@pytest.mark.feature("L-104")
async def test_each_stage_that_is_skipped_is_named_and_the_legal_path_passes_to_the_end(
    runtime: Runtime, shop: ShopId, monkeypatch: pytest.MonkeyPatch
):
    db = runtime.db
    buyer = await guest(db, shop)

    async def refused(work: Work, error: type[DomainError]) -> None:
        with pytest.raises(error):
            await db.write(ANCHOR, shop, work)

    # 1. Without the permission there is no room, and a room that was made before does not start.
    early = await room(db, shop)
    with monkeypatch.context() as patch:

        async def missing(_tx: Any) -> str:
            return "not_applied"

        patch.setattr(live, "missing", missing)
        with pytest.raises(LivePermissionMissing):
            await room(db, shop)
        await refused(lambda tx: go_live.start(tx, early), LivePermissionMissing)
        async with db.read(shop) as tx:
            (finding,) = (await preflight.look(tx, early)).blocking
        assert (finding.code, finding.facts) == (Code.LIVE_PERMISSION, {"reason": "not_applied"})
        await refused(lambda tx: preflight.override(tx, early, [finding.key], "先播再说吧"), OverrideInvalid)
    # 2. What is not in the library, or has not passed, comes onto no shelf.
    room_id = await room(db, shop)
    await refused(lambda tx: room_service.put_on_shelf(tx, room_id, [GoodsId(99)]), GoodsUnknown)
    waiting = await goods_in(db, shop, AuditState.IN_AUDIT)
    await refused(lambda tx: room_service.put_on_shelf(tx, room_id, [waiting.goods_id]), GoodsNotApproved)
    # 3. What is not bound is not sold in the room.
    sold = await something(db, shop)
    await db.write(ANCHOR, shop, lambda tx: go_live.start(tx, early))
    (outcome,) = await buy(db, shop, wish(buyer, sold.sku_id, room_id=early))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, NotOnAir)
    # 4. What is bound is not sold before the broadcast.
    await db.write(ANCHOR, shop, lambda tx: room_service.put_on_shelf(tx, room_id, [sold.goods_id]))
    (outcome,) = await buy(db, shop, wish(buyer, sold.sku_id, room_id=room_id))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, NotOnAir)
    # The whole path.
    await db.write(ANCHOR, shop, lambda tx: go_live.start(tx, room_id))
    (outcome,) = await buy(db, shop, wish(buyer, sold.sku_id, room_id=room_id))
    assert isinstance(outcome, Placed)
    await db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))


async def test_an_unsigned_checklist_still_keeps_the_room_off_the_air(ready: Room):
    await ready.do(lambda tx: checklists.set_template(tx, 0, ["价格一致"]))
    with pytest.raises(ChecklistOpen):
        await ready.start()


@pytest.mark.parametrize(
    "what",
    [
        {"expected": -1},
        {"expected": 1_000_001},
        {"planned_fen": 0},
        {"label_fen": 10**9},
        {"script": "长" * 2_001},
        {"script": "a\x00"},
    ],
)
async def test_a_plan_that_can_not_be_is_refused(ready: Room, what: dict[str, Any]):
    with pytest.raises(PlanInvalid) as refused:
        await ready.plan(**what)
    assert refused.value.context["field"] == next(iter(what))
    async with ready.db.read(ready.shop) as tx:
        assert await plans.plans(tx, ready.room_id) == {}


async def test_the_page_before_the_start_shows_all_of_it(
    client: httpx.AsyncClient, runtime: Runtime, shop: ShopId, ready: Room
):
    owner = bearer(await staff_session(runtime, shop))
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    base = f"/v1/shops/{shop}/rooms/{ready.room_id}"
    goods_id = ready.sold.goods_id
    plan = {"expected": 200, "planned_fen": 9_900, "label_fen": None, "script": "一盏\n两盏"}
    answer = await client.put(f"{base}/plans/{goods_id}", json=plan, headers=anchor)
    (row,) = answer.json()
    assert {key: row[key] for key in plan} == plan
    assert (row["present_fen"], row["available"], row["number"]) == (12_800, 300, 1)
    seen = (await client.get(f"{base}/preflight", headers=anchor)).json()
    assert (seen["ready"], seen["areas"]) == (False, ["qualification", "prices", "stock", "labels"])
    assert [(one["code"], one["blocks"]) for one in seen["findings"]] == [
        ("not_as_planned", True),
        ("low_stock", False),
    ]
    assert seen["findings"][1]["amounts"] == {"available": 300, "expected": 200, "wanted": 600, "factor": 3}
    start = await client.post(f"{base}/start", headers=anchor)
    assert (start.status_code, start.json()["code"]) == (409, "rooms.preflight_blocked")
    body = {"request_id": "o", "findings": [seen["findings"][0]["key"]], "reason": "主播现场讲价"}
    assert (await client.post(f"{base}/preflight/override", json=body, headers=anchor)).status_code == 403
    after = (await client.post(f"{base}/preflight/override", json=body, headers=owner)).json()
    assert (after["ready"], after["findings"][0]["overridden"], after["overrides"][0]["by"]) == (
        True,
        True,
        f"owner-of-{shop}",
    )
    assert (await client.post(f"{base}/start", headers=anchor)).status_code == 200


async def test_a_price_that_changes_stands_in_the_record_with_what_it_was(ready: Room):
    await ready.do(lambda tx: listing.update(tx, ready.sold.goods_id, CardChanges(price_fen=9_900), door=None))
    async with ready.db.read(ready.shop) as tx:
        (line, *_) = (await trail.newest(tx, cursor=None, limit=1)).items
    assert line.detail == {"fields": ["tag"], "was_fen": 12_800, "is_fen": 9_900}
