"""What can go wrong with signing in and permissions."""

from __future__ import annotations

from liveshelf.kernel.errors import Busy, Conflict, Denied, Invalid, Missing, Unauthenticated


class SignInRefused(Unauthenticated):
    """Name or password is wrong; which of the two is not told."""

    code = "accounts.sign_in_refused"
    title = "User name or password is wrong."


class SignInTooOften(Busy):
    """Too many tries from one place or for one name."""

    code = "accounts.sign_in_too_often"
    status = 429
    title = "Too many tries. Wait a little."


class NotPermitted(Denied):
    """The account's role does not include this. `permission` names what is missing."""

    code = "accounts.not_permitted"
    title = "Your role does not allow this. The shop's owner can grant it."


class ShopUnknown(Missing):
    """No such shop, or none that this account belongs to."""

    code = "accounts.shop_unknown"
    title = "There is no such shop among yours."


class UsernameTaken(Conflict):
    """Another account has this user name."""

    code = "accounts.username_taken"
    title = "This user name is taken."


class AccountInvalid(Invalid):
    """A user name, password or display name breaks a rule. `field` says which."""

    code = "accounts.invalid"
    title = "User names have 3 to 64 characters; passwords 12 to 128."
