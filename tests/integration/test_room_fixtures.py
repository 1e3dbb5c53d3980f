"""The fixtures of the pages' reducer are what this server really says.

`web/packages/realtime/fixtures/server.json` holds, for every command on a room, the snapshot before, the messages, and
the snapshot after. The same file is read by the page's own tests. Run with `LIVESHELF_WRITE_FIXTURES=1` after a wanted
change.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from liveshelf.flows import casework, go_live, listing
from liveshelf.goods.types import AuditState, CardChanges
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import approval, contact, notice, picture, quickbar, service, switches
from liveshelf.rooms.contact import Contact
from liveshelf.rooms.events import NUMBERED, RoomDeleted, RoomEvent
from liveshelf.rooms.switches import SwitchChanges
from liveshelf.rooms.types import RoomChanges
from tests.make.goods import MACHINE_PASS, PASS, goods_in
from tests.make.rooms import ANCHOR, View, message, room, tail, view_now
from tests.make.shops import a_shop

FILE = Path(__file__).parents[2] / "web/packages/realtime/fixtures/server.json"


def commands(room_id: RoomId, a: GoodsId, b: GoodsId, c: GoodsId) -> list[tuple[str, Any]]:
    return [
        ("goods are put on the shelf", lambda tx: service.put_on_shelf(tx, room_id, [a, b])),
        ("the shelf is sorted before the start", lambda tx: service.sort(tx, room_id, [b])),
        (
            "an edit waits for its review",
            lambda tx: service.edit(tx, room_id, RoomChanges(name="冬茶专场直播", is_ad=True)),
        ),
        ("the edit has passed", lambda tx: _pass(tx, room_id)),
        ("the broadcast starts", lambda tx: go_live.start(tx, room_id)),
        ("its picture comes", lambda tx: picture.came(tx, room_id)),
        ("its picture breaks off", lambda tx: picture.broke_off(tx, room_id)),
        ("its picture is back", lambda tx: picture.came(tx, room_id)),
        ("another goods is added", lambda tx: service.put_on_shelf(tx, room_id, [c])),
        ("the shelf is sorted", lambda tx: service.sort(tx, room_id, [c, a])),
        ("a goods is pushed", lambda tx: service.push(tx, room_id, a)),
        ("another push stands in front", lambda tx: service.push(tx, room_id, c)),
        ("one push is taken back", lambda tx: service.unpin(tx, room_id, c)),
        ("a third is pushed", lambda tx: service.push(tx, room_id, b)),
        ("goods come into the quick bar", lambda tx: quickbar.add(tx, room_id, [b, a, c])),
        ("the quick bar is sorted", lambda tx: quickbar.sort(tx, room_id, [c])),
        ("a goods leaves the quick bar", lambda tx: quickbar.take_out(tx, room_id, a)),
        ("a comment is pinned", lambda tx: notice.pin(tx, room_id, "新人首单立减 10 元")),
        ("the pinned comment is taken away", lambda tx: notice.unpin(tx, room_id)),
        ("every push is taken back", lambda tx: service.unpush(tx, room_id)),
        ("a goods goes off sale", lambda tx: service.take_off_sale(tx, room_id, b)),
        ("a goods comes back on sale", lambda tx: service.put_on_sale(tx, room_id, b)),
        ("a price changes", lambda tx: listing.update(tx, b, CardChanges(price_fen=8800), door=None)),
        ("a goods is told anew", lambda tx: service.goods_changed(tx, a)),
        ("customer service opens", lambda tx: _open_service(tx, room_id)),
        ("viewers are muted", lambda tx: switches.mute(tx, room_id)),
        ("viewers may speak again", lambda tx: switches.unmute(tx, room_id)),
        ("the broadcast pauses", lambda tx: go_live.pause(tx, room_id)),
        ("the broadcast goes on", lambda tx: go_live.resume(tx, room_id)),
        ("a goods is pushed again", lambda tx: service.push(tx, room_id, b)),
        ("the pushed goods is deleted everywhere", lambda tx: listing.delete(tx, b, door=None)),
        ("a goods is taken off", lambda tx: service.take_off(tx, room_id, c)),
        ("the last push", lambda tx: service.push(tx, room_id, a)),
        ("the broadcast ends", lambda tx: go_live.end(tx, room_id)),
    ]


async def _open_service(tx, room_id: RoomId) -> None:
    await contact.set_contact(tx, Contact("https://chat.example.com/shop", "", ""))
    await switches.change(tx, room_id, SwitchChanges(close_kf=False))


async def _pass(tx: Tx, room_id: RoomId) -> None:
    audit_id = (await approval.pending(tx, [room_id]))[room_id].audit_id
    for verdict in (MACHINE_PASS, PASS):
        await casework.decide(tx, audit_id, verdict)


async def test_the_reducers_fixtures_are_what_the_server_says(db):
    shop = (await a_shop(db)).shop
    goods = [(await goods_in(db, shop, AuditState.APPROVED, name=name)).goods_id for name in ("茶盏", "茶壶", "茶巾")]
    room_id = await room(db, shop)
    cases = []
    for name, work in commands(room_id, *goods):
        before = await view_now(db, shop, room_id)
        await db.write(ANCHOR, shop, work)
        after = await view_now(db, shop, room_id)
        told = [{"event": "room", "data": message(one)} for one in await tail(db, shop, room_id, before["seq"])]
        for audience in ("staff", "buyer"):
            case = {
                "name": f"{audience}: {name}",
                "audience": audience,
                "snapshot": _snapshot(before, audience),
                "events": told,
                "stale": False,
                "expected": _snapshot(after, audience),
            }
            cases.append(_stable(case))
    assert set(NUMBERED) == set(RoomEvent.__subclasses__()), "else nobody hears of it"
    kinds = {one.name.partition(".")[2] for one in RoomEvent.__subclasses__()}
    told_of = {event["data"]["type"] for case in cases for event in case["events"]}
    assert told_of == kinds - {RoomDeleted.name.partition(".")[2]}, "each kind; a deleted room leaves nothing"
    text = json.dumps(cases, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("LIVESHELF_WRITE_FIXTURES"):
        FILE.write_text(text)
    assert FILE.read_text() == text


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
        "comments": [],
        "viewers": 0,
        "contact": None,
    }


def _stable(value: Any) -> Any:
    """The same without what is random."""
    if isinstance(value, dict):
        return {key: "/media/cover" if key == "cover_url" and one else _stable(one) for key, one in value.items()}
    return [_stable(one) for one in value] if isinstance(value, list) else value
