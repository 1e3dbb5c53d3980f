"""The record of who did what in a shop."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import Cursor, Limit, instant, staff
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import queries


class TrailEntry(msgspec.Struct, frozen=True):
    """One line: `detail` is null once erased."""

    at: str
    by: str
    action: str
    subject: str
    detail: dict[str, Any] | None


class TrailPage(msgspec.Struct, frozen=True):
    """A page of the record."""

    items: list[TrailEntry]
    next: str | None
    total: int | None


@get("/shops/{shop_id:int}/trail", dependencies=staff("trail.read"), tags=["trail"])
async def read_trail(operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None) -> TrailPage:
    """What was done, the latest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.newest(tx, cursor=cursor, limit=limit)
        names = await accounts.names(tx, [entry.actor for entry in page.items])
    items = [
        TrailEntry(
            instant(entry.at),
            names.get(entry.actor, entry.actor),
            entry.action,
            entry.subject,
            None if entry.detail is None else dict(entry.detail),
        )
        for entry in page.items
    ]
    return TrailPage(items, page.next, page.total)


ROUTES = [read_trail]
