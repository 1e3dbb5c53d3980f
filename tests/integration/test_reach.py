"""Service providers: what a shop authorised them for, and how their reach ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from liveshelf.accounts import presence
from liveshelf.accounts import service as accounts
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.rights import RIGHTS, Action, Mode, Right
from liveshelf.qualifications.types import Subject
from tests.make.accounts import account, bearer
from tests.make.papers import Merchant, merchant, new

TEA, FOOD, SERVICE = 1304, 801, 2204  # 13 home, 8 food, 22 virtual


class Agent:
    """Somebody of a service provider, and the shop that may authorise them."""

    def __init__(self, shop: Merchant, token: dict[str, str], provider_id: str) -> None:
        self.shop, self.token, self.provider_id = shop, token, provider_id
        self.own = Merchant(shop.client, shop.shop, owner=token["authorization"].split()[1], steward="-")

    async def authorise(self, *roots: int) -> Any:
        """The shop authorises the provider for top categories."""
        return await self.shop.ok("PUT", f"/providers/{self.provider_id}", {**new(), "categories": list(roots)})

    async def add(self, made: Any) -> httpx.Response:
        """The agent puts a product into the library."""
        return await self.own.call("POST", "/goods", {**new(), "product_id": made["product_id"]})

    async def make(self, **changes: Any) -> httpx.Response:
        """The agent makes a product."""
        return await self.own.product(**changes)


@pytest.fixture
async def agent(client: httpx.AsyncClient, runtime: Runtime) -> Agent:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.SOLE_TRADER)
    who = await account(runtime, "agent")
    token = bearer(await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who)))
    made = await client.post("/v1/providers", headers=shop.steward, json={**new(), "name": "星播服务商"})
    provider_id = made.json()[0]["provider_id"]
    joined = await client.post(
        f"/v1/providers/{provider_id}/people", headers=shop.steward, json={**new(), "username": "agent"}
    )
    assert joined.status_code == 201, joined.text
    return Agent(shop, token, provider_id)


@pytest.mark.feature("L-110")
async def test_a_provider_lists_inside_its_authorised_categories_and_nowhere_else(agent: Agent) -> None:
    assert (await agent.own.call("GET", "/products")).status_code == 404
    await agent.authorise(13)
    assert (await agent.own.call("GET", "/products")).status_code == 200
    inside = await agent.make(category=TEA)
    assert inside.status_code == 201, inside.text
    for changes in ({"category": FOOD}, {}):
        outside = await agent.make(**changes)
        assert (outside.status_code, outside.json()["code"]) == (403, "qualifications.outside_reach")
    others = (await agent.shop.product(category=FOOD)).json()
    # Not even by taking it over: what it was counts as much as what it becomes.
    taken = await agent.own.call("PATCH", f"/products/{others['product_id']}", {"category": TEA})
    assert taken.json()["code"] == "qualifications.outside_reach"
    gone = await agent.own.call("DELETE", f"/products/{others['product_id']}")
    assert gone.json()["code"] == "qualifications.outside_reach"
    assert (await agent.add(others)).json()["code"] == "qualifications.outside_reach"
    # Inside, the papers of the shop are asked for like anybody's.
    assert (await agent.add(inside.json())).json()["code"] == "qualifications.papers_missing"


@pytest.mark.feature("L-110")
@pytest.mark.feature("L-108")
async def test_revocation_ends_the_reach_within_a_second_and_the_goods_stay(agent: Agent) -> None:
    await agent.authorise(13)
    made = (await agent.make(category=TEA)).json()
    await agent.shop.ok("DELETE", f"/providers/{agent.provider_id}")
    began = time.monotonic()
    refused = await agent.own.call("PATCH", f"/products/{made['product_id']}", {"tags": ["新"]})
    assert time.monotonic() - began < 1
    assert (refused.status_code, refused.json()["code"]) == (404, "accounts.shop_unknown")
    assert (await agent.shop.ok("GET", f"/products/{made['product_id']}"))["category"] == TEA
    assert (await agent.shop.client.get("/v1/reach", headers=agent.token)).json() == []
    assert (await agent.shop.refused("DELETE", f"/providers/{agent.provider_id}"))[1] == "qualifications.grant_missing"


@pytest.mark.feature("L-110")
async def test_what_an_agent_has_open_is_closed_with_the_revocation(
    agent: Agent, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []

    async def publish(messages: Sequence[tuple[str, str]]) -> None:
        told.extend(messages)

    await agent.authorise(13)
    monkeypatch.setattr(runtime.bus, "publish", publish)
    await agent.shop.ok("DELETE", f"/providers/{agent.provider_id}")
    session = (await agent.shop.client.get("/v1/session", headers=agent.token)).json()
    assert (presence.CHANNEL, f"agent:{session['account_id']} gone") in told


async def test_a_revocation_waits_for_what_is_being_done_and_no_more_is_done_after_it(agent: Agent) -> None:
    await agent.authorise(13)
    picture = (await agent.shop.product(category=TEA)).json()["pictures"][0]["media_id"]
    body = {"title": "茶盏", "pictures": [picture], "category": TEA, "skus": [{"specs": [], "price_fen": 100}]}
    made = [agent.own.call("POST", "/products", {**new(), **body}) for _ in range(4)]
    revoked, *answers = await asyncio.gather(agent.shop.call("DELETE", f"/providers/{agent.provider_id}"), *made)
    assert revoked.status_code == 200
    assert {one.status_code for one in answers} <= {201, 403, 404}
    assert (await agent.own.call("POST", "/products", {**new(), **body})).status_code == 404


async def test_only_an_official_provider_is_authorised_and_one_that_is_not_any_more_loses_all(agent: Agent) -> None:
    for wrong in ([], [99]):
        refused = await agent.shop.call("PUT", f"/providers/{agent.provider_id}", {**new(), "categories": wrong})
        assert refused.json()["code"] == "qualifications.grant_invalid"
    unknown = await agent.shop.call("PUT", "/providers/77", {**new(), "categories": [13]})
    assert unknown.json()["code"] == "qualifications.provider_unknown"
    await agent.authorise(13)
    path, steward = f"/v1/providers/{agent.provider_id}", agent.shop.steward
    await agent.shop.client.put(path, headers=steward, json={**new(), "official": False})
    assert (await agent.own.call("GET", "/products")).status_code == 404
    again = await agent.shop.call("PUT", f"/providers/{agent.provider_id}", {**new(), "categories": [13]})
    assert again.json()["code"] == "qualifications.grant_invalid"


async def test_who_leaves_the_provider_leaves_its_shops(agent: Agent) -> None:
    await agent.authorise(13)
    [mine] = (await agent.shop.client.get("/v1/reach", headers=agent.token)).json()
    assert (mine["shop_id"], mine["categories"]) == (agent.shop.shop, [13])
    session = (await agent.shop.client.get("/v1/session", headers=agent.token)).json()
    left = await agent.shop.client.delete(
        f"/v1/providers/{agent.provider_id}/people/{session['account_id']}", headers=agent.shop.steward
    )
    assert left.status_code == 204
    assert (await agent.own.call("GET", "/products")).status_code == 404


async def test_an_agent_has_no_business_with_orders_money_or_settings(agent: Agent) -> None:
    await agent.authorise(13)
    for path in ("/orders", "/money/refunds", "/qualifications", "/trail", "/providers", "/waivers"):
        refused = await agent.own.call("GET", path)
        assert (refused.status_code, refused.json()["code"]) == (403, "accounts.not_permitted"), path


async def test_a_card_of_another_category_is_not_an_agents_to_touch(agent: Agent) -> None:
    listed = await goods_in_shop(agent)
    await agent.authorise(13)
    refused = await agent.own.call("POST", f"/goods/{listed}/withdraw", new())
    assert refused.json()["code"] == "qualifications.outside_reach"


async def goods_in_shop(agent: Agent) -> int:
    """A card of an uncategorised product, made by the shop itself under a waiver."""
    made = (await agent.shop.product()).json()
    await agent.shop.ok(
        "POST",
        "/waivers",
        {**new(), "kind": "brand_authorisation", "product_id": made["product_id"], "reason": "无品牌"},
    )
    return int((await agent.shop.ok("POST", "/goods", {**new(), "product_id": made["product_id"]}))["goods_id"])


@pytest.mark.feature("L-108")
@pytest.mark.parametrize("subject", Subject)
async def test_what_a_provider_may_list_is_what_the_table_says(
    client: httpx.AsyncClient, runtime: Runtime, subject: Subject
) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(subject)
    who = await account(runtime, "agent")
    token = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who))
    made = await client.post("/v1/providers", headers=shop.steward, json={**new(), "name": "星播"})
    provider_id = made.json()[0]["provider_id"]
    await client.post(f"/v1/providers/{provider_id}/people", headers=shop.steward, json={**new(), "username": "agent"})
    await shop.ok("PUT", f"/providers/{provider_id}", {**new(), "categories": list(range(1, 23))})
    theirs = Merchant(client, shop.shop, owner=token, steward="-")
    cases = {Action.LIST_ORDINARY: TEA, Action.LIST_CROSS_BORDER: 2105, Action.LIST_VIRTUAL: SERVICE}
    for caller, mode in ((shop, Mode.SELF_RUN), (theirs, Mode.PROVIDER)):
        for action, category in cases.items():
            answer = await caller.product(category=category)
            allowed = RIGHTS[subject, mode, action] is not Right.NO
            assert (answer.status_code == 201) is allowed, (mode, action, answer.text)
            if not allowed:
                assert answer.json()["code"] == "qualifications.right_missing"


@pytest.mark.feature("L-108")
async def test_a_shop_goes_live_through_its_provider_as_long_as_it_is_authorised(
    agent: Agent, runtime: Runtime
) -> None:
    await agent.shop.ok("PUT", "/live-permission", {**new(), "mode": "provider"})
    early = await agent.shop.refused("POST", "/applications/live/submit", new())
    assert early[1] == "qualifications.application_invalid"
    await agent.authorise(13)
    await agent.shop.ok("POST", "/applications/live/submit", new())
    await agent.shop.decide("applications/live")
    assert (await agent.shop.ok("GET", "/qualifications"))["live_missing"] is None
    await agent.shop.ok("DELETE", f"/providers/{agent.provider_id}")
    assert (await agent.shop.ok("GET", "/qualifications"))["live_missing"] == "provider_gone"
