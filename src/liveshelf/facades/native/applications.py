"""A shop's applications: to open, and to broadcast; with all that a merchant needs to see about them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put

from liveshelf.accounts.types import Operator, SignedIn
from liveshelf.facades.native.categories import PaperName
from liveshelf.facades.native.papers import PaperView, paper_views
from liveshelf.facades.native.shell import Plain, RequestId, instant, once, signed_in, staff
from liveshelf.flows import opening as flow
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import live, queries, service
from liveshelf.qualifications.live import CATEGORIES_MAX
from liveshelf.qualifications.papers import CATALOGUE
from liveshelf.qualifications.rights import SUBJECT_PAPERS, SUBJECT_WINDOWS, Action, Mode, Right, right
from liveshelf.qualifications.service import HOLDER_MAX
from liveshelf.qualifications.types import Application, ApplicationKind, ApplicationState, PaperKind, Step, Subject
from liveshelf.reviews import queries as reviews
from liveshelf.reviews.reasons import CATALOGUE as REASONS
from liveshelf.reviews.types import OF_SHOPS, Case
from liveshelf.shops import policy
from liveshelf.shops import queries as shops
from liveshelf.shops.policy import Profile

Holder = Annotated[str, msgspec.Meta(max_length=2 * HOLDER_MAX)]
Codes = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]], msgspec.Meta(max_length=CATEGORIES_MAX)]
ShopName = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class BeginShop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop that is to open."""

    request_id: RequestId
    name: ShopName


class BegunView(msgspec.Struct, frozen=True):
    """The shop that was begun."""

    shop_id: int


class OpeningDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who the shop belongs to."""

    request_id: RequestId
    subject: Subject
    holder: Holder


class LiveDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the shop will broadcast, and the categories that it sells live."""

    request_id: RequestId
    mode: Mode
    categories: Codes = []


class StepView(msgspec.Struct, frozen=True):
    """One move of an application."""

    was: str
    became: str
    by: str
    reasons: list[str]
    note: str
    at: str


class ApplicationView(msgspec.Struct, frozen=True):
    """An application. `expected_on` is the earliest day for an answer, `due_at` the end of the last, as its case
    `audit_id` has it.
    """

    kind: ApplicationKind
    state: ApplicationState
    subject: Subject | None
    holder: str
    mode: str
    categories: list[int]
    submitted_at: str | None
    audit_id: str | None
    expected_on: str | None
    due_at: str | None
    overdue: bool
    decided_at: str | None
    reasons: list[str]
    note: str
    steps: list[StepView]
    may: list[str]


class SubjectView(msgspec.Struct, frozen=True):
    """What a kind of subject hands in, how many working days its audit takes, and what it may do by itself."""

    subject: Subject
    papers: list[PaperKind]
    least_days: int
    most_days: int
    rights: list[Action]


class DeskReason(msgspec.Struct, frozen=True):
    """A reason for which an application or a paper is rejected."""

    code: str
    zh: str
    en: str


class FlaggedView(msgspec.Struct, frozen=True):
    """A paper that counts and will expire soon, with how many live goods need it."""

    kind: PaperKind
    valid_until: str
    goods: int


class QualificationsView(msgspec.Struct, frozen=True):
    """All about a shop's right to sell. `live_missing` is the step to the live permission that is missing."""

    open: bool
    under_waiver: bool
    profile: Profile
    merchant_bound: bool
    opening: ApplicationView | None
    live: ApplicationView | None
    live_missing: str | None
    papers: list[PaperView]
    missing: list[PaperKind]
    flagged: list[FlaggedView]
    subjects: list[SubjectView]
    names: list[PaperName]
    reasons: list[DeskReason]


@post("/shops", dependencies=signed_in(), tags=["applications"])
async def begin_shop(data: BeginShop, who: SignedIn, runtime: Runtime) -> BegunView:
    """Begin a shop of one's own. It sells nothing until its application is approved."""
    account = who.account.account_id
    begun = once(f"shops.begin:{account}", data.request_id, data, int)
    return BegunView(await flow.begin(runtime, account, data.name, once=begun))


@get("/shops/{shop_id:int}/qualifications", dependencies=staff("shop.write"), tags=["applications"])
async def shown_qualifications(operator: Operator, runtime: Runtime) -> QualificationsView:
    """How far the shop has come, what is missing, and what may be done next."""
    return await qualifications_view(runtime, operator.shop, others=False)


@put("/shops/{shop_id:int}/opening", dependencies=staff("shop.write"), tags=["applications"])
async def draft_opening(data: OpeningDraft, operator: Operator, runtime: Runtime) -> QualificationsView:
    """Say who the shop belongs to; until it is submitted, and after a rejection."""
    keys = runtime.keys
    await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: service.draft_opening(tx, keys, subject=data.subject, holder=data.holder),
    )
    return await qualifications_view(runtime, operator.shop, others=False)


@put("/shops/{shop_id:int}/live-permission", dependencies=staff("shop.write"), tags=["applications"])
async def draft_live(data: LiveDraft, operator: Operator, runtime: Runtime) -> QualificationsView:
    """Say how the shop will broadcast; until it is submitted, and after a rejection."""
    await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: service.draft_live(tx, mode=data.mode, categories=data.categories),
    )
    return await qualifications_view(runtime, operator.shop, others=False)


@post(
    "/shops/{shop_id:int}/applications/{kind:str}/submit",
    dependencies=staff("shop.write"),
    tags=["applications"],
    status_code=200,
)
async def submit_application(
    kind: ApplicationKind, data: Plain, operator: Operator, runtime: Runtime
) -> QualificationsView:
    """Hand an application in, for the first time or again after a rejection."""
    await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: service.submit(tx, kind),
        once=once(f"applications.submit.{kind.value}", data.request_id, data, type(None)),
    )
    return await qualifications_view(runtime, operator.shop, others=False)


@post("/shops/{shop_id:int}/open", dependencies=staff("shop.write"), tags=["applications"], status_code=200)
async def open_shop(data: Plain, operator: Operator, runtime: Runtime) -> QualificationsView:  # noqa: ARG001 - its id
    """Open an approved shop for orders, once a payment merchant is bound."""
    simulated = runtime.settings.simulated_payment
    await runtime.db.write(operator.actor, operator.shop, lambda tx: service.open_for_orders(tx, simulated=simulated))
    return await qualifications_view(runtime, operator.shop, others=False)


async def qualifications_view(runtime: Runtime, shop: ShopId, *, others: bool) -> QualificationsView:
    """All about a shop; `others` for the platform's people."""
    async with runtime.db.read(shop) as tx:
        return await _view(tx, runtime, others=others)


async def _view(tx: ReadTx, runtime: Runtime, *, others: bool) -> QualificationsView:
    shop = await shops.shop(tx)
    rules = await policy.policy(tx)
    opening = await queries.application(tx, ApplicationKind.OPENING)
    on_air = await queries.application(tx, ApplicationKind.LIVE)
    steps = await queries.steps(tx)
    cases = await reviews.cases(tx, [one.audit_id for one in (opening, on_air) if one is not None and one.audit_id])
    counts = shop.opened_at is not None and (not shop.opened_under_waiver or rules.papers_waivable)
    bound = await service.merchant_bound(tx, simulated=runtime.settings.simulated_payment)
    subject = None if opening is None else opening.subject

    def shown(one: Application | None) -> ApplicationView | None:
        if one is None:
            return None
        case = cases.get(one.audit_id) if one.audit_id else None
        return _application(runtime, one, steps[one.kind], case, may=_may(one, opened=counts, bound=bound))

    return QualificationsView(
        counts,
        shop.opened_under_waiver,
        rules.profile,
        bound,
        shown(opening),
        shown(on_air),
        await live.missing(tx),
        await paper_views(tx, await queries.papers(tx), others=others),
        [] if subject is None else await service.missing_papers(tx, subject),
        [FlaggedView(one.kind, one.valid_until.isoformat(), one.goods) for one in await flow.flagged(tx)],
        [_subject(one) for one in Subject],
        [PaperName(one.kind, one.zh, one.en, one.expires) for one in CATALOGUE.values()],
        desk_reasons(),
    )


def desk_reasons() -> list[DeskReason]:
    """The reasons of the queue's catalogue that an application or a paper may be rejected for."""
    fitting = [one for one in REASONS if not one.kinds or OF_SHOPS.intersection(one.kinds)]
    return [DeskReason(one.code, one.zh, one.en) for one in fitting]


def _may(one: Application, *, opened: bool, bound: bool) -> list[str]:
    if one.state in {ApplicationState.DRAFT, ApplicationState.REJECTED}:
        return ["edit", "submit"]
    waits = one.kind is ApplicationKind.OPENING and one.state is ApplicationState.APPROVED and not opened
    return ["open"] if waits and bound else []


def _application(
    runtime: Runtime, one: Application, steps: list[Step], case: Case | None, *, may: list[str]
) -> ApplicationView:
    return ApplicationView(
        one.kind,
        one.state,
        one.subject,
        service.holder(runtime.keys, one),
        one.mode,
        list(one.categories),
        instant(one.submitted_at),
        None if one.audit_id is None else str(one.audit_id),
        None if one.expected_on is None else one.expected_on.isoformat(),
        None if case is None else instant(case.due_at),
        case is not None and case.missed,
        instant(one.decided_at),
        list(one.reasons),
        one.note,
        [StepView(s.was, s.became, s.actor, list(s.reasons), s.note, instant(s.at)) for s in steps],
        may,
    )


def _subject(subject: Subject) -> SubjectView:
    window = SUBJECT_WINDOWS[subject]
    rights = [action for action in Action if right(subject, Mode.SELF_RUN, action) is Right.ALL]
    return SubjectView(subject, list(SUBJECT_PAPERS[subject]), window.least, window.most, rights)


ROUTES = [begin_shop, shown_qualifications, draft_opening, draft_live, submit_application, open_shop]
