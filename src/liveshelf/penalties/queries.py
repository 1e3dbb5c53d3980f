"""Reads: what is in force against a shop, and its penalties."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import AuditId, GoodsId, RoomId, ShopId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.penalties import _sql
from liveshelf.penalties.errors import PenaltyMissing, TrafficLimited
from liveshelf.penalties.types import AppealState, Level, Penalty, PenaltyState, Standing, Violation
from liveshelf.platform.db import ReadTx


async def in_force(tx: ReadTx) -> Standing:
    """What is in force against the transaction's shop now."""
    row = await tx.one(_sql.STANDING)
    if row is None:
        return Standing(banned=False, limited_until=None, warnings_open=0, warnings=0)
    until = row.limited_until
    return Standing(
        banned=row.banned,
        limited_until=until if until is not None and until > tx.now else None,
        warnings_open=row.warnings_open,
        warnings=row.warnings,
    )


async def must_not_be_limited(tx: ReadTx) -> None:
    """What reaches for the public asks this first: mass notices, posters. Raises `TrafficLimited`."""
    standing = await in_force(tx)
    if not standing.public:
        until = None if standing.limited_until is None else standing.limited_until.isoformat()
        raise TrafficLimited(until=until)


async def penalty(tx: ReadTx, penalty_id: int) -> Penalty:
    """A penalty of the transaction's shop. Raises `PenaltyMissing`."""
    row = await tx.one(_sql.ONE, which=penalty_id)
    if row is None:
        raise PenaltyMissing(penalty_id=str(penalty_id))
    return as_penalty(row)


async def anywhere(tx: ReadTx, penalty_id: int) -> Penalty:
    """A penalty of whichever shop: for the platform. Raises `PenaltyMissing`."""
    row = await tx.one(_sql.ANYWHERE, which=penalty_id)
    if row is None:
        raise PenaltyMissing(penalty_id=str(penalty_id))
    return as_penalty(row)


async def of_shop(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Penalty]:
    """The shop's penalties, the latest first."""
    size = clamp_limit(limit)
    rows = await tx.all(_sql.OF_SHOP, before=below(cursor), most=size + 1)
    return page_of([as_penalty(row) for row in rows], size, lambda one: (one.penalty_id,))


async def of_room(tx: ReadTx, room_id: RoomId) -> list[Penalty]:
    """The penalties for what was said or shown in a room, oldest first."""
    return [as_penalty(row) for row in await tx.all(_sql.OF_ROOM, room=room_id)]


async def everywhere(
    tx: ReadTx,
    *,
    level: Level | None = None,
    state: PenaltyState | None = None,
    shop: ShopId | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Penalty]:
    """Penalties of all shops, the latest first."""
    size = clamp_limit(limit)
    rows = await tx.all(_sql.EVERYWHERE, before=below(cursor), level=level, state=state, only=shop, most=size + 1)
    return page_of([as_penalty(row) for row in rows], size, lambda one: (one.penalty_id,))


async def taken_off(tx: ReadTx, *, limit: int) -> list[tuple[GoodsId, AuditId]]:
    """Goods that a ban has taken off sale, with the approval that they had."""
    return [(GoodsId(row.goods_id), AuditId(row.audit_id)) for row in await tx.all(_sql.TAKEN_OFF, most=limit)]


def as_penalty(row: Row[Any]) -> Penalty:
    """The penalty of a row."""
    room_id = None if row.room_id is None else RoomId(row.room_id)
    return Penalty(
        ShopId(row.shop_id),
        row.penalty_id,
        Level(row.level),
        None if row.raised_from is None else Level(row.raised_from),
        Violation(row.rule, row.what, row.happened_at, row.quote, room_id, row.video_s),
        PenaltyState(row.state),
        row.imposed_by,
        row.imposed_at,
        row.ends_at,
        row.ended_at,
        row.acknowledged_by,
        row.acknowledged_at,
        AppealState(row.appeal_state),
        row.appeal,
        row.appealed_at,
        None if row.appeal_audit_id is None else AuditId(row.appeal_audit_id),
        row.reversed_by,
        row.reversed_at,
        row.reversal_reason,
    )
