"""What can go wrong with customers."""

from __future__ import annotations

from liveshelf.kernel.errors import Busy, Conflict, Invalid, Missing, Unauthenticated


class BuyerUnknown(Unauthenticated):
    """The request carries no cookie of a customer of this shop, or an old one. `GET …/me` makes a guest."""

    code = "customers.unknown"
    title = "Open the shop first."


class SignInRefused(Unauthenticated):
    """Phone or password is wrong; which of the two is not told."""

    code = "customers.sign_in_refused"
    title = "Phone number or password is wrong."


class SignInTooOften(Busy):
    """Too many tries from one place or for one phone."""

    code = "customers.sign_in_too_often"
    status = 429
    title = "Too many tries. Wait a little."


class PhoneTaken(Conflict):
    """A member with this phone exists already."""

    code = "customers.phone_taken"
    title = "This phone number has an account already. Sign in with it."


class AlreadyMember(Conflict):
    """The customer is a member and can't register again."""

    code = "customers.already_member"
    title = "You are signed in already."


class CustomerInvalid(Invalid):
    """A phone, password or name breaks a rule. `field` says which."""

    code = "customers.invalid"
    title = "A phone number has 11 digits, a password 8 to 128 characters, a name 1 to 20."


class NoDemoBuyers(Missing):
    """Demo buyers exist only in demo data."""

    code = "customers.no_demo_buyers"
    title = "There are no demo buyers here."


class CodeInvalid(Invalid):
    """The login code was never given out, or its time is up. The wire says 40029."""

    code = "customers.code_invalid"
    title = "This login code is not valid."


class CodeUsed(Conflict):
    """The login code was used before. The wire says 40163."""

    code = "customers.code_used"
    title = "This login code was used already."


class AddressInvalid(Invalid):
    """A part of an address breaks a rule. `field` says which."""

    code = "customers.address_invalid"
    title = "A name has 1 to 25 characters, a phone its digits, a street 2 to 120 characters."


class AddressUnknown(Missing):
    """No such address, or none of this buyer's."""

    code = "customers.address_unknown"
    title = "There is no such address."


class AddressesFull(Conflict):
    """The address book takes no more. `most` says how many it takes."""

    code = "customers.addresses_full"
    title = "The address book is full. Remove an address first."


class DivisionsUnknown(Missing):
    """The divisions are not of this version any more; `version` is the present one."""

    code = "customers.divisions_unknown"
    title = "There are no divisions of this version."


class PurposeUnknown(Missing):
    """There is no such purpose, or none that anybody can refuse."""

    code = "customers.purpose_unknown"
    title = "There is no such purpose to agree to."


class ExportUnknown(Missing):
    """No such copy of one's data, or its week is over."""

    code = "customers.export_unknown"
    title = "There is no such file; it may have been deleted."


class ExportTooSoon(Busy):
    """A copy was asked for already today."""

    code = "customers.export_too_soon"
    status = 429
    title = "You asked for a copy today. Ask again tomorrow."


class CustomerUnknown(Missing):
    """No such customer of this shop, or one who was erased."""

    code = "customers.customer_unknown"
    title = "There is no such customer."
