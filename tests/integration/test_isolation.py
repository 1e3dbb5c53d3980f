"""Every shop for itself: a walk over all routes of the native API, made from the route table.

Whoever adds a route adds it here without a word. A route that can't be walked fails, and says what it needs: a number's
name that is not known, a body that no rule makes, a handler without a check of who asks.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import ROLE_PERMISSIONS, Role
from liveshelf.entry.http import HttpApp
from liveshelf.facades.native.regulars import Regulars
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make import bodies
from tests.make.accounts import bearer, staff_session
from tests.make.routes import OF_BUYERS, OF_SHOPS, ROUTES, Walked
from tests.make.shops import a_shop
from tests.make.whole_shop import FOREIGN_NAME, Id, Whole, content, customers_things, whole_shop

SAFE = {"GET", "HEAD"}

# Fields of bodies that name a thing, by what the thing is called here.
FIELDS: Mapping[str, str] = {
    "sku_id": "sku_id",
    "want_sku_id": "sku_id",
    "sku_ids": "sku_id",
    "goods_id": "goods_id",
    "goods_ids": "goods_id",
    "product_id": "product_id",
    "room_id": "room_id",
    "address_id": "address_id",
    "customer_id": "customer_id",
    "cover_media_id": "media_id",
    "share_media_id": "media_id",
    "feeds_media_id": "media_id",
    "pictures": "media_id",
    "notice_ids": "notice_id",
    "order_ids": "order_id",
    "audit_ids": "audit_id",
    "item_ids": "item_id",
    "shop_id": "shop",
    "account_id": "account_id",
}
NO_THING = {"request_id", "public_key_id", "openid", "class_id", "corp_id", "wechat_id"}


@pytest.fixture
async def client(http_app: HttpApp, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who comes from everywhere and as often as they like: no limit of requests is in the way of a walk."""
    monkeypatch.setattr(Regulars, "wait_s", lambda *_: 0)
    number = itertools.count()

    class Anywhere(httpx.ASGITransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.client = (f"203.0.113.{next(number) % 250}", 1)
            return await super().handle_async_request(request)

    async with httpx.AsyncClient(transport=Anywhere(app=http_app), base_url="http://127.0.0.1:8000") as caller:
        yield caller


def test_every_number_in_a_body_is_known_for_what_it_names() -> None:
    named = {name for one in ROUTES if one.body for name in bodies.fields_of(one.body)}
    ids = {name for name in named if name.endswith(("_id", "_ids"))} - NO_THING
    assert ids <= set(FIELDS), "say in FIELDS what they name, or in NO_THING that they name nothing of a shop"


@pytest.mark.feature("S-219")
async def test_a_role_is_refused_what_it_may_not_and_strangers_find_no_shop(
    runtime: Runtime, db: Database, client: httpx.AsyncClient
) -> None:
    shop, other = (await a_shop(db)).shop, (await a_shop(db, FOREIGN_NAME)).shop
    wrong = []
    checked = [one for one in ROUTES if one.check]
    for role in Role:
        headers = bearer(await staff_session(runtime, shop, role))
        for one in checked:
            if not may(role, one):
                got = await _call(client, one, one.url(shop, _unknown(one)), headers)
                if (got.status_code, got.json()["code"]) != (403, "accounts.not_permitted"):
                    wrong.append(f"{role}: {one.method} {one.path}: {got.text}")
        for one in OF_SHOPS if role is Role.OWNER else []:
            got = await _call(client, one, one.url(other, _unknown(one)), headers)
            if (got.status_code, got.json()["code"]) != (404, "accounts.shop_unknown"):
                wrong.append(f"stranger: {one.method} {one.path}: {got.text}")
    for one in [*OF_SHOPS, *OF_BUYERS]:
        if one.check or one.of_buyers:
            got = await _call(client, one, one.url(shop, _unknown(one)), {})
            if got.status_code != 401:
                wrong.append(f"nobody: {one.method} {one.path}: {got.text}")
    assert wrong == [], "\n".join(wrong)


def may(role: Role, one: Walked) -> bool:
    """Whether a role's permissions let it in."""
    assert one.check is not None
    return one in OF_SHOPS and (one.check.permission is None or one.check.permission in ROLE_PERMISSIONS[role])


@pytest.mark.feature("S-219")
async def test_another_shops_number_is_unknown_wherever_it_is_given(
    runtime: Runtime, db: Database, client: httpx.AsyncClient
) -> None:
    mine = await whole_shop(runtime, "自家", numbers_from=100)
    other = await whole_shop(runtime, FOREIGN_NAME, numbers_from=7_000)
    neighbour = await customers_things(runtime, mine, FOREIGN_NAME)
    before = await content(db, other.shop)
    wrong = []
    for one in [*OF_SHOPS, *OF_BUYERS]:
        headers = bearer(mine.owner) if one.check else mine.buyers_cookie()
        foreign = [other.ids, *([neighbour] if one.of_buyers else [])]
        for theirs in foreign:
            wrong += await in_path(client, one, headers, mine, theirs)
            wrong += await in_body(client, one, headers, mine, theirs)
        if one.of_buyers:
            got = await _call(client, one, one.url(other.shop, _mine(one, other.ids)), mine.buyers_cookie(other.shop))
            if got.status_code != 401:
                wrong.append(f"buyer of another shop: {one.method} {one.path}: {got.text}")
    assert wrong == [], "\n".join(wrong)
    assert await content(db, other.shop) == before, "something of the other shop was changed"


async def in_path(
    client: httpx.AsyncClient, one: Walked, headers: Mapping[str, str], mine: Whole, theirs: Mapping[str, Id]
) -> list[str]:
    """What is wrong with the answers to each number of the path being another's, the others right."""
    wrong = []
    for parameter in one.things:
        thing = one.named(parameter)
        if thing not in theirs:
            continue
        own = _mine(one, mine.ids)
        body = _body(one, mine.ids)
        asked = await _call(client, one, one.url(mine.shop, {**own, parameter: theirs[thing]}), headers, body)
        never = _never(theirs[thing])
        lost = await _call(client, one, one.url(mine.shop, {**own, parameter: never}), headers, _body(one, mine.ids))
        told = f"{one.method} {one.path} ({parameter}): {asked.text}"
        if asked.status_code != 404 or FOREIGN_NAME in asked.text:
            wrong.append(told)
        elif asked.json()["code"] != lost.json()["code"]:
            wrong.append(f"{told} unlike one that never was: {lost.text}")
    return wrong


async def in_body(
    client: httpx.AsyncClient, one: Walked, headers: Mapping[str, str], mine: Whole, theirs: Mapping[str, Id]
) -> list[str]:
    """What is wrong with the answers to each number of the body, or of the query, being another's."""
    wrong = []
    url = one.url(mine.shop, _mine(one, mine.ids))
    inside = set(bodies.fields_of(one.body)) if one.body else set()
    queried = {
        name
        for name in one.handler.parsed_fn_signature.parameters
        if name in FIELDS and name not in one.parameters and one.method == "GET"
    }
    for name in sorted(inside & set(FIELDS) | queried):
        if FIELDS[name] not in theirs:
            continue
        answers = []
        for value in (theirs[FIELDS[name]], _never(theirs[FIELDS[name]])):
            if one.body:
                body = _body(one, {**mine.ids, FIELDS[name]: value}, name)
                answers.append(await _call(client, one, url, headers, body))
            else:
                answers.append(
                    await client.request(one.method, url, headers=headers, params={**one.asked, name: value})
                )
        asked, lost = ((got.status_code, got.json().get("code") if got.text else "") for got in answers)
        if asked != lost or asked[0] >= 500 or FOREIGN_NAME in answers[0].text:
            wrong.append(f"{one.method} {one.path} ({name}): {answers[0].text} unlike {answers[1].text}")
    return wrong


def _mine(one: Walked, ids: Mapping[str, Id]) -> dict[str, Id]:
    missing = [name for name in one.things if one.named(name) not in ids]
    assert missing == [], f"{one.path}: make one in tests/make/whole_shop.py"
    return {name: ids[one.named(name)] for name in one.things}


def _never(like: Id) -> Id:
    """A number of the same kind that was never given."""
    return 2_000_000_000 if isinstance(like, int) else "nobody"


def _unknown(one: Walked) -> dict[str, Id]:
    return {name: "nobody" if f"{name}:str" in one.path else 1 for name in one.parameters if name != "shop_id"}


def _body(one: Walked, ids: Mapping[str, Id], *wanted: str) -> dict[str, Any] | None:
    if one.body is None:
        return None
    return bodies.least(one.body, {name: ids[thing] for name, thing in FIELDS.items() if thing in ids}, *wanted)


async def _call(
    client: httpx.AsyncClient, one: Walked, url: str, headers: Mapping[str, str], body: dict[str, Any] | None = None
) -> httpx.Response:
    if one.takes_a_file:
        file = ("a.csv", b"a,b\n1,2\n", "text/csv")
        return await client.request(one.method, url, headers=headers, files={"file": file})
    sent = None if one.method in SAFE else body or {}
    return await client.request(one.method, url, headers=headers, json=sent, params=one.asked or None)
