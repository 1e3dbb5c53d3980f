"""The one table from what happened to who must hear of it, and the job that tells them.

A row names the kind of the notice (its words are in the web apps' texts, `features/messages`), its readers, and which
facts of the event it carries: ids and amounts only, since notices are kept and shown in lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Permission
from liveshelf.aftersales.events import ArbiterCalled, CaseLimitMissed, CaseMoved, CaseOpened, CaseSpoken
from liveshelf.batches.events import BatchFinished
from liveshelf.customers import service as customers
from liveshelf.customers.types import customer_actor
from liveshelf.goods.events import GoodsApproved, GoodsRejected
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AccountId, CustomerId, OrderId, ShopId
from liveshelf.messages import service as messages
from liveshelf.messages.types import NewNotice
from liveshelf.orders import queries as orders
from liveshelf.orders.events import (
    AbnormalReminder,
    AddressAnswered,
    AddressAsked,
    OrderClosed,
    OrderFlagged,
    OrderPaid,
    OrderRepriced,
    OrderShipped,
    PaymentReminderDue,
)
from liveshelf.payments.events import RefundOwed, RefundSettled
from liveshelf.penalties.events import PenaltyEnded, PenaltyImposed, PenaltyReversed, PenaltyUpheld
from liveshelf.platform.db import Tx
from liveshelf.platform.events import Gather, Happened, stored
from liveshelf.platform.limits import LimitMissed, LimitNear
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.events import ApplicationDecided, PaperDecided, PaperExpired, PaperExpiring
from liveshelf.rooms.events import ClaimMovedUp, LegalGone, StartNoticed
from liveshelf.stock.events import Oversold, StockLow
from liveshelf.webhooks.events import DeliveryGivenUp

TELL = Gather("messages.tell")


@dataclass(frozen=True, slots=True)
class ToBuyer:
    """The buyer whom the event names (`customer_id`), or the one of the order that it names (`order_id`)."""


@dataclass(frozen=True, slots=True)
class ToStaff:
    """Everybody in the shop with the permission; `None`: with the one that the event names in `to`."""

    permission: Permission | None


@dataclass(frozen=True, slots=True)
class ToPlatform:
    """Everybody whose role on the platform has the permission; they read at the platform's own bell."""

    permission: Permission


@dataclass(frozen=True, slots=True)
class ToMaker:
    """Whoever of the staff began it, as the event names them in `made_by`."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One notice that follows from an event.

    `facts` are fields of the event. `subject` names the field whose thing is opened, as "order:41" for the kind before
    the colon; empty: the event's own stream. `only` are values that fields must have. With `every`, a reader is told at
    most once in that time, by the first of many.
    """

    kind: str
    to: ToBuyer | ToStaff | ToPlatform | ToMaker
    facts: Sequence[str] = ()
    subject: str = ""
    only: Mapping[str, object] | None = None
    every: timedelta | None = None


_BUYER = ToBuyer()
_WATCHING = ToStaff(Permission.CLOCKS_READ)
_AFTERSALES = ToStaff(Permission.AFTERSALES_WRITE)
_CASES = ToStaff(Permission.CASES_READ)
_CASE = ("case_id", "order_id")
_CASE_OPENED = "aftersale:case_id"
_ARBITERS = ToPlatform(Permission.ARBITRATION_DECIDE)
_DISPUTE = "arbitration:case_id"

_SHOP = ToStaff(Permission.SHOP_WRITE)

NOTICES: dict[str, Sequence[Telling]] = {
    ApplicationDecided.name: [
        Telling("application_approved", _SHOP, ("kind",), only={"passed": True}),
        Telling("application_rejected", _SHOP, ("kind",), only={"passed": False}),
    ],
    PaperDecided.name: [Telling("paper_rejected", _SHOP, ("kind",), only={"passed": False})],
    PaperExpiring.name: [Telling("paper_expiring", _SHOP, ("kind", "expires_at"))],
    PaperExpired.name: [Telling("paper_expired", _SHOP, ("kind",))],
    # Many are paid in a minute of a broadcast: the first one of ten minutes calls, the list has the rest.
    OrderPaid.name: [
        Telling(
            "order_paid",
            ToStaff(Permission.ORDERS_READ),
            ("order_id", "total_fen"),
            every=timedelta(minutes=10),
        )
    ],
    OrderClosed.name: [
        Telling("order_unpaid", _BUYER, ("order_id",), only={"reason": "unpaid"}),
        Telling("order_oversold", _BUYER, ("order_id",), only={"reason": "oversold"}),
        Telling("order_abnormal", _BUYER, ("order_id",), only={"reason": "abnormal"}),
    ],
    PaymentReminderDue.name: [Telling("payment_reminder", _BUYER, ("order_id", "expires_at"))],
    ClaimMovedUp.name: [
        Telling("claim_moved_up", _BUYER, ("order_id", "expires_at"), subject="order:order_id"),
    ],
    OrderRepriced.name: [Telling("order_repriced", _BUYER, ("order_id", "total_fen"))],
    OrderShipped.name: [Telling("order_shipped", _BUYER, ("order_id",))],
    OrderFlagged.name: [Telling("order_flagged", ToStaff(Permission.ORDERS_WRITE), ("order_id", "due_at"))],
    AbnormalReminder.name: [Telling("abnormal_reminder", ToStaff(Permission.ORDERS_WRITE), ("order_id", "due_at"))],
    AddressAsked.name: [Telling("address_asked", ToStaff(Permission.ORDERS_WRITE), ("order_id", "answer_due_at"))],
    AddressAnswered.name: [
        Telling("address_approved", _BUYER, ("order_id",), only={"approved": True}),
        Telling("address_refused", _BUYER, ("order_id",), only={"approved": False}),
    ],
    # Of other refunds the buyer hears when their order is closed or their case decided.
    RefundOwed.name: [
        Telling("refund_coming", _BUYER, ("order_id", "amount_fen"), only={"reason": "late_payment"}),
    ],
    RefundSettled.name: [
        Telling("refund_settled", _BUYER, ("order_id", "amount_fen"), subject="order:order_id"),
    ],
    CaseOpened.name: [Telling("aftersale_opened", _AFTERSALES, _CASE, subject=_CASE_OPENED)],
    CaseMoved.name: [
        *(
            Telling(kind, _BUYER, _CASE, subject=_CASE_OPENED, only={"state": state})
            for kind, state in (
                ("aftersale_approved", "awaiting_return"),
                ("aftersale_refunding", "refunding"),
                ("aftersale_refused", "refused"),
                ("aftersale_resent", "exchanged"),
                ("aftersale_closed", "closed"),
            )
        ),
        Telling("aftersale_sent_back", _AFTERSALES, _CASE, subject=_CASE_OPENED, only={"state": "inspecting"}),
    ],
    CaseSpoken.name: [
        Telling("aftersale_word", _BUYER, _CASE, subject=_CASE_OPENED, only={"by": "staff"}),
        Telling("aftersale_word", _AFTERSALES, _CASE, subject=_CASE_OPENED, only={"by": "buyer"}),
    ],
    CaseLimitMissed.name: [
        Telling("aftersale_late", _BUYER, _CASE, subject=_CASE_OPENED),
        Telling("arbitration_late", _ARBITERS, _CASE, subject=_DISPUTE, only={"clock": "arbitrate"}),
    ],
    ArbiterCalled.name: [
        Telling("aftersale_disputed", _AFTERSALES, _CASE, subject=_CASE_OPENED),
        Telling("arbitration_called", _ARBITERS, _CASE, subject=_DISPUTE),
    ],
    StockLow.name: [Telling("stock_low", ToStaff(Permission.STOCK_WRITE), ("sku_id", "available"))],
    Oversold.name: [Telling("stock_oversold", ToStaff(Permission.STOCK_WRITE), ("sku_id", "short"))],
    # Those who run the broadcast, and those who should be there.
    LegalGone.name: [
        Telling("legal_gone", ToStaff(Permission.ROOMS_LIVE), ("room_id", "since_at")),
        Telling("legal_gone", ToStaff(Permission.TRAIL_READ), ("room_id", "since_at")),
    ],
    BatchFinished.name: [Telling("batch_finished", ToMaker(), ("kind", "failed"))],
    GoodsApproved.name: [
        Telling("goods_approved", ToStaff(Permission.GOODS_WRITE), ("goods_id",), only={"development": False})
    ],
    GoodsRejected.name: [Telling("goods_rejected", ToStaff(Permission.GOODS_WRITE), ("goods_id",))],
    StartNoticed.name: [Telling("live_started", _BUYER, ("room_name",))],
    # A server that is down refuses many: the first of an hour calls, the list has the rest.
    DeliveryGivenUp.name: [
        Telling("webhook_given_up", ToStaff(Permission.DEVELOPER_READ), ("event",), every=timedelta(hours=1))
    ],
    PenaltyImposed.name: [
        Telling(f"penalty_{level}", _CASES, ("rule",), only={"level": level})
        for level in ("minor", "general", "severe")
    ],
    PenaltyEnded.name: [Telling("penalty_ended", _CASES, ("rule",))],
    PenaltyReversed.name: [Telling("penalty_reversed", _CASES, ("rule",))],
    PenaltyUpheld.name: [Telling("penalty_upheld", _CASES, ("rule",))],
    LimitNear.name: [Telling("limit_near", ToStaff(None), ("clock", "subject", "due_at"))],
    LimitMissed.name: [Telling("limit_missed", _WATCHING, ("clock", "subject", "due_at"))],
}


async def tell(runtime: Runtime, shop: ShopId, *, event_ids: list[int]) -> None:
    """Tell of these events whomever the table names."""

    async def work(tx: Tx) -> list[tuple[Happened, Telling]]:
        happened = await stored(tx, event_ids)
        every = [(one, row) for one in happened for row in NOTICES.get(one.name, ()) if _fits(one, row)]
        wanted = [(one, row) for one, row in every if not isinstance(row.to, ToPlatform)]
        readers = await _readers(tx, wanted)
        await messages.tell(tx, [_notice(one, row, who) for one, row in wanted for who in readers(one, row)])
        return [(one, row) for one, row in every if isinstance(row.to, ToPlatform)]

    if above := await runtime.db.write(SYSTEM, shop, work):
        await runtime.db.write(SYSTEM, PLATFORM, lambda tx: _tell_platform(tx, above))


async def _tell_platform(tx: Tx, wanted: Sequence[tuple[Happened, Telling]]) -> None:
    """What belongs to no shop's people is kept with the platform's own rows."""
    for one, row in wanted:
        assert isinstance(row.to, ToPlatform)  # noqa: S101 - the caller chose these
        people = await accounts.platform_people(tx, row.to.permission)
        readers = [str(Actor(ActorKind.REVIEWER, str(account.account_id))) for account in people]
        await messages.tell(tx, [_notice(one, row, reader) for reader in readers])


def _notice(one: Happened, row: Telling, reader: str) -> NewNotice:
    # Ids as text, as in every answer: JavaScript's numbers can't hold them.
    facts = {name: str(one.body[name]) if name.endswith("_id") else one.body[name] for name in row.facts}
    return NewNotice(reader, row.kind, _subject(one, row), facts, _key(one, row), one.at)


def _fits(one: Happened, row: Telling) -> bool:
    return all(one.body.get(name) == value for name, value in (row.only or {}).items())


def _subject(one: Happened, row: Telling) -> str:
    kind, _, field = row.subject.partition(":")
    return f"{kind}:{one.body[field]}" if field else one.stream


def _key(one: Happened, row: Telling) -> str:
    if row.every is None:
        return f"{row.kind}:{one.event_id}"
    return f"{row.kind}:@{int(one.at.timestamp() // row.every.total_seconds())}"


async def _readers(tx: Tx, wanted: Sequence[tuple[Happened, Telling]]) -> _Readers:
    """Whoever is meant by all of these rows: two statements for the buyers, one a permission."""
    bodies = [one.body for one, row in wanted if isinstance(row.to, ToBuyer)]
    of_orders = await orders.buyers(tx, [OrderId(body["order_id"]) for body in bodies if "customer_id" not in body])
    asked = [CustomerId(body["customer_id"]) for body in bodies if "customer_id" in body]
    permissions = {_permission(one, row.to) for one, row in wanted if isinstance(row.to, ToStaff)}
    return _Readers(
        of_orders,
        await customers.present(tx, [*of_orders.values(), *asked]),
        {one: await accounts.members_with(tx, one) for one in sorted(permissions)},
    )


@dataclass(frozen=True, slots=True)
class _Readers:
    of_orders: Mapping[OrderId, CustomerId]
    present: Mapping[CustomerId, CustomerId]  # a guest who became a member is that member; who was erased is nobody
    staff: Mapping[Permission, list[AccountId]]

    def __call__(self, one: Happened, row: Telling) -> list[str]:
        if isinstance(row.to, ToStaff):
            return [str(Actor(ActorKind.STAFF, str(who))) for who in self.staff[_permission(one, row.to)]]
        if isinstance(row.to, ToMaker):
            return [one.body["made_by"]] if one.body["made_by"].startswith(f"{ActorKind.STAFF.value}:") else []
        named = one.body.get("customer_id") or self.of_orders.get(one.body["order_id"])
        buyer = self.present.get(CustomerId(named)) if named else None
        return [] if buyer is None else [str(customer_actor(buyer))]


def _permission(one: Happened, to: ToStaff) -> Permission:
    return to.permission or Permission(one.body["to"])
