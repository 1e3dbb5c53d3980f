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
    title = "User names have 3 to 64 characters, passwords 12 to 128, names of people 1 to 64."


class CodeNeeded(Unauthenticated):
    """Name and password are right, and the account has a second factor."""

    code = "accounts.code_needed"
    title = "Enter the code of your authenticator app."


class CodeWrong(Unauthenticated):
    """The code is wrong, too old, or was used already."""

    code = "accounts.code_wrong"
    title = "This code is wrong or was used already. Wait for the next one."


class CodeRefused(Invalid):
    """The code that is to confirm a change is wrong, or was used already. `field` is `code`."""

    code = "accounts.code_refused"
    title = "This code is wrong or was used already. Wait for the next one."


class PasswordRefused(Invalid):
    """The present password, asked for once more, is wrong. `field` is `current`."""

    code = "accounts.password_refused"
    title = "This is not your present password."


class SecondFactorNeeded(Denied):
    """This house asks for a second factor of everybody with this role, and the account has none yet."""

    code = "accounts.second_factor_needed"
    title = "Turn on the second factor first: your role asks for it."


class SecondFactorOn(Conflict):
    """The account has a second factor already."""

    code = "accounts.second_factor_on"
    title = "The second factor is on already. Turn it off first."


class SecondFactorOff(Conflict):
    """The account has no second factor, or none that waits to be confirmed."""

    code = "accounts.second_factor_off"
    title = "There is no second factor to confirm or to turn off."


class SessionUnknown(Missing):
    """No such session of this account."""

    code = "accounts.session_unknown"
    title = "There is no such session; it may have ended."


class PreviewOnlyLooks(Denied):
    """Whoever looks at the shop as another role changes nothing."""

    code = "accounts.preview_only_looks"
    title = "You are looking as another role. Leave the preview to change something."


class PreviewRefused(Denied):
    """Only those who manage people look at the shop as another role, and only as one that they may give."""

    code = "accounts.preview_refused"
    title = "You may not look at the shop as this role."


class MemberUnknown(Missing):
    """No such person in this shop."""

    code = "accounts.member_unknown"
    title = "There is no such person in this shop."


class RoleTooHigh(Denied):
    """The role may do more than whoever gives, changes or takes it."""

    code = "accounts.role_too_high"
    title = "This role may do more than yours."


class LastOwner(Conflict):
    """A shop has at least one owner."""

    code = "accounts.last_owner"
    title = "A shop needs an owner. Make somebody else an owner first."


class NotYourself(Conflict):
    """Nobody changes their own role."""

    code = "accounts.not_yourself"
    title = "You can't change your own role."


class HeirInvalid(Invalid):
    """Open work can only be handed to somebody else who works in the shop. `field` is `hand_over_to`."""

    code = "accounts.heir_invalid"
    title = "Open work is handed to somebody else who works here."


class TooManyPeople(Conflict):
    """The shop has as many people and open invitations as it may."""

    code = "accounts.too_many_people"
    title = "A shop has up to 200 people and 50 open invitations."


class InviteUnknown(Missing):
    """The invitation was used, taken back, or is older than a week."""

    code = "accounts.invite_unknown"
    title = "This invitation was used, taken back, or has expired. Ask for a new one."


class AlreadyMember(Conflict):
    """The account works in this shop already."""

    code = "accounts.already_member"
    title = "You work in this shop already."


class InviteInvalid(Invalid):
    """A part of the invitation breaks a rule. `field` says which."""

    code = "accounts.invite_invalid"
    title = "A note has up to 60 plain characters."


class LinkUnknown(Missing):
    """The link for a new password was used or has expired."""

    code = "accounts.link_unknown"
    title = "This link was used or has expired. Ask for a new one."


class NotOursAlone(Denied):
    """The person also works elsewhere: no single shop may let them in again."""

    code = "accounts.not_ours_alone"
    title = "This person also works elsewhere. The platform's operator makes their link."
