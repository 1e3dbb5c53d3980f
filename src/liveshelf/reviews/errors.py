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


class JudgesOwnCase(Denied):
    """The reviewer has submitted the case, or has judged it before."""

    code = "reviews.own_case"
    title = "Somebody else must judge this case: it is yours, or you have judged it before."


class CaseTaken(Conflict):
    """Another reviewer works on the case."""

    code = "reviews.case_taken"
    title = "Somebody else works on this case."


class CaseNotTaken(Conflict):
    """Only who works on a case can give it away."""

    code = "reviews.case_not_taken"
    title = "You do not work on this case."


class AppealRefused(Conflict):
    """The case was not rejected, was appealed before, or the time for an appeal is over."""

    code = "reviews.appeal_refused"
    title = "There is no appeal against this any more."


class AppealInvalid(Invalid):
    """An appeal says why, in 1 to 500 characters."""

    code = "reviews.appeal_invalid"
    title = "Say in 1 to 500 characters why the rejection was wrong."


class SubmissionInvalid(Invalid):
    """A case has a title, and its content stays within limits."""

    code = "reviews.submission_invalid"
    title = "This is too much, or too little, for one review."


class ReviewerUnknown(Invalid):
    """There is no reviewer of this number to hand a case to."""

    code = "reviews.reviewer_unknown"
    title = "There is no such reviewer."
