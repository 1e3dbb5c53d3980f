"""The lexicon desk: changes of the platform and of shops, from the next text on, with their history."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.compliance import packaged
from liveshelf.compliance.errors import NameIllegal
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from tests.make import goods as make
from tests.make.accounts import bearer, reviewer_session, staff_session
from tests.make.shops import a_shop

pytestmark = pytest.mark.feature("L-602")


class Desk:
    """Somebody at the platform's desk, or at a shop's."""

    def __init__(self, client: httpx.AsyncClient, token: str, base: str) -> None:
        self._client, self._headers, self._base = client, bearer(token), base

    async def __call__(self, method: str, path: str = "", json: Any = None) -> httpx.Response:
        return await self._client.request(method, self._base + path, json=json, headers=self._headers)

    async def ok(self, method: str, path: str = "", json: Any = None) -> Any:
        answer = await self(method, path, json)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def refused(self, method: str, path: str = "", json: Any = None) -> tuple[int, str]:
        answer = await self(method, path, json)
        return answer.status_code, answer.json()["code"]

    async def add(self, word: str, class_id: str = "absolute", kind: str = "word", **more: Any) -> Any:
        return await self.ok("POST", "/entries", body(word, class_id, kind, **more))

    async def found(self, text: str, field: str = "name") -> list[tuple[str, str, str]]:
        tried = await self.ok("POST", "/try", {"text": text, "field": field})
        return [(one["rule"], one["text"], one["severity"]) for one in tried["findings"]]


def body(word: str, class_id: str = "absolute", kind: str = "word", **more: Any) -> dict[str, Any]:
    given = {"request_id": str(uuid.uuid4()), "class_id": class_id, "word": word, "kind": kind, "reason": "平台规则"}
    return given | more


@pytest.fixture
async def shop(runtime: Runtime) -> ShopId:
    return (await a_shop(runtime.db)).shop


@pytest.fixture
async def platform(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(client, await reviewer_session(runtime), "/v1/lexicon")


@pytest.fixture
async def owner(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(client, await staff_session(runtime, shop), f"/v1/shops/{shop}/lexicon")


async def test_the_platforms_words_count_from_the_next_text_on_and_can_be_taken_back(
    platform: Desk, owner: Desk, runtime: Runtime, shop: ShopId
):
    assert await owner.found("霸榜好茶") == []
    added = await platform.add("霸榜")
    assert (added["added_by"], added["reason"]) != ("", "")
    assert await owner.found("霸·榜好茶") == [("absolute", "霸·榜", "refuse")]
    assert await platform.found("ba榜好茶") == [("absolute", "ba榜", "refuse")]
    with pytest.raises(NameIllegal):
        await make.added(runtime.db, shop, name="霸榜青瓷茶盏")
    withdrawn = await platform.ok("DELETE", f"/entries/{added['entry_id']}")
    assert withdrawn["withdrawn_by"]
    assert await owner.found("霸榜好茶") == []
    assert (await platform.refused("DELETE", f"/entries/{added['entry_id']}")) == (404, "compliance.entry_missing")
    listed = await platform.ok("GET")
    assert [(one["word"], one["withdrawn_at"] is None) for one in listed["entries"]] == [("霸榜", False)]
    assert listed["version"] == f"{packaged.version()}+p2"


async def test_allowed_and_removed_words_make_the_platforms_lexicon_milder(platform: Desk):
    assert await platform.found("最佳拍档茶盏") == [("absolute", "最佳", "refuse")]
    await platform.add("最佳拍档", kind="allowed")
    assert await platform.found("最佳拍档茶盏") == []
    assert await platform.found("最佳茶盏") == [("absolute", "最佳", "refuse")]
    await platform.add("遥遥领先", kind="removed")
    assert await platform.found("遥遥领先") == []


async def test_a_shop_may_only_add_and_only_for_itself(
    platform: Desk, owner: Desk, runtime: Runtime, client: httpx.AsyncClient
):
    assert await owner.refused("POST", "/entries", body("最佳", kind="removed")) == (
        403,
        "compliance.shop_may_only_add",
    )
    assert await owner.refused("POST", "/entries", body("最佳拍档", kind="allowed")) == (
        403,
        "compliance.shop_may_only_add",
    )
    await owner.add("竹林七号", class_id="counterfeit")
    assert await owner.found("竹林七号最佳") == [("counterfeit", "竹林七号", "refuse"), ("absolute", "最佳", "refuse")]
    assert await platform.found("竹林七号") == []
    other = await a_shop(runtime.db)
    stranger = Desk(client, await staff_session(runtime, other.shop), f"/v1/shops/{other.shop}/lexicon")
    assert await stranger.found("竹林七号") == []
    (entry,) = (await owner.ok("GET"))["entries"]
    assert (await stranger.refused("DELETE", f"/entries/{entry['entry_id']}")) == (404, "compliance.entry_missing")
    assert (await platform.refused("DELETE", f"/entries/{entry['entry_id']}")) == (404, "compliance.entry_missing")
    assert (await owner.ok("GET"))["version"].endswith("+s1")


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"word": "最"}, "compliance.entry_invalid", 422),
        ({"word": " · "}, "compliance.entry_invalid", 422),
        ({"word": "长" * 41}, "compliance.entry_invalid", 422),
        ({"word": "坏\u0007词"}, "compliance.entry_invalid", 422),
        ({"class_id": "nonsense"}, "compliance.entry_invalid", 422),
        ({"reason": "  "}, "compliance.entry_invalid", 422),
        ({"reason": "长" * 201}, "compliance.entry_invalid", 422),
        ({"kind": "removed", "word": "不在词库里"}, "compliance.entry_invalid", 422),
        ({"kind": "perhaps"}, "request.invalid", 422),
    ],
)
async def test_a_change_that_cannot_be_right_changes_nothing(platform: Desk, wrong, code, status):
    assert (await platform.refused("POST", "/entries", body("霸榜") | wrong))[1].startswith(code.split(".")[0])
    assert (await platform.refused("POST", "/entries", body("霸榜") | wrong))[0] in {status, 400}
    seen = await platform.ok("GET")
    assert seen["entries"] == []
    assert seen["version"] == packaged.version()


async def test_the_same_change_is_made_once(platform: Desk):
    once = body("霸榜")
    assert await platform.ok("POST", "/entries", once) == await platform.ok("POST", "/entries", once)
    assert await platform.refused("POST", "/entries", body("霸榜")) == (409, "compliance.entry_known")
    answers = await asyncio.gather(*(platform("POST", "/entries", body("冲榜")) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


async def test_who_may_see_and_change_it(platform: Desk, runtime: Runtime, shop: ShopId, client: httpx.AsyncClient):
    anchor = Desk(client, await staff_session(runtime, shop, Role.ANCHOR), f"/v1/shops/{shop}/lexicon")
    assert (await anchor.refused("POST", "/entries", body("霸榜")))[0] == 403
    member = Desk(client, await staff_session(runtime, shop), "/v1/lexicon")
    assert (await member("GET")).status_code in {403, 404}
    assert (await platform.ok("GET"))["may"] == ["add", "withdraw"]


async def test_what_would_be_hit_now_is_told_and_nothing_is_changed(
    owner: Desk, platform: Desk, runtime: Runtime, shop: ShopId
):
    listed = await make.goods_in(runtime.db, shop, AuditState.APPROVED, name="霸榜青瓷茶盏")
    assert (await owner.ok("GET", "/hits"))["items"] == []
    await platform.add("霸榜")
    hits = await owner.ok("GET", "/hits")
    assert [(one["goods_id"], one["findings"][0]["text"]) for one in hits["items"]] == [(listed.goods_id, "霸榜")]
    assert hits["complete"]
    assert (await make.goods(runtime.db, shop, listed.goods_id)).audit_state.value == "approved"


async def test_many_changes_come_in_pages(platform: Desk):
    for number in range(5):
        await platform.add(f"霸榜词{number}")
    first = await platform.ok("GET", "?limit=3")
    assert [one["word"] for one in first["entries"]] == ["霸榜词4", "霸榜词3", "霸榜词2"]
    second = await platform.ok("GET", f"?limit=3&cursor={first['next']}")
    assert [one["word"] for one in second["entries"]] == ["霸榜词1", "霸榜词0"]
    assert second["next"] is None
