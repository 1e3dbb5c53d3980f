"""What can go wrong with payments."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Missing


class PaymentUnknown(Missing):
    """No such payment in this shop."""

    code = "payments.unknown"
    title = "There is no such payment."


class PaymentsOff(Conflict):
    """The shop has no payment provider: nothing can be paid here."""

    code = "payments.off"
    title = "This shop can't take payments at the moment."
