"""The closed list of what can be wrong with an order, and what becomes of it when nobody settles it in 24 hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from liveshelf.orders.types import OrderState

SETTLE_WITHIN = timedelta(hours=24)
REMIND_AFTER = (timedelta(hours=12), timedelta(hours=22))


class AbnormalKind(StrEnum):
    """What is wrong."""

    ADDRESS_UNDELIVERABLE = "address_undeliverable"
    BUYER_UNREACHABLE = "buyer_unreachable"
    STOCK_MISSING = "stock_missing"  # found when packing
    AMOUNT_MISMATCH = "amount_mismatch"
    SUSPECTED_FRAUD = "suspected_fraud"
    DUPLICATE = "duplicate"
    CODES_MISSING = "codes_missing"  # redeem codes ran out
    LATE_SHIPMENT = "late_shipment"
    PARCEL_LOST = "parcel_lost"
    PARCEL_RETURNED = "parcel_returned"


class Outcome(StrEnum):
    """What the clock does. It never sends back the money of an order of which anything was shipped."""

    REFUND = "refund"  # the order closes, its stock and its money go back
    KEEP = "keep"  # the order stays; that nobody settled it in time is on record


@dataclass(frozen=True, slots=True)
class KindRule:
    """In which states of the order a kind can be flagged, and its outcome."""

    states: frozenset[OrderState]
    outcome: Outcome
    by_staff: bool = True


_UNSHIPPED = frozenset({OrderState.TO_SHIP})
_PAID = frozenset({OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED, OrderState.TO_RECEIVE})
_ON_ITS_WAY = frozenset({OrderState.PARTLY_SHIPPED, OrderState.TO_RECEIVE})

KINDS: Mapping[AbnormalKind, KindRule] = {
    AbnormalKind.ADDRESS_UNDELIVERABLE: KindRule(_PAID, Outcome.REFUND),
    AbnormalKind.BUYER_UNREACHABLE: KindRule(_PAID, Outcome.REFUND),
    AbnormalKind.STOCK_MISSING: KindRule(_UNSHIPPED | {OrderState.PARTLY_SHIPPED}, Outcome.REFUND),
    AbnormalKind.AMOUNT_MISMATCH: KindRule(_UNSHIPPED, Outcome.REFUND),
    AbnormalKind.SUSPECTED_FRAUD: KindRule(_UNSHIPPED, Outcome.REFUND),
    AbnormalKind.DUPLICATE: KindRule(_UNSHIPPED, Outcome.REFUND),
    AbnormalKind.CODES_MISSING: KindRule(_UNSHIPPED | {OrderState.PARTLY_SHIPPED}, Outcome.REFUND, by_staff=False),
    AbnormalKind.LATE_SHIPMENT: KindRule(_UNSHIPPED | {OrderState.PARTLY_SHIPPED}, Outcome.KEEP, by_staff=False),
    AbnormalKind.PARCEL_LOST: KindRule(_ON_ITS_WAY, Outcome.KEEP),
    AbnormalKind.PARCEL_RETURNED: KindRule(_ON_ITS_WAY, Outcome.KEEP),
}
