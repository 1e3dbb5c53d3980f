"""Reads: cases and verdicts. The desk's queue runs over all shops; everything else is one shop's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.kernel.paging import CursorInvalid, Page, below, clamp_limit, decode_cursor, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.reviews import _sql
from liveshelf.reviews.errors import CaseMissing
from liveshelf.reviews.types import Case, CaseState, Content, Finding, Given, ReviewKind, Stage, SubjectRef, Verdict


async def case(tx: ReadTx, audit_id: int) -> Case:
    """A case of the transaction's shop. Raises `CaseMissing`."""
    row = await tx.one(_sql.CASE, which=audit_id)
    if row is None:
        raise CaseMissing(audit_id=str(audit_id))
    return as_case(row)


async def case_anywhere(tx: ReadTx, audit_id: int) -> Case:
    """A case of whichever shop: for the platform's desk. Raises `CaseMissing`."""
    row = await tx.one(_sql.CASE_ANYWHERE, which=audit_id)
    if row is None:
        raise CaseMissing(audit_id=str(audit_id))
    return as_case(row)


async def cases(tx: ReadTx, audit_ids: Iterable[int]) -> dict[AuditId, Case]:
    """Cases of the transaction's shop, by number; what is not there is left out."""
    ids = sorted(set(audit_ids))
    found = [as_case(row) for row in await tx.all(_sql.CASES, ids=ids)] if ids else []
    return {one.audit_id: one for one in found}


async def cases_anywhere(tx: ReadTx, audit_ids: Iterable[int]) -> dict[AuditId, Case]:
    """Cases of whichever shops, for the platform's desks."""
    ids = sorted(set(audit_ids))
    found = [as_case(row) for row in await tx.all(_sql.CASES_ANYWHERE, ids=ids)] if ids else []
    return {one.audit_id: one for one in found}


async def waiting(
    tx: ReadTx,
    *,
    cursor: str | None,
    limit: int | None,
    kinds: Iterable[ReviewKind] = tuple(ReviewKind),
    holder: Actor | None = None,
) -> Page[Case]:
    """Cases of all shops and these kinds that wait for a person, the longest wait first; `total` counts them all. With
    `holder` only those that this one works on.
    """
    size = clamp_limit(limit)
    wanted = {"kinds": list(kinds), "holder": None if holder is None else str(holder)}
    rows = await tx.all(_sql.WAITING, **_after(cursor), **wanted, most=size + 1)
    total: int = await tx.scalar(_sql.COUNT_WAITING, **wanted)
    return page_of([as_case(row) for row in rows], size, lambda one: _key(one.waiting_since, one.audit_id), total)


async def decided(
    tx: ReadTx, *, cursor: str | None, limit: int | None, kinds: Iterable[ReviewKind] = tuple(ReviewKind)
) -> Page[Case]:
    """Approved and rejected cases of all shops and these kinds, the latest first."""
    size = clamp_limit(limit)
    rows = await tx.all(_sql.DECIDED, **_after(cursor), kinds=list(kinds), most=size + 1)
    return page_of([as_case(row) for row in rows], size, lambda one: _key(one.decided_at, one.audit_id))


async def of_shop(
    tx: ReadTx,
    *,
    cursor: str | None = None,
    limit: int | None = None,
    kind: ReviewKind | None = None,
    subject: SubjectRef | None = None,
) -> Page[Case]:
    """The transaction's shop's own cases, the latest first."""
    size = clamp_limit(limit)
    rows = await tx.all(_sql.OF_SHOP, before=below(cursor), only=kind, about=subject, most=size + 1)
    return page_of([as_case(row) for row in rows], size, lambda one: (one.audit_id,))


async def shops_held(tx: ReadTx, holder: Actor) -> list[ShopId]:
    """The shops with cases that somebody works on: for `service.release_all`, shop by shop, when they leave."""
    return [ShopId(row.shop_id) for row in await tx.all(_sql.SHOPS_HELD, holder=str(holder))]


async def verdicts(tx: ReadTx, audit_ids: Iterable[int]) -> dict[AuditId, list[Given]]:
    """The verdicts given on cases, in the order in which they were given."""
    ids = sorted(set(audit_ids))
    found: dict[AuditId, list[Given]] = defaultdict(list)
    for row in await tx.all(_sql.VERDICTS, ids=ids) if ids else []:
        found[AuditId(row.audit_id)].append(as_given(row))
    return dict(found)


async def reject_reasons(tx: ReadTx, audit_ids: Iterable[int]) -> dict[AuditId, tuple[str, ...]]:
    """Reason codes of the cases whose last verdict is a rejection."""
    given = await verdicts(tx, audit_ids)
    return {one: many[-1].verdict.reasons for one, many in given.items() if not many[-1].verdict.passed}


async def approved_in_development(tx: ReadTx, kind: ReviewKind) -> list[tuple[AuditId, int]]:
    """The shop's approvals of a kind that only development mode gave, each with the number of its subject."""
    rows = await tx.all(_sql.DEVELOPMENT_APPROVED, person=Stage.PERSON.value, only=kind)
    return [(AuditId(row.audit_id), int(row.subject.partition(":")[2])) for row in rows]


async def last_approved(tx: ReadTx, subject: SubjectRef) -> Content | None:
    """What of a subject passed last, as it was submitted; `None` while nothing has."""
    row = await tx.one(_sql.LAST_APPROVED, about=subject)
    return None if row is None else msgspec.convert(row.submitted, Content)


def as_case(row: Row[Any]) -> Case:
    """The case of a row."""
    return Case(
        ShopId(row.shop_id),
        AuditId(row.audit_id),
        ReviewKind(row.kind),
        SubjectRef(row.subject),
        row.title,
        CaseState(row.state),
        msgspec.convert(row.submitted, Content),
        None if row.previous is None else msgspec.convert(row.previous, Content),
        None if row.follows is None else AuditId(row.follows),
        row.submitted_by,
        row.submitted_at,
        row.waiting_since,
        row.due_at,
        row.missed_at is not None,
        row.decided_at,
        row.persons,
        tuple(row.barred or ()),
        row.first_pass_by,
        row.taken_by,
        row.taken_at,
        row.appeal,
        row.appealed_at,
    )


def as_given(row: Row[Any]) -> Given:
    """The verdict of a row."""
    findings = tuple(msgspec.convert(one, Finding) for one in row.findings)
    verdict = Verdict(Stage(row.stage), row.passed, findings, tuple(row.reasons), row.note, row.development)
    return Given(AuditId(row.audit_id), verdict, row.actor, row.at)


def _after(cursor: str | None) -> dict[str, object]:
    key = decode_cursor(cursor, str, int)
    if key is None:
        return {"after_at": None, "after": 0}
    try:
        after_at = datetime.fromisoformat(str(key[0]))
    except ValueError as error:
        raise CursorInvalid from error
    if after_at.tzinfo is None:
        raise CursorInvalid
    return {"after_at": after_at, "after": key[1]}


def _key(at: datetime | None, audit_id: int) -> tuple[int | str, ...]:
    return (at.isoformat() if at else "", audit_id)
