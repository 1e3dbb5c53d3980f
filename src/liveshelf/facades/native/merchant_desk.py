"""The merchants' desk: what shops apply for, and the papers they hand in, before the platform's people."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.applications import DeskReason, QualificationsView, qualifications_view
from liveshelf.facades.native.papers import LinkView, PaperView, link_view, paper_view
from liveshelf.facades.native.policy import WaiverView, waivers_view
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, SmallId, instant, once, reviewer
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import paperwork, queries, reasons, service
from liveshelf.qualifications.types import Application, ApplicationKind, ApplicationState, Subject, Verdict
from liveshelf.shops import queries as shops

Wanted = Annotated[ApplicationState, QueryParameter(name="state")]
Note = Annotated[str, msgspec.Meta(max_length=reasons.NOTE_MAX)]
Codes = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=reasons.REASONS_MAX)]


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
    return QueuePage([await _row(runtime, one) for one in page.items], page.next)


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
    rows = []
    for one in page.items:
        async with runtime.db.read(one.shop) as tx:
            rows.append(WaitingPaper(one.shop, (await shops.shop(tx)).name, await paper_view(tx, one, others=True)))
    return PapersPage(rows, page.next)


@get("/merchants/reasons", dependencies=reviewer("merchants.read"), tags=["merchants"])
async def list_desk_reasons(operator: Operator) -> list[DeskReason]:  # noqa: ARG001 - as above
    """The catalogue of reasons to reject."""
    return [DeskReason(one.code, one.zh, one.en) for one in reasons.CATALOGUE]


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
    shop, verdict, simulated = ShopId(merchant), _verdict(data), runtime.settings.simulated_payment
    await runtime.db.write(
        operator.actor,
        shop,
        lambda tx: service.decide(tx, kind, verdict, simulated=simulated),
        once=once(f"merchants.decide.{kind.value}", data.request_id, data, type(None)),
    )
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
    """Approve or reject a paper that waits."""
    shop, verdict = ShopId(merchant), _verdict(data)
    await runtime.db.write(
        operator.actor,
        shop,
        lambda tx: paperwork.decide(tx, paper_id, verdict),
        once=once(f"merchants.paper.{paper_id}", data.request_id, data, type(None)),
    )
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
    return reasons.approval(data.note) if data.passed else reasons.rejection(data.reasons, data.note)


async def _shown(runtime: Runtime, shop: ShopId) -> MerchantShop:
    async with runtime.db.read(shop) as tx:
        name = (await shops.shop(tx)).name
    waived = await waivers_view(runtime, shop)
    return MerchantShop(shop, name, await qualifications_view(runtime, shop, others=True), waived.items)


async def _row(runtime: Runtime, one: Application) -> QueueRow:
    async with runtime.db.read(one.shop) as tx:
        name = (await shops.shop(tx)).name
    return QueueRow(
        one.shop,
        name,
        one.kind,
        one.state,
        one.subject,
        instant(one.submitted_at),
        instant(one.due_at),
        one.overdue_at is not None,
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
