"""What of a room is public only after two looks: its names, its pictures, and whether it is marked as advertising.

A new room waits for its first approval, is shown to nobody but staff and does not start. Once it is approved, a change
waits as a version while buyers see what was approved. One version of a room waits at a time; a newer change takes its
place, together with what the older one said elsewhere. Times and switches are nobody's to look at: they change at once.

Whoever changes a room or its case enters the room's line first, then locks the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.kernel.ids import AuditId, RoomId, new_number
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as reviews
from liveshelf.reviews.errors import AppealRefused
from liveshelf.reviews.types import Case, Content, ReviewKind, SubjectRef, Verdict
from liveshelf.rooms import _approval_sql, _line, _sql, queries
from liveshelf.rooms.errors import RoomMissing, RoomNotApproved, RoomStateRefuses
from liveshelf.rooms.events import RoomChanged
from liveshelf.rooms.types import OPEN, Room, RoomAudit, RoomVersion, Shown
from liveshelf.trail import service as trail

_FIELDS = tuple(one.name for one in fields(Shown))
VOIDED = "the approval was given in development mode, which is off"


def shown(room: Room) -> Shown:
    """What a room shows of that now."""
    return Shown(**{name: getattr(room, name) for name in _FIELDS})


def must_be_given(room: Room) -> None:
    """Raises `RoomNotApproved`."""
    if room.audit_state is not RoomAudit.APPROVED:
        raise RoomNotApproved(audit_state=room.audit_state.value)


async def begin(tx: Tx, room: Room) -> Room:
    """Let a new room wait for its review."""
    audit_id = AuditId(new_number())
    await tx.execute(_sql.UPDATE_ROOM.values(audit_id=audit_id), b_shop=tx.shop, b_room=room.room_id)
    await _submit(tx, room.room_id, shown(room), audit_id)
    return replace(room, audit_id=audit_id)


async def _submit(tx: Tx, room_id: RoomId, what: Shown, audit_id: AuditId) -> None:
    pictures = (what.cover_media_id, what.share_media_id, what.feeds_media_id)
    await reviews.submit(
        tx,
        room_ref(room_id),
        kind=ReviewKind.ROOM,
        content=Content(
            {"name": what.name, "anchor_name": what.anchor_name},
            tuple(dict.fromkeys(one for one in pictures if one)),
            {"room_id": room_id, "is_ad": int(what.is_ad)},
        ),
        title=what.name,
        audit_id=audit_id,
    )


async def edited(tx: Tx, room: Room, columns: Mapping[str, Any]) -> tuple[dict[str, Any], RoomChanged]:
    """Which of the columns that an edit of a locked room changes may change at once, and what pages are told then; the
    others wait for a review.

    A room that nobody has approved changes at once and is submitted anew. Saying again what is approved takes a waiting
    change back.
    """
    asked = {name: columns[name] for name in _FIELDS if name in columns}
    others = {name: value for name, value in columns.items() if name not in asked}
    if room.audit_state is RoomAudit.APPROVED:
        if asked:
            await _propose(tx, room, asked)
        return others, _said(shown(room))
    wanted = replace(shown(room), **asked)
    if wanted == shown(room):
        return others, _said(wanted)
    await withdraw(tx, room)
    audit_id = AuditId(new_number())
    await _submit(tx, room.room_id, wanted, audit_id)
    return {**columns, "audit_id": audit_id, "audit_state": RoomAudit.IN_AUDIT}, _said(wanted)


async def withdraw(tx: Tx, room: Room) -> None:
    """Take back what of a locked room waits for a review: it is deleted, over, or says something else now."""
    if room.audit_state is RoomAudit.IN_AUDIT and room.audit_id is not None:
        await reviews.withdraw(tx, room.audit_id)
    await _drop(tx, room.room_id)


async def pending(tx: ReadTx, room_ids: Iterable[int]) -> dict[RoomId, RoomVersion]:
    """The changes that wait or were rejected last, by room; a room without one is left out."""
    ids = sorted(set(room_ids))
    rows = await tx.all(_approval_sql.VERSIONS, ids=ids) if ids else []
    return {RoomId(row.room_id): _as_version(row) for row in rows}


async def enter(tx: Tx, case: Case) -> None:
    """Enter the line of the room that a case is about, before the case is touched; one that is gone has none."""
    await tx.one(_sql.LOCK_ROOM, room=case.number)


async def decided(tx: Tx, case: Case, verdict: Verdict) -> None:
    """A room's review is over: passed, buyers see it; rejected, they go on seeing what they saw. A room that is gone is
    left alone.
    """
    row = await tx.one(_sql.LOCK_ROOM, room=case.number)
    if row is None:
        return
    room = queries.as_room(row)
    if case.audit_id == room.audit_id:
        await _become(tx, room, RoomAudit.APPROVED if verdict.passed else RoomAudit.REJECTED)
        return
    version = (await pending(tx, [room.room_id])).get(room.room_id)
    if version is None or version.audit_id != case.audit_id:
        return
    if not verdict.passed:
        await tx.execute(_approval_sql.MARK, which=room.room_id, audit=case.audit_id, b_rejected=True)
        return
    await tx.one(_approval_sql.DROP, which=room.room_id)
    if room.audit_state is RoomAudit.IN_AUDIT and room.audit_id is not None:
        await reviews.withdraw(tx, room.audit_id)  # its approval was made void meanwhile; this one takes its place
    given = {"audit_id": version.audit_id, "audit_state": RoomAudit.APPROVED}
    await _line.tell(tx, room, _said(version.shown), **asdict(version.shown), **given)


async def reopened(tx: Tx, case: Case) -> None:
    """A rejection is appealed: the room, or its change, waits again.

    Raises `RoomMissing`, `RoomStateRefuses` when the room is over, `AppealRefused` when it says something else by now.
    """
    room = await _line.locked(tx, RoomId(case.number))
    if room.state not in OPEN:
        raise RoomStateRefuses(state=room.state.value)
    if case.audit_id == room.audit_id and room.audit_state is RoomAudit.REJECTED:
        await _become(tx, room, RoomAudit.IN_AUDIT)
    elif await tx.scalar(_approval_sql.MARK, which=room.room_id, audit=case.audit_id, b_rejected=False) is None:
        raise AppealRefused(audit_id=str(case.audit_id), state=room.audit_state.value)


async def void_development_verdicts(tx: Tx) -> int:
    """Put back before a person what only development mode approved; nobody but staff sees these rooms until then. For a
    start with the mode off. Returns how many rooms of the shop that were.
    """
    voided = 0
    for audit_id, number in await cases.approved_in_development(tx, ReviewKind.ROOM):
        try:
            room = await _line.locked(tx, RoomId(number))
        except RoomMissing:
            continue  # deleted: nothing of it is shown any more
        if room.audit_id == audit_id and room.audit_state is RoomAudit.APPROVED and room.state in OPEN:
            await reviews.void(tx, audit_id, kind=ReviewKind.ROOM)
            await _become(tx, room, RoomAudit.IN_AUDIT)
            trail.record(tx, "reviews.void", room_ref(room.room_id), audit_id=str(audit_id), note=VOIDED)
            voided += 1
    return voided


def room_ref(room_id: int) -> SubjectRef:
    """A room as the subject of a case."""
    return SubjectRef(f"room:{room_id}")


def _said(what: Shown) -> RoomChanged:
    return RoomChanged(room_name=what.name, anchor_name=what.anchor_name, is_ad=what.is_ad)


async def _propose(tx: Tx, room: Room, asked: Mapping[str, Any]) -> None:
    before = (await pending(tx, [room.room_id])).get(room.room_id)
    wanted = replace(before.shown if before else shown(room), **asked)
    if before is not None:
        if wanted == before.shown:
            return
        await _drop(tx, room.room_id)
    if wanted == shown(room):
        return
    audit_id = AuditId(new_number())
    await tx.execute(
        _approval_sql.INSERT.values(
            shop_id=tx.shop,
            room_id=room.room_id,
            audit_id=audit_id,
            rejected=False,
            shown=msgspec.to_builtins(wanted),
            submitted_at=tx.now,
        )
    )
    await _submit(tx, room.room_id, wanted, audit_id)
    trail.record(tx, "rooms.propose", room_ref(room.room_id), audit_id=str(audit_id))


async def _drop(tx: Tx, room_id: RoomId) -> None:
    row = await tx.one(_approval_sql.DROP, which=room_id)
    if row is not None and not row.rejected:
        await reviews.withdraw(tx, AuditId(row.audit_id))


async def _become(tx: Tx, room: Room, state: RoomAudit) -> None:
    """Under the room's lock, and not numbered: no page of a buyer shows it."""
    await tx.execute(_sql.UPDATE_ROOM.values(audit_state=state), b_shop=tx.shop, b_room=room.room_id)


def _as_version(row: Row[Any]) -> RoomVersion:
    shown = msgspec.convert(row.shown, Shown)
    return RoomVersion(RoomId(row.room_id), AuditId(row.audit_id), row.rejected, shown, row.submitted_at)
