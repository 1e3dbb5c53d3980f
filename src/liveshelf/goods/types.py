"""Values of the goods capability."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from liveshelf.kernel.states import Transitions


class AuditState(StrEnum):
    """Where a live goods stands with its audit. The wire's numbers 0–3 are a projection in the facade."""

    UNAUDITED = "unaudited"
    IN_AUDIT = "in_audit"
    APPROVED = "approved"
    REJECTED = "rejected"


# `approved → in_audit` is the void of a verdict that development mode gave: such goods wait for a person again.
AUDIT = Transitions(
    name="live goods audit",
    initial={AuditState.IN_AUDIT, AuditState.UNAUDITED},
    edges={
        AuditState.UNAUDITED: {AuditState.IN_AUDIT},
        AuditState.IN_AUDIT: {AuditState.UNAUDITED, AuditState.APPROVED, AuditState.REJECTED},
        AuditState.APPROVED: {AuditState.IN_AUDIT},
        AuditState.REJECTED: {AuditState.IN_AUDIT},
    },
)


class PriceType(IntEnum):
    """How the two prices read: one price; from–to; original and present price."""

    FIXED = 1
    RANGE = 2
    DISCOUNT = 3


class Origin(StrEnum):
    """Where a live goods was made. Only API goods can be operated over the wire (A-103)."""

    API = "api"
    CONSOLE = "console"
