"""Messages to a shop's own server: verified, signed, sealed, tried again, kept, and sent once more by hand."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import xmltodict  # type: ignore[import-untyped]
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from liveshelf.accounts.types import Operator, Role
from liveshelf.customers import queries as customers
from liveshelf.flows import join, pushes
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AccountId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.events import Relay
from liveshelf.rooms import followers
from liveshelf.shops import queries as shops
from liveshelf.webhooks import queries, service
from liveshelf.webhooks.errors import AesKeyInvalid, DeliveryBusy, EndpointUnverified, TokenInvalid, UrlInvalid
from liveshelf.webhooks.types import KEPT, PAUSES, DeliveryState, EndpointDraft, MessageForm, MessageMode, TryOutcome
from tests.make.receiving import AES_KEY, TOKEN, fire, reaching, receiving, work_off
from tests.make.rooms import live_room
from tests.make.selling import guest
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


@pytest.fixture
async def server():
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def backup():
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def reached(runtime, server, backup):
    async with reaching(runtime, server, backup) as found:
        yield found


def someone(shop) -> Operator:
    return Operator(Actor(ActorKind.STAFF, "41"), shop, AccountId(41), "小周", frozenset(), Role.DEVELOPER)


async def configure(reached, shop, url: str, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "backup_url": "",
        "mode": MessageMode.PLAIN,
        "form": MessageForm.JSON,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "enabled": True,
    }
    await pushes.configure(reached, someone(shop), EndpointDraft(**{"url": url, **fields, **changes}))


async def followed(reached, shop) -> str:
    """Somebody follows; their openid."""
    room_id = await live_room(reached.db, shop)
    who = await guest(reached.db, shop)
    await reached.db.write(someone(shop).actor, shop, lambda tx: followers.follow(tx, who, room_id))
    async with reached.db.read(shop) as tx:
        return (await customers.customers(tx, [who]))[who].openid


async def deliveries(reached, shop):
    async with reached.db.read(shop) as tx:
        return list((await queries.deliveries(tx)).items)


async def tries(reached, shop, delivery_id: int):
    async with reached.db.read(shop) as tx:
        return await queries.tries(tx, delivery_id)


def later(monkeypatch, by: timedelta) -> None:
    for module in ("webhooks.service", "platform.timers"):
        monkeypatch.setattr(f"liveshelf.{module}.wall_now", lambda: wall_now() + by)


def fields_of(form: MessageForm, text: bytes | str) -> dict[str, Any]:
    if form is MessageForm.JSON:
        found: dict[str, Any] = json.loads(text)
        return found
    read: dict[str, Any] = xmltodict.parse(text)["xml"]
    return read


async def test_an_address_proves_that_it_knows_the_token_before_it_is_kept(reached, shop, server):
    await configure(reached, shop, server.url)
    (asked,) = server.got
    check_signature(TOKEN, asked.query["signature"], asked.query["timestamp"], asked.query["nonce"])
    server.knows = False
    with pytest.raises(EndpointUnverified) as refused:
        await configure(reached, shop, server.url, mode=MessageMode.SAFE)
    assert refused.value.context == {"field": "url", "outcome": "answer", "status": 200}
    async with reached.db.read(shop) as tx:
        kept = await queries.endpoint(tx)
    assert kept is not None
    assert kept.mode is MessageMode.PLAIN
    assert TOKEN.encode() not in kept.sealed
    assert (kept.token_hint, kept.key_hint) == (TOKEN[-4:], AES_KEY[-4:])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"url": "ftp://example.com"}, UrlInvalid),
        ({"url": "https://user:pw@example.com/"}, UrlInvalid),
        ({"url": "https://example.com/ a"}, UrlInvalid),
        ({"url": "https://example.com:99999/"}, UrlInvalid),
        ({"url": ""}, UrlInvalid),
        ({"backup_url": "nothing"}, UrlInvalid),
        ({"token": "a-b"}, TokenInvalid),
        ({"token": "ab"}, TokenInvalid),
        ({"token": None}, TokenInvalid),
        ({"mode": MessageMode.SAFE, "aes_key": ""}, AesKeyInvalid),
        ({"aes_key": "short"}, AesKeyInvalid),
    ],
)
async def test_addresses_and_secrets_have_forms(reached, shop, server, changes, error):
    with pytest.raises(error):
        await configure(reached, shop, **{"url": server.url, **changes})
    assert server.got == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/push", "http://169.254.169.254/latest", "http://[::1]:9/"])
async def test_an_address_inside_the_network_is_not_called(runtime, shop, url):
    with pytest.raises(EndpointUnverified) as refused:
        await configure(runtime, shop, url)
    assert refused.value.context["outcome"] == "refused"


@pytest.mark.parametrize("mode", MessageMode)
@pytest.mark.parametrize("form", MessageForm)
async def test_a_follow_is_told_signed_and_sealed_so_that_an_sdk_reads_it(reached, shop, server, mode, form):
    await configure(reached, shop, server.url + "?own=1", mode=mode, form=form)
    openid = await followed(reached, shop)
    await work_off(reached)
    (got,) = server.posts
    async with reached.db.read(shop) as tx:
        credential = await shops.credential(tx)
    query = got.query
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    assert (query["openid"], query["own"]) == (openid, "1")
    outer = fields_of(form, got.body)
    if mode is MessageMode.PLAIN:
        assert not {"Encrypt", "msg_signature", "encrypt_type"} & {*outer, *query}
        inner = outer
    else:
        assert query["encrypt_type"] == "aes"
        crypto = WeChatCrypto(TOKEN, AES_KEY, credential.appid)
        opened = crypto.decrypt_message(outer, query["msg_signature"], query["timestamp"], query["nonce"])
        inner = fields_of(form, opened)
        assert ("FollowNotify" in outer) is (mode is MessageMode.COMPATIBLE)
        assert outer["ToUserName"] == credential.original_id
    notify = inner["FollowNotify"]
    assert (inner["Event"], inner["MsgType"], inner["FromUserName"]) == ("wxalive_follow_notify", "event", openid)
    assert (notify["user_openid"], notify["action"], int(notify["live_status"])) == (openid, "add_follow", 101)
    if form is MessageForm.JSON:
        assert isinstance(notify["room_id"], int)
        assert got.headers["content-type"] == "application/json"
    elif mode is MessageMode.PLAIN:
        assert parse_message(got.body).target == credential.original_id
    (sent,) = await deliveries(reached, shop)
    assert (sent.state, got.headers["x-liveshelf-delivery"]) == (DeliveryState.DELIVERED, str(sent.delivery_id))


async def test_an_event_that_is_carried_twice_is_told_once(reached, shop, server):
    await configure(reached, shop, server.url)
    await followed(reached, shop)
    async with reached.db.read(shop) as tx:
        rows = await tx.fetch("SELECT event_id FROM events WHERE shop_id = $1 AND name = 'rooms.followed'", shop)
    ids = [row["event_id"] for row in rows]
    for _ in range(3):
        await pushes.tell(reached, shop, ids)
    await work_off(reached)
    (sent,) = await deliveries(reached, shop)
    await asyncio.gather(*(pushes.send(reached, shop, sent.delivery_id, run) for run in (1, 1, 2)))
    assert len(server.posts) == 1


async def test_two_jobs_of_one_run_send_once(reached, shop, server):
    await configure(reached, shop, server.url)
    await followed(reached, shop)
    waiting: list[tuple[str, dict[str, Any]]] = []

    async def defer(jobs):
        waiting.extend(jobs)

    await Relay(reached.db, reached.bus, defer, {name: [pushes.PUSH] for name in pushes.TOLD}).sweep()
    ((_, args),) = waiting
    await pushes.tell(reached, shop, args["event_ids"])
    (made,) = await deliveries(reached, shop)
    server.slow_s = 0.1
    await asyncio.gather(*(pushes.send(reached, shop, made.delivery_id, 1) for _ in range(4)))
    assert len(server.posts) == 1


@pytest.mark.feature("S-926", half=True)
async def test_a_receiver_that_is_down_for_ten_minutes_loses_nothing_and_hears_each_once(
    reached, shop, server, monkeypatch
):
    await configure(reached, shop, server.url)
    server.status = 503
    told = [await followed(reached, shop) for _ in range(3)]
    await work_off(reached)
    assert {one.state for one in await deliveries(reached, shop)} == {DeliveryState.WAITING}
    first = (await deliveries(reached, shop))[0]
    assert [one.outcome for one in await tries(reached, shop, first.delivery_id)] == [TryOutcome.STATUS] * 3
    refused = len(server.posts)
    for minute in range(1, 11):
        later(monkeypatch, timedelta(minutes=minute))
        await fire(reached, "webhooks.send")
        await work_off(reached)
    assert refused < len(server.posts) <= refused + 3 * 3 * 3
    server.status, server.got = 200, []
    for minute in range(11, 31, 5):
        later(monkeypatch, timedelta(minutes=minute))
        await fire(reached, "webhooks.send")
        await work_off(reached)
    assert sorted(json.loads(one.body)["FromUserName"] for one in server.posts) == sorted(told)
    assert {one.state for one in await deliveries(reached, shop)} == {DeliveryState.DELIVERED}


@pytest.mark.feature("S-926", half=True)
async def test_a_backup_takes_what_the_main_address_does_not(reached, shop, server, backup):
    await configure(reached, shop, server.url, backup_url=backup.url)
    server.status = 500
    first = await followed(reached, shop)
    await work_off(reached)
    assert len(server.posts) == 3
    assert [json.loads(one.body)["FromUserName"] for one in backup.posts] == [first]
    server.status, server.got = 200, []
    second = await followed(reached, shop)
    await work_off(reached)
    assert [json.loads(one.body)["FromUserName"] for one in server.posts] == [second]
    assert len(backup.posts) == 1
    assert {one.state for one in await deliveries(reached, shop)} == {DeliveryState.DELIVERED}


async def test_a_slow_or_odd_answer_is_no_success(reached, shop, server, monkeypatch):
    await configure(reached, shop, server.url)
    monkeypatch.setattr(pushes, "TRY_S", 0.1)
    server.slow_s = 0.3
    await followed(reached, shop)
    await work_off(reached)
    (sent,) = await deliveries(reached, shop)
    assert [one.outcome for one in await tries(reached, shop, sent.delivery_id)] == [TryOutcome.TIMEOUT] * 3
    server.slow_s = 0.0
    for answer, outcome in (
        (b"<html>\x00oops", TryOutcome.ANSWER),
        (b'{"errcode":1}', TryOutcome.ANSWER),
        (b'{"ErrCode":0,"ErrMsg":"success"}', TryOutcome.TAKEN),
    ):
        server.answer = answer
        await pushes.send_again(reached, someone(shop), sent.delivery_id)
        assert (await tries(reached, shop, sent.delivery_id))[-1].outcome is outcome
    assert (await tries(reached, shop, sent.delivery_id))[3].excerpt == "<html> oops"


async def test_after_a_day_it_is_given_up_staff_are_told_and_a_hand_can_still_send_it(
    reached, shop, server, monkeypatch
):
    await configure(reached, shop, server.url)
    server.status = 404
    await followed(reached, shop)
    await work_off(reached)
    passed = timedelta()
    for pause in PAUSES:
        passed += pause + timedelta(seconds=61)
        later(monkeypatch, passed)
        assert await fire(reached, "webhooks.send") == 1
        await work_off(reached)
    (sent,) = await deliveries(reached, shop)
    assert sent.state is DeliveryState.GIVEN_UP
    assert len(server.posts) == 3 * (1 + len(PAUSES))
    later(monkeypatch, passed + timedelta(days=2))
    assert await fire(reached, "webhooks.send") == 0
    server.status, server.got = 200, []
    await pushes.send_again(reached, someone(shop), sent.delivery_id)
    (again,) = await deliveries(reached, shop)
    last = (await tries(reached, shop, sent.delivery_id))[-1]
    assert (again.state, last.by_hand, last.outcome) == (DeliveryState.DELIVERED, True, TryOutcome.TAKEN)
    await pushes.send_again(reached, someone(shop), sent.delivery_id)
    assert len({one.body for one in server.posts}) == 1


async def test_nobody_sends_by_hand_what_is_being_sent(reached, shop, server):
    await configure(reached, shop, server.url)
    await followed(reached, shop)
    await work_off(reached)
    (sent,) = await deliveries(reached, shop)
    server.slow_s = 0.2
    both = (pushes.send_again(reached, someone(shop), sent.delivery_id) for _ in range(2))
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [DeliveryBusy]
    assert len(server.posts) == 2


async def test_what_is_kept_is_forgotten_after_seven_days_and_with_the_customer(reached, shop, server, monkeypatch):
    await configure(reached, shop, server.url)
    await followed(reached, shop)
    room_id = await live_room(reached.db, shop)
    who = await guest(reached.db, shop)
    actor = someone(shop).actor
    await reached.db.write(actor, shop, lambda tx: followers.follow(tx, who, room_id))
    await work_off(reached)
    assert len(await deliveries(reached, shop)) == 2
    await reached.db.write(actor, shop, lambda tx: join.leave(tx, who))
    await work_off(reached)
    assert len(await deliveries(reached, shop)) == 1
    later(monkeypatch, KEPT - timedelta(seconds=5))
    assert await fire(reached, "webhooks.forget") == 0
    later(monkeypatch, KEPT + timedelta(seconds=1))
    assert await fire(reached, "webhooks.forget") == 1
    assert await deliveries(reached, shop) == []


async def test_a_shop_without_a_server_or_with_one_that_rests_is_told_nothing(reached, shop, server):
    await followed(reached, shop)
    await work_off(reached)
    assert await deliveries(reached, shop) == []
    await configure(reached, shop, server.url, enabled=False)
    await followed(reached, shop)
    await work_off(reached)
    assert (await deliveries(reached, shop), server.posts) == ([], [])
    await reached.db.write(someone(shop).actor, shop, service.remove_endpoint)


def test_the_test_key_has_the_form_of_one() -> None:
    assert len(base64.b64decode(AES_KEY + "=")) == 32
