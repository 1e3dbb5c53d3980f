"""The policy of the house: two profiles, and waivers that count only in one of them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields

import httpx
import pytest
from click.testing import CliRunner

from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.entry.cli import main
from liveshelf.flows import listing
from liveshelf.goods.types import Origin
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.errors import PapersMissing
from liveshelf.shops import policy, queries, service
from liveshelf.shops.errors import NotWaivable, ShopNotOpen, WaiverInvalid
from liveshelf.shops.policy import EVERYTHING, POLICIES, Policy, Profile
from tests.make.accounts import bearer, platform_session, staff_session
from tests.make.goods import STAFF, cover, draft
from tests.make.shops import a_shop, profile

NATIVE = "/v1/policy"


async def _add(db: Database, shop: ShopId) -> None:
    card = draft(await cover(db, shop))
    await db.write(STAFF, shop, lambda tx: listing.add_and_submit(tx, card, origin=Origin.CONSOLE))


async def _waive(db: Database, shop: ShopId, reason: str) -> None:
    await db.write(STAFF, shop, lambda tx: policy.waive(tx, "paper:brand", "product:7", reason=reason))


def test_a_marketplace_allows_nothing_that_an_own_house_may() -> None:
    own, market = POLICIES[Profile.OWN_HOUSE], POLICIES[Profile.MARKETPLACE]
    rules = [one.name for one in fields(Policy) if one.name != "profile"]
    assert [getattr(own, name) for name in rules] == [True] * len(rules)
    assert [getattr(market, name) for name in rules] == [False] * len(rules)


async def test_a_house_is_its_merchants_own_until_somebody_says_otherwise(db: Database) -> None:
    async with db.read() as tx:
        assert (await policy.policy_set(tx)).changed_by is None
        assert (await policy.policy(tx)).profile is Profile.OWN_HOUSE


async def test_a_shop_made_by_its_operator_is_open_under_one_waiver_that_is_shown(
    client: httpx.AsyncClient, runtime: Runtime, db: Database
) -> None:
    shop = (await a_shop(db)).shop
    await _add(db, shop)
    owner = bearer(await staff_session(runtime, shop))
    shown = (await client.get(f"/v1/shops/{shop}/waivers", headers=owner)).json()
    assert shown["in_force"] is True
    [waiver] = shown["items"]
    assert (waiver["rule"], waiver["subject"], waiver["by"]) == (EVERYTHING, "shop", "system:liveshelf")
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    assert (await client.get(f"/v1/shops/{shop}/waivers", headers=anchor)).status_code == 403


async def test_on_a_marketplace_waivers_count_no_more_and_count_again_afterwards(db: Database) -> None:
    shop = (await a_shop(db)).shop
    await profile(db, Profile.MARKETPLACE)
    with pytest.raises(ShopNotOpen) as refused:
        await _add(db, shop)
    assert refused.value.context["reason"] == "waiver_ended"
    with pytest.raises(NotWaivable):
        await db.write(STAFF, shop, lambda tx: policy.waive(tx, "paper:any", reason="because"))
    async with db.read(shop) as tx:
        assert not await policy.waived(tx, EVERYTHING)
    await profile(db, Profile.OWN_HOUSE)
    await _add(db, shop)


async def test_a_marketplaces_shop_is_closed_until_its_application_is_approved(db: Database) -> None:
    await profile(db, Profile.MARKETPLACE)
    shop = (await a_shop(db)).shop
    async with db.read(shop) as tx:
        assert (await queries.shop(tx)).opened_at is None
        assert await policy.waivers(tx) == []
    with pytest.raises(ShopNotOpen):
        await _add(db, shop)
    await db.write(SYSTEM, shop, service.open_shop)
    with pytest.raises(PapersMissing):  # the next question, since the shop is open
        await _add(db, shop)


async def test_a_waiver_says_why_and_stands_there_once(db: Database) -> None:
    shop = (await a_shop(db)).shop
    for reason in ("", "  ", "x" * 201, "a\x07b"):
        with pytest.raises(WaiverInvalid):
            await _waive(db, shop, reason)
    for _ in range(2):
        await _waive(db, shop, "无品牌商品")
    async with db.read(shop) as tx:
        assert [one.rule for one in await policy.waivers(tx)] == ["paper:brand", EVERYTHING]
        assert (await policy.waivers(tx))[0].actor == str(STAFF)


async def test_the_steward_sets_the_policy_and_nobody_else(client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = (await a_shop(runtime.db)).shop
    steward = bearer(await platform_session(runtime, PlatformRole.STEWARD))
    wish = {"request_id": "1", "profile": "marketplace"}
    for other in (await staff_session(runtime, shop), await platform_session(runtime, PlatformRole.REVIEWER)):
        assert (await client.get(NATIVE, headers=bearer(other))).status_code == 403
        assert (await client.put(NATIVE, headers=bearer(other), json=wish)).status_code == 403
    before = (await client.get(NATIVE, headers=steward)).json()
    assert (before["rules"]["profile"], before["changed_by"], before["shops_to_close"]) == ("own_house", None, 1)
    after = (await client.put(NATIVE, headers=steward, json=wish)).json()
    assert (after["rules"]["profile"], after["changed_by"]) == ("marketplace", "steward")
    assert (await client.put(NATIVE, headers=steward, json={**wish, "profile": "bazaar"})).status_code == 422


async def test_two_who_set_the_policy_at_once_leave_one_row(db: Database) -> None:
    await asyncio.gather(*(profile(db, one) for one in (Profile.MARKETPLACE, Profile.OWN_HOUSE) * 3))
    async with db.read(PLATFORM) as tx:
        assert (await policy.policy_set(tx)).changed_at is not None


def test_the_command_needs_an_installation(tmp_path) -> None:
    done = CliRunner().invoke(main, ["--data", str(tmp_path / "nothing"), "policy", "show", "--json"])
    assert done.exit_code == 1
    assert "There is no installation" in done.output


def test_the_command_shows_and_sets(admin_dsn: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVESHELF_DATABASE_URL", admin_dsn)
    monkeypatch.setenv("LIVESHELF_SECRET_KEY", bytes(range(32)).hex())
    run = CliRunner().invoke
    data = ["--data", str(tmp_path), "policy"]
    assert json.loads(run(main, [*data, "show", "--json"]).stdout)["profile"] == "own_house"
    assert json.loads(run(main, [*data, "set", "marketplace", "--json"]).stdout)["papers_waivable"] is False
    shown = run(main, [*data, "show"]).stdout
    assert "profile: marketplace" in shown
    assert "changed_by: reviewer:cli" in shown
