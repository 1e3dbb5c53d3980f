"""The third version of WeChat Pay's protocol: who signs what, and who is believed.

Signing, verifying and decrypting are the library `wechatpayv3`'s; calls go through our own client, not the library's.
It is imported when the first payment is made: it brings a second HTTP client along, which most processes never need.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

import msgspec

from liveshelf.adapters.payments.merchants import Merchant
from liveshelf.platform.clock import wall_now

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FRESH = timedelta(minutes=5)  # wall time; an older signature may be a recording
CERTIFICATES_AGAIN_S = 60.0  # a serial number that nobody knows makes us look again, but not for every forgery
_SIGNATURE_MAX = 2048  # characters


class Certificate(msgspec.Struct, frozen=True):
    """A platform certificate, encrypted for the merchant."""

    class Sealed(msgspec.Struct, frozen=True):
        """What only the APIv3 key opens."""

        ciphertext: str
        nonce: str
        associated_data: str = ""

    serial_no: str
    encrypt_certificate: Sealed


class Certificates(msgspec.Struct, frozen=True):
    """The platform certificates that are valid now."""

    data: list[Certificate]


def authorization(merchant: Merchant, method: str, path: str, body: str) -> str:
    """The header that signs a call of ours. `path` is the address after the host, with its query."""
    from wechatpayv3 import utils  # noqa: PLC0415 - see the module

    # What it is given as text it signs as it is.
    made: str = utils.build_authorization(
        path, method, merchant.mchid, merchant.serial, _private_key(merchant.private_key), data=body
    )
    return made


def page_signature(merchant: Merchant, *parts: str) -> str:
    """The signature that WeChat's page function wants, over these lines."""
    from wechatpayv3 import utils  # noqa: PLC0415 - see the module

    lines = "".join(f"{part}\n" for part in parts)
    made: str = utils.rsa_sign(_private_key(merchant.private_key), lines)
    return made


def opened(merchant: Merchant, *, nonce: str, ciphertext: str, associated_data: str) -> str | None:
    """What the provider encrypted for the merchant; nothing when it was not the provider, or changed since."""
    from wechatpayv3 import utils  # noqa: PLC0415 - see the module

    try:
        plain: str | None = utils.aes_decrypt(nonce, ciphertext, associated_data, merchant.apiv3_key)
    except (ValueError, UnicodeDecodeError):  # no base64, a nonce of another length, no text
        return None
    return plain


@lru_cache(maxsize=256)
def _private_key(text: str) -> Any:  # noqa: ANN401 - a private RSA key; reading one checks its primes, which takes long
    from wechatpayv3 import utils  # noqa: PLC0415 - see the module

    return utils.load_private_key(text)


class PlatformKeys:
    """The public keys with which each merchant's provider signs, as far as this process has seen them."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[int, Any]] = {}
        self._looked: dict[str, float] = {}

    def may_look(self, merchant: Merchant) -> bool:
        """Whether the certificates may be fetched (again) by now; counts as having done so."""
        now = time.monotonic()
        if now - self._looked.get(merchant.mchid, -CERTIFICATES_AGAIN_S) < CERTIFICATES_AGAIN_S:
            return False
        self._looked[merchant.mchid] = now
        return True

    def look_again(self, merchant: Merchant) -> None:
        """Forget when they were fetched: the last try failed."""
        self._looked.pop(merchant.mchid, None)

    def learn(self, merchant: Merchant, body: bytes) -> dict[str, str]:
        """Read fetched certificates. They are believed because only the APIv3 key opens them. Raises `ValueError`."""
        found = {}
        for one in msgspec.json.decode(body, type=Certificates).data:
            sealed = one.encrypt_certificate
            text = opened(
                merchant,
                nonce=sealed.nonce,
                ciphertext=sealed.ciphertext,
                associated_data=sealed.associated_data,
            )
            if text is None or not self.remember(merchant, text):
                raise ValueError("a platform certificate can't be opened")
            found[one.serial_no] = text
        return found

    def remember(self, merchant: Merchant, text: str) -> bool:
        """Take a certificate that was fetched by whichever of our processes; false for what is none."""
        from wechatpayv3 import utils  # noqa: PLC0415 - see the module

        certificate = utils.load_certificate(text)
        if certificate is None:
            return False
        if certificate.not_valid_before_utc <= wall_now() <= certificate.not_valid_after_utc:
            self._keys.setdefault(merchant.mchid, {})[certificate.serial_number] = certificate.public_key()
        return True

    def knows(self, merchant: Merchant, headers: Mapping[str, str]) -> bool:
        """Whether the key that is named as the signer's is known."""
        return self._key(merchant, headers.get("wechatpay-serial", "")) is not None

    def believes(self, merchant: Merchant, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the provider said this, and lately. `headers` have lower-case names."""
        from wechatpayv3 import utils  # noqa: PLC0415 - see the module

        sent, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        signature = headers.get("wechatpay-signature", "")
        if headers.get("wechatpay-signature-type", SCHEME) != SCHEME or len(signature) > _SIGNATURE_MAX or not nonce:
            return False
        if not (sent.isascii() and sent.isdigit()):
            return False
        if abs(wall_now().timestamp() - int(sent[:12])) > FRESH.total_seconds():
            return False
        key = self._key(merchant, headers.get("wechatpay-serial", ""))
        try:
            return key is not None and bool(utils.rsa_verify(sent, nonce, body.decode(), signature, key))
        except ValueError:  # no UTF-8
            return False

    def _key(self, merchant: Merchant, serial: str) -> Any:  # noqa: ANN401 - a public RSA key
        from wechatpayv3 import utils  # noqa: PLC0415 - see the module

        if merchant.public_key_id and serial == merchant.public_key_id:
            return utils.load_public_key(merchant.public_key)
        try:
            number = int(serial, 16)
        except ValueError:
            return None
        return self._keys.get(merchant.mchid, {}).get(number)
