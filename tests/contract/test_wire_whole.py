"""The whole contract at once: every call is served, in every notation and case that software sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from liveshelf.facades.wechat.calls import BodyKind
from liveshelf.facades.wechat.coverage import CONTRACT
from liveshelf.facades.wechat.router import ROUTES
from liveshelf.shops.types import QUOTAS
from tests.contract.test_isolation_wire import GIVEN, UNKNOWN, filled

FORM = {"content-type": "application/x-www-form-urlencoded"}
OURS = [route for route in ROUTES if route.anchor in CONTRACT]
POSTED = [route for route in OURS if "POST" in route.methods and route.body is BodyKind.FIELDS]
# Calls whose documents name no number a day.
UNCOUNTED = {"goods.add", "goods.audit", "applyliveinfo"}


def test_the_contract_has_39_calls_and_all_are_served() -> None:
    assert len(CONTRACT) == 39
    assert sorted(route.anchor for route in OURS) == sorted(CONTRACT)
    assert {route.name for route in OURS} - set(QUOTAS) == UNCOUNTED


def brackets(fields: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Fields in PHP's notation."""
    match fields:
        case dict():
            for key, value in fields.items():
                yield from brackets(value, f"{name}[{key}]" if name else key)
        case list():
            for at, value in enumerate(fields):
                yield from brackets(value, f"{name}[{at}]")
        case _:
            yield name, str(fields)


@pytest.mark.parametrize("route", POSTED, ids=lambda route: route.anchor)
async def test_a_form_and_another_case_mean_the_same_as_json(wire, route):
    # About things that are nowhere, so that asking twice is asking the same.
    fields = filled(GIVEN[route.name] or {}, UNKNOWN)
    plain = await wire.post(route.path, fields)
    form = await wire.post(route.path, content=urlencode(list(brackets(fields)) or [("a", "b")]).encode(), headers=FORM)
    assert form["errcode"] == plain["errcode"] != -1
    assert (await wire.post(route.path.upper(), fields))["errcode"] == plain["errcode"]
    assert (await wire.post(route.path.swapcase(), fields, headers={}, json=fields))["errcode"] == plain["errcode"]
    if fields:
        assert plain["errcode"] != 47001
    if "GET" not in route.methods:
        assert (await wire.get(route.path, {}))["errcode"] == 43002
