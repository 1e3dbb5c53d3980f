"""The fixtures of the pages' reducer are what this server really says.

`web/packages/realtime/fixtures/server.json` holds, for every command on a room, the snapshot before, the messages, and
the snapshot after. The same file is read by the page's own tests. Run with `LIVESHELF_WRITE_FIXTURES=1` after a wanted
change.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

from liveshelf.customers import service as customers
from liveshelf.flows import casework, catalog, go_live, join, listing
from liveshelf.goods import queries as goods_queries
from liveshelf.goods import validity as goods_validity
from liveshelf.goods.types import AuditState, CardChanges, Origin, ProductDraft, SkuDraft, Spec
from liveshelf.kernel.ids import AccountId, CustomerId, GoodsId, RoomId, ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.reviews import queries as cases_queries
from liveshelf.reviews.types import ReviewKind
from liveshelf.rooms import (
    approval,
    contact,
    notice,
    picture,
    queries,
    quickbar,
    service,
    switches,
    talk,
    validity,
)
from liveshelf.rooms.contact import Contact
from liveshelf.rooms.events import NUMBERED, RoomEvent
from liveshelf.rooms.switches import SwitchChanges
from liveshelf.rooms.types import RoomChanges
from tests.make.commands import telling_commands
from tests.make.goods import MACHINE_PASS, PASS, REVIEWER, STAFF, cover, draft, goods_in
from tests.make.rooms import ANCHOR, View, live_room, message, room, tail, view_now
from tests.make.shops import a_shop

FILE = Path(__file__).parents[2] / "web/packages/realtime/fixtures/server.json"
COLOURS = ("红", "蓝")
MUCH = 100
Work = Callable[[Tx], Awaitable[Any]]


@dataclass(frozen=True)
class Step:
    """A command, and the room whose page is looked at before and after it. `at` is how far business time has gone."""

    name: str
    room_id: RoomId
    work: Work
    at: timedelta | None = None


@dataclass(frozen=True)
class Stage:
    """Four rooms of one shop: the one that most is done to; one that is banned; one that nobody ends; one that nobody
    starts.
    """

    db: Database
    shop: ShopId
    main: RoomId
    banned: RoomId
    endless: RoomId
    unstarted: RoomId
    goods: tuple[GoodsId, ...]
    coloured: GoodsId
    viewer: CustomerId

    @classmethod
    async def built(cls, db: Database) -> Self:
        shop = (await a_shop(db)).shop
        names = ("茶盏", "茶壶", "茶巾", "茶则")
        goods = [(await goods_in(db, shop, AuditState.APPROVED, name=name)).goods_id for name in names]
        coloured = await in_two_colours(db, shop)
        main = await room(db, shop)
        banned = await live_room(db, shop, goods[:1], name="不该播的一场")
        endless = await live_room(db, shop, goods[3:], name="没人收的一场")
        unstarted = await room(db, shop, name="没人开的一场")

        async def settle(tx: Tx) -> CustomerId:
            await service.push(tx, banned, goods[0])
            await service.push(tx, endless, goods[3])
            await service.put_on_shelf(tx, unstarted, goods[2:3])
            for one, left in ((goods[2], 10), (goods[3], 30)):
                await goods_validity.set_valid_until(tx, one, tx.now + timedelta(minutes=left))
            guest, _ = await customers.make_guest(tx)
            await join.rename(tx, guest.customer_id, "山里的人")
            return guest.customer_id

        viewer = await db.write(ANCHOR, shop, settle)
        return cls(db, shop, main, banned, endless, unstarted, tuple(goods), coloured, viewer)


def before_and_on_air(on: Stage) -> list[Step]:
    room_id, (a, b, c, _) = on.main, on.goods

    def step(name: str, work: Work) -> Step:
        return Step(name, room_id, work)

    return [
        step("goods are put on the shelf", lambda tx: service.put_on_shelf(tx, room_id, [a, b])),
        step("the shelf is sorted before the start", lambda tx: service.sort(tx, room_id, [b])),
        step(
            "an edit waits for its review",
            lambda tx: service.edit(tx, room_id, RoomChanges(name="冬茶专场直播", is_ad=True)),
        ),
        step("the edit has passed", lambda tx: _pass(tx, room_id)),
        step("the broadcast starts", lambda tx: go_live.start(tx, room_id)),
        step("its picture comes", lambda tx: picture.came(tx, room_id)),
        step("its picture breaks off", lambda tx: picture.broke_off(tx, room_id)),
        step("its picture is back", lambda tx: picture.came(tx, room_id)),
        step("its picture is stopped by the sender", lambda tx: picture.stopped(tx, room_id)),
        step("its sender goes on", lambda tx: picture.came(tx, room_id)),
        step("another goods is added", lambda tx: service.put_on_shelf(tx, room_id, [c, on.coloured])),
        step("the shelf is sorted", lambda tx: service.sort(tx, room_id, [c, a])),
        step("a goods is pushed", lambda tx: service.push(tx, room_id, a)),
        step("another push stands in front", lambda tx: service.push(tx, room_id, c)),
        step("one push is taken back", lambda tx: service.unpin(tx, room_id, c)),
        step("a third is pushed", lambda tx: service.push(tx, room_id, b)),
        step("goods come into the quick bar", lambda tx: quickbar.add(tx, room_id, [b, a, c])),
        step("the quick bar is sorted", lambda tx: quickbar.sort(tx, room_id, [c])),
        step("a goods leaves the quick bar", lambda tx: quickbar.take_out(tx, room_id, a)),
        step("a comment is pinned", lambda tx: notice.pin(tx, room_id, "新人首单立减 10 元")),
        step("the pinned comment is taken away", lambda tx: notice.unpin(tx, room_id)),
        step("every push is taken back", lambda tx: service.unpush(tx, room_id)),
        step("a goods goes off sale", lambda tx: service.take_off_sale(tx, room_id, b)),
        step("a goods comes back on sale", lambda tx: service.put_on_sale(tx, room_id, b)),
        step("a price changes", lambda tx: listing.update(tx, b, CardChanges(price_fen=8800), door=None)),
        step("one of several variants has another price", lambda tx: _dearer(tx, on.coloured)),
        step("a goods is told anew", lambda tx: service.goods_changed(tx, a)),
        step("customer service opens", lambda tx: _open_service(tx, room_id)),
        step("viewers are muted", lambda tx: switches.mute(tx, room_id)),
        step("viewers may speak again", lambda tx: switches.unmute(tx, room_id)),
        step("the broadcast pauses", lambda tx: go_live.pause(tx, room_id)),
        step("the broadcast goes on", lambda tx: go_live.resume(tx, room_id)),
    ]


def talking(on: Stage) -> list[Step]:
    room_id = on.main

    def say(text: str) -> Work:
        return lambda tx: talk.comment(tx, room_id, text=text, customer_id=on.viewer, name="")

    def step(name: str, work: Work) -> Step:
        return Step(name, room_id, work)

    return [
        step("a viewer says something", say("多少钱？")),
        step(
            "the anchor answers",
            lambda tx: talk.comment_as_anchor(tx, room_id, text="一百二", account_id=AccountId(41)),
        ),
        step("what is doubted is not shown", say("喝了真的治好糖尿病")),
        step("and is shown once a person has looked", _release),
        step("a comment is hidden", lambda tx: _hide_first(tx, room_id)),
        step("viewers like it", lambda tx: talk.like(tx, {room_id: 3})),
        step("and like it again", lambda tx: talk.like(tx, {room_id: 4})),
    ]


def to_the_end(on: Stage) -> list[Step]:
    room_id, (a, b, c, _) = on.main, on.goods

    def step(name: str, work: Work) -> Step:
        return Step(name, room_id, work)

    return [
        step("a goods is pushed again", lambda tx: service.push(tx, room_id, b)),
        step("the pushed goods is deleted everywhere", lambda tx: listing.delete(tx, b, door=None)),
        step("software that sees no room takes a goods off", lambda tx: service.take_off_in_turn(tx, room_id, c)),
        step("the last push is such software's", lambda tx: service.push_in_turn(tx, room_id, a)),
        step("the broadcast ends", lambda tx: go_live.end(tx, room_id)),
        Step("a broadcast is banned", on.banned, lambda tx: service.ban(tx, on.banned)),
        Step("a broadcast that is over is deleted", on.banned, lambda tx: service.delete(tx, on.banned)),
        Step(
            "the validity of a goods is over",
            on.unstarted,
            lambda tx: validity.take_off_expired(tx, MUCH),
            timedelta(minutes=10, seconds=1),
        ),
        Step(
            "nobody started it",
            on.unstarted,
            lambda tx: service.settle_due(tx, MUCH),
            timedelta(hours=3, seconds=1),
        ),
        Step(
            "nobody ended it, and the clock did",
            on.endless,
            lambda tx: service.settle_due(tx, MUCH),
            timedelta(hours=4, seconds=1),
        ),
        Step(
            "what was sold past its validity is off once it is over",
            on.endless,
            lambda tx: validity.take_off_expired(tx, MUCH),
        ),
    ]


async def in_two_colours(db: Database, shop: ShopId) -> GoodsId:
    """An approved goods of two variants, whose card shows the range of their prices."""
    picture_id = await cover(db, shop, side=800)
    skus = tuple(SkuDraft((Spec("颜色", one),), 10_000 + 2_000 * at, stock=9) for at, one in enumerate(COLOURS))
    wanted = ProductDraft("龙泉青瓷手作茶盏套装", "一壶四盏", (picture_id,), ("茶具",), skus)
    product_id = await db.write(STAFF, shop, lambda tx: catalog.create_product(tx, wanted))
    card = draft(
        await cover(db, shop), name="青瓷套装", product_id=product_id, price_type=2, price_fen=10_000, price2_fen=12_000
    )
    listed = await db.write(STAFF, shop, lambda tx: listing.add_and_submit(tx, card, origin=Origin.CONSOLE))
    for verdict in (MACHINE_PASS, PASS):
        await db.write(REVIEWER, shop, partial(listing.decide, audit_id=listed.audit_id, verdict=verdict))
    return listed.goods_id


async def _dearer(tx: Tx, goods_id: GoodsId) -> None:
    (card,) = await goods_queries.live_goods(tx, [goods_id])
    product = await goods_queries.product(tx, card.product_id)
    assert product is not None
    first, *rest = (await goods_queries.skus(tx, [card.product_id]))[card.product_id]
    kept = [SkuDraft(one.specs, one.price_fen, one.list_price_fen, one.sku_id) for one in (first, *rest)]
    kept[0] = replace(kept[0], price_fen=11_000)
    wanted = ProductDraft(product.title, product.description, product.pictures, product.tags, tuple(kept))
    await catalog.update_product(tx, card.product_id, wanted)


async def _release(tx: Tx) -> None:
    (case,) = (await cases_queries.of_shop(tx, kind=ReviewKind.COMMENT, cursor=None, limit=None)).items
    for verdict in (MACHINE_PASS, PASS):
        await casework.decide(tx, case.audit_id, verdict)


async def _hide_first(tx: Tx, room_id: RoomId) -> None:
    found = await queries.snapshot(tx, room_id)
    assert found is not None
    await talk.hide_comment(tx, room_id, int(found.comments[0].comment_id))


async def _open_service(tx: Tx, room_id: RoomId) -> None:
    await contact.set_contact(tx, Contact("https://chat.example.com/shop", "", ""))
    await switches.change(tx, room_id, SwitchChanges(close_kf=False))


async def _pass(tx: Tx, room_id: RoomId) -> None:
    audit_id = (await approval.pending(tx, [room_id]))[room_id].audit_id
    for verdict in (MACHINE_PASS, PASS):
        await casework.decide(tx, audit_id, verdict)


@pytest.fixture
def told_by(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Which functions of rooms stood above each numbered event."""
    heard: set[str] = set()
    emit = Tx.emit

    def watched(self: Tx, event: Any, **where: Any) -> None:
        if where.get("seq") is not None:
            frame = sys._getframe(1)
            while frame is not None:
                module = frame.f_globals.get("__name__", "")
                if module.startswith("liveshelf.rooms."):
                    heard.add(f"{module.rpartition('.')[2]}.{frame.f_code.co_name}")
                frame = frame.f_back  # type: ignore[assignment]
        emit(self, event, **where)

    monkeypatch.setattr(Tx, "emit", watched)
    return heard


async def test_the_reducers_fixtures_are_what_the_server_says(
    db: Database, clock: Clock, told_by: set[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(talk, "PAUSE_MS", 0)
    on = await Stage.built(db)
    cases: list[dict[str, Any]] = []
    told_by.clear()
    names: dict[str, str] = {}
    for step in (*before_and_on_air(on), *talking(on), *to_the_end(on)):
        if step.at is not None:
            clock.set_offset(step.at)
        before = await _look(on, step.room_id)
        await db.write(ANCHOR, on.shop, step.work)
        line = await tail(db, on.shop, step.room_id, before["seq"])
        told: list[dict[str, Any]] = [{"event": "room", "data": message(one)} for one in line]
        deleted = any(one["data"]["type"] == "room_deleted" for one in told)
        after = _as_if_over(before) if deleted else await _look(on, step.room_id)
        told += _talk(before, after)
        for audience in ("staff", "buyer"):
            case: dict[str, Any] = {
                "name": f"{audience}: {step.name}",
                "audience": audience,
                "snapshot": _snapshot(before, audience),
                "events": told,
                "stale": False,
                "expected": _snapshot(after, audience),
                **({"likes": after["likes"]} if after["likes"] != before["likes"] else {}),
            }
            cases.append(_stable(case, names))
    assert told_by >= telling_commands(), "each command has a case in which it tells something"
    assert set(NUMBERED) == set(RoomEvent.__subclasses__()), "else nobody hears of it"
    kinds = {one.name.partition(".")[2] for one in RoomEvent.__subclasses__()}
    assert {event["data"].get("type") for case in cases for event in case["events"]} == kinds | {None}
    text = json.dumps(cases, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("LIVESHELF_WRITE_FIXTURES"):
        FILE.write_text(text)
    assert FILE.read_text() == text


async def _look(on: Stage, room_id: RoomId) -> View:
    """The room as a fresh page shows it, with what was said and liked."""
    view = await view_now(on.db, on.shop, room_id)
    async with on.db.read(on.shop) as tx:
        found = await queries.snapshot(tx, room_id)
        (pulse,) = await queries.pulses(tx, [room_id])
    assert found is not None
    return {**view, "comments": msgspec.to_builtins(found.comments), "likes": pulse.likes}


def _as_if_over(before: View) -> View:
    """For whoever still looks at it, a room that is gone is a room that is over."""
    nothing: View = {"pushed_goods_id": None, "pushed_goods_ids": [], "quick_goods_ids": [], "shelf": []}
    return {**before, **nothing, "seq": before["seq"] + 1, "state": "ended"}


def _talk(before: View, after: View) -> list[dict[str, Any]]:
    """What the gateway gathers beside the room's line: comments that are new or gone, and the number of likes."""
    was, now = ({one["comment_id"] for one in view["comments"]} for view in (before, after))
    items = [one for one in after["comments"] if one["comment_id"] not in was]
    told: list[dict[str, Any]] = []
    if items or was - now:
        told.append({"event": "comments", "data": {"items": items, "hidden": sorted(was - now)}})
    if after["likes"] != before["likes"]:
        told.append({"event": "likes", "data": {"count": after["likes"]}})
    return told


def _snapshot(view: View, audience: str) -> dict[str, Any]:
    """The view as the page's endpoint sends it."""
    shown = {"muted": view["muted"], "close_kf": view["close_kf"]}
    head = {
        "room_id": 1,
        "starts_at": "2026-11-22T08:00:00Z",
        "cover_url": None,
        "viewers": 0,
        "share_url": None,
    }
    return {
        "room": {
            **head,
            **shown,
            "name": view["name"],
            "state": view["state"],
            "anchor_name": view["anchor_name"],
            "is_ad": view["is_ad"],
        },
        "seq": view["seq"],
        "pushed_goods_id": view["pushed_goods_id"],
        "pushed_goods_ids": view["pushed_goods_ids"],
        "quick_goods_ids": view["quick_goods_ids"],
        "notice": view["notice"],
        "has_picture": view["has_picture"],
        "shelf": [item for item in view["shelf"] if item["on_sale"] or audience == "staff"],
        "comments": view["comments"],
        "viewers": 0,
        "contact": None,
    }


def _stable(value: Any, names: dict[str, str]) -> Any:
    """The same without what is random; the ids of comments are told apart."""
    if isinstance(value, list):
        return [_stable(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _stable(one, names) for key, one in value.items()}
    if kept.get("cover_url"):
        kept["cover_url"] = "/media/cover"
    if "comment_id" in kept:
        kept |= {"comment_id": names.setdefault(kept["comment_id"], str(len(names) + 1)), "at": "2026-11-22T08:00:00Z"}
    if "hidden" in kept:
        kept["hidden"] = [names.setdefault(one, str(len(names) + 1)) for one in kept["hidden"]]
    return kept
