"""What can go wrong with telling a shop's server."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class EndpointMissing(Missing):
    """The shop has named no server."""

    code = "webhooks.endpoint_missing"
    title = "No address is set."


class UrlInvalid(Invalid):
    """An address is no plain http or https address. `field` says which."""

    code = "webhooks.url_invalid"
    title = "An address begins with http:// or https:// and has at most 500 characters."


class TokenInvalid(Invalid):
    """The token has another form than WeChat's. `field` is `token`."""

    code = "webhooks.token_invalid"
    title = "A token has 3 to 32 letters and digits."


class AesKeyInvalid(Invalid):
    """The EncodingAESKey has another form than WeChat's. `field` is `aes_key`."""

    code = "webhooks.aes_key_invalid"
    title = "An EncodingAESKey has 43 letters and digits."


class EndpointUnverified(Conflict):
    """The address did not answer with the echostr. `outcome` and `status` say what it did, `field` which one."""

    code = "webhooks.endpoint_unverified"
    title = "The address did not prove that it knows the token. Nothing was saved."


class DeliveryMissing(Missing):
    """There is no such delivery, or it was forgotten."""

    code = "webhooks.delivery_missing"
    title = "There is no such delivery."


class DeliveryBusy(Conflict):
    """The delivery is being sent right now."""

    code = "webhooks.delivery_busy"
    title = "This is being sent right now. Look again in a moment."
