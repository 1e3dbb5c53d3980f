"""Papers of a shop: handed in by its people, and looked at through links that end soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from liveshelf.accounts.service import authorize, authorize_platform
from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.shell import LongId, instant, provide_signed_in, staff
from liveshelf.flows import papers as flow
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import queries
from liveshelf.qualifications.errors import PaperDateInvalid
from liveshelf.qualifications.files import PDF_BYTES_MAX
from liveshelf.qualifications.types import Paper, PaperDraft, PaperKind, PaperState
from liveshelf.reviews import queries as reviews
from liveshelf.reviews.types import Case, ReviewKind

BODY_MAX = PDF_BYTES_MAX + (1 << 16)  # the file and the form around it
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",  # whatever it is, it runs nothing
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}
_SUFFIX = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class PaperView(msgspec.Struct, frozen=True):
    """A paper without its content. `due_at` and `overdue` are of the case that judges it; `judged_alone` says that it
    is not judged with an application. `shops_with_same_number` are other shops that show the same one.
    """

    paper_id: str
    kind: PaperKind
    state: PaperState
    number_tail: str
    valid_until: str | None
    valid: bool
    expired: bool
    expiring: bool
    content_type: str
    bytes: int
    pages: int
    submitted_at: str
    audit_id: str | None
    expected_on: str
    due_at: str | None
    overdue: bool
    judged_alone: bool
    decided_at: str | None
    reasons: list[str]
    note: str
    shops_with_same_number: list[int]


class PaperForm(msgspec.Struct, frozen=True):
    """A form with one file and what is said about it; `valid_until` is a day as 2027-12-31, or empty."""

    file: UploadFile
    kind: PaperKind
    number: str
    valid_until: str = ""


class LinkView(msgspec.Struct, frozen=True):
    """Where the paper can be seen, by whoever asked and for how many seconds."""

    url: str
    expires_in_s: int


@post(
    "/shops/{shop_id:int}/papers",
    dependencies=staff("shop.write"),
    tags=["papers"],
    request_max_body_size=BODY_MAX,
)
async def hand_in_paper(
    data: Annotated[PaperForm, Body(media_type=RequestEncodingType.MULTI_PART)], operator: Operator, runtime: Runtime
) -> PaperView:
    """Hand a paper in: a picture, or a PDF of up to 20 MB and 50 pages. It lies sealed, and waits for its review."""
    content = await data.file.read(PDF_BYTES_MAX + 1)
    draft = PaperDraft(data.kind, data.number, _day(data.valid_until), data.file.filename or "")
    paper_id = await flow.hand_in(runtime, operator.actor, operator.shop, draft, data=content)
    async with runtime.db.read(operator.shop) as tx:
        (view,) = await paper_views(tx, [await queries.paper(tx, paper_id)], others=False)
    return view


@post("/shops/{shop_id:int}/papers/{paper_id:int}/link", dependencies=staff("shop.write"), tags=["papers"])
async def paper_link(paper_id: LongId, operator: Operator, runtime: Runtime) -> LinkView:
    """A link to a paper of the shop, for the person who asks and for two minutes."""
    return await link_view(runtime, operator, operator.shop, paper_id)


@get("/papers/{token:str}", tags=["papers"])
async def shown_paper(token: str, request: Request[Any, Any, Any], runtime: Runtime) -> Response[bytes]:
    """The paper of a link; a PDF is saved and not opened here. Each look is in the record."""
    who = await provide_signed_in(request, runtime)
    kind = ActorKind.REVIEWER if who.account.platform_role else ActorKind.STAFF
    account = who.account.account_id
    shown = await flow.follow(runtime, token, account, Actor(kind, str(account)))
    # The right may have ended since the link was made.
    if who.account.platform_role:
        authorize_platform(who, Permission.MERCHANTS_READ)
    else:
        authorize(who, ShopId(shown.paper.shop), Permission.SHOP_WRITE)
    name = f"paper-{shown.paper.paper_id}.{_SUFFIX[shown.paper.content_type]}"
    way = "attachment" if shown.paper.content_type == "application/pdf" else "inline"
    headers = {**_HEADERS, "content-disposition": f'{way}; filename="{name}"'}
    return Response(shown.data, media_type=shown.paper.content_type, headers=headers)


async def link_view(runtime: Runtime, operator: Operator, shop: ShopId, paper_id: int) -> LinkView:
    """A link for an operator whose right was checked."""
    token = await flow.link(runtime, shop, paper_id, operator.account_id)
    return LinkView(f"/papers/{token}", flow.LINK_S)


async def paper_views(tx: ReadTx, papers: Sequence[Paper], *, others: bool) -> list[PaperView]:
    """Papers as they are sent, whichever shops they are of. `others` for the platform's people: which other shops show
    the same number.
    """
    cases = await reviews.cases_anywhere(tx, [one.audit_id for one in papers if one.audit_id])
    same = await queries.same_numbers(tx, papers) if others else {}
    return [_view(tx, one, cases, same.get(one.paper_id, [])) for one in papers]


def _view(tx: ReadTx, paper: Paper, cases: Mapping[AuditId, Case], same: Sequence[ShopId]) -> PaperView:
    case = cases.get(paper.audit_id) if paper.audit_id else None
    return PaperView(
        str(paper.paper_id),
        paper.kind,
        paper.state,
        paper.number_tail,
        None if paper.valid_until is None else paper.valid_until.isoformat(),
        paper.valid(tx.now),
        paper.expired(tx.now),
        paper.expiring(tx.now),
        paper.content_type,
        paper.size,
        paper.pages,
        instant(paper.submitted_at),
        None if paper.audit_id is None else str(paper.audit_id),
        paper.expected_on.isoformat(),
        None if case is None else instant(case.due_at),
        case is not None and case.missed,
        case is None or case.kind is ReviewKind.PAPER,
        instant(paper.decided_at),
        list(paper.reasons),
        paper.note,
        [int(one) for one in same],
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PaperDateInvalid(field="valid_until") from error


ROUTES = [hand_in_paper, paper_link]
ROOT_ROUTES = [shown_paper]
