"""The review desk: the platform's queue over all shops, and the verdicts of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.cards import GoodsView, goods_views
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, instant, once, reviewer
from liveshelf.flows import listing
from liveshelf.goods import queries as goods
from liveshelf.goods.types import PriceType
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries
from liveshelf.reviews.reasons import CATALOGUE, NOTE_MAX, REASONS_MAX, check_note, check_rejection
from liveshelf.reviews.types import CardSeen, Case, CaseState, Given, Stage, Verdict
from liveshelf.shops import queries as shops

Queue = Annotated[Literal["waiting", "decided"], QueryParameter(name="state")]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let it pass."""

    request_id: RequestId
    note: Note = ""


class Rejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Refuse it, for reasons of the catalogue."""

    request_id: RequestId
    reasons: Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=REASONS_MAX)]
    note: Note = ""


class ReasonView(msgspec.Struct, frozen=True):
    """A reason of the catalogue."""

    code: str
    zh: str
    en: str


class ShopBrief(msgspec.Struct, frozen=True):
    """Whose goods these are."""

    shop_id: int
    name: str


class FindingView(msgspec.Struct, frozen=True):
    """What the machine found: `start` to `end` of `field`, counted in Unicode characters."""

    rule: str
    field: str
    text: str
    start: int
    end: int
    severity: str
    zh: str
    en: str


class MachineView(msgspec.Struct, frozen=True):
    """The machine's verdict."""

    verdict: Literal["passed", "refused"]
    findings: list[FindingView]


class VerdictView(msgspec.Struct, frozen=True):
    """The verdict that decided the case."""

    by: str
    at: str
    reasons: list[str]
    note: str
    development: bool


class PreviousView(msgspec.Struct, frozen=True):
    """The card as it was last decided about."""

    name: str
    cover_url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None


class ReviewCase(msgspec.Struct, frozen=True):
    """One submission. `goods` shows the card as it was submitted."""

    audit_id: str
    shop: ShopBrief
    goods: GoodsView
    state: CaseState
    submitted_at: str
    waiting_since: str | None
    machine: MachineView | None
    verdict: VerdictView | None
    previous: PreviousView | None


class ReviewPage(msgspec.Struct, frozen=True):
    """A page of the queue; `total` counts all that wait."""

    items: list[ReviewCase]
    next: str | None
    total: int | None


@get("/reviews", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def list_cases(
    operator: Operator,  # noqa: ARG001 - the check is the point
    runtime: Runtime,
    *,
    wanted: Queue = "waiting",
    cursor: Cursor = None,
    limit: Limit = None,
) -> ReviewPage:
    """Cases that wait, the longest wait first; or those decided, the latest first."""
    find = queries.waiting if wanted == "waiting" else queries.decided
    async with runtime.db.read() as tx:
        page = await find(tx, cursor=cursor, limit=limit)
    return ReviewPage(await _views(runtime, page.items), page.next, page.total)


@get("/reviews/reasons", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def list_reasons(operator: Operator) -> list[ReasonView]:  # noqa: ARG001 - the check is the point
    """The catalogue of reasons."""
    return [ReasonView(one.code, one.zh, one.en) for one in CATALOGUE]


@get("/reviews/{audit_id:int}", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def one_case(audit_id: LongId, operator: Operator, runtime: Runtime) -> ReviewCase:  # noqa: ARG001 - as above
    """One case."""
    return await _shown(runtime, audit_id)


@post("/reviews/{audit_id:int}/approve", dependencies=reviewer("reviews.decide"), tags=["reviews"], status_code=200)
async def approve(audit_id: LongId, data: Approval, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Let the goods pass: the second of its two passes."""
    check_note(data.note)
    verdict = Verdict(Stage.PERSON, passed=True, note=data.note)
    return await _decide(runtime, operator, audit_id, verdict, request_id=data.request_id)


@post("/reviews/{audit_id:int}/reject", dependencies=reviewer("reviews.decide"), tags=["reviews"], status_code=200)
async def reject(audit_id: LongId, data: Rejection, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Refuse the goods; the merchant reads the reasons and the note."""
    reasons = check_rejection(data.reasons, data.note)
    verdict = Verdict(Stage.PERSON, passed=False, reasons=reasons, note=data.note)
    return await _decide(runtime, operator, audit_id, verdict, request_id=data.request_id)


async def _decide(
    runtime: Runtime, operator: Operator, audit_id: int, verdict: Verdict, *, request_id: str
) -> ReviewCase:
    async with runtime.db.read() as tx:
        shop = (await queries.case_anywhere(tx, audit_id)).shop
    await runtime.db.write(
        operator.actor,
        shop,
        lambda tx: listing.decide(tx, AuditId(audit_id), verdict),
        once=once("reviews.decide", request_id, [audit_id, verdict], CaseState),
    )
    return await _shown(runtime, audit_id)


async def _shown(runtime: Runtime, audit_id: int) -> ReviewCase:
    async with runtime.db.read() as tx:
        case = await queries.case_anywhere(tx, audit_id)
    (view,) = await _views(runtime, [case])
    return view


async def _views(runtime: Runtime, cases: Sequence[Case]) -> list[ReviewCase]:
    """The cases as they are sent, read shop by shop: one shop's data may lie on a machine of its own."""
    views: dict[AuditId, ReviewCase] = {}
    for shop in dict.fromkeys(case.shop for case in cases):
        async with runtime.db.read(shop) as tx:
            views |= await _views_of_shop(tx, shop, [case for case in cases if case.shop == shop])
    return [views[case.audit_id] for case in cases]


async def _views_of_shop(tx: ReadTx, shop: ShopId, cases: Sequence[Case]) -> dict[AuditId, ReviewCase]:
    whose = ShopBrief(shop, (await shops.shop(tx)).name)
    given = await queries.verdicts(tx, [case.audit_id for case in cases])
    names = await accounts.names(tx, [one.actor for many in given.values() for one in many])
    found = await goods.goods_ever(tx, [case.goods_id for case in cases])
    cards = {view.goods_id: view for view in await goods_views(tx, found)}
    return {
        case.audit_id: ReviewCase(
            str(case.audit_id),
            whose,
            _as_submitted(cards[case.goods_id], case.submitted),
            case.state,
            instant(case.submitted_at),
            instant(case.waiting_since),
            _machine(given.get(case.audit_id, [])),
            _verdict(case, given.get(case.audit_id, []), names),
            None if case.previous is None else _previous(case.previous),
        )
        for case in cases
    }


def _as_submitted(card: GoodsView, seen: CardSeen) -> GoodsView:
    return msgspec.structs.replace(
        card,
        name=seen.name,
        cover_url=media_path(seen.cover_media_id),
        url=seen.url,
        price_type=PriceType(seen.price_type),
        price_fen=seen.price_fen,
        price2_fen=seen.price2_fen,
    )


def _machine(given: Sequence[Given]) -> MachineView | None:
    last = next((one.verdict for one in reversed(given) if one.verdict.stage is Stage.MACHINE), None)
    if last is None:
        return None
    findings = [
        FindingView(one.rule, one.field, one.text, one.start, one.end, one.severity, one.zh, one.en)
        for one in last.findings
    ]
    return MachineView("passed" if last.passed else "refused", findings)


def _verdict(case: Case, given: Sequence[Given], names: dict[str, str]) -> VerdictView | None:
    if case.state not in {CaseState.APPROVED, CaseState.REJECTED} or not given:
        return None
    last = given[-1]
    verdict = last.verdict
    by = names.get(last.actor, last.actor)
    return VerdictView(by, instant(last.at), list(verdict.reasons), verdict.note, verdict.development)


def _previous(seen: CardSeen) -> PreviousView:
    return PreviousView(
        seen.name, media_path(seen.cover_media_id), PriceType(seen.price_type), seen.price_fen, seen.price2_fen
    )


ROUTES = [list_cases, list_reasons, one_case, approve, reject]
