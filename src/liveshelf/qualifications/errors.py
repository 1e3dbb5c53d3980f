"""What can go wrong with categories, papers and the rights that follow from them."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Denied, Invalid, Missing


class CategoryUnknown(Invalid):
    """There is no such sub-category."""

    code = "qualifications.category_unknown"
    title = "There is no such category. Choose a sub-category of the list."


class PaperNumberInvalid(Invalid):
    """A paper's number can't be right: its form, its length or its check digit."""

    code = "qualifications.paper_number_invalid"
    title = "This number can't be right: its form or its check digit is wrong."


class PaperDateInvalid(Invalid):
    """A paper that ends is asked until when it is valid, and that day has not passed."""

    code = "qualifications.paper_date_invalid"
    title = "Say until when the paper is valid, a day that has not passed."


class PaperTooLarge(Invalid):
    """A PDF has more bytes than anybody needs."""

    code = "qualifications.paper_too_large"
    status = 413
    title = "A PDF has at most 20 MB."


class PaperTooLong(Invalid):
    """A PDF has more pages than anybody reads."""

    code = "qualifications.paper_too_long"
    title = "A PDF has at most 50 pages."


class PaperLocked(Invalid):
    """A PDF is encrypted, so nobody can judge it."""

    code = "qualifications.paper_locked"
    title = "This PDF is protected by a password. Save it without one."


class PaperActive(Invalid):
    """A file is two things in one, or does something when it is opened."""

    code = "qualifications.paper_active"
    title = "This file holds more than pages: scripts, forms, attachments or a second file. Print it to a plain PDF."


class PaperUnreadable(Invalid):
    """A file can't be read."""

    code = "qualifications.paper_unreadable"
    title = "This file can't be read. Send a picture or a plain PDF."


class PaperUnknown(Missing):
    """There is no such paper in this shop."""

    code = "qualifications.paper_unknown"
    title = "There is no such paper."


class PaperNotWaiting(Conflict):
    """The paper was decided already, or another one took its place."""

    code = "qualifications.paper_not_waiting"
    title = "This paper does not wait for a decision any more."


class TooManyPapers(Conflict):
    """A shop has as many papers as it may."""

    code = "qualifications.too_many_papers"
    title = "A shop keeps up to 200 papers."


class PapersMissing(Denied):
    """Papers are missing or have expired; `missing` and `expired` name their kinds."""

    code = "qualifications.papers_missing"
    title = "Papers that this needs are missing, wait for their review or have expired."


class ApiNotAllowed(Denied):
    """The shop's subject does not give its software the right to call the interfaces."""

    code = "qualifications.api_not_allowed"
    title = "Only the software of an enterprise may call the interfaces."


class RightMissing(Denied):
    """The shop's subject, or the mode that somebody works in, does not give this right."""

    code = "qualifications.right_missing"
    title = "A shop of this kind may not do this."


class OutsideReach(Denied):
    """A service provider works only in the categories that the shop authorised."""

    code = "qualifications.outside_reach"
    title = "Your authorisation does not cover goods of this category."


class ApplicationMissing(Missing):
    """The shop has made no such application."""

    code = "qualifications.application_missing"
    title = "There is no such application."


class ApplicationRefuses(Conflict):
    """The application's state does not allow this; `state` is the present one."""

    code = "qualifications.application_refuses"
    title = "The application's state does not allow this."


class ApplicationInvalid(Invalid):
    """A part of the application can't be right; `field` names it."""

    code = "qualifications.application_invalid"
    title = "This part of the application can't be right."


class MerchantNotBound(Conflict):
    """Without a payment merchant nobody could pay."""

    code = "qualifications.merchant_not_bound"
    title = "Bind a payment merchant first: without one the shop can't open for orders."


class LivePermissionMissing(Denied):
    """The shop may not broadcast; `reason` says why: uncertified, not_applied, draft, submitted or rejected."""

    code = "qualifications.live_permission_missing"
    title = "This shop may not broadcast yet: its live permission is not granted."


class CategoriesUnmatched(Denied):
    """The categories named for broadcasts are not covered by papers; `missing` names the papers."""

    code = "qualifications.categories_unmatched"
    title = "Papers for the categories that you want to sell live are missing or have expired."


class LinkOver(Missing):
    """A link to a paper is over, or is somebody else's."""

    code = "qualifications.link_over"
    title = "This link is over. Open the paper again."


class TooManyBegun(Conflict):
    """An account has begun as many shops as may wait at once."""

    code = "qualifications.too_many_begun"
    title = "Up to 3 of your shops may wait to open. Complete one first."


class ProviderInvalid(Invalid):
    """A service provider's name or people break a limit; `field` says which."""

    code = "qualifications.provider_invalid"
    title = "A provider has a name of its own of 1 to 60 plain characters."


class ProviderUnknown(Missing):
    """There is no such service provider, or no such person of it."""

    code = "qualifications.provider_unknown"
    title = "There is no such service provider."


class GrantInvalid(Invalid):
    """An authorisation names top categories and an official provider; `field` says what is wrong."""

    code = "qualifications.grant_invalid"
    title = "Choose at least one top category of the list."


class GrantMissing(Missing):
    """The shop has not authorised this provider, or not any more."""

    code = "qualifications.grant_missing"
    title = "There is no such authorisation."


class EnterpriseInvalid(Invalid):
    """A corp id or its secret can't be right; `field` says which."""

    code = "qualifications.enterprise_invalid"
    title = "A corp ID begins with ww or wx, a secret has 16 to 128 characters."


class EnterpriseUnbound(Denied):
    """No enterprise is bound through WeCom, or its list of employees was not read lately; `reason` says which."""

    code = "qualifications.enterprise_unbound"
    title = "The shop's enterprise is not bound through WeCom now."


class EmployeeUnnamed(Denied):
    """The employee has not passed the real-name check."""

    code = "qualifications.employee_unnamed"
    title = "Pass the real-name check first."


class EmployeeUnknown(Missing):
    """There is no such employee on the enterprise's list, or not any more."""

    code = "qualifications.employee_unknown"
    title = "There is no such employee."


class EmployeeTaken(Conflict):
    """The account, or the identity number, is another employee's."""

    code = "qualifications.employee_taken"
    title = "This belongs to another employee."


class EmployeeInvalid(Invalid):
    """The account can't be an employee's: it is not known, or works in the shop anyway; `field` names the place."""

    code = "qualifications.employee_invalid"
    title = "There is no such account, or it works in the shop anyway."


class RealNameMismatch(Invalid):
    """The name is not the one that the enterprise's list has."""

    code = "qualifications.real_name_mismatch"
    title = "This is not the name that your enterprise's list has for you."
