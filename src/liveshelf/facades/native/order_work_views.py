"""What an order's page shows besides goods and money: parcels, what is wrong with it, wishes for another address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from liveshelf.accounts import queries as accounts
from liveshelf.facades.native.shell import instant
from liveshelf.fulfilment import queries as parcel_queries
from liveshelf.fulfilment.carriers import BY_CODE
from liveshelf.fulfilment.types import Parcel, ParcelState
from liveshelf.kernel.ids import OrderId
from liveshelf.orders import abnormal, address_requests, rules, stops
from liveshelf.orders.abnormal import AbnormalState, Case
from liveshelf.orders.abnormal_kinds import KINDS, AbnormalKind, Outcome
from liveshelf.orders.address_requests import AddressRequest, RequestState, may_ask
from liveshelf.orders.shipping import left_of
from liveshelf.orders.types import Flag, Line, Order
from liveshelf.platform.db import ReadTx


class PiecesView(msgspec.Struct, frozen=True):
    """So many pieces of a SKU."""

    sku_id: int
    quantity: int


class ParcelView(msgspec.Struct, frozen=True):
    """A parcel. `label_void` says that its label must be issued again, since the address was changed."""

    parcel_id: str
    state: ParcelState
    carrier: str
    carrier_zh: str
    carrier_en: str
    tracking_no: str
    label_void: bool
    packed_at: str
    sent_at: str | None
    lines: list[PiecesView]
    may: list[str]


class AbnormalCaseView(msgspec.Struct, frozen=True):
    """What is wrong with an order, until when it is to be settled, and how it ended."""

    case_id: str
    kind: AbnormalKind
    state: AbnormalState
    note: str
    flagged_by: str
    flagged_at: str
    due_at: str
    ended_at: str | None
    ended_by: str | None
    answer: str
    at_limit: Outcome
    outcome: Outcome | None
    may: list[str]


class AddressRequestView(msgspec.Struct, frozen=True):
    """A wish for another address, and its answer."""

    request_id: str
    state: RequestState
    asked_at: str
    answer_due_at: str
    escalated: bool
    answered_at: str | None
    reason: str


class OrderWork(msgspec.Struct, frozen=True):
    """Parcels and what is open around an order. Remark, flag and cases are the shop's own: buyers never get them."""

    parcels: list[ParcelView]
    left: list[PiecesView]
    shipped_at: str | None
    done_at: str | None
    receive_due_at: str | None
    receipt_extended: bool
    address_requests: list[AddressRequestView]
    cases: list[AbnormalCaseView]
    remark: str
    flag: Flag | None


def nothing_yet(lines: Sequence[Line]) -> OrderWork:
    """The work around an order of this very moment, which has every SKU once: all of it is still to be sent."""
    left = [PiecesView(line.sku_id, line.quantity) for line in lines]
    return OrderWork([], left, None, None, None, False, [], [], "", None)


async def order_work(
    tx: ReadTx, orders: Sequence[Order], *, as_buyer: bool
) -> dict[OrderId, tuple[OrderWork, list[rules.Verb]]]:
    """The work around each order, and what the asker may do next: the same statements for however many."""
    ids = [order.order_id for order in orders]
    parcels = await parcel_queries.of_orders(tx, ids)
    withdrawn = await parcel_queries.withdrawn_of(tx, ids)
    stopped = await stops.stopped(tx, ids)
    wishes = await address_requests.of_orders(tx, ids)
    cases = {} if as_buyer else await abnormal.cases_of(tx, ids)
    people = [who for many in cases.values() for one in many for who in (one.flagged_by, one.ended_by) if who]
    names = await accounts.names(tx, people)
    found = {}
    for order in orders:
        there = parcels.get(order.order_id, [])
        asked = wishes.get(order.order_id, [])
        waits = any(one.state is RequestState.OPEN for one in asked)
        kept = withdrawn.get(order.order_id, Counter()) + stopped.get(order.order_id, Counter())
        left = left_of(order, there, kept)
        if as_buyer:
            may = rules.buyer_may(order, tx.now, address="waits" if waits else "may" if may_ask(order, tx.now) else "")
        else:
            fitting = any(rule.by_staff and order.state in rule.states for rule in KINDS.values())
            may = rules.staff_may(order, tx.now, left=bool(left), fitting=fitting)
        work = OrderWork(
            [parcel_view(one, held=waits) for one in there if one.state is ParcelState.SENT or not as_buyer],
            [PiecesView(sku_id, count) for sku_id, count in left.items()],
            instant(order.shipped_at),
            instant(order.done_at),
            instant(order.receive_due_at),
            order.receipt_extended,
            [request_view(one) for one in asked],
            [case_view(one, names) for one in cases.get(order.order_id, [])],
            "" if as_buyer else order.remark,
            None if as_buyer else order.flag,
        )
        found[order.order_id] = (work, may)
    return found


def parcel_view(parcel: Parcel, *, held: bool) -> ParcelView:
    """A parcel as it is sent. `held` says that a wish for another address is open: nothing leaves before its answer."""
    may = []
    if parcel.state is ParcelState.PACKED:
        may = ["correct", "unpack"] if held or parcel.label_void else ["hand_over", "correct", "unpack"]
    carrier = BY_CODE[parcel.carrier]
    return ParcelView(
        str(parcel.parcel_id),
        parcel.state,
        parcel.carrier,
        carrier.name_zh,
        carrier.name_en,
        parcel.tracking_no,
        parcel.label_void,
        instant(parcel.packed_at),
        instant(parcel.sent_at),
        [PiecesView(sku_id, count) for sku_id, count in parcel.lines],
        may,
    )


def case_view(case: Case, names: Mapping[str, str]) -> AbnormalCaseView:
    """A case as it is sent."""
    return AbnormalCaseView(
        str(case.case_id),
        case.kind,
        case.state,
        case.note,
        names.get(case.flagged_by, case.flagged_by.partition(":")[0]),
        instant(case.flagged_at),
        instant(case.due_at),
        instant(case.ended_at),
        None if case.ended_by is None else names.get(case.ended_by, case.ended_by.partition(":")[0]),
        case.answer,
        KINDS[case.kind].outcome,
        case.outcome,
        ["settle"] if case.state is AbnormalState.OPEN else [],
    )


def request_view(request: AddressRequest) -> AddressRequestView:
    """A wish for another address as it is sent, without the address."""
    return AddressRequestView(
        str(request.request_id),
        request.state,
        instant(request.asked_at),
        instant(request.answer_due_at),
        request.escalated,
        instant(request.answered_at),
        request.reason,
    )
