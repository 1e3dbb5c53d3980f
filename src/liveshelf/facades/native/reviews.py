"""The review desk: the platform's queue over all shops and kinds, who works on what, and the verdicts of a person.

Whoever comes here sees and judges the kinds of cases that their role is for (`review_views.JUDGED_BY`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.errors import NotPermitted
from liveshelf.accounts.types import Account, Operator
from liveshelf.adapters.footage.folder import Footage
from liveshelf.facades.native.review_views import Asker, ReviewCase, desk_views, judged_by, judges
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, once, reviewer
from liveshelf.facades.native.video import SeenReplay, mark_views
from liveshelf.flows import casework, opening, replay
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import INT63_MAX, AccountId, AuditId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.platform.idempotency import KEY_MAX
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries, service
from liveshelf.reviews.errors import ReviewerUnknown
from liveshelf.reviews.reasons import CATALOGUE, NOTE_MAX, REASONS_MAX, check_note, check_rejection
from liveshelf.reviews.types import Case, CaseState, ReviewKind, Stage, Verdict
from liveshelf.video import keys as video_keys
from liveshelf.video.errors import PictureMissing

BATCH_MAX = 50  # cases that one press decides: as many as a page shows
_SUFFIX = 21  # a case's number beside the request id

Queue = Annotated[Literal["waiting", "mine", "decided"], QueryParameter(name="state")]
Kind = Annotated[ReviewKind | None, QueryParameter(name="kind")]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]
Reasons = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=REASONS_MAX)]
CaseNumber = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$")]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let it pass."""

    request_id: RequestId
    note: Note = ""


class Rejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Refuse it, for reasons of the catalogue."""

    request_id: RequestId
    reasons: Reasons
    note: Note = ""


class Verdicts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One verdict on many cases. A rejection names reasons, an approval none."""

    request_id: Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_MAX - _SUFFIX)]
    audit_ids: Annotated[list[CaseNumber], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]
    passed: bool
    reasons: Reasons = []
    note: Note = ""


class HandOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom."""

    request_id: RequestId
    to: CaseNumber


class ReasonView(msgspec.Struct, frozen=True):
    """A reason of the catalogue, and what the merchant can do about it. Without `kinds` it fits every case."""

    code: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    kinds: list[ReviewKind]


class ReviewerView(msgspec.Struct, frozen=True):
    """Somebody who may judge."""

    account_id: str
    name: str


class ReviewPage(msgspec.Struct, frozen=True):
    """A page of the queue; `total` counts all that wait."""

    items: list[ReviewCase]
    next: str | None
    total: int | None


class VerdictOutcome(msgspec.Struct, frozen=True):
    """What became of one case of a batch, or the code of why nothing did."""

    audit_id: str
    state: CaseState | None
    code: str | None


@get("/reviews", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def list_cases(
    operator: Operator,
    runtime: Runtime,
    *,
    wanted: Queue = "waiting",
    kind: Kind = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> ReviewPage:
    """Cases that wait, or that I work on, the longest wait first; or those decided, the latest first."""
    kinds = [one for one in judges(operator) if kind in {None, one}]
    async with runtime.db.read() as tx:
        if wanted == "decided":
            page = await queries.decided(tx, kinds=kinds, cursor=cursor, limit=limit)
        else:
            holder = operator.actor if wanted == "mine" else None
            page = await queries.waiting(tx, kinds=kinds, holder=holder, cursor=cursor, limit=limit)
    return ReviewPage(await desk_views(runtime, page.items, _asker(operator)), page.next, page.total)


@get("/reviews/reasons", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def list_reasons(operator: Operator) -> list[ReasonView]:  # noqa: ARG001 - the check is the point
    """The catalogue of reasons."""
    return [ReasonView(one.code, one.zh, one.en, one.fix_zh, one.fix_en, list(one.kinds)) for one in CATALOGUE]


@get("/reviews/reviewers", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def list_reviewers(operator: Operator, runtime: Runtime, *, kind: Kind = None) -> list[ReviewerView]:
    """Everybody to whom a case of this kind can be handed over; without one, of any kind that I judge."""
    kinds = [one for one in judges(operator) if kind in {None, one}]
    people: dict[AccountId, Account] = {}
    async with runtime.db.read() as tx:
        for permission in sorted({judged_by(one) for one in kinds}):
            people |= {one.account_id: one for one in await accounts.platform_people(tx, permission)}
    return [ReviewerView(str(one.account_id), one.display_name) for one in people.values()]


@get("/reviews/{audit_id:int}", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def one_case(audit_id: LongId, operator: Operator, runtime: Runtime) -> ReviewCase:
    """One case."""
    return await _shown(runtime, operator, audit_id)


@get("/reviews/{audit_id:int}/replay", dependencies=reviewer("reviews.read"), tags=["reviews"])
async def case_replay(audit_id: LongId, operator: Operator, runtime: Runtime) -> SeenReplay:
    """The recording that a case is about, as it would be public. The links are good for two hours, and no longer than
    the session.
    """
    case = await _judged(runtime, operator, audit_id)
    if case.kind is not ReviewKind.REPLAY:
        raise PictureMissing
    room_id, recording = RoomId(int(case.content.facts["room_id"] or 0)), str(case.content.facts["recording"])
    by = str(operator.actor)
    session_id = operator.session_id
    passed = video_keys.review_pass(
        runtime.keys, shop=case.shop, room_id=room_id, recording=recording, by=by, session_id=session_id
    )
    place = f"/video/{case.shop}/{room_id}/k/{passed}"
    async with runtime.db.read(case.shop) as tx:
        found = await replay.public(tx, runtime.need(Footage), room_id, recording=recording, place=place)
        return SeenReplay(found.url, found.length_s, await mark_views(tx, found.marks))


@post("/reviews/{audit_id:int}/approve", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def approve(audit_id: LongId, data: Approval, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Let it pass: the second of its two passes, or the first of two persons'."""
    check_note(data.note)
    verdict = Verdict(Stage.PERSON, passed=True, note=data.note)
    await decide(runtime, operator, audit_id, verdict, request_id=data.request_id)
    return await _shown(runtime, operator, audit_id)


@post("/reviews/{audit_id:int}/reject", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def reject(audit_id: LongId, data: Rejection, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Refuse it; the merchant reads the reasons and the note."""
    reasons = check_rejection(data.reasons, data.note)
    verdict = Verdict(Stage.PERSON, passed=False, reasons=reasons, note=data.note)
    await decide(runtime, operator, audit_id, verdict, request_id=data.request_id)
    return await _shown(runtime, operator, audit_id)


@post("/reviews/verdicts", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def decide_many(data: Verdicts, operator: Operator, runtime: Runtime) -> list[VerdictOutcome]:
    """Give one verdict on many cases. Each is decided by itself: one that can't be holds up no other."""
    if data.passed:
        check_note(data.note)
        verdict = Verdict(Stage.PERSON, passed=True, note=data.note)
    else:
        reasons = check_rejection(data.reasons, data.note)
        verdict = Verdict(Stage.PERSON, passed=False, reasons=reasons, note=data.note)
    outcomes = []
    for number in dict.fromkeys(data.audit_ids):
        try:
            state = await decide(
                runtime, operator, min(int(number), INT63_MAX), verdict, request_id=f"{data.request_id}:{number}"
            )
            outcomes.append(VerdictOutcome(number, state, None))
        except DomainError as error:
            outcomes.append(VerdictOutcome(number, None, error.code))
    return outcomes


@post("/reviews/{audit_id:int}/take", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def take(audit_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Work on a case: nobody else decides it meanwhile."""
    return await _handle(runtime, operator, audit_id, service.take, key=("take", data.request_id))


@post("/reviews/{audit_id:int}/take-over", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def take_over(audit_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Work on a case that somebody else has."""
    return await _handle(runtime, operator, audit_id, service.take_over, key=("take_over", data.request_id))


@post("/reviews/{audit_id:int}/release", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def release(audit_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Put a case back into the queue."""
    return await _handle(runtime, operator, audit_id, service.release, key=("release", data.request_id))


@post("/reviews/{audit_id:int}/hand-over", dependencies=reviewer("reviews.read"), tags=["reviews"], status_code=200)
async def hand_over(audit_id: LongId, data: HandOver, operator: Operator, runtime: Runtime) -> ReviewCase:
    """Give a case to another reviewer."""

    async def give_away(tx: Tx, case: Case) -> None:
        people = await accounts.platform_people(tx, judged_by(case.kind))
        if int(data.to) not in {one.account_id for one in people}:
            raise ReviewerUnknown(field="to")
        await service.hand_over(tx, case, Actor(ActorKind.REVIEWER, data.to))

    return await _handle(runtime, operator, audit_id, give_away, key=("hand_over", data.request_id))


async def _handle(
    runtime: Runtime,
    operator: Operator,
    audit_id: int,
    work: Callable[[Tx, Case], Awaitable[None]],
    *,
    key: tuple[str, str],
) -> ReviewCase:
    shop = (await _judged(runtime, operator, audit_id)).shop

    async def do(tx: Tx) -> bool:
        await work(tx, await queries.case(tx, audit_id))
        return True

    name, request_id = key
    await runtime.db.write(operator.actor, shop, do, once=once(f"reviews.{name}", request_id, [audit_id], bool))
    return await _shown(runtime, operator, audit_id)


async def decide(
    runtime: Runtime, operator: Operator, audit_id: int, verdict: Verdict, *, request_id: str
) -> CaseState:
    """A person's verdict on a case of a kind that they judge. Raises `NotPermitted`, and as `casework.decide`."""
    case = await _judged(runtime, operator, audit_id)
    became = await runtime.db.write(
        operator.actor,
        case.shop,
        lambda tx: casework.decide(tx, AuditId(audit_id), verdict),
        once=once("reviews.decide", request_id, [audit_id, verdict], CaseState),
    )
    if case.kind is ReviewKind.SHOP and became is CaseState.APPROVED:
        await opening.open_if_bound(runtime, case.shop)  # a job does it too, for those who decide elsewhere
    return became


async def _judged(runtime: Runtime, operator: Operator, audit_id: int) -> Case:
    async with runtime.db.read() as tx:
        case = await queries.case_anywhere(tx, audit_id)
    if judged_by(case.kind) not in operator.permissions:
        raise NotPermitted(permission=judged_by(case.kind).value, role="platform")
    return case


async def _shown(runtime: Runtime, operator: Operator, audit_id: int) -> ReviewCase:
    case = await _judged(runtime, operator, audit_id)
    (view,) = await desk_views(runtime, [case], _asker(operator))
    return view


def _asker(operator: Operator) -> Asker:
    return Asker(str(operator.actor))


ROUTES = [
    list_cases,
    list_reasons,
    list_reviewers,
    one_case,
    case_replay,
    approve,
    reject,
    decide_many,
    take,
    take_over,
    release,
    hand_over,
]
