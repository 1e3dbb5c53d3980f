"""The merchants' desk: what shops apply for, and the papers they hand in, before the platform's people. Each is a case
of the review queue, and a verdict given here is given there.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native import reviews as desk
from liveshelf.facades.native.applications import DeskReason, QualificationsView, desk_reasons, qualifications_view
from liveshelf.facades.native.papers import LinkView, PaperView, link_view, paper_views
from liveshelf.facades.native.policy import WaiverView, waivers_view
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, SmallId, instant, reviewer
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import queries
from liveshelf.qualifications.errors import ApplicationMissing, ApplicationRefuses, PaperNotWaiting
from liveshelf.qualifications.types import Application, ApplicationKind, ApplicationState, Subject
from liveshelf.reviews import queries as reviews
from liveshelf.reviews.reasons import NOTE_MAX, REASONS_MAX, check_note, check_rejection
from liveshelf.reviews.types import Case, Stage, Verdict
from liveshelf.shops import queries as shops

Wanted = Annotated[ApplicationState, QueryParameter(name="state")]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]
Codes = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=REASONS_MAX)]


class VerdictIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict; a refusal names reasons of the catalogue."""

    request_id: RequestId
    passed: bool
    reasons: Codes = []
    note: Note = ""


class QueueRow(msgspec.Struct, frozen=True):
    """An application in the queue."""

    shop_id: int
    shop_name: str
    kind: ApplicationKind
    state: ApplicationState
    subject: Subject | None
    submitted_at: str | None
    due_at: str | None
    overdue: bool


class QueuePage(msgspec.Struct, frozen=True):
    """A page of applications."""

    items: list[QueueRow]
    next: str | None


class WaitingPaper(msgspec.Struct, frozen=True):
    """A paper that waits, with whose it is."""

    shop_id: int
    shop_name: str
    paper: PaperView


class PapersPage(msgspec.Struct, frozen=True):
    """A page of papers that wait."""

    items: list[WaitingPaper]
    next: str | None


class MerchantShop(msgspec.Struct, frozen=True):
    """All that the platform's people see of a shop."""

    shop_id: int
    name: str
    qualifications: QualificationsView
    waivers: list[WaiverView]


@get("/merchants/applications", dependencies=reviewer("merchants.read"), tags=["merchants"])
async def list_applications(
    operator: Operator,  # noqa: ARG001 - the check is the point
    runtime: Runtime,
    *,
    wanted: Wanted = ApplicationState.SUBMITTED,
    cursor: Cursor = None,
    limit: Limit = None,
) -> QueuePage:
    """Applications of all shops in a state."""
    async with runtime.db.read() as tx:
        page = await queries.queue(tx, wanted, cursor=cursor, limit=limit)
        cases = await reviews.cases_anywhere(tx, [one.audit_id for one in page.items if one.audit_id])
        names = await shops.names(tx, [one.shop for one in page.items])
    rows = [_row(one, cases.get(one.audit_id) if one.audit_id else None, names[one.shop]) for one in page.items]
    return QueuePage(rows, page.next)


@get("/merchants/papers", dependencies=reviewer("merchants.read"), tags=["merchants"])
async def list_papers(
    operator: Operator,  # noqa: ARG001 - as above
    runtime: Runtime,
    *,
    cursor: Cursor = None,
    limit: Limit = None,
) -> PapersPage:
    """Papers of all shops that wait, the oldest first."""
    async with runtime.db.read() as tx:
        page = await queries.papers_waiting(tx, cursor=cursor, limit=limit)
        views = await paper_views(tx, page.items, others=True)
        names = await shops.names(tx, [one.shop for one in page.items])
    rows = [WaitingPaper(one.shop, names[one.shop], view) for one, view in zip(page.items, views, strict=True)]
    return PapersPage(rows, page.next)


@get("/merchants/reasons", dependencies=reviewer("merchants.read"), tags=["merchants"])
async def list_desk_reasons(operator: Operator) -> list[DeskReason]:  # noqa: ARG001 - as above
    """The catalogue of reasons to reject."""
    return desk_reasons()


@get("/merchants/{merchant:int}", dependencies=reviewer("merchants.read"), tags=["merchants"])
async def one_merchant(merchant: SmallId, operator: Operator, runtime: Runtime) -> MerchantShop:  # noqa: ARG001 - as above
    """One shop, with what it applied for, its papers and what was waived."""
    return await _shown(runtime, ShopId(merchant))


@post(
    "/merchants/{merchant:int}/applications/{kind:str}/verdict",
    dependencies=reviewer("merchants.decide"),
    tags=["merchants"],
    status_code=200,
)
async def decide_application(
    merchant: SmallId, kind: ApplicationKind, data: VerdictIn, *, operator: Operator, runtime: Runtime
) -> MerchantShop:
    """Approve or reject an application that waits. Of an opening, its papers are decided along."""
    shop, verdict = ShopId(merchant), _verdict(data)
    async with runtime.db.read(shop) as tx:
        application = await queries.application(tx, kind)
    if application is None:
        raise ApplicationMissing(kind=kind.value)
    if application.audit_id is None:
        raise ApplicationRefuses(state=application.state.value)
    await desk.decide(runtime, operator, application.audit_id, verdict, request_id=data.request_id)
    return await _shown(runtime, shop)


@post(
    "/merchants/{merchant:int}/papers/{paper_id:int}/verdict",
    dependencies=reviewer("merchants.decide"),
    tags=["merchants"],
    status_code=200,
)
async def decide_paper(
    merchant: SmallId, paper_id: LongId, data: VerdictIn, *, operator: Operator, runtime: Runtime
) -> MerchantShop:
    """Approve or reject a paper that waits; one of an application is decided with it."""
    shop, verdict = ShopId(merchant), _verdict(data)
    async with runtime.db.read(shop) as tx:
        paper = await queries.paper(tx, paper_id)
        (view,) = await paper_views(tx, [paper], others=False)
    if paper.audit_id is None or not view.judged_alone:
        raise PaperNotWaiting(paper_id=str(paper_id), state=paper.state.value)
    await desk.decide(runtime, operator, paper.audit_id, verdict, request_id=data.request_id)
    return await _shown(runtime, shop)


@post(
    "/merchants/{merchant:int}/papers/{paper_id:int}/link",
    dependencies=reviewer("merchants.read"),
    tags=["merchants"],
)
async def merchant_paper_link(merchant: SmallId, paper_id: LongId, operator: Operator, runtime: Runtime) -> LinkView:
    """A link to a paper of a shop, for the person who asks and for two minutes."""
    return await link_view(runtime, operator, ShopId(merchant), paper_id)


def _verdict(data: VerdictIn) -> Verdict:
    if data.passed:
        check_note(data.note)
        return Verdict(Stage.PERSON, passed=True, note=data.note.strip())
    named = check_rejection(data.reasons, data.note)
    return Verdict(Stage.PERSON, passed=False, reasons=named, note=data.note.strip())


async def _shown(runtime: Runtime, shop: ShopId) -> MerchantShop:
    async with runtime.db.read(shop) as tx:
        name = (await shops.shop(tx)).name
    waived = await waivers_view(runtime, shop)
    return MerchantShop(shop, name, await qualifications_view(runtime, shop, others=True), waived.items)


def _row(one: Application, case: Case | None, name: str) -> QueueRow:
    return QueueRow(
        one.shop,
        name,
        one.kind,
        one.state,
        one.subject,
        instant(one.submitted_at),
        None if case is None else instant(case.due_at),
        case is not None and case.missed,
    )


ROUTES = [
    list_applications,
    list_papers,
    list_desk_reasons,
    one_merchant,
    decide_application,
    decide_paper,
    merchant_paper_link,
]
