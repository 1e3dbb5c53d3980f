"""What people hear of: each who must, once, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Permission, PlatformRole, Role
from liveshelf.aftersales import arbitration, granting
from liveshelf.customers.types import customer_actor
from liveshelf.entry import registry
from liveshelf.flows import join
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.messages import queries, service
from liveshelf.messages.types import KEPT, UNREAD_SHOWN, NewNotice
from liveshelf.orders import service as orders
from liveshelf.payments import refunds
from liveshelf.payments.types import Refund, RefundReason
from liveshelf.platform import limits
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Warn
from tests.make.accounts import account, bearer
from tests.make.aftersales import Desk
from tests.make.paying import till_of
from tests.make.selling import Sold, bought, fire, guest, something, wish
from tests.make.shops import a_shop
from tests.make.telling import tell_all, told


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


async def works(runtime: Runtime, shop: ShopId, role: Role, name: str = "") -> str:
    """Somebody who works in the shop: how notices name them."""
    who = await account(runtime, name or f"{role.value}-{shop}")
    await runtime.db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, who, role))
    return str(Actor(ActorKind.STAFF, str(who)))


async def session_of(runtime: Runtime, reader: str) -> dict[str, str]:
    account_id = int(reader.partition(":")[2])
    return bearer(await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, account_id)))  # type: ignore[arg-type]


async def pay(db: Database, shop: ShopId, placed) -> None:
    assert await db.write(SYSTEM, shop, lambda tx: orders.mark_paid(tx, placed, paid_at=tx.now))


async def test_a_paid_order_is_told_to_those_who_may_see_orders_and_to_nobody_else(db, runtime, shop, sold):
    owner, support, anchor = [await works(runtime, shop, role) for role in (Role.OWNER, Role.SERVICE, Role.ANCHOR)]
    other = await a_shop(db, "邻居")
    neighbour = await works(runtime, other.shop, Role.OWNER)
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    await pay(db, shop, placed)
    await tell_all(runtime)
    for reader in (owner, support):
        one = next(one for one in await told(runtime, shop, reader) if one.kind == "order_paid")
        assert one.subject == f"order:{placed.order_id}"
        assert one.facts == {"order_id": str(placed.order_id), "total_fen": placed.total_fen}
    assert all(one.kind != "order_paid" for one in await told(runtime, shop, anchor))
    assert await told(runtime, other.shop, neighbour) == []


async def test_what_is_carried_twice_is_told_once(db, runtime, clock: Clock, shop, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    clock.set_offset(timedelta(minutes=16))
    await fire(db, "orders.unpaid")
    await tell_all(runtime, times=3)
    (one,) = await told(runtime, shop, str(customer_actor(placed.customer_id)))
    assert (one.kind, one.subject) == ("order_unpaid", f"order:{placed.order_id}")
    assert one.read_at is None


async def test_of_many_paid_orders_the_first_of_ten_minutes_calls(db, runtime, clock: Clock, shop, sold):
    owner = await works(runtime, shop, Role.OWNER)
    for _ in range(3):
        await pay(db, shop, await bought(db, shop, wish(await guest(db, shop), sold.sku_id)))
    await tell_all(runtime)
    assert [one.kind for one in await told(runtime, shop, owner)].count("order_paid") <= 2  # the ten minutes may turn
    clock.set_offset(timedelta(minutes=21))
    before = len(await told(runtime, shop, owner))
    await pay(db, shop, await bought(db, shop, wish(await guest(db, shop), sold.sku_id)))
    await tell_all(runtime)
    assert len(await told(runtime, shop, owner)) == before + 1


async def test_a_buyer_who_cancels_is_told_nothing(db, runtime, shop, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    await db.write(SYSTEM, shop, lambda tx: orders.cancel(tx, placed.order_id, customer_id=placed.customer_id))
    await tell_all(runtime)
    assert await told(runtime, shop, str(customer_actor(placed.customer_id))) == []


async def test_a_guests_notices_become_the_members_and_an_erased_buyers_are_gone(db, runtime, clock, shop, sold):
    visitor, member = await guest(db, shop), await guest(db, shop)
    await bought(db, shop, wish(visitor, sold.sku_id))
    late = await bought(db, shop, wish(visitor, sold.sku_id))
    clock.set_offset(timedelta(minutes=16))
    await fire(db, "orders.unpaid")
    await tell_all(runtime)
    assert len(await told(runtime, shop, str(customer_actor(visitor)))) == 2
    await db.write(SYSTEM, shop, lambda tx: join.take_along(tx, visitor, member))
    assert await told(runtime, shop, str(customer_actor(visitor))) == []
    mine = await told(runtime, shop, str(customer_actor(member)))
    assert f"order:{late.order_id}" in {one.subject for one in mine}
    assert len(mine) == 2
    await db.write(SYSTEM, shop, lambda tx: join.leave(tx, member))
    assert await told(runtime, shop, str(customer_actor(member))) == []


async def test_somebody_erased_before_the_job_came_hears_nothing(db, runtime, clock, shop, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    clock.set_offset(timedelta(minutes=16))
    await fire(db, "orders.unpaid")
    await db.write(SYSTEM, shop, lambda tx: join.leave(tx, placed.customer_id))
    await tell_all(runtime)
    assert await told(runtime, shop, str(customer_actor(placed.customer_id))) == []


def notice(reader: str, number: int, tx: Tx) -> NewNotice:
    return NewNotice(reader, "goods_approved", f"goods:{number}", {"goods_id": number}, f"k{number}", tx.now)


async def test_staff_read_only_their_own(runtime, client: httpx.AsyncClient, db, shop):
    owner, support = await works(runtime, shop, Role.OWNER), await works(runtime, shop, Role.ANCHOR)
    await db.write(SYSTEM, shop, lambda tx: service.tell(tx, [notice(owner, n, tx) for n in range(130)]))
    await db.write(SYSTEM, shop, lambda tx: service.tell(tx, [notice(support, 1, tx)]))
    mine, theirs = await session_of(runtime, owner), await session_of(runtime, support)
    path = f"/v1/shops/{shop}/notices"
    page = (await client.get(path, headers=mine, params={"limit": 100})).json()
    assert (len(page["items"]), page["unread"]) == (100, UNREAD_SHOWN)
    rest = (await client.get(path, headers=mine, params={"limit": 100, "cursor": page["next"]})).json()
    assert len(rest["items"]) == 30
    assert rest["next"] is None
    foreign = [one["notice_id"] for one in page["items"][:3]]
    assert (await client.post(f"{path}/read", headers=theirs, json={"notice_ids": foreign})).json() == {
        "unread": 1,
        "more": False,
    }
    await client.post(f"{path}/read", headers=mine, json={"notice_ids": foreign})
    unread = (await client.get(path, headers=mine, params={"unread": "true", "limit": 100})).json()
    assert not {one["notice_id"] for one in unread["items"]} & set(foreign)
    newest = page["items"][0]["notice_id"]
    said = await client.post(f"{path}/read", headers=mine, json={"up_to": newest})
    assert said.json() == {"unread": 0, "more": False}
    assert (await client.get(f"{path}/unread", headers=mine)).json() == {"unread": 0, "more": False}


@pytest.mark.parametrize(
    "body",
    [
        {"notice_ids": ["x"]},
        {"notice_ids": ["-1"]},
        {"notice_ids": ["1"] * 101},
        {"up_to": "2.02E+18"},
        {"up_to": 7},
        {"else": 1},
    ],
)
async def test_what_can_not_be_read_is_refused(runtime, client: httpx.AsyncClient, shop, body):
    mine = await session_of(runtime, await works(runtime, shop, Role.OWNER))
    answer = await client.post(f"/v1/shops/{shop}/notices/read", headers=mine, json=body)
    assert answer.status_code in {400, 422}, answer.text


async def test_a_number_larger_than_any_notice_marks_what_there_is(runtime, client: httpx.AsyncClient, db, shop):
    owner = await works(runtime, shop, Role.OWNER)
    await db.write(SYSTEM, shop, lambda tx: service.tell(tx, [notice(owner, 1, tx)]))
    mine = await session_of(runtime, owner)
    answer = await client.post(f"/v1/shops/{shop}/notices/read", headers=mine, json={"up_to": "9" * 19})
    assert answer.json() == {"unread": 0, "more": False}


async def test_strangers_and_guests_of_another_shop_see_nothing(runtime, client: httpx.AsyncClient, db, shop):
    other = await a_shop(db, "邻居")
    neighbour = await session_of(runtime, await works(runtime, other.shop, Role.OWNER))
    assert (await client.get(f"/v1/shops/{shop}/notices", headers=neighbour)).status_code == 404
    assert (await client.get(f"/v1/shops/{shop}/notices")).status_code == 401
    assert (await client.get(f"/v1/storefront/{shop}/notices")).status_code == 401


async def test_a_limit_that_runs_out_soon_is_told_to_those_who_may_act(db, runtime, clock: Clock, shop, sold):
    owner, support, anchor = [await works(runtime, shop, role) for role in (Role.OWNER, Role.SERVICE, Role.ANCHOR)]
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    (timer,) = (one for one in registry.timers() if one.name == "orders.unpaid")
    ahead = replace(timer, warning=Warn(timedelta(minutes=5), Permission.ORDERS_WRITE.value))
    clock.set_offset(timedelta(minutes=11))
    assert await limits.warn(db, ahead) == 1
    await tell_all(runtime, times=2)
    for reader in (owner, support):
        (one,) = [one for one in await told(runtime, shop, reader) if one.kind == "limit_near"]
        assert one.subject == one.facts["subject"] == f"order:{placed.order_id}"
        assert one.facts["clock"] == "orders.unpaid"
    assert [one.kind for one in await told(runtime, shop, anchor)] == []


@pytest.mark.feature("L-506", half=True)
async def test_a_refund_that_is_late_is_on_record_and_told_until_it_is_sent(db, runtime, clock: Clock, shop, sold):
    support = await works(runtime, shop, Role.SERVICE)
    till = till_of(runtime)
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    await till.press(await till.start(shop, placed))

    async def owe(tx: Tx) -> Refund:
        return await refunds.owe(tx, placed.order_id, amount_fen=Fen(100), reason=RefundReason.LATE_PAYMENT, key="late")

    owed = await db.write(SYSTEM, shop, owe)
    clock.set_offset(timedelta(seconds=590))
    assert await fire(db, refunds.LATE) == 0
    clock.set_offset(timedelta(seconds=601))
    assert await fire(db, refunds.LATE) == 1
    await tell_all(runtime)
    (one,) = [one for one in await told(runtime, shop, support) if one.kind == "limit_missed"]
    assert one.facts["subject"] == f"refund:{owed.refund_id}"
    async with db.read(shop) as tx:
        (breach,) = (await limits.breaches(tx)).items
    assert breach.settled_at is None
    assert 600 <= (breach.noticed_at - breach.due_at).total_seconds() + 600 < 605
    clock.set_offset(timedelta(seconds=700))
    await db.write(SYSTEM, shop, lambda tx: refunds.mark_sent(tx, owed, provider_ref="P1"))
    async with db.read(shop) as tx:
        (breach,) = (await limits.breaches(tx)).items
    assert breach.settled_at is not None
    assert 95 < (breach.settled_at - breach.due_at).total_seconds() < 110


async def test_notices_are_kept_for_ninety_days(db, runtime, clock: Clock, shop):
    owner = await works(runtime, shop, Role.OWNER)
    await db.write(SYSTEM, shop, lambda tx: service.tell(tx, [notice(owner, 1, tx)]))
    (one,) = await told(runtime, shop, owner)
    clock.set_offset(one.created_at + KEPT - timedelta(seconds=5) - Clock().now())
    assert await fire(db, "messages.forget") == 0
    clock.set_offset(one.created_at + KEPT + timedelta(seconds=1) - Clock().now())
    assert await fire(db, "messages.forget") == 1
    async with db.read(shop) as tx:
        assert await queries.unread(tx, owner) == 0


async def test_the_platforms_people_hear_of_disputes_and_of_those_that_they_were_late_with(
    db, runtime, shop, sold, clock, keys, client
):
    arbiter = await account(runtime, "arbiter", platform_role=PlatformRole.ARBITER)
    reviewer = await account(runtime, "reviewer", platform_role=PlatformRole.REVIEWER)
    await works(runtime, shop, Role.OWNER)
    desk = Desk(db, shop, till_of(runtime), keys)
    case = await desk.apply(await desk.sent(sold))
    case = await desk.do(case, lambda tx, one, _o: granting.refuse(tx, one, role=Role.SERVICE, text="超出范围"))
    case = await desk.buyer(case, lambda tx, one, o: arbitration.call(tx, one, o, "请平台判断"))
    await tell_all(runtime, times=2)
    name = str(Actor(ActorKind.REVIEWER, str(arbiter)))
    (called,) = await told(runtime, PLATFORM, name)
    assert (called.kind, called.subject) == ("arbitration_called", f"arbitration:{case.case_id}")
    clock.set_offset(timedelta(days=3, seconds=-5))
    assert await fire(db, "aftersales.arbitrate") == 0
    clock.set_offset(timedelta(days=3, seconds=5))
    assert await fire(db, "aftersales.arbitrate") == 1
    await tell_all(runtime, times=2)
    assert [one.kind for one in await told(runtime, PLATFORM, name)] == ["arbitration_late", "arbitration_called"]
    assert await told(runtime, PLATFORM, str(Actor(ActorKind.REVIEWER, str(reviewer)))) == []
    headers = await session_of(runtime, name)
    page = (await client.get("/v1/platform/notices", headers=headers)).json()
    assert page["unread"] == 2
    read = await client.post(
        "/v1/platform/notices/read", json={"up_to": page["items"][0]["notice_id"]}, headers=headers
    )
    assert read.json()["unread"] == 0
    assert (await client.get("/v1/platform/notices/unread", headers=headers)).json()["unread"] == 0
    owner = await session_of(runtime, await works(runtime, shop, Role.OWNER, "somebody"))
    assert (await client.get("/v1/platform/notices", headers=owner)).status_code == 403
    assert (await client.get("/v1/shops/0/notices", headers=headers)).status_code in {403, 404}
