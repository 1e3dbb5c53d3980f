"""Rooms, and a page's reducer in a few lines: what a viewer must see after a snapshot and the events that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import msgspec

from liveshelf.flows import casework, go_live
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform.db import Database, ReadTx, Tx
from liveshelf.platform.events import Happened, stream_tail
from liveshelf.reviews.types import CaseState, Verdict
from liveshelf.rooms import approval, queries, service
from liveshelf.rooms.events import stream_of
from liveshelf.rooms.types import RoomDraft
from tests.make.goods import MACHINE_PASS, PASS, REVIEWER

ANCHOR = Actor(ActorKind.STAFF, "41")
View = dict[str, Any]


async def unseen_room(db: Database, shop: ShopId, **changes: Any) -> RoomId:
    """A scheduled room that starts in an hour and lasts two, and waits for its review."""

    async def work(tx: Tx) -> RoomId:
        fields = {
            "name": "秋茶专场直播",
            "anchor_name": "阿清姑娘",
            "starts_at": tx.now + timedelta(hours=1),
            "ends_at": tx.now + timedelta(hours=3),
        }
        return (await service.create(tx, RoomDraft(**{**fields, **changes}))).room_id

    return await db.write(ANCHOR, shop, work)


async def room(db: Database, shop: ShopId, **changes: Any) -> RoomId:
    """A scheduled room that starts in an hour, lasts two, and has passed its review."""
    room_id = await unseen_room(db, shop, **changes)
    await passed(db, shop, room_id)
    return room_id


async def passed(db: Database, shop: ShopId, room_id: RoomId, *, verdict: Verdict = PASS) -> CaseState:
    """The machine passes what waits of a room, and a person judges it."""

    async def work(tx: Tx) -> CaseState:
        waiting = (await approval.pending(tx, [room_id])).get(room_id)
        found = await queries.room(tx, room_id)
        assert found is not None
        assert found.audit_id is not None
        audit_id = found.audit_id if waiting is None else waiting.audit_id
        await casework.decide(tx, audit_id, MACHINE_PASS)
        return await casework.decide(tx, audit_id, verdict)

    return await db.write(REVIEWER, shop, work)


async def live_room(db: Database, shop: ShopId, goods_ids: Sequence[GoodsId] = (), **changes: Any) -> RoomId:
    """A room on air with goods on its shelf."""
    room_id = await room(db, shop, **changes)

    async def work(tx: Tx) -> None:
        await go_live.start(tx, room_id)
        if goods_ids:
            await service.put_on_shelf(tx, room_id, goods_ids)

    await db.write(ANCHOR, shop, work)
    return room_id


async def view(tx: ReadTx, room_id: RoomId) -> View:
    """What a fresh page of the room shows, without comments and counts."""
    found = await queries.snapshot(tx, room_id)
    assert found is not None
    of = found.card.room
    return {
        "seq": of.seq,
        "name": of.name,
        "anchor_name": of.anchor_name,
        "is_ad": of.is_ad,
        "state": of.state.value,
        "muted": of.muted_at is not None,
        "close_kf": of.switches.close_kf,
        "pushed_goods_id": of.pushed_goods_id,
        "pushed_goods_ids": found.pinned,
        "quick_goods_ids": found.quick_bar,
        "notice": of.notice,
        "has_picture": of.has_picture,
        "shelf": [cast("dict[str, Any]", msgspec.to_builtins(item)) for item in found.shelf],
    }


async def view_now(db: Database, shop: ShopId, room_id: RoomId) -> View:
    """`view` in a read of its own."""
    async with db.read(shop) as tx:
        return await view(tx, room_id)


async def tail(db: Database, shop: ShopId, room_id: RoomId, since: int) -> list[Happened]:
    """The room's numbered events after a number."""
    async with db.read(shop) as tx:
        return await stream_tail(tx, stream_of(room_id), since=since, most=1000)


def message(one: Happened) -> dict[str, Any]:
    """A numbered event as pages get it."""
    return {"seq": one.seq, "type": one.name.partition(".")[2], **one.body}


def reduce(before: View, change: dict[str, Any]) -> View:  # noqa: C901, PLR0912 - one case a type of message
    """The view after a numbered message, for staff, who see what is off sale too."""
    assert change["seq"] == before["seq"] + 1
    after = {**before, "seq": change["seq"]}
    shelf: list[dict[str, Any]] = before["shelf"]
    match change["type"]:
        case "shelf_added":
            ids = {item["goods_id"] for item in change["items"]}
            shelf = [*(item for item in shelf if item["goods_id"] not in ids), *change["items"]]
        case "shelf_removed":
            shelf = [item for item in shelf if item["goods_id"] not in change["goods_ids"]]
            for names in ("pushed_goods_ids", "quick_goods_ids"):
                after[names] = [one for one in before[names] if one not in change["goods_ids"]]
            after["pushed_goods_id"] = next(iter(after["pushed_goods_ids"]), None)
        case "shelf_sorted":
            told = zip(change["goods_ids"], change["numbers"], strict=True)
            places = {goods_id: (at, number) for at, (goods_id, number) in enumerate(told, 1)}
            shelf = [
                {**item, "position": at, "number": number}
                for item in shelf
                for at, number in [places.get(item["goods_id"], (item["position"], item["number"]))]
            ]
        case "on_sale_changed" if change["item"] is None:
            shelf = _edited(shelf, change["goods_id"], on_sale=change["on_sale"])
        case "on_sale_changed":
            shelf = [item if item["goods_id"] != change["goods_id"] else change["item"] for item in shelf]
        case "goods_pushed":
            after |= {"pushed_goods_id": change["goods_id"], "pushed_goods_ids": change["goods_ids"]}
        case "quick_bar_changed":
            after["quick_goods_ids"] = change["goods_ids"]
        case "notice_changed":
            after["notice"] = change["text"]
        case "price_changed":
            prices = {key: change[key] for key in ("price_type", "price_fen", "price2_fen")}
            shelf = _edited(shelf, change["goods_id"], **prices)
        case "state_changed":
            after["state"] = change["state"]
        case "switches_changed":
            after |= {"muted": change["muted"], "close_kf": change["close_kf"]}
        case "picture_changed":
            after["has_picture"] = change["has_picture"]
        case "room_changed":
            after |= {key: change[key] for key in ("name", "anchor_name", "is_ad")}
    after["shelf"] = sorted(shelf, key=lambda item: (item["position"], item["goods_id"]))
    return after


def _edited(shelf: list[dict[str, Any]], goods_id: int, **changes: object) -> list[dict[str, Any]]:
    return [{**item, **changes} if item["goods_id"] == goods_id else item for item in shelf]
