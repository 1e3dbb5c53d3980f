"""A shop's own review cases: how they stand, why something was refused, and the appeal."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.review_views import OwnCase, own_views
from liveshelf.facades.native.reviews import ReasonView
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, once, staff
from liveshelf.flows import casework
from liveshelf.kernel.ids import AuditId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries
from liveshelf.reviews.reasons import CATALOGUE
from liveshelf.reviews.service import APPEAL_MAX
from liveshelf.reviews.types import ReviewKind, SubjectRef

Kind = Annotated[ReviewKind | None, QueryParameter(name="kind")]
Subject = Annotated[str | None, QueryParameter(name="subject", max_length=40)]


class Appeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the rejection was wrong."""

    request_id: RequestId
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=APPEAL_MAX)]


class OwnPage(msgspec.Struct, frozen=True):
    """A page of the shop's cases, and the words of their reasons."""

    items: list[OwnCase]
    next: str | None
    reasons: list[ReasonView]


@get("/shops/{shop_id:int}/reviews", dependencies=staff("cases.read"), tags=["reviews"])
async def list_own(
    operator: Operator,
    runtime: Runtime,
    *,
    kind: Kind = None,
    subject: Subject = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> OwnPage:
    """The shop's submissions, the latest first."""
    about = None if subject is None else SubjectRef(subject)
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.of_shop(tx, kind=kind, subject=about, cursor=cursor, limit=limit)
        items = await own_views(tx, page.items, writes=Permission.CASES_WRITE in operator.permissions)
    reasons = [ReasonView(one.code, one.zh, one.en, one.fix_zh, one.fix_en, list(one.kinds)) for one in CATALOGUE]
    return OwnPage(items, page.next, reasons)


@post(
    "/shops/{shop_id:int}/reviews/{audit_id:int}/appeal",
    dependencies=staff("cases.write"),
    tags=["reviews"],
    status_code=200,
)
async def appeal(
    audit_id: LongId,
    data: Appeal,
    operator: Operator,
    runtime: Runtime,
) -> OwnCase:
    """Ask others to look again at what was rejected; once, within 15 days."""

    async def work(tx: Tx) -> bool:
        await casework.appeal(tx, AuditId(audit_id), data.text)
        return True

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("reviews.appeal", data.request_id, [audit_id, data], bool)
    )
    async with runtime.db.read(operator.shop) as tx:
        (view,) = await own_views(tx, [await queries.case(tx, audit_id)], writes=True)
    return view


ROUTES = [list_own, appeal]
