"""A room is seen and starts only after two looks; what buyers see of it changes only after two looks at the change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.flows import casework, go_live
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import AuditId, RoomId, ShopId
from liveshelf.kernel.time import unix
from liveshelf.media import service as media
from liveshelf.media.types import Picture
from liveshelf.platform.db import Tx, connect
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import judges
from liveshelf.reviews import queries as cases
from liveshelf.reviews.errors import AppealRefused
from liveshelf.reviews.types import Case, CaseState, ReviewKind, Stage, Verdict
from liveshelf.rooms import approval, queries, service
from liveshelf.rooms.errors import CoverRefused, RoomNotApproved
from liveshelf.rooms.types import Room, RoomAudit, RoomChanges, RoomState
from liveshelf.shops import policy
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.accounts import account, bearer, reviewer_session, staff_session
from tests.make.pictures import encoded, flagged
from tests.make.selling import fire
from tests.make.shops import a_shop
from tests.make.wire import Wire

CREATE, EDIT = "/wxaapi/broadcast/room/create", "/wxaapi/broadcast/room/editroom"
ROOMS, CODE = "/wxa/business/getliveinfo", "/wxaapi/broadcast/room/getsharedcode"
REFUSAL = Verdict(Stage.PERSON, passed=False, reasons=("name_misleading",))
DEVELOPED = Verdict(Stage.MACHINE, passed=True, development=True)


@dataclass
class World:
    """A shop, and everybody who can write in it."""

    runtime: Runtime
    client: httpx.AsyncClient
    shop: ShopId
    headers: dict[str, str]
    wire: Wire
    begun: datetime

    async def room(self, **changes: Any) -> RoomId:
        return await make_rooms.room(self.runtime.db, self.shop, **changes)

    async def stored(self, room_id: RoomId) -> Room:
        async with self.runtime.db.read(self.shop) as tx:
            found = await queries.room(tx, room_id)
        assert found is not None
        return found

    async def edit(self, room_id: RoomId, **changes: Any) -> dict[str, Any]:
        url = f"/v1/shops/{self.shop}/rooms/{room_id}"
        answer = await self.client.patch(url, json=changes, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def seen(self, room_id: RoomId) -> dict[str, Any]:
        """What buyers and the shop's software see of a room."""
        page = (await self.client.get(f"/v1/storefront/{self.shop}/rooms/{room_id}")).json()["room"]
        home = (await self.client.get(f"/v1/storefront/{self.shop}")).json()["rooms"]
        listed = (await self.wire.post(ROOMS, {"start": 0, "limit": 9}))["room_info"]
        return {
            "page": page,
            "home": [one for one in home if one["room_id"] == room_id],
            "wire": [one for one in listed if one["roomid"] == room_id],
        }

    async def cases(self) -> list[Case]:
        async with self.runtime.db.read(self.shop) as tx:
            return list((await cases.of_shop(tx, kind=ReviewKind.ROOM)).items)

    async def judged(self, room_id: RoomId, verdict: Verdict = make.PASS) -> CaseState:
        return await make_rooms.passed(self.runtime.db, self.shop, room_id, verdict=verdict)

    async def decided(self, audit_id: AuditId, verdict: Verdict, who: Actor = make.REVIEWER) -> CaseState:
        return await self.runtime.db.write(who, self.shop, lambda tx: casework.decide(tx, audit_id, verdict))

    async def picture(self, fingerprint: int) -> str:
        return await make.cover(self.runtime.db, self.shop, fingerprint=fingerprint)

    async def plan(self, **changes: Any) -> dict[str, Any]:
        """A room's plan as software sends it, at the same time whenever; `None` leaves a field out."""
        now = self.begun
        plan = {
            "name": "秋茶专场直播",
            "startTime": unix(now + timedelta(hours=1)),
            "endTime": unix(now + timedelta(hours=3)),
            "anchorName": "阿清姑娘",
            "anchorWechat": "aqing_tea",
            "coverImg": await self.picture(5),
            "shareImg": await self.picture(6),
            "type": 0,
            "closeLike": 0,
            "closeGoods": 0,
            "closeComment": 0,
            **changes,
        }
        return {key: value for key, value in plan.items() if value is not None}


@pytest.fixture
async def world(client: httpx.AsyncClient, runtime: Runtime) -> World:
    made = await a_shop(runtime.db)
    headers = bearer(await staff_session(runtime, made.shop))
    async with runtime.db.read(made.shop) as tx:
        begun = tx.now
    return World(runtime, client, made.shop, headers, await Wire(client, runtime, made).sign_in(), begun)


async def _over_wire(world: World) -> RoomId:
    answer = await world.wire.post(CREATE, await world.plan())
    assert answer["errcode"] == 0, answer
    return RoomId(answer["roomId"])


async def _over_console(world: World) -> RoomId:
    return await make_rooms.unseen_room(world.runtime.db, world.shop)


@pytest.mark.parametrize("make_room", [_over_wire, _over_console])
@pytest.mark.feature("L-601", half=True)
async def test_a_new_room_is_nobodys_to_see_and_does_not_start_before_its_two_looks(
    world: World, make_room: Callable[[World], Any]
):
    room_id = await make_room(world)
    shop, client = world.shop, world.client
    buyers = [
        f"/v1/storefront/{shop}/rooms/{room_id}",
        f"/room-codes/{shop}/{room_id}.png",
        f"/room-posters/{shop}/{room_id}.png",
    ]
    assert [(await client.get(url)).status_code for url in buyers] == [404, 404, 404]
    await client.get(f"/v1/storefront/{shop}/me")  # a guest's cookie
    ticket = await client.post(f"/v1/storefront/{shop}/rooms/{room_id}/ticket")
    assert ticket.status_code in {401, 404}, ticket.text
    assert (await client.get(f"/v1/storefront/{shop}")).json()["rooms"] == []
    start = await client.post(f"/v1/shops/{shop}/rooms/{room_id}/start", headers=world.headers)
    assert (start.status_code, start.json()["code"]) == (409, "rooms.not_approved")
    own = (await client.get(f"/v1/shops/{shop}/rooms/{room_id}", headers=world.headers)).json()
    assert (own["audit_state"], "start" in own["may"]) == ("in_audit", False)
    (listed,) = (await world.wire.post(ROOMS, {"start": 0, "limit": 9}))["room_info"]
    assert listed["live_status"] == 102  # for its own software it is planned, as at WeChat
    assert (await world.wire.get(CODE, {"roomId": room_id}))["errcode"] == 0

    (case,) = await world.cases()
    assert (case.state, case.title, case.number) == (CaseState.MACHINE, "秋茶专场直播", room_id)
    await world.decided(case.audit_id, make.MACHINE_PASS)
    assert (await world.stored(room_id)).audit_state is RoomAudit.IN_AUDIT  # one look is not two
    assert await world.decided(case.audit_id, make.PASS) is CaseState.APPROVED
    assert [(await client.get(url)).status_code for url in buyers] == [200, 200, 200]
    assert [one["room_id"] for one in (await client.get(f"/v1/storefront/{shop}")).json()["rooms"]] == [room_id]
    start = await client.post(f"/v1/shops/{shop}/rooms/{room_id}/start", headers=world.headers)
    assert start.status_code == 200, start.text


@dataclass(frozen=True)
class Door:
    """A way into what buyers see of a room."""

    write: Callable[[World, RoomId], Any]
    changes: Callable[[dict[str, Any]], Any]


async def _wire_edit(world: World, room_id: RoomId, **changes: Any) -> None:
    plan = await world.plan(type=None, **changes)
    assert await world.wire.post(EDIT, {"id": room_id, **plan}) == {"errcode": 0, "errmsg": "ok"}


async def _picture_of(world: World, room_id: RoomId, which: str) -> None:
    await world.edit(room_id, **{f"{which}_media_id": await world.picture(77)})


async def _cover_over_wire(world: World, room_id: RoomId) -> None:
    await _wire_edit(world, room_id, coverImg=await world.picture(78))


DOORS = {
    "console: name": Door(lambda world, room: world.edit(room, name="冬茶专场直播"), lambda seen: seen["page"]["name"]),
    "console: anchor": Door(
        lambda world, room: world.edit(room, anchor_name="阿月姑娘"), lambda seen: seen["page"]["anchor_name"]
    ),
    "console: cover": Door(
        lambda world, room: _picture_of(world, room, "cover"), lambda seen: seen["home"][0]["cover_url"]
    ),
    "console: share picture": Door(
        lambda world, room: _picture_of(world, room, "share"), lambda seen: seen["page"]["share_url"]
    ),
    "console: feed picture": Door(
        lambda world, room: _picture_of(world, room, "feeds"), lambda seen: seen["wire"][0]["feeds_img"]
    ),
    "console: mark": Door(lambda world, room: world.edit(room, is_ad=True), lambda seen: seen["home"][0]["is_ad"]),
    "wire: name": Door(
        lambda world, room: _wire_edit(world, room, name="冬茶专场直播"), lambda seen: seen["wire"][0]["name"]
    ),
    "wire: anchor": Door(
        lambda world, room: _wire_edit(world, room, anchorName="阿月姑娘"), lambda seen: seen["wire"][0]["anchor_name"]
    ),
    "wire: cover": Door(_cover_over_wire, lambda seen: seen["wire"][0]["cover_img"]),
}


async def _approved(world: World) -> RoomId:
    room_id = await _over_wire(world)
    await world.judged(room_id)
    return room_id


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.feature("L-601", half=True)
async def test_buyers_see_what_was_approved_until_the_change_has_passed(world: World, name: str):
    room_id = await _approved(world)
    before = await world.seen(room_id)
    await DOORS[name].write(world, room_id)
    assert await world.seen(room_id) == before
    own = (await world.client.get(f"/v1/shops/{world.shop}/rooms/{room_id}", headers=world.headers)).json()
    assert own["pending"]["rejected"] is False
    assert (await world.cases())[0].before is not None  # the reviewer compares
    assert await world.judged(room_id) is CaseState.APPROVED
    after = await world.seen(room_id)
    assert DOORS[name].changes(after) != DOORS[name].changes(before)
    async with world.runtime.db.read(world.shop) as tx:
        assert await approval.pending(tx, [room_id]) == {}


@pytest.mark.parametrize("name", DOORS)
async def test_a_change_that_is_rejected_is_never_seen_and_stays_with_the_merchant(world: World, name: str):
    room_id = await _approved(world)
    before = await world.seen(room_id)
    await DOORS[name].write(world, room_id)
    assert await world.judged(room_id, REFUSAL) is CaseState.REJECTED
    assert await world.seen(room_id) == before
    own = (await world.client.get(f"/v1/shops/{world.shop}/rooms/{room_id}", headers=world.headers)).json()
    assert (own["pending"]["rejected"], own["pending"]["reasons"]) == (True, ["name_misleading"])
    assert own["audit_state"] == "approved"
    assert "start" in own["may"]  # with what was approved


async def test_times_are_nobodys_to_look_at_and_change_at_once(world: World):
    room_id = await _approved(world)
    ends = (await world.stored(room_id)).ends_at + timedelta(hours=1)
    edited = await world.edit(room_id, ends_at=ends.isoformat(), name="冬茶专场直播")
    assert (edited["ends_at"][:16], edited["name"]) == (ends.isoformat()[:16], "秋茶专场直播")
    assert edited["pending"]["name"] == "冬茶专场直播"


async def test_a_newer_change_takes_the_place_of_one_that_waits_and_saying_the_old_again_takes_it_back(world: World):
    room_id = await _approved(world)
    await world.edit(room_id, name="冬茶专场直播")
    edited = await world.edit(room_id, anchor_name="阿月姑娘")
    assert (edited["pending"]["name"], edited["pending"]["anchor_name"]) == ("冬茶专场直播", "阿月姑娘")
    again = await world.edit(room_id, anchor_name="阿月姑娘")
    assert again["pending"]["audit_id"] == edited["pending"]["audit_id"]  # nothing new was said
    assert [one.state for one in await world.cases()] == [CaseState.MACHINE, CaseState.WITHDRAWN, CaseState.APPROVED]
    edited = await world.edit(room_id, name="秋茶专场直播", anchor_name="阿清姑娘")
    assert edited["pending"] is None
    assert (await world.cases())[0].state is CaseState.WITHDRAWN


async def test_what_nobody_has_approved_changes_at_once_and_is_submitted_anew(world: World):
    room_id = await _over_wire(world)
    await _wire_edit(world, room_id, name="冬茶专场直播", **await _own_pictures(world, room_id))
    assert (await world.stored(room_id)).name == "冬茶专场直播"
    assert [one.state for one in await world.cases()] == [CaseState.MACHINE, CaseState.WITHDRAWN]
    assert await world.judged(room_id, REFUSAL) is CaseState.REJECTED
    own = (await world.client.get(f"/v1/shops/{world.shop}/rooms/{room_id}", headers=world.headers)).json()
    assert (own["audit_state"], own["reject_reasons"]) == ("rejected", ["name_misleading"])
    edited = await world.edit(room_id, name="春茶专场直播")
    assert (edited["audit_state"], edited["name"]) == ("in_audit", "春茶专场直播")
    assert await world.judged(room_id) is CaseState.APPROVED


async def _own_pictures(world: World, room_id: RoomId) -> dict[str, str]:
    (listed,) = (await world.wire.post(ROOMS, {"start": 0, "limit": 9}))["room_info"]
    assert listed["roomid"] == room_id
    return {"coverImg": listed["cover_img"], "shareImg": listed["share_img"]}


@pytest.mark.parametrize(
    ("field", "text", "code"), [("name", "全网最低价专场", 300028), ("anchorName", "加微信领券", 300029)]
)
async def test_words_that_are_certainly_wrong_are_refused_at_once_by_both_doors(
    world: World, field: str, text: str, code: int
):
    assert await world.wire.code(CREATE, await world.plan(**{field: text})) == code
    room_id = await _approved(world)
    assert await world.wire.code(EDIT, {"id": room_id, **await world.plan(**{field: text})}) == code
    own = {"name": "name", "anchorName": "anchor_name"}[field]
    answer = await world.client.patch(
        f"/v1/shops/{world.shop}/rooms/{room_id}", json={own: text}, headers=world.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, f"rooms.{own}_refused")
    assert [one.state for one in await world.cases()] == [CaseState.APPROVED]


@pytest.mark.parametrize(("field", "code"), [("coverImg", 300031), ("shareImg", 300032), ("feedsImg", 300037)])
async def test_a_flagged_picture_is_refused_at_once(world: World, field: str, code: int):
    media_id = await world.wire.upload(encoded(flagged(), "PNG"))
    assert await world.wire.code(CREATE, await world.plan(**{field: media_id})) == code


async def test_a_code_in_a_picture_is_the_machine_stages_to_find(world: World):
    async def work(tx: Tx) -> str:
        kept = await media.keep(tx, Picture(b"-", "image/jpeg", 8, 8, 1 << 63), "e" * 64, kind="image", temporary=True)
        return kept.media_id

    media_id = await world.runtime.db.write(SYSTEM, world.shop, work)
    with pytest.raises(CoverRefused):
        await make_rooms.unseen_room(world.runtime.db, world.shop, cover_media_id="unknown")
    await make_rooms.unseen_room(world.runtime.db, world.shop, cover_media_id=media_id)
    (case,) = await world.cases()
    assert len(case.content.pictures) == 1


async def test_an_appeal_is_heard_and_lets_the_change_be_seen(world: World):
    room_id = await _approved(world)
    await world.edit(room_id, name="冬茶专场直播")
    await world.judged(room_id, REFUSAL)
    case = (await world.cases())[0]
    db = world.runtime.db
    await db.write(make.STAFF, world.shop, lambda tx: casework.appeal(tx, case.audit_id, "名称没有夸大"))
    bert = Actor(ActorKind.REVIEWER, "902")
    assert await world.decided(case.audit_id, make.PASS, bert) is CaseState.APPROVED
    assert (await world.stored(room_id)).name == "冬茶专场直播"

    await world.edit(room_id, name="春茶专场直播")
    await world.judged(room_id, REFUSAL)
    old = (await world.cases())[0]
    await world.edit(room_id, name="夏茶专场直播")
    with pytest.raises(AppealRefused):
        await db.write(make.STAFF, world.shop, lambda tx: casework.appeal(tx, old.audit_id, "名称没有夸大"))


async def test_a_room_that_is_deleted_or_over_waits_for_no_review(world: World):
    db = world.runtime.db
    gone, late = [await make_rooms.unseen_room(db, world.shop) for _ in range(2)]
    await db.write(make.STAFF, world.shop, lambda tx: service.delete(tx, gone))
    assert [one.state for one in await world.cases()] == [CaseState.MACHINE, CaseState.WITHDRAWN]
    with pytest.raises(RoomNotApproved):
        await db.write(make.STAFF, world.shop, lambda tx: go_live.start(tx, late))


async def test_the_clock_that_expires_a_room_takes_its_case_back(world: World, admin_dsn: str):
    room_id = await make_rooms.unseen_room(world.runtime.db, world.shop)
    owner = connect(admin_dsn, world.runtime.clock)
    await owner.advance_clock(timedelta(hours=3))
    await owner.dispose()
    assert await fire(world.runtime.db, "rooms.due") == 1
    assert (await world.stored(room_id)).state is RoomState.EXPIRED
    assert [one.state for one in await world.cases()] == [CaseState.WITHDRAWN]


async def test_a_change_that_passes_while_the_room_is_on_air_is_told_to_every_page(world: World):
    db, shop = world.runtime.db, world.shop
    room_id = await world.room()
    await world.edit(room_id, name="冬茶专场直播", is_ad=True)
    await db.write(make_rooms.ANCHOR, shop, lambda tx: go_live.start(tx, room_id))
    before = await make_rooms.view_now(db, shop, room_id)
    await world.judged(room_id)
    view = before
    for one in await make_rooms.tail(db, shop, room_id, before["seq"]):
        view = make_rooms.reduce(view, make_rooms.message(one))
    assert (view["name"], view["is_ad"]) == ("冬茶专场直播", True)
    assert view == await make_rooms.view_now(db, shop, room_id)


@pytest.mark.parametrize("attempt", range(5))
async def test_of_a_verdict_and_an_edit_that_meet_nothing_unseen_is_ever_shown(world: World, attempt: int):
    db, shop = world.runtime.db, world.shop
    room_id = await make_rooms.unseen_room(db, shop)
    (case,) = await world.cases()
    await world.decided(case.audit_id, make.MACHINE_PASS)
    edit = RoomChanges(name="冬茶专场直播")

    async def both(*works: Any) -> list[object]:
        return await asyncio.gather(*works, return_exceptions=True)

    passes = world.decided(case.audit_id, make.PASS)
    edits = db.write(make.STAFF, shop, lambda tx: service.edit(tx, room_id, edit))
    outcomes = await both(*((passes, edits) if attempt % 2 else (edits, passes)))
    assert all(not isinstance(one, Exception) or isinstance(one, DomainError) for one in outcomes), outcomes
    room = await world.stored(room_id)
    # Either the verdict came first and the edit waits, or the edit did and the verdict found its case gone.
    assert (room.audit_state, room.name) in {(RoomAudit.APPROVED, "秋茶专场直播"), (RoomAudit.IN_AUDIT, "冬茶专场直播")}


async def test_in_an_own_house_of_one_that_person_is_the_human_look_and_the_waiver_is_on_record(
    runtime: Runtime, client: httpx.AsyncClient
):
    shop = (await a_shop(runtime.db)).shop
    me_id = await account(runtime, "owner", platform_role=PlatformRole.REVIEWER)
    await runtime.db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, me_id, Role.OWNER))
    room_id = await make_rooms.unseen_room(runtime.db, shop)
    me = Actor(ActorKind.REVIEWER, str(me_id))
    async with runtime.db.read(shop) as tx:
        (case,) = (await cases.of_shop(tx, kind=ReviewKind.ROOM)).items
    await runtime.db.write(SYSTEM, shop, lambda tx: casework.decide(tx, case.audit_id, make.MACHINE_PASS))
    became = await runtime.db.write(me, shop, lambda tx: casework.decide(tx, case.audit_id, make.PASS))
    assert became is CaseState.APPROVED
    async with runtime.db.read(shop) as tx:
        assert [one.rule for one in await policy.waivers(tx) if one.rule == judges.SECOND_PERSON] == [
            judges.SECOND_PERSON
        ]
    assert (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).status_code == 200


async def test_what_only_development_mode_approved_is_nobodys_to_see_without_it(world: World):
    db, shop = world.runtime.db, world.shop
    room_id, real = await make_rooms.unseen_room(db, shop), await world.room()
    case = next(one for one in await world.cases() if one.number == room_id)
    assert await world.decided(case.audit_id, DEVELOPED, SYSTEM) is CaseState.APPROVED
    assert (await world.stored(room_id)).audit_state is RoomAudit.APPROVED
    assert await db.write(SYSTEM, shop, approval.void_development_verdicts) == 1
    assert await db.write(SYSTEM, shop, approval.void_development_verdicts) == 0
    assert (await world.client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).status_code == 404
    assert (await world.stored(real)).audit_state is RoomAudit.APPROVED
    assert await world.decided(case.audit_id, make.PASS) is CaseState.APPROVED
    assert await db.write(SYSTEM, shop, approval.void_development_verdicts) == 0


async def test_the_reviewer_sees_what_the_room_will_show(world: World):
    room_id = await world.room(is_ad=True, cover_media_id=await world.picture(9))
    await world.edit(room_id, name="冬茶专场直播", is_ad=False)
    headers = bearer(await reviewer_session(world.runtime))
    case = (await world.cases())[0]
    await world.decided(case.audit_id, make.MACHINE_PASS)
    shown = (await world.client.get(f"/v1/reviews/{case.audit_id}", headers=headers)).json()
    assert (shown["kind"], shown["goods"]) == ("room", None)
    assert shown["content"]["texts"] == {"name": "冬茶专场直播", "anchor_name": "阿清姑娘"}
    assert (shown["content"]["facts"]["is_ad"], shown["before"]["facts"]["is_ad"]) == (0, 1)
    assert len(shown["content"]["pictures"]) == 1
