"""The queue of questions: what is asked waits, is answered once, and is gone with whoever asked it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.rooms import queries, questions, talk
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import guest
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def said(db: Database, shop: ShopId, room_id: Any, text: str) -> tuple[Any, str]:
    who = await guest(db, shop)
    comment = await db.write(
        ANCHOR, shop, lambda tx: talk.comment(tx, room_id, text=text, customer_id=who, name="客人")
    )
    return who, comment.comment_id


async def texts_in(db: Database, shop: ShopId, room_id: Any) -> list[str]:
    async with db.read(shop) as tx:
        room = await queries.room(tx, room_id)
        assert room is not None
        return [one.text for one in await queries.comments_newest(tx, room)]


async def test_what_is_asked_waits_and_is_answered_by_a_comment_or_aloud(runtime, db, shop, client: httpx.AsyncClient):
    room_id = await live_room(db, shop)
    url = f"/v1/shops/{shop}/rooms/{room_id}/questions"
    staff = bearer(await staff_session(runtime, shop, Role.OWNER))
    _, first = await said(db, shop, room_id, "3号还有吗")
    await said(db, shop, room_id, "好看")
    _, second = await said(db, shop, room_id, "多久发货")
    _, third = await said(db, shop, room_id, "怎么洗")
    await db.write(ANCHOR, shop, lambda tx: talk.hide_comment(tx, room_id, int(third)))
    found = (await client.get(url, headers=staff)).json()
    assert ([one["comment_id"] for one in found["waiting"]], found["waits"]) == ([first, second], 2)

    body = {"request_id": "a", "text": "还有三件"}
    for _ in range(2):  # sent twice, said once
        found = (await client.post(f"{url}/{first}/answer", json=body, headers=staff)).json()
    assert [one["comment_id"] for one in found["waiting"]] == [second]
    (answered,) = found["answered"]
    assert (answered["comment_id"], bool(answered["answered_by"]), bool(answered["answered_at"])) == (first, True, True)
    texts = await texts_in(db, shop, room_id)
    assert texts.count("还有三件") == 1

    aloud = await client.post(f"{url}/{second}/answer", json={"request_id": "b"}, headers=staff)
    assert (aloud.status_code, aloud.json()["waits"]) == (200, 0)
    assert len(await texts_in(db, shop, room_id)) == len(texts)
    for number in (third, "1", "x", str(2**63)):
        refused = await client.post(f"{url}/{number}/answer", json={"request_id": "c"}, headers=staff)
        assert (refused.status_code, refused.json()["code"]) == (404, "rooms.comment_missing")


async def test_of_two_who_answer_at_once_one_speaks_and_the_other_is_told_who_it_was(
    runtime, db, shop, client: httpx.AsyncClient
):
    room_id = await live_room(db, shop)
    _, asked = await said(db, shop, room_id, "包邮吗")
    url = f"/v1/shops/{shop}/rooms/{room_id}/questions/{asked}/answer"
    people = [bearer(await staff_session(runtime, shop, role)) for role in (Role.OWNER, Role.ANCHOR)]
    answers = await asyncio.gather(
        *(
            client.post(url, json={"request_id": f"r{at}", "text": f"包邮{at}"}, headers=who)
            for at, who in enumerate(people)
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    (told,) = [one.json() for one in answers if one.status_code == 409]
    assert told["code"] == "rooms.question_answered"
    assert told["context"]["by"]
    texts = await texts_in(db, shop, room_id)
    assert len([one for one in texts if one.startswith("包邮") and one != "包邮吗"]) == 1


async def test_an_answer_that_may_not_be_said_leaves_the_question_open(runtime, db, shop, client: httpx.AsyncClient):
    room_id = await live_room(db, shop)
    _, asked = await said(db, shop, room_id, "包邮吗")
    url = f"/v1/shops/{shop}/rooms/{room_id}/questions"
    staff = bearer(await staff_session(runtime, shop, Role.OWNER))
    refused = await client.post(f"{url}/{asked}/answer", json={"request_id": "a", "text": "x\u0000"}, headers=staff)
    assert refused.status_code == 422
    assert (await client.get(url, headers=staff)).json()["waits"] == 1


async def test_who_is_erased_leaves_no_question_and_another_shop_sees_none(db, shop):
    room_id = await live_room(db, shop)
    who, _ = await said(db, shop, room_id, "包邮吗")
    other = await live_room(db, shop)
    async with db.read(shop) as tx:
        assert (await questions.asked(tx, other)).waits == 0
    await db.write(ANCHOR, shop, lambda tx: talk.forget_comments(tx, who))
    async with db.read(shop) as tx:
        assert (await questions.asked(tx, room_id)).waits == 0
