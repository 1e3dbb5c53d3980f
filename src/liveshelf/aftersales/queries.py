"""Reads: cases, their logs, lists of them, and what a shop has set up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.accounts.types import Role
from liveshelf.aftersales import _sql
from liveshelf.aftersales.errors import CaseUnknown
from liveshelf.aftersales.reasons import TEMPLATES
from liveshelf.aftersales.rules import DEFAULT_FLOW
from liveshelf.aftersales.types import (
    Arbitration,
    Band,
    Case,
    CaseKind,
    CaseLine,
    CaseState,
    Flow,
    FreightBy,
    LogEntry,
    Parcel,
    Reason,
    Responsibility,
    ReturnAddress,
    Said,
    Side,
)
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import INT63_MAX, CustomerId, MediaId, OrderId, ShopId, SkuId
from liveshelf.kernel.paging import CursorInvalid, Page, below, clamp_limit, decode_cursor, page_of
from liveshelf.platform.db import ReadTx

_TEMPLATES = {one.code: one for one in TEMPLATES}


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cases are in a state, and how many of these have missed a limit."""

    many: int
    breached: int


async def case(tx: ReadTx, case_id: int, *, customer_id: CustomerId | None = None) -> Case:
    """The case of an id; only the buyer's own when one is named. Raises `CaseUnknown`."""
    found = (await cases(tx, [case_id])).get(case_id)
    if found is None or customer_id not in {None, found.customer_id}:
        raise CaseUnknown
    return found


async def cases(tx: ReadTx, case_ids: Iterable[int]) -> dict[int, Case]:
    """The cases of these ids, in the order in which they are named."""
    ids = list(dict.fromkeys(case_ids))
    if not ids:
        return {}
    lines: dict[int, list[CaseLine]] = defaultdict(list)
    for row in await tx.all(_sql.LINES, ids=ids):
        lines[row.case_id].append(_line(row))
    called = {row.case_id: _arbitration(row) for row in await tx.all(_sql.ARBITRATIONS, ids=ids)}
    rows = {row.case_id: row for row in await tx.all(_sql.BY_IDS, ids=ids)}
    return {one: _case(rows[one], lines[one], called.get(one)) for one in ids if one in rows}


async def of_orders(tx: ReadTx, order_ids: Iterable[OrderId]) -> list[Case]:
    """Every case of these orders, oldest first."""
    rows = await tx.all(_sql.OF_ORDERS, ids=sorted(set(order_ids)))
    return list((await cases(tx, [row.case_id for row in rows])).values())


async def of_customer(
    tx: ReadTx, customer_id: CustomerId, *, cursor: str | None = None, limit: int | None = None
) -> Page[Case]:
    """A buyer's cases, newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.OF_CUSTOMER, customer=customer_id, before=below(cursor), most=most + 1)
    found = list((await cases(tx, [row.case_id for row in rows])).values())
    return page_of(found, most, lambda one: (one.case_id,))


async def newest(
    tx: ReadTx, states: Iterable[CaseState], *, cursor: str | None = None, limit: int | None = None
) -> Page[Case]:
    """The shop's cases in these states, newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.IN_STATES, states=sorted(states), before=below(cursor), most=most + 1)
    found = list((await cases(tx, [row.case_id for row in rows])).values())
    return page_of(found, most, lambda one: (one.case_id,))


async def by_clock(
    tx: ReadTx, states: Iterable[CaseState], *, cursor: str | None = None, limit: int | None = None
) -> Page[Case]:
    """The shop's cases in these states: those that missed a limit first, then by what runs out next."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.BY_CLOCK, states=sorted(states), **instant_after(cursor), most=most + 1)
    at = {row.case_id: row.next_at for row in rows}
    found = list((await cases(tx, at)).values())
    return page_of(found, most, lambda one: (at[one.case_id].isoformat(), one.case_id))


async def counts(tx: ReadTx) -> dict[CaseState, Counted]:
    """How many cases are in each state."""
    found = {row.state: Counted(row.many, row.breached) for row in await tx.all(_sql.COUNTS)}
    return {state: found.get(state.value, Counted(0, 0)) for state in CaseState}


async def log(tx: ReadTx, case_id: int, *, internal: bool) -> list[LogEntry]:
    """What was done and said in a case, oldest first; `internal` brings the staff's notes among themselves."""
    rows = await tx.all(_sql.LOG, which=case_id)
    return [_entry(row) for row in rows if internal or not row.internal]


async def logs_of_order(tx: ReadTx, order_id: OrderId) -> list[tuple[Case, LogEntry]]:
    """What was done and said in every case of an order, oldest first, the staff's notes too."""
    found = {one.case_id: one for one in await of_orders(tx, [order_id])}
    rows = await tx.all(_sql.LOGS, ids=sorted(found)) if found else []
    return [(found[row.case_id], _entry(row)) for row in rows]


async def claims(tx: ReadTx, order_id: OrderId, *, but: int = 0) -> dict[tuple[int, bool], tuple[int, int]]:
    """Pieces and fen that cases of an order hold, by line and whether the pieces were sent; `but` is left out."""
    rows = await tx.all(_sql.CLAIMS, order=order_id, but=but)
    return {(row.line_no, row.shipped): (int(row.quantity), int(row.most_fen)) for row in rows}


async def reasons(tx: ReadTx) -> tuple[Reason, ...]:
    """The shop's seven reasons in its order, as it words them; switched-off ones too."""
    rows = await tx.all(_sql.REASONS)
    return tuple(_reason(row) for row in rows) or TEMPLATES


async def flow(tx: ReadTx) -> Flow:
    """The review flow in force."""
    row = await tx.one(_sql.FLOW_LATEST)
    return DEFAULT_FLOW if row is None else _flow(row)


async def flows(tx: ReadTx, versions: Iterable[int]) -> dict[int, Flow]:
    """The flows of these versions: a running case keeps its own."""
    rows = await tx.all(_sql.FLOWS, versions=sorted(set(versions)))
    return {DEFAULT_FLOW.version: DEFAULT_FLOW, **{row.version: _flow(row) for row in rows}}


async def addresses(tx: ReadTx) -> list[ReturnAddress]:
    """The shop's return addresses, the standard one first."""
    return [ReturnAddress(row.address_id, bytes(row.sealed), row.standard) for row in await tx.all(_sql.ADDRESSES)]


async def arbitrations(
    tx: ReadTx, *, decided: bool, cursor: str | None = None, limit: int | None = None
) -> Page[tuple[ShopId, int]]:
    """Cases of all shops that the platform is to decide, the longest wait first; or has decided, the latest first."""
    most = clamp_limit(limit)
    statement = _sql.ARBITRATIONS_DECIDED if decided else _sql.ARBITRATIONS_WAITING
    rows = await tx.all(statement, **instant_after(cursor), most=most + 1)
    at = {int(row.case_id): row.at for row in rows}
    found = [(ShopId(row.shop_id), int(row.case_id)) for row in rows]
    return page_of(found, most, lambda one: (at[one[1]].isoformat(), one[1]))


async def shop_of_arbitration(tx: ReadTx, case_id: int) -> ShopId:
    """Whose case the platform was called to. Raises `CaseUnknown`."""
    shop = await tx.scalar(_sql.SHOP_OF_CASE, which=case_id)
    if shop is None:
        raise CaseUnknown
    return ShopId(shop)


def instant_after(cursor: str | None) -> dict[str, object]:
    """The arguments of a listing by an instant, then an id. Raises `CursorInvalid`."""
    key = decode_cursor(cursor, str, int)
    if key is None:
        return {"after_at": None, "after": INT63_MAX}
    try:
        after_at = datetime.fromisoformat(str(key[0]))
    except ValueError as error:
        raise CursorInvalid from error
    if after_at.tzinfo is None:
        raise CursorInvalid
    return {"after_at": after_at, "after": key[1]}


def _case(row: Row[Any], lines: Sequence[CaseLine], called: Arbitration | None) -> Case:
    return Case(
        shop=ShopId(row.shop_id),
        case_id=row.case_id,
        order_id=OrderId(row.order_id),
        customer_id=CustomerId(row.customer_id),
        kind=CaseKind(row.kind),
        state=CaseState(row.state),
        shipped=row.shipped,
        reason=msgspec.convert(row.reason, Reason),
        lines=tuple(lines),
        amount_fen=Fen(row.amount_fen),
        flow_version=row.flow_version,
        step=row.step,
        offer_fen=None if row.offer_fen is None else Fen(row.offer_fen),
        answer_due_at=row.answer_due_at,
        promised_at=row.promised_at,
        promises=row.promises,
        due_at=row.due_at,
        breached=row.breached,
        sealed_address=None if row.return_address is None else bytes(row.return_address),
        sent_back=None if row.sent_back is None else msgspec.convert(row.sent_back, Parcel),
        resent=None if row.resent is None else msgspec.convert(row.resent, Parcel),
        arbitration=called,
        created_at=row.created_at,
        ended_at=row.ended_at,
        answer_hours=row.answer_hours,
    )


def _line(row: Row[Any]) -> CaseLine:
    want = None if row.want_sku_id is None else SkuId(row.want_sku_id)
    return CaseLine(row.line_no, SkuId(row.sku_id), row.quantity, Fen(row.most_fen), want)


def _arbitration(row: Row[Any]) -> Arbitration:
    amount = None if row.amount_fen is None else Fen(row.amount_fen)
    return Arbitration(row.called_at, row.why, row.due_at, row.decided_at, amount, row.reason, row.actor)


def _entry(row: Row[Any]) -> LogEntry:
    return LogEntry(
        row.entry_id,
        row.at,
        Side(row.side),
        row.actor,
        Said(row.said),
        row.internal,
        row.text,
        tuple(MediaId(one) for one in row.pictures),
        None if row.amount_fen is None else Fen(row.amount_fen),
        row.until,
    )


def _reason(row: Row[Any]) -> Reason:
    return Reason(
        row.code,
        row.zh,
        row.en,
        Responsibility(row.responsibility),
        row.pictures,
        FreightBy(row.freight_by),
        _TEMPLATES[row.code].kinds,
        row.active,
        _TEMPLATES[row.code].when,
    )


def _flow(row: Row[Any]) -> Flow:
    return Flow(
        row.version,
        tuple(
            Band(
                None if band["upto_fen"] is None else Fen(band["upto_fen"]),
                tuple(Role(role) for role in band["steps"]),
            )
            for band in row.bands
        ),
    )
