"""What can go wrong with a review."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Denied, Invalid, Missing


class CaseMissing(Missing):
    """There is no such case."""

    code = "reviews.case_missing"
    title = "There is no such review case."


class CaseNotWaiting(Conflict):
    """The case is not where this verdict could be given: decided already, withdrawn, or not yet seen by the machine."""

    code = "reviews.case_not_waiting"
    title = "This case does not wait for a verdict any more."


class ReasonsInvalid(Invalid):
    """A rejection names one to five reasons of the catalogue."""

    code = "reviews.reasons_invalid"
    title = "Name 1 to 5 reasons from the list."


class NoteInvalid(Invalid):
    """The reviewer's note has too many characters, or some that can't be shown."""

    code = "reviews.note_invalid"
    title = "A note has at most 500 characters."


class ReviewerNotIndependent(Denied):
    """The reviewer belongs to the shop whose goods these are."""

    code = "reviews.reviewer_not_independent"
    title = "You belong to this shop, so somebody else must review its goods."
