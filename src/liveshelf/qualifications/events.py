"""What happens to applications and papers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from liveshelf.platform.events import Event


class ApplicationSubmitted(Event, frozen=True):
    """An application waits for the platform's people."""

    name: ClassVar[str] = "qualifications.application_submitted"
    kind: str


class ApplicationDecided(Event, frozen=True):
    """An application was approved or rejected."""

    name: ClassVar[str] = "qualifications.application_decided"
    kind: str
    passed: bool


class PaperDecided(Event, frozen=True):
    """A paper was approved or rejected."""

    name: ClassVar[str] = "qualifications.paper_decided"
    paper_id: int
    kind: str
    passed: bool


class PaperExpiring(Event, frozen=True):
    """A paper that counts will expire soon; live goods that need it are flagged from now on."""

    name: ClassVar[str] = "qualifications.paper_expiring"
    paper_id: int
    kind: str
    expires_at: datetime


class PaperExpired(Event, frozen=True):
    """A paper that counted counts no more."""

    name: ClassVar[str] = "qualifications.paper_expired"
    paper_id: int
    kind: str
    expires_at: datetime


class ReachEnded(Event, frozen=True):
    """A shop took back what it had authorised a service provider for."""

    name: ClassVar[str] = "qualifications.reach_ended"
    provider_id: int


class EnterpriseListDue(Event, frozen=True):
    """It is time to read the list of a shop's employees from WeCom."""

    name: ClassVar[str] = "qualifications.enterprise_list_due"


class EmployeeLeft(Event, frozen=True):
    """Somebody is not on the enterprise's list any more: their reach has ended, and so have their sessions."""

    name: ClassVar[str] = "qualifications.employee_left"
    account_id: int
