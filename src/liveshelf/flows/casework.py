"""Verdicts and appeals on cases of every kind, with what follows for their subjects in the same transaction.

Goods have their own order of locks (`flows.listing`); every other kind names here who follows it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from liveshelf.flows import listing, penalise, versions
from liveshelf.goods import queries as library
from liveshelf.kernel.ids import AuditId, RoomId
from liveshelf.penalties import queries as penalties
from liveshelf.platform.db import Tx
from liveshelf.qualifications import paperwork
from liveshelf.qualifications import service as qualifications
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as reviews
from liveshelf.reviews.types import Case, CaseState, ReviewKind, Verdict
from liveshelf.rooms import approval, talk
from liveshelf.trail import service as trail


async def _nothing(_tx: Tx, _case: Case) -> None:
    """Nothing follows: whoever reads the subject asks for its case."""


async def _nothing_decided(_tx: Tx, _case: Case, _verdict: Verdict) -> None:
    """As above."""


async def _comment_decided(tx: Tx, case: Case, verdict: Verdict) -> None:
    """A comment that waited for a person is shown, or stays off every page."""
    _, room_id, comment_id = case.subject.split(":")
    follow = talk.release_comment if verdict.passed else talk.drop_comment
    await follow(tx, RoomId(int(room_id)), int(comment_id))


@dataclass(frozen=True, slots=True)
class Follower:
    """What a subject does when its case is decided, and when an appeal opens it again. Its own verbs lock it before its
    case; so do these, with `first`.
    """

    first: Callable[[Tx, Case], Awaitable[None]] = _nothing
    decided: Callable[[Tx, Case, Verdict], Awaitable[None]] = _nothing_decided
    reopened: Callable[[Tx, Case], Awaitable[None]] = _nothing


# A capability whose subjects are reviewed adds its kinds.
FOLLOWERS: Mapping[ReviewKind, Follower] = {
    ReviewKind.APPEAL: Follower(decided=penalise.decided),
    ReviewKind.COMMENT: Follower(decided=_comment_decided),
    ReviewKind.SHOP: Follower(decided=qualifications.decided, reopened=qualifications.reopened),
    ReviewKind.PERMISSION: Follower(decided=qualifications.decided, reopened=qualifications.reopened),
    ReviewKind.PAPER: Follower(decided=paperwork.decided, reopened=paperwork.reopened),
    ReviewKind.ROOM: Follower(approval.enter, approval.decided, approval.reopened),
}


async def decide(tx: Tx, audit_id: AuditId, verdict: Verdict) -> CaseState:
    """Give a stage's verdict on a case of any kind; its subject follows. Returns what the case became.

    Raises `CaseMissing`, and as `reviews.service.give`.
    """
    case = await cases.case(tx, audit_id)
    if case.kind is ReviewKind.GOODS:
        if await versions.of_case(tx, case) is None:
            became = await listing.decide(tx, audit_id, verdict)
            if became is CaseState.APPROVED and (await penalties.in_force(tx)).banned:
                (card,) = await library.live_goods(tx, [case.goods_id])
                await penalise.take_off_sale(tx, card)
            return became
        return await versions.decide(tx, case, verdict)
    follower = FOLLOWERS.get(case.kind, Follower())
    await follower.first(tx, case)
    became = await reviews.give(tx, case, verdict)
    if became in {CaseState.APPROVED, CaseState.REJECTED}:
        await follower.decided(tx, case, verdict)
    action = "reviews.approve" if verdict.passed else "reviews.reject"
    trail.record(tx, action, case.subject, audit_id=str(audit_id), reasons=list(verdict.reasons))
    return became


async def appeal(tx: Tx, audit_id: AuditId, words: str) -> None:
    """Ask others to look again at a rejected case of the transaction's shop.

    Raises `CaseMissing`, and as `reviews.service.appeal` and `listing.appeal`.
    """
    case = await cases.case(tx, audit_id)
    if case.kind is ReviewKind.GOODS:
        version = await versions.of_case(tx, case)
        if version is None:
            await listing.appeal(tx, audit_id, words)
        else:
            await versions.appeal(tx, case, version, words)
        return
    follower = FOLLOWERS.get(case.kind, Follower())
    await follower.first(tx, case)
    await reviews.appeal(tx, case, words)
    await follower.reopened(tx, case)
