"""What can go wrong with penalties."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Denied, Invalid, Missing


class PenaltyMissing(Missing):
    """There is no such penalty."""

    code = "penalties.missing"
    title = "There is no such penalty."


class RuleUnknown(Invalid):
    """There is no such rule to break."""

    code = "penalties.rule_unknown"
    title = "There is no such rule."


class ViolationInvalid(Invalid):
    """The evidence can't be right as it stands."""

    code = "penalties.violation_invalid"
    title = "The evidence is not complete."


class ReasonInvalid(Invalid):
    """A reversal or an appeal says why."""

    code = "penalties.reason_invalid"
    title = "Say in 1 to 500 characters why."


class PenaltyOver(Conflict):
    """The penalty is not in force any more, or was acknowledged already."""

    code = "penalties.over"
    title = "This penalty has ended or was reversed."


class PenaltyAppealRefused(Conflict):
    """The penalty was appealed before or reversed, or the time for an appeal is over."""

    code = "penalties.appeal_refused"
    title = "There is no appeal against this penalty any more."


class TrafficLimited(Denied):
    """The shop's traffic is limited: what reaches for the public is refused; direct links work."""

    code = "penalties.limited"
    title = "The shop's traffic is limited for now."
