"""Keeping order in a room: the pinned comment, and buyers who may not comment."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.customers import service as customers
from liveshelf.customers.types import Buyer
from liveshelf.flows import room_talk
from liveshelf.kernel.ids import AccountId, RoomId, ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.idempotency import Once
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import mutes, notice, talk
from liveshelf.rooms.errors import CommentInvalid, CommentMissing, CommentRefused, Muted, MuteMissing
from liveshelf.rooms.messages import Comment
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR, live_room, view_now
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def buyer(db: Database, shop: ShopId) -> Buyer:
    guest, _ = await db.write(ANCHOR, shop, customers.make_guest)
    return Buyer(shop, guest.customer_id, guest.name, guest.kind)


async def say(runtime: Runtime, who: Buyer, room_id: RoomId, key: str) -> Comment:
    once = Once("rooms.comment", key, {"key": key}, Comment)
    return await room_talk.comment(runtime, who, room_id, text="3号还有吗", once=once)


async def do(db: Database, shop: ShopId, work: Any) -> Any:
    return await db.write(ANCHOR, shop, work)


async def test_a_muted_buyer_is_told_so_in_this_room_and_a_banned_one_everywhere(runtime, db, shop, monkeypatch):
    monkeypatch.setattr(talk, "PAUSE_MS", 0)  # for whoever speaks again within the second, that is the first reason
    here, there, who = await live_room(db, shop), await live_room(db, shop), await buyer(db, shop)
    said = int((await say(runtime, who, here, "a")).comment_id)
    await do(db, shop, lambda tx: mutes.mute_author(tx, here, said))
    with pytest.raises(Muted) as refused:
        await say(runtime, who, here, "b")
    assert refused.value.context == {"everywhere": False}
    async with db.read(shop) as tx:
        await mutes.must_not_be_muted(tx, there, who.customer_id)
    await do(db, shop, lambda tx: mutes.ban_author(tx, here, said))
    with pytest.raises(Muted) as refused:
        await say(runtime, who, there, "d")
    assert refused.value.context == {"everywhere": True}
    await do(db, shop, lambda tx: mutes.unmute(tx, here, who.customer_id))
    with pytest.raises(MuteMissing):
        await do(db, shop, lambda tx: mutes.unmute(tx, here, who.customer_id))


async def test_a_guest_who_signs_in_stays_muted_and_an_erased_one_is_forgotten(runtime, db, shop):
    room_id, guest, member = await live_room(db, shop), await buyer(db, shop), await buyer(db, shop)
    said = int((await say(runtime, guest, room_id, "a")).comment_id)
    await do(db, shop, lambda tx: mutes.mute_author(tx, room_id, said))
    await do(db, shop, lambda tx: talk.move_comments(tx, guest=guest.customer_id, member=member.customer_id))
    with pytest.raises(Muted):
        await say(runtime, member, room_id, "b")
    await do(db, shop, lambda tx: talk.forget_comments(tx, member.customer_id))
    async with db.read(shop) as tx:
        assert await mutes.muted(tx, room_id) == []


async def test_only_what_a_buyer_said_here_names_somebody_to_mute(db, shop):
    room_id = await live_room(db, shop)
    spoke = await do(db, shop, lambda tx: talk.comment_as_anchor(tx, room_id, text="大家好", account_id=AccountId(41)))
    for number in (int(spoke.comment_id), 1):
        with pytest.raises(CommentMissing):
            await do(db, shop, lambda tx, number=number: mutes.mute_author(tx, room_id, number))


@pytest.mark.parametrize(
    ("text", "error"), [("长" * 101, CommentInvalid), ("a\x00", CommentInvalid), ("全网最低价", CommentRefused)]
)
async def test_what_may_not_be_said_is_not_pinned(db, shop, text, error):
    room_id = await live_room(db, shop)
    with pytest.raises(error):
        await do(db, shop, lambda tx: notice.pin(tx, room_id, text))
    assert (await view_now(db, shop, room_id))["notice"] == ""


async def test_the_desk_pins_mutes_and_lets_speak_again(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId):
    room_id, who = await live_room(runtime.db, shop), await buyer(runtime.db, shop)
    said = await say(runtime, who, room_id, "a")
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    legal = bearer(await staff_session(runtime, shop, Role.LEGAL))
    base = f"/v1/shops/{shop}/rooms/{room_id}"
    text = {"text": "新人首单立减 10 元"}
    assert (await client.put(f"{base}/notice", json=text, headers=legal)).status_code == 403
    assert (await client.put(f"{base}/notice", json=text, headers=anchor)).json()["notice"] == text["text"]
    assert (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()["notice"] == text["text"]
    assert (await client.put(f"{base}/notice", json={"text": " "}, headers=anchor)).json()["notice"] == ""
    path = f"{base}/comments/{said.comment_id}/mute"
    (row,) = (await client.post(path, json={"everywhere": True}, headers=anchor)).json()
    assert (row["customer_id"], row["name"], row["everywhere"]) == (str(who.customer_id), who.name, True)
    assert (await client.get(f"{base}/mutes", headers=anchor)).json() == [row]
    answer = await client.delete(f"{base}/mutes/{who.customer_id}", headers=anchor)
    assert (answer.status_code, answer.json()) == (200, [])
    assert (await client.delete(f"{base}/mutes/{who.customer_id}", headers=anchor)).status_code == 404
    assert (await client.post(f"{base}/comments/x/mute", json={}, headers=anchor)).status_code == 404
