"""Values of the reviews capability."""

from __future__ import annotations

from enum import StrEnum

from liveshelf.kernel.states import Transitions


class CaseState(StrEnum):
    """The life of one submission."""

    MACHINE = "machine"  # waits for the machine stage
    WAITING = "waiting"  # passed by the machine, waits for a person
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


CASE = Transitions(
    name="review case",
    initial={CaseState.MACHINE},
    edges={
        CaseState.MACHINE: {CaseState.WAITING, CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN},
        CaseState.WAITING: {CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN},
        CaseState.APPROVED: {CaseState.WAITING},  # a development verdict made void
        CaseState.REJECTED: set(),
        CaseState.WITHDRAWN: set(),
    },
)
