"""How after-sale cases look in answers, to the buyer, to staff and to the platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Role
from liveshelf.aftersales import queries, rules
from liveshelf.aftersales.types import (
    Arbitration,
    Case,
    CaseKind,
    CaseState,
    FreightBy,
    LogEntry,
    Reason,
    Responsibility,
    Said,
    Side,
    When,
)
from liveshelf.customers import queries as customers
from liveshelf.facades.native.order_views import SpecOfLine
from liveshelf.facades.native.shell import instant
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import OrderId
from liveshelf.kernel.paging import Page
from liveshelf.media.types import media_path
from liveshelf.orders import queries as orders
from liveshelf.orders.types import Order
from liveshelf.payments import queries as payments
from liveshelf.payments.types import Refund, RefundState
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime

Verb = Literal[
    "withdraw",
    "send_back",
    "say",
    "accept_offer",
    "decline_offer",
    "call_arbiter",
    "approve",
    "refuse",
    "offer",
    "promise",
    "note",
    "accept_return",
    "refuse_return",
    "resend",
    "refund_instead",
    "decide",
]
# Who may read where goods are sent back to: whoever has to send them, while they do.
_ADDRESS_SHOWN = frozenset({CaseState.AWAITING_RETURN, CaseState.INSPECTING})


class ReasonOfCase(msgspec.Struct, frozen=True):
    """Why, whose fault that is, and who pays for sending the goods back."""

    code: str
    zh: str
    en: str
    responsibility: Responsibility
    pictures: bool
    freight_by: FreightBy
    kinds: list[CaseKind]
    when: When


class LineOfCase(msgspec.Struct, frozen=True):
    """So many pieces of a line; `wanted` names the choice that an exchange brings."""

    line_no: int
    title: str
    specs: list[SpecOfLine]
    picture_url: str
    quantity: int
    most_fen: int
    wanted: list[SpecOfLine] | None


class CaseParcelView(msgspec.Struct, frozen=True):
    """A carrier and its number."""

    carrier: str
    number: str


class ReturnAddressView(msgspec.Struct, frozen=True):
    """Where goods are sent back to."""

    name: str
    phone: str
    region: str
    street: str


class RefundOfCase(msgspec.Struct, frozen=True):
    """The money on its way. Once sent it arrives between two days in China; `overdue` says that these have passed."""

    state: RefundState
    amount_fen: int
    owed_at: str
    sent_at: str | None
    settled_at: str | None
    arrive_from_on: str | None
    arrive_by_on: str | None
    overdue: bool


class ArbitrationView(msgspec.Struct, frozen=True):
    """The platform's part: called for, and once decided what and why."""

    called_at: str
    why: str
    due_at: str | None
    decided_at: str | None
    amount_fen: int | None
    reason: str


class ReviewOfCase(msgspec.Struct, frozen=True):
    """How far the review has come: `step` steps of `steps` are behind it, by version `flow_version` of the flow."""

    flow_version: int
    step: int
    steps: list[Role]


class CustomerOfCase(msgspec.Struct, frozen=True):
    """Whose case it is."""

    customer_id: int
    name: str


class CaseView(msgspec.Struct, frozen=True):
    """An after-sale case. `may` names what the asker may do next."""

    shop_id: int
    case_id: str
    order_id: str
    customer: CustomerOfCase
    kind: CaseKind
    state: CaseState
    shipped: bool
    reason: ReasonOfCase
    lines: list[LineOfCase]
    amount_fen: int
    most_fen: int
    offer_fen: int | None
    answer_due_at: str | None
    promised_at: str | None
    due_at: str | None
    breached: bool
    return_address: ReturnAddressView | None
    sent_back: CaseParcelView | None
    resent: CaseParcelView | None
    refund: RefundOfCase | None
    arbitration: ArbitrationView | None
    review: ReviewOfCase
    created_at: str
    ended_at: str | None
    may: list[Verb]


class CaseLogView(msgspec.Struct, frozen=True):
    """One row of the log. `by` is the name of somebody of the staff, for staff; else empty."""

    at: str
    side: Side
    by: str
    said: Said
    internal: bool
    text: str
    picture_urls: list[str]
    amount_fen: int | None
    until: str | None


class CaseDetail(CaseView, frozen=True):
    """A case with everything that was done and said, oldest first."""

    log: list[CaseLogView]


class CasePage(msgspec.Struct, frozen=True):
    """A page of cases."""

    items: list[CaseView]
    next: str | None


class Asker(msgspec.Struct, frozen=True):
    """Who looks at a case: the buyer, somebody of the staff with a role, or the platform."""

    side: Side
    role: Role | None = None
    decides: bool = False


BUYER = Asker(Side.BUYER)


async def case_views(tx: ReadTx, runtime: Runtime, cases: Sequence[Case], asker: Asker) -> list[CaseView]:
    """The cases as they are sent: a fixed number of statements for however many."""
    found = await orders.orders(tx, [case.order_id for case in cases])
    known = await customers.customers(tx, [case.customer_id for case in cases])
    flows = await queries.flows(tx, [case.flow_version for case in cases])
    refunds = await payments.refunds_of(tx, [case.order_id for case in cases])
    skus = await _skus(tx, cases, found)
    views = []
    for case in cases:
        order = found[case.order_id]
        flow = flows[case.flow_version]
        refund = next((one for one in refunds.get(case.order_id, []) if one.key == case.refund_key), None)
        may: list[Verb] = []
        if asker.side is Side.BUYER:
            may += rules.buyer_may(case, tx.now)
        elif asker.side is Side.STAFF:
            may += rules.staff_may(case, flow, asker.role)
        elif asker.decides and case.arbitration is not None and case.arbitration.decided_at is None:
            may.append("decide")
        views.append(
            CaseView(
                case.shop,
                str(case.case_id),
                str(case.order_id),
                CustomerOfCase(case.customer_id, known[case.customer_id].name),
                case.kind,
                case.state,
                case.shipped,
                reason_view(case.reason),
                _lines(case, order, skus),
                case.amount_fen,
                case.most_fen,
                case.offer_fen,
                instant(case.answer_due_at),
                instant(case.promised_at),
                instant(case.due_at),
                case.breached,
                _address(runtime, case, asker),
                None if case.sent_back is None else CaseParcelView(case.sent_back.carrier, case.sent_back.number),
                None if case.resent is None else CaseParcelView(case.resent.carrier, case.resent.number),
                None if refund is None else _refund(refund),
                None if case.arbitration is None else _arbitration(case.arbitration),
                ReviewOfCase(case.flow_version, case.step, list(flow.steps(case.amount_fen))),
                instant(case.created_at),
                instant(case.ended_at),
                may,
            )
        )
    return views


async def case_detail(tx: ReadTx, runtime: Runtime, case: Case, asker: Asker) -> CaseDetail:
    """One case with its log; what the staff note among themselves is for the staff."""
    (view,) = await case_views(tx, runtime, [case], asker)
    entries = await queries.log(tx, case.case_id, internal=asker.side is Side.STAFF)
    names = await accounts.names(tx, [one.actor for one in entries]) if asker.side is not Side.BUYER else {}
    shown = {name: getattr(view, name) for name in CaseView.__struct_fields__}
    return CaseDetail(**shown, log=[_entry(one, names) for one in entries])


async def case_page(tx: ReadTx, runtime: Runtime, page: Page[Case], asker: Asker) -> CasePage:
    """A page of cases as it is sent."""
    return CasePage(await case_views(tx, runtime, page.items, asker), page.next)


def reason_view(reason: Reason) -> ReasonOfCase:
    """A reason as it is sent."""
    return ReasonOfCase(
        reason.code,
        reason.zh,
        reason.en,
        reason.responsibility,
        reason.pictures,
        reason.freight_by,
        list(reason.kinds),
        reason.when,
    )


async def _skus(tx: ReadTx, cases: Sequence[Case], found: Mapping[OrderId, Order]) -> dict[int, list[SpecOfLine]]:
    """The choices that exchanges bring, by SKU."""
    products = [
        found[case.order_id].lines[line.line_no - 1].product_id
        for case in cases
        for line in case.lines
        if line.want_sku_id is not None
    ]
    if not products:
        return {}
    return {
        sku.sku_id: [SpecOfLine(spec.name, spec.value) for spec in sku.specs]
        for many in (await goods.skus(tx, products)).values()
        for sku in many
    }


def _lines(case: Case, order: Order, skus: Mapping[int, list[SpecOfLine]]) -> list[LineOfCase]:
    views = []
    for line in case.lines:
        bought = order.lines[line.line_no - 1]
        views.append(
            LineOfCase(
                line.line_no,
                bought.title,
                [SpecOfLine(spec.name, spec.value) for spec in bought.specs],
                media_path(bought.picture_media_id),
                line.quantity,
                line.most_fen,
                None if line.want_sku_id is None else skus.get(line.want_sku_id, []),
            )
        )
    return views


def _address(runtime: Runtime, case: Case, asker: Asker) -> ReturnAddressView | None:
    if case.sealed_address is None or asker.side is Side.PLATFORM:
        return None
    if asker.side is Side.BUYER and case.state not in _ADDRESS_SHOWN:
        return None
    found = rules.open_address(runtime.keys, case.sealed_address)
    return ReturnAddressView(found.name, found.phone, found.region, found.street)


def _refund(refund: Refund) -> RefundOfCase:
    return RefundOfCase(
        refund.state,
        refund.amount_fen,
        instant(refund.owed_at),
        instant(refund.sent_at),
        instant(refund.settled_at),
        None if refund.arrive_from_on is None else refund.arrive_from_on.isoformat(),
        None if refund.arrive_by_on is None else refund.arrive_by_on.isoformat(),
        refund.overdue_at is not None and refund.settled_at is None,
    )


def _arbitration(one: Arbitration) -> ArbitrationView:
    return ArbitrationView(
        instant(one.called_at), one.why, instant(one.due_at), instant(one.decided_at), one.amount_fen, one.reason
    )


def _entry(entry: LogEntry, names: Mapping[str, str]) -> CaseLogView:
    return CaseLogView(
        instant(entry.at),
        entry.side,
        names.get(entry.actor, ""),
        entry.said,
        entry.internal,
        entry.text,
        [media_path(one) for one in entry.pictures],
        entry.amount_fen,
        instant(entry.until),
    )
