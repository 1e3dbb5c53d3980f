"""A buyer asks for another address: a task for staff with a clock of its own. Never applied without their answer.

Lock order: the order, then the request. Both addresses stay on record as versions of the order's delivery.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from liveshelf.fulfilment import service as fulfilment
from liveshelf.kernel.ids import CustomerId, OrderId, new_number
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from liveshelf.kernel.states import Transitions
from liveshelf.orders import _address_sql as _sql
from liveshelf.orders.errors import AddressNotChangeable, AddressRequestOpen, AddressRequestOver, AddressRequestUnknown
from liveshelf.orders.events import AddressAnswered, AddressAsked, AddressRequestOverdue
from liveshelf.orders.rules import clean_reason
from liveshelf.orders.service import lock, remember
from liveshelf.orders.types import Order, OrderState, Why
from liveshelf.platform import limits
from liveshelf.platform.db import ReadTx, Tx

ASK_WITHIN = timedelta(hours=2)  # after the order was placed
ANSWER_WITHIN = timedelta(hours=2)  # after that the owner is told; the request stays open

CLOCK = "orders.address_answer"


class RequestState(StrEnum):
    """The life of a request. One that came to nothing because the order closed is dropped."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


REQUEST = Transitions(
    name="address request",
    initial={RequestState.OPEN},
    edges={
        RequestState.OPEN: {RequestState.APPROVED, RequestState.REFUSED, RequestState.WITHDRAWN},
        RequestState.APPROVED: set(),
        RequestState.REFUSED: set(),
        RequestState.WITHDRAWN: set(),
    },
)


@dataclass(frozen=True, slots=True)
class AddressRequest:
    """A wish for another address. `address` is sealed as the order's own copy is; `None` once the buyer was erased."""

    request_id: int
    order_id: OrderId
    state: RequestState
    address: bytes | None
    asked_at: datetime
    answer_due_at: datetime
    escalated: bool
    answered_at: datetime | None
    answered_by: str | None
    reason: str


def may_ask(order: Order, now: datetime) -> bool:
    """Whether the buyer may still ask: within two hours of the order, and nothing of it was handed over."""
    return order.state is OrderState.TO_SHIP and now <= order.created_at + ASK_WITHIN


async def ask(tx: Tx, order_id: OrderId, *, customer_id: CustomerId, address: bytes) -> int:
    """The buyer asks. Returns the request's id. Raises `OrderUnknown`, `AddressNotChangeable`,
    `AddressRequestOpen`.
    """
    order = await lock(tx, order_id, customer_id=customer_id)
    if not may_ask(order, tx.now):
        raise AddressNotChangeable(state=order.state.value)
    request_id = new_number()
    due_at = tx.now + ANSWER_WITHIN
    made = await tx.scalar(
        _sql.INSERT.values(
            shop_id=tx.shop,
            request_id=request_id,
            order_id=order_id,
            state=RequestState.OPEN,
            address=address,
            asked_at=tx.now,
            answer_due_at=due_at,
            reason="",
        )
    )
    if made is None:
        raise AddressRequestOpen
    remember(tx, order_id, order.state, order.state, why=Why.ADDRESS_ASKED, facts={"answer_due_at": due_at.isoformat()})
    tx.emit(
        AddressAsked(order_id=order_id, request_id=request_id, answer_due_at=due_at.isoformat()),
        stream=f"order:{order_id}",
    )
    return request_id


async def approve(tx: Tx, request_id: int) -> AddressRequest:
    """Staff agree; labels printed for the old address are void. The caller writes the order's new version of the
    address in this transaction. Returns the request.

    Raises `AddressRequestUnknown`, `AddressRequestOver`, `AddressNotChangeable` once anything was handed over.
    """
    request, order = await _locked(tx, request_id)
    if order.state is not OrderState.TO_SHIP:
        raise AddressNotChangeable(state=order.state.value)
    await _answer(tx, request, RequestState.APPROVED, "")
    void = await fulfilment.void_labels(tx, order.order_id)
    remember(tx, order.order_id, order.state, order.state, why=Why.ADDRESS_CHANGED, facts={"labels_void": void})
    _tell(tx, order, request, approved=True)
    return request


async def refuse(tx: Tx, request_id: int, *, reason: str) -> OrderId:
    """Staff say no and why. Returns the order.

    Raises `AddressRequestUnknown`, `AddressRequestOver`, `ReasonInvalid`.
    """
    request, order = await _locked(tx, request_id)
    reason = clean_reason(reason)
    await _answer(tx, request, RequestState.REFUSED, reason)
    remember(tx, order.order_id, order.state, order.state, why=Why.ADDRESS_REFUSED, facts={"reason": reason})
    _tell(tx, order, request, approved=False)
    return order.order_id


async def withdraw(tx: Tx, order_id: OrderId, *, customer_id: CustomerId) -> None:
    """The buyer wants the old address after all. Raises `OrderUnknown`, `AddressRequestUnknown`."""
    order = await lock(tx, order_id, customer_id=customer_id)
    request = (await open_of(tx, [order_id])).get(order_id)
    if request is None:
        raise AddressRequestUnknown
    await _answer(tx, request, RequestState.WITHDRAWN, "")
    remember(tx, order_id, order.state, order.state, why=Why.ADDRESS_WITHDRAWN)


async def escalate(tx: Tx, limit: int) -> int:
    """Tell the owner of requests that wait too long for their answer; how many it were. Nothing is decided by this."""
    rows = await tx.all(_sql.ESCALATE, moment=tx.now, most=limit)
    await limits.missed(tx, CLOCK, [(f"order:{row.order_id}", row.answer_due_at) for row in rows])
    for row in rows:
        tx.emit(
            AddressRequestOverdue(
                order_id=row.order_id, request_id=row.request_id, answer_due_at=row.answer_due_at.isoformat()
            ),
            stream=f"order:{row.order_id}",
        )
    return len(rows)


async def forget(tx: Tx, customer_id: CustomerId) -> None:
    """The customer was erased: their open wishes are withdrawn, and what all of them said is gone."""
    await tx.execute(_sql.FORGET, customer=customer_id, moment=tx.now, who=str(tx.actor))


async def of_orders(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, list[AddressRequest]]:
    """The requests of each order, the oldest first."""
    ids = sorted(set(order_ids))
    found: dict[OrderId, list[AddressRequest]] = {}
    for row in await tx.all(_sql.OF_ORDERS, ids=ids) if ids else []:
        found.setdefault(OrderId(row.order_id), []).append(_as_request(row))
    return found


async def open_of(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, AddressRequest]:
    """The open request of each order that has one."""
    found = await of_orders(tx, order_ids)
    return {order_id: one for order_id, requests in found.items() for one in requests if one.state is RequestState.OPEN}


async def one(tx: ReadTx, request_id: int) -> AddressRequest:
    """The request of an id. Raises `AddressRequestUnknown`."""
    row = await tx.one(_sql.BY_ID, request=request_id)
    if row is None:
        raise AddressRequestUnknown
    return _as_request(row)


async def waiting(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[AddressRequest]:
    """Open requests, the least time left first."""
    most = clamp_limit(limit)
    key = decode_cursor(cursor, str, int)
    due_at, last_id = (datetime.fromisoformat(str(key[0])), int(key[1])) if key else (_sql.LONG_AGO, 0)
    rows = await tx.all(_sql.OPEN, after=due_at, request=last_id, most=most + 1)
    found = [_as_request(row) for row in rows]
    last = found[most - 1] if len(found) > most else None
    return Page(found[:most], encode_cursor(last.answer_due_at.isoformat(), last.request_id) if last else None)


async def count_open(tx: ReadTx) -> int:
    """How many requests wait, counted up to a thousand."""
    return int(await tx.scalar(_sql.COUNT_OPEN))


async def _locked(tx: Tx, request_id: int) -> tuple[AddressRequest, Order]:
    request = await one(tx, request_id)
    return request, await lock(tx, request.order_id)


async def _answer(tx: Tx, request: AddressRequest, becomes: RequestState, reason: str) -> None:
    done = await tx.scalar(
        _sql.ANSWER,
        request=request.request_id,
        became=becomes.value,
        moment=tx.now,
        who=str(tx.actor),
        why=reason,
    )
    if done is None:
        raise AddressRequestOver
    await limits.settled(tx, CLOCK, [f"order:{request.order_id}"])


def _tell(tx: Tx, order: Order, request: AddressRequest, *, approved: bool) -> None:
    tx.emit(
        AddressAnswered(
            order_id=order.order_id,
            customer_id=order.customer_id,
            request_id=request.request_id,
            approved=approved,
        ),
        stream=f"order:{order.order_id}",
    )


def _as_request(row: Row[Any]) -> AddressRequest:
    return AddressRequest(
        row.request_id,
        OrderId(row.order_id),
        RequestState(row.state),
        row.address,
        row.asked_at,
        row.answer_due_at,
        row.escalated_at is not None,
        row.answered_at,
        row.answered_by,
        row.reason,
    )
