"""Schemathesis makes requests from the OpenAPI document: whatever it sends, the native API answers without failing and
as the document says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.make.product import Product, installed

pytestmark = pytest.mark.timeout(600)

EXAMPLES = 60 if os.environ.get("LIVESHELF_TEST_DEEP") else 6
# Signing out would end the session that the other requests use.
ENDS_THE_SESSION = ("DELETE", "/v1/session")
CHECKS: list[Any] = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with installed("--profile", "test") as product:
        product.start()
        yield product


@pytest.fixture(scope="module")
def sessions(product: Product) -> dict[str, str]:
    """Bearer tokens by role."""
    tokens = {}
    for account in product.demo["console"]["accounts"]:
        if account["role"] in {"owner", "reviewer"}:
            body = {"username": account["username"], "password": account["password"]}
            answer = httpx.post(f"{product.url}/v1/session", json=body)
            tokens[account["role"]] = answer.cookies["liveshelf_session"]
    return tokens


def buyer(product: Product) -> str:
    """A new buyer's cookie header: no single one asks for so much."""
    answer = httpx.get(f"{product.url}/v1/storefront/1/me")
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def test_whatever_is_sent_it_answers_as_documented(product: Product, sessions: dict[str, str]):
    schema = schemathesis.openapi.from_url(f"{product.url}/v1/openapi/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 50
    wrong = [line for operation in operations for line in _tried(operation, sessions, product)]
    assert wrong == [], "\n".join(wrong)


def _tried(operation: APIOperation, sessions: dict[str, str], product: Product) -> list[str]:
    """What is wrong with the answers of one operation to made-up requests."""
    if (operation.method.upper(), operation.path) == ENDS_THE_SESSION:
        return []
    role = "reviewer" if operation.path.startswith("/v1/reviews") else "owner"
    storefront = operation.path.startswith("/v1/storefront")
    headers = {"cookie": buyer(product)} if storefront else {"authorization": f"Bearer {sessions[role]}"}

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    def answers(case: Case) -> None:
        if "shop_id" in (case.path_parameters or {}):
            case.path_parameters["shop_id"] = 1  # the shop that exists: a random one only ever meets one refusal
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        answers()
    except (FailureGroup, Failure) as failure:
        return [f"{operation.method.upper()} {operation.path}: {failure} {getattr(failure, 'exceptions', '')}"[:1500]]
    return []
