"""Keys and what is made with them. One master key; every purpose has its own key derived from it (HKDF-SHA256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBrokenError(ValueError):
    """A sealed or signed text was changed, or made with another key."""


class Keys:
    """The keys of one installation. Purposes are short fixed names such as `"wire-token"`; never user input."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            msg = f"the master key has {len(master)} bytes, not {KEY_BYTES}"
            raise ValueError(msg)
        self._master = master
        self._derive = lru_cache(maxsize=64)(self._derived)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._master)

    def mac(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA256 under the key of the purpose: 32 bytes."""
        return hmac.digest(self._derive(purpose), message, "sha256")

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """AES-256-GCM with a random nonce in front. For personal data and provider secrets at rest."""
        return self.seal(purpose, plain.encode())

    def decrypt(self, purpose: str, sealed: bytes) -> str:
        """Undo `encrypt`. Raises `SealBrokenError`."""
        return self.unseal(purpose, sealed).decode()

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """As `encrypt`, for whole files."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._derive(purpose)).encrypt(nonce, plain, purpose.encode())

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Undo `seal`. Raises `SealBrokenError`."""
        try:
            return AESGCM(self._derive(purpose)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except InvalidTag as error:
            raise SealBrokenError(purpose) from error

    def sign(self, purpose: str, payload: bytes) -> str:
        """Payload and its signature as one URL-safe text. The payload stays readable."""
        return f"{_b64(payload)}.{_b64(self.mac(purpose, payload))}"

    def verify(self, purpose: str, signed: str) -> bytes:
        """The payload of a text made by `sign`. Raises `SealBrokenError`. Freshness is the caller's to check."""
        try:
            payload_text, mac_text = signed.split(".")
            payload, mac = _unb64(payload_text), _unb64(mac_text)
        except ValueError as error:
            raise SealBrokenError(purpose) from error
        if not hmac.compare_digest(mac, self.mac(purpose, payload)):
            raise SealBrokenError(purpose)
        return payload

    def seal_key(self, purpose: str) -> Ed25519PrivateKey:
        """The Ed25519 key of a purpose, for records that others verify with the public half."""
        return Ed25519PrivateKey.from_private_bytes(self._derive(purpose))


def load_keys(secret_key: str, data_dir: Path) -> Keys:
    """The installation's keys: from the setting when given, else from `keys/master`, made at the first start (0600)."""
    if secret_key:
        return Keys(bytes.fromhex(secret_key))
    path = data_dir / "keys" / "master"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Keys(bytes.fromhex(path.read_text().strip()))
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())  # data encrypted under a key that was never written would be lost
    return Keys(bytes.fromhex(path.read_text().strip()))


def digest(token: str) -> bytes:
    """What is stored of a random token: SHA-256. Enough for 128 bits or more of randomness; never for passwords."""
    return hashlib.sha256(token.encode()).digest()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
