"""What can go wrong between a shop's software and its shop."""

from __future__ import annotations

from liveshelf.kernel.errors import Busy, Conflict, Denied, Invalid, Missing, Unauthenticated


class ShopMissing(Missing):
    """There is no such shop."""

    code = "shops.missing"
    title = "There is no such shop."


class ShopInvalid(Invalid):
    """A shop's name or policy breaks a rule. `field` says which."""

    code = "shops.invalid"
    title = "A shop's name has 1 to 60 plain characters."


class ShopBlocked(Denied):
    """The shop may not create or change goods and rooms."""

    code = "shops.blocked"
    title = "This shop may not create or change goods and rooms at the moment."


class TimeLimitInvalid(Invalid):
    """A time limit outside of what the house allows: `least` to `most`."""

    code = "shops.time_limit_invalid"
    title = "This time limit is outside of what is allowed."


class ShopNotOpen(Denied):
    """The shop has not opened yet, or its opening counts no more; `reason` says which."""

    code = "shops.not_open"
    title = "This shop is not open yet: its application waits to be made or to be decided."


class NotWaivable(Denied):
    """The policy of the house lets nothing be waived."""

    code = "shops.not_waivable"
    title = "On a marketplace no rule can be waived."


class WaiverInvalid(Invalid):
    """A waiver says why."""

    code = "shops.waiver_invalid"
    title = "Say why in 1 to 200 plain characters."


class NotSandbox(Denied):
    """Only a sandbox shop can be set back to its seed."""

    code = "shops.not_sandbox"
    title = "Only a sandbox shop can be reset."


class ResetNotConfirmed(Invalid):
    """A reset repeats the shop's name."""

    code = "shops.reset_not_confirmed"
    title = "Write the shop's name to confirm the reset."


class PagesInvalid(Invalid):
    """The page list can't be read. `field` names the place."""

    code = "shops.pages_invalid"
    title = "This is not an app.json with a list of page paths."


class WidgetKeyInvalid(Invalid):
    """The widget key is not a list of parameter names."""

    code = "shops.widget_key_invalid"
    title = "A widget key is a list of up to 20 parameter names."


class CredentialUnknown(Unauthenticated):
    """There is no such appid."""

    code = "shops.credential_unknown"
    title = "There is no such appid."


class CredentialMissing(Missing):
    """The shop has no credential yet."""

    code = "shops.credential_missing"
    title = "This shop has no credential yet. Make one first."


class SecretWrong(Unauthenticated):
    """The secret does not belong to the appid."""

    code = "shops.secret_wrong"
    title = "The secret is wrong."


class TokenAbsent(Unauthenticated):
    """The call carries no access token."""

    code = "shops.token_absent"
    title = "The access token is missing."


class TokenMalformed(Unauthenticated):
    """The text can't be an access token of anybody."""

    code = "shops.token_malformed"
    title = "This is not an access token."


class TokenUnknown(Unauthenticated):
    """The token is not ours, or a newer one took its place."""

    code = "shops.token_unknown"
    title = "The access token is unknown or no longer the latest."


class TokenExpired(Unauthenticated):
    """The token's two hours are over."""

    code = "shops.token_expired"
    title = "The access token has expired."


class RefreshesExhausted(Busy):
    """The day's forced refreshes are used up."""

    code = "shops.refreshes_exhausted"
    status = 429
    title = "The stable token was refreshed by force too often today."


class QuotaExhausted(Busy):
    """The day's calls of a kind are used up. `quota` names it."""

    code = "shops.quota_exhausted"
    status = 429
    title = "The day's quota of this call is used up. It starts again at midnight in China."


class SubmissionsExhausted(Busy):
    """The day's audit submissions are used up."""

    code = "shops.submissions_exhausted"
    status = 429
    title = "The day's audit submissions are used up. They start again at midnight in China."


class ClearsExhausted(Busy):
    """Quotas were cleared as often as a month allows."""

    code = "shops.clears_exhausted"
    status = 429
    title = "Quotas can be cleared 10 times a month."


class QuotaUnknown(Invalid):
    """There is no quota of that name. `field` names it."""

    code = "shops.quota_unknown"
    title = "There is no such quota."


class FaultInvalid(Invalid):
    """A fault's parts do not fit together. `field` says which."""

    code = "shops.fault_invalid"
    title = "This fault can't be set up."


class FaultMissing(Missing):
    """There is no such fault."""

    code = "shops.fault_missing"
    title = "There is no such fault."


class TooManyFaults(Conflict):
    """The desk holds as many faults as it may."""

    code = "shops.too_many_faults"
    title = "The fault desk holds up to 50 faults. Remove one first."


class AddressNotAllowed(Denied):
    """The credential may not sign in from this address. `address` is the caller's."""

    code = "shops.address_not_allowed"
    title = "This address is not on the credential's list."


class AddressesInvalid(Invalid):
    """A network of the list can't be read. `field` names its place."""

    code = "shops.addresses_invalid"
    title = "A list holds up to 50 addresses or networks, such as 203.0.113.7 or 2001:db8::/32."


class OverlapInvalid(Invalid):
    """The secret before may stay good for up to three days. `field` is `overlap_hours`."""

    code = "shops.overlap_invalid"
    title = "The secret before can stay good for up to 72 hours."
