"""Shops, tokens, quotas, faults and the way back to the seed, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from liveshelf.entry import registry
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.errors import Invalid
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.db import Database, connect
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from liveshelf.platform.timers import sweep
from liveshelf.shops import credentials, issuing, queries, service
from liveshelf.shops._jobs import TIMERS
from liveshelf.shops.bearers import Bearers
from liveshelf.shops.calls import SUCCESSES_MAX, CallLog
from liveshelf.shops.desk import WireDesk
from liveshelf.shops.errors import (
    ClearsExhausted,
    CredentialUnknown,
    FaultMissing,
    NotSandbox,
    QuotaExhausted,
    QuotaUnknown,
    RefreshesExhausted,
    SecretWrong,
    ShopBlocked,
    SubmissionsExhausted,
    TokenAbsent,
    TokenExpired,
    TokenMalformed,
    TokenUnknown,
    TooManyFaults,
)
from liveshelf.shops.shares import Shares
from liveshelf.shops.tokens import TokenClaims, write_token
from liveshelf.shops.types import FaultDraft, FaultKind, TokenKind, WireCall
from tests.make.selling import bought, guest, something, wish
from tests.make.shops import MadeShop, a_shop

KEPT = {
    # What a reset keeps: who the shop is, what signs in, what it was allowed, and the record of it all.
    "shops", "credentials", "wire_tokens", "quota_limits", "memberships", "trail", "trail_seals", "libraries",
    "payment_merchants", "waivers",
}  # fmt: skip


@pytest.fixture
async def made(db: Database) -> MadeShop:
    return await a_shop(db)


async def issue(db: Database, keys: Keys, made: MadeShop, how=issuing.issue_plain) -> str:
    return (await db.write(SYSTEM, made.shop, lambda tx: how(tx, keys, made.appid))).token


async def back(db: Database, made: MadeShop, **by: timedelta) -> None:
    """Make the shop's tokens older than they are."""
    sets = ", ".join(f"{column} = {column} - interval '{by[column].total_seconds()} s'" for column in by)
    async with db.engine.begin() as conn:
        await conn.execute(text(f"UPDATE wire_tokens SET {sets} WHERE appid = :appid"), {"appid": made.appid})


async def test_a_secret_opens_its_appid_and_no_other(db: Database, made: MadeShop):
    other = await a_shop(db, "另一家")
    async with db.read() as tx:
        assert (await credentials.authenticate(tx, made.appid, made.secret)).shop_id == made.shop
        for secret in ("", other.secret, made.secret[:-1], made.secret.upper() + "x"):
            with pytest.raises(SecretWrong):
                await credentials.authenticate(tx, made.appid, secret)
        for appid in ("", "wx", "wx0000000000000000", "'; DROP TABLE shops --"):
            with pytest.raises(CredentialUnknown):
                await credentials.authenticate(tx, appid, made.secret)


@pytest.mark.feature("A-105")
async def test_a_plain_token_lives_five_minutes_beside_the_next_and_dies_with_the_one_after(db, keys, made: MadeShop):
    first = await issue(db, keys, made)
    second = await issue(db, keys, made)
    assert (await Bearers(db, keys).bearer(first)).shop_id == made.shop
    assert (await Bearers(db, keys).bearer(second)).appid == made.appid
    await back(db, made, previous_until=timedelta(minutes=5))
    with pytest.raises(TokenUnknown):
        await Bearers(db, keys).bearer(first)
    await issue(db, keys, made)
    third = await issue(db, keys, made)
    with pytest.raises(TokenUnknown):
        await Bearers(db, keys).bearer(second)
    assert await Bearers(db, keys).bearer(third)


@pytest.mark.feature("A-105")
async def test_tokens_that_are_missing_malformed_foreign_or_old_are_told_apart(db, keys, made: MadeShop):
    bearers = Bearers(db, keys)
    token = await issue(db, keys, made)
    yesterday = write_token(keys, TokenClaims(made.appid, TokenKind.PLAIN, 1, int(wall_now().timestamp()) - 86_400))
    foreign = write_token(Keys(bytes(32)), TokenClaims(made.appid, TokenKind.PLAIN, 1, int(wall_now().timestamp())))
    nobody = write_token(keys, TokenClaims("wx0123456789abcdef", TokenKind.PLAIN, 1, int(wall_now().timestamp())))
    for text_, error in (
        ("", TokenAbsent),
        ("abc", TokenMalformed),
        ("x" * 600, TokenMalformed),
        ("令牌" * 20, TokenMalformed),
        (token[:-1] + "!", TokenMalformed),
        (token[:-1] + ("A" if token[-1] != "A" else "B"), TokenUnknown),
        ("x" * 61, TokenUnknown),
        (foreign, TokenUnknown),
        (nobody, TokenUnknown),
    ):
        with pytest.raises(error):
            await bearers.bearer(text_)
    await issue(db, keys, made)
    await issue(db, keys, made)
    with pytest.raises(TokenExpired):
        await bearers.bearer(yesterday)


async def test_both_kinds_of_token_live_side_by_side_and_a_stable_one_stays_itself(db, keys, made: MadeShop):
    stable = await issue(db, keys, made, issuing.issue_stable)
    plain = await issue(db, keys, made)
    assert len(plain) <= 512
    assert await issue(db, keys, made, issuing.issue_stable) == stable
    assert len({await issue(db, keys, made, issuing.issue_stable) for _ in range(3)}) == 1
    await back(db, made, expires_at=timedelta(minutes=116), issued_at=timedelta(minutes=116))
    renewed = await db.write(SYSTEM, made.shop, lambda tx: issuing.issue_stable(tx, keys, made.appid))
    assert renewed.token != stable
    assert renewed.expires_in_s > 300
    assert await Bearers(db, keys).bearer(stable)


async def test_a_forced_refresh_kills_the_token_twenty_times_a_day_and_thirty_seconds_apart(db, keys, made: MadeShop):
    last = await issue(db, keys, made, issuing.refresh_stable)
    assert await issue(db, keys, made, issuing.refresh_stable) == last
    for _ in range(19):
        await back(db, made, forced_at=timedelta(seconds=30))
        fresh = await issue(db, keys, made, issuing.refresh_stable)
        assert fresh != last
        with pytest.raises(TokenUnknown):
            await Bearers(db, keys).bearer(last)
        last = fresh
    await back(db, made, forced_at=timedelta(seconds=30))
    with pytest.raises(RefreshesExhausted):
        await issue(db, keys, made, issuing.refresh_stable)
    await back(db, made, forced_at=timedelta(days=1))
    assert await issue(db, keys, made, issuing.refresh_stable) != last


async def test_a_rotated_secret_ends_every_token(db, keys, made: MadeShop):
    tokens = [await issue(db, keys, made), await issue(db, keys, made, issuing.issue_stable)]
    secret = await db.write(SYSTEM, made.shop, lambda tx: credentials.rotate_secret(tx, made.appid))
    for token in tokens:
        with pytest.raises(TokenUnknown):
            await Bearers(db, keys).bearer(token)
    async with db.read() as tx:
        assert await credentials.authenticate(tx, made.appid, secret)
        with pytest.raises(SecretWrong):
            await credentials.authenticate(tx, made.appid, made.secret)
    with pytest.raises(CredentialUnknown):
        await db.write(SYSTEM, (await a_shop(db)).shop, lambda tx: credentials.rotate_secret(tx, made.appid))


async def test_a_killed_token_is_known_in_the_other_process_at_once(runtime: Runtime, made: MadeShop):
    here, there = WireDesk(runtime), WireDesk(runtime)
    async with here.running(), there.running():
        token = await issue(runtime.db, runtime.keys, made, issuing.issue_stable)
        assert await here.bearers.bearer(token)
        assert await there.bearers.bearer(token)
        await runtime.db.write(SYSTEM, made.shop, lambda tx: credentials.rotate_secret(tx, made.appid))
        await here.changed(made.shop)
        with pytest.raises(TokenUnknown):
            await here.bearers.bearer(token)
        await asyncio.sleep(0.2)
        with pytest.raises(TokenUnknown):
            await there.bearers.bearer(token)


@pytest.mark.feature("A-109")
async def test_quotas_start_again_at_midnight_in_china(db: Database, made: MadeShop, clock: Clock, admin_dsn: str):
    shares = Shares(db, clock)
    await db.write(SYSTEM, made.shop, lambda tx: service.set_limits(tx, {"goods.delete": 2, "submissions": 1}))
    await shares.spend(made.shop, "goods.delete")
    await shares.spend(made.shop, "goods.delete")
    with pytest.raises(QuotaExhausted):
        await shares.spend(made.shop, "goods.delete")
    await db.write(SYSTEM, made.shop, service.spend_submission)
    with pytest.raises(SubmissionsExhausted):
        await db.write(SYSTEM, made.shop, service.spend_submission)
    admin = connect(admin_dsn, clock)  # only the owner of the data folder moves its clock
    await admin.advance_clock(timedelta(days=1))
    await admin.dispose()
    await shares.spend(made.shop, "goods.delete")
    await db.write(SYSTEM, made.shop, service.spend_submission)


async def test_shares_taken_ahead_come_back_when_the_process_ends(db: Database, made: MadeShop):
    shares = Shares(db, Clock())
    for _ in range(3):
        await shares.spend(made.shop, "goods.getapproved")
    assert shares.held(made.shop, "goods.getapproved") > 0
    await shares.close()
    async with db.read(made.shop) as tx:
        assert {state.key: state.used for state in await queries.quotas(tx)}["goods.getapproved"] == 3


async def test_calls_are_cleared_ten_times_a_month_and_submissions_stay_spent(db: Database, made: MadeShop, clock):
    shares = Shares(db, clock)
    await shares.spend(made.shop, "goods.delete")
    await db.write(SYSTEM, made.shop, service.spend_submission)
    for _ in range(10):
        await db.write(SYSTEM, made.shop, service.clear_quotas)
    with pytest.raises(ClearsExhausted):
        await db.write(SYSTEM, made.shop, service.clear_quotas)
    async with db.read(made.shop) as tx:
        used = {state.key: state.used for state in await queries.quotas(tx)}
    assert used["goods.delete"] == 0
    assert used["submissions"] == 1


async def test_limits_are_settings_within_reason(db: Database, made: MadeShop):
    async def wrong(limits: dict[str, int | None]) -> None:
        await db.write(SYSTEM, made.shop, lambda tx: service.set_limits(tx, limits))

    with pytest.raises(QuotaUnknown):
        await wrong({"nonsense": 1})
    for limit in (-1, 10**10):
        with pytest.raises(Invalid):
            await wrong({"token": limit})
    await db.write(SYSTEM, made.shop, lambda tx: service.set_limits(tx, {"token": 0}))
    await db.write(SYSTEM, made.shop, lambda tx: service.set_limits(tx, {"token": None}))
    async with db.read(made.shop) as tx:
        assert {state.key: state.limit for state in await queries.quotas(tx)}["token"] == 2_000


async def test_a_fault_meets_exactly_its_number_of_calls_in_every_process(runtime: Runtime, made: MadeShop):
    db = runtime.db
    here, there = WireDesk(runtime), WireDesk(runtime)
    draft = FaultDraft("goods.add", FaultKind.ERRCODE, errcode=-1, remaining=5)
    fault = await db.write(SYSTEM, made.shop, lambda tx: service.add_fault(tx, made.appid, draft))
    met = await asyncio.gather(*(d.faults.meet(made.shop, made.appid, "goods.add") for d in [here, there] * 10))
    assert [one.fault_id for one in met if one] == [fault.fault_id] * 5
    assert await here.faults.meet(made.shop, made.appid, "goods.delete") is None
    assert await here.faults.meet(made.shop, "wx0000000000000000", "goods.add") is None


async def test_a_fault_ends_at_its_time_and_can_be_taken_off_the_desk(runtime: Runtime, made: MadeShop):
    db, desk = runtime.db, WireDesk(runtime)
    draft = FaultDraft("*", FaultKind.DELAY, delay_ms=5, until=wall_now() + timedelta(seconds=1))
    await db.write(SYSTEM, made.shop, lambda tx: service.add_fault(tx, made.appid, draft))
    assert await desk.faults.meet(made.shop, made.appid, "goods.add")
    await asyncio.sleep(1.05)
    assert await desk.faults.meet(made.shop, made.appid, "goods.add") is None
    lasting = FaultDraft("*", FaultKind.LOST, remaining=1)
    fault = await db.write(SYSTEM, made.shop, lambda tx: service.add_fault(tx, made.appid, lasting))
    await db.write(SYSTEM, made.shop, lambda tx: service.remove_fault(tx, fault.fault_id))
    with pytest.raises(FaultMissing):
        await db.write(SYSTEM, made.shop, lambda tx: service.remove_fault(tx, fault.fault_id))
    desk.faults.forget(made.shop)
    assert await desk.faults.meet(made.shop, made.appid, "goods.add") is None


async def test_the_desk_holds_a_bounded_number_of_faults(db: Database, made: MadeShop):
    draft = FaultDraft("*", FaultKind.LOST, remaining=1)
    for _ in range(service.FAULTS_MAX):
        await db.write(SYSTEM, made.shop, lambda tx: service.add_fault(tx, made.appid, draft))
    with pytest.raises(TooManyFaults):
        await db.write(SYSTEM, made.shop, lambda tx: service.add_fault(tx, made.appid, draft))


async def test_calls_are_logged_found_by_rid_and_forgotten_after_seven_days(db: Database, made: MadeShop):
    log = CallLog(db)
    for number in range(SUCCESSES_MAX + 20):
        if log.wants(0):
            log.add(made.shop, a_call(number))
    assert log.wants(40001)
    log.add(made.shop, a_call(999, errcode=40001))
    log.add(made.shop, a_call(1_000, errcode=40001, at=wall_now() - timedelta(days=8)))
    await log.flush()
    async with db.read(made.shop) as tx:
        page = await queries.calls(tx, limit=10)
        assert len(page.items) == 10
        assert page.next
        assert (await queries.calls(tx, rid="rid-999")).items[0].errcode == 40001
        assert (await queries.calls(tx, api="nothing")).items == []
        assert len((await queries.calls(tx, cursor=page.next, limit=100)).items) == SUCCESSES_MAX + 2 - 10
    assert await sweep(db, TIMERS[0]) == 1
    async with db.read(made.shop) as tx:
        assert (await queries.calls(tx, rid="rid-1000")).items == []


def a_call(number: int, *, errcode: int = 0, at=None) -> WireCall:
    return WireCall(number, f"rid-{number}", "wx", "goods.add", "POST", "/p", errcode, 3, "{}", "{}", at or wall_now())


async def test_a_blocked_shop_may_not_write(db: Database, made: MadeShop):
    await db.write(SYSTEM, made.shop, service.block)
    async with db.read(made.shop) as tx:
        with pytest.raises(ShopBlocked):
            await service.writable(tx)
    await db.write(SYSTEM, made.shop, service.unblock)
    async with db.read(made.shop) as tx:
        assert await service.writable(tx)


async def test_only_a_sandbox_shop_can_be_reset_and_the_database_itself_refuses_others(db: Database):
    real = await a_shop(db, sandbox=False)
    with pytest.raises(NotSandbox):
        await db.write(SYSTEM, real.shop, service.reset)
    with pytest.raises(Exception, match="is not a sandbox"):
        async with db.engine.begin() as conn:
            await conn.execute(text("SELECT reset_sandbox(:shop)"), {"shop": real.shop})


async def test_a_reset_empties_one_shop_and_leaves_its_neighbours_alone(db: Database):
    made, neighbour = await a_shop(db), await a_shop(db, "邻居")
    who = Actor(ActorKind.CREDENTIAL, made.appid)
    for one in (made, neighbour):
        await db.write(SYSTEM, one.shop, lambda tx: service.set_pages(tx, ["pages/a"]))
        await db.write(SYSTEM, one.shop, service.spend_submission)
    await db.write(who, made.shop, service.reset)
    async with db.read(made.shop) as tx:
        assert (await queries.shop(tx)).pages == ()
        assert all(not state.used for state in await queries.quotas(tx))
    async with db.read(neighbour.shop) as tx:
        assert (await queries.shop(tx)).pages == ("pages/a",)


async def test_a_reset_empties_every_table_of_a_shop(db: Database, made: MadeShop):
    sold = await something(db, made.shop)
    await bought(db, made.shop, wish(await guest(db, made.shop), sold.sku_id))
    tables = {name for name, table in registry.tables().tables.items() if "shop_id" in table.c}

    async def filled() -> set[str]:
        async with db.read(made.shop) as tx:
            counts = {
                name: await tx.scalar(text(f"SELECT count(*) FROM {name} WHERE shop_id = :shop")) for name in tables
            }
        return {name for name, count in counts.items() if count}

    async with db.engine.begin() as conn:
        await conn.execute(
            text(
                "INSERT INTO payment_merchants"
                " VALUES ('1900000001', :shop, 'wx1', 's', '\\x00', 'k', 'k', 'b', true, now())"
            ),
            {"shop": made.shop},
        )
    assert {"orders", "order_lines", "stock_holds", "live_goods", "customers", "events"} <= await filled()
    await db.write(SYSTEM, made.shop, service.reset)
    left = await filled()
    assert left <= KEPT
    assert "payment_merchants" in left, "a shop would be paid by nobody"
