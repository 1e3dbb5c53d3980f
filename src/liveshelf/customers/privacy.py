"""People about their own data: what they agree to, and copies of all that is kept of them.

A purpose without which nothing can be sold is no question; the others are off until somebody says yes, and every yes
and no is kept with the words that were shown. A copy is made by a job, lies sealed, and is deleted a week later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Row

from liveshelf.customers import _privacy_sql as _sql
from liveshelf.customers.errors import CustomerUnknown, ExportTooSoon, ExportUnknown
from liveshelf.kernel.ids import CustomerId, new_number
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.events import Event
from liveshelf.platform.signing import Keys
from liveshelf.trail.service import record

WORDING = "2026-11"  # the version of the words on the page; another wording asks anew
COPY_KEPT = timedelta(days=7)
ASK_EVERY = timedelta(days=1)
_PURPOSE_COPY = "privacy-copy"


class Purpose(StrEnum):
    """What data may be used for only if somebody says yes."""

    MARKETING = "marketing"  # being told of offers
    ANALYTICS = "analytics"  # what somebody looks at, for the shop's own figures


class RequestKind(StrEnum):
    """What somebody asked for."""

    EXPORT = "export"
    ERASURE = "erasure"


class CopyDue(Event, frozen=True):
    """Somebody asked for a copy of their data."""

    name: ClassVar[str] = "customers.copy_due"
    request_id: int


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes or no. `outdated` says that the words have changed since."""

    purpose: Purpose
    given: bool
    wording: str
    at: datetime

    @property
    def outdated(self) -> bool:
        """Whether it was said to other words."""
        return self.wording != WORDING


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked, and whether its file is still there."""

    request_id: int
    customer_id: CustomerId
    kind: RequestKind
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    forget_at: datetime | None
    ready: bool


async def say(tx: Tx, customer_id: CustomerId, purpose: Purpose, *, given: bool) -> None:
    """The customer agrees to a purpose, or no longer. Saying the same again writes nothing."""
    present = {one.purpose: one for one in await consents(tx, customer_id)}.get(purpose)
    if present is not None and present.given == given and not present.outdated:
        return
    await tx.execute(
        _sql.INSERT_CONSENT.values(
            shop_id=tx.shop,
            customer_id=customer_id,
            consent_id=new_number(),
            purpose=purpose,
            given=given,
            wording=WORDING,
            at=tx.now,
        )
    )


async def consents(tx: ReadTx, customer_id: CustomerId) -> list[Consent]:
    """The customer's last word on each purpose that they ever answered."""
    return [_consent(row) for row in await tx.all(_sql.CONSENTS, customer=customer_id)]


async def agrees(tx: ReadTx, customer_id: CustomerId, purpose: Purpose) -> bool:
    """Whether the customer's data may be used for a purpose now."""
    return any(one.purpose is purpose and one.given for one in await consents(tx, customer_id))


async def ask_copy(tx: Tx, customer_id: CustomerId) -> int:
    """Ask for a copy of all that is kept of a customer; one a day. Raises `CustomerUnknown`, `ExportTooSoon`."""
    await _lock(tx, customer_id)
    if await tx.scalar(_sql.ASKED_SINCE, customer=customer_id, since=tx.now - ASK_EVERY):
        raise ExportTooSoon(retry_after_s=int(ASK_EVERY.total_seconds()))
    request_id = await _remember(tx, customer_id, RequestKind.EXPORT)
    tx.emit(CopyDue(request_id=request_id), stream=f"customer:{customer_id}")
    record(tx, "privacy.ask_copy", f"customer:{customer_id}")
    return request_id


async def keep_copy(tx: Tx, keys: Keys, request_id: int, content: str) -> None:
    """The copy that was asked for is ready. A second time changes nothing."""
    sealed = keys.encrypt(_PURPOSE_COPY, content)
    await tx.one(_sql.KEEP_COPY, request=request_id, b_sealed=sealed, b_moment=tx.now, b_forget=tx.now + COPY_KEPT)


async def copy_of(tx: ReadTx, keys: Keys, request_id: int, *, customer_id: CustomerId | None = None) -> str:
    """The file of a request, of this customer when one is named. Raises `ExportUnknown`."""
    row = await tx.one(_sql.REQUEST, request=request_id)
    if row is None or row.sealed is None or row.forget_at <= tx.now or customer_id not in {None, row.customer_id}:
        raise ExportUnknown
    return keys.decrypt(_PURPOSE_COPY, bytes(row.sealed))


async def request(tx: ReadTx, request_id: int) -> Request:
    """One request of the shop. Raises `ExportUnknown`."""
    row = await tx.one(_sql.REQUEST, request=request_id)
    if row is None:
        raise ExportUnknown
    return _request(row, tx.now)


async def requests_of(tx: ReadTx, customer_id: CustomerId) -> list[Request]:
    """What a customer asked, the newest first."""
    return [_request(row, tx.now) for row in await tx.all(_sql.OF_CUSTOMER, customer=customer_id)]


async def page(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Request]:
    """What the shop's customers asked, the newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.PAGE, before=below(cursor), most=most + 1)
    return page_of([_request(row, tx.now) for row in rows], most, lambda one: (one.request_id,))


async def check_known(tx: Tx, customer_id: CustomerId) -> None:
    """Lock a customer who is still one. Raises `CustomerUnknown`."""
    await _lock(tx, customer_id)


async def forget_copies(tx: Tx, customer_id: CustomerId) -> None:
    """The customer was erased: copies of their data go with them."""
    await tx.execute(_sql.FORGET_OF, customer=customer_id, b_moment=tx.now)


async def note_erasure(tx: Tx, customer_id: CustomerId) -> None:
    """Write down that a customer was erased, and when: that is all that is kept."""
    request_id = await _remember(tx, customer_id, RequestKind.ERASURE, done=True)
    record(tx, "privacy.erase", f"privacy:{request_id}")


async def _remember(tx: Tx, customer_id: CustomerId, kind: RequestKind, *, done: bool = False) -> int:
    request_id = new_number()
    await tx.execute(
        _sql.INSERT_REQUEST.values(
            shop_id=tx.shop,
            request_id=request_id,
            customer_id=customer_id,
            kind=kind,
            asked_by=str(tx.actor),
            asked_at=tx.now,
            done_at=tx.now if done else None,
        )
    )
    return request_id


async def _lock(tx: Tx, customer_id: CustomerId) -> None:
    if await tx.one(_sql.LOCK_CUSTOMER, customer=customer_id) is None:
        raise CustomerUnknown


def _consent(row: Row[Any]) -> Consent:
    return Consent(Purpose(row.purpose), row.given, row.wording, row.at)


def _request(row: Row[Any], now: datetime) -> Request:
    ready = row.sealed is not None and row.forget_at > now
    kind = RequestKind(row.kind)
    return Request(
        row.request_id, CustomerId(row.customer_id), kind, row.asked_by, row.asked_at, row.done_at, row.forget_at, ready
    )
