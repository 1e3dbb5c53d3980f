"""What can go wrong with bills."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class BillUnreadable(Conflict):
    """The provider's bill is not in the form that we know. Nothing of it is taken."""

    code = "billing.bill_unreadable"
    title = "The provider's bill can't be read."


class DayUnknown(Missing):
    """Nothing was paid under this merchant, or the day is not over."""

    code = "billing.day_unknown"
    title = "There is no such day to compare."


class DifferenceUnknown(Missing):
    """No such difference in this shop."""

    code = "billing.difference_unknown"
    title = "There is no such difference."


class ReasonNeeded(Invalid):
    """A difference is closed with a reason."""

    code = "billing.reason_needed"
    title = "Say why the difference is closed."
