"""Codes of the second factor as RFC 6238 makes them: six digits, thirty seconds, HMAC-SHA1, as every app reads them.

Pure. A code is right in the step it belongs to, the one before and the one after; whether it was used already is the
database's to say.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1  # steps that a phone's clock may be off
_SECRET_BYTES = 20
RECOVERY_CODES: Final = 10
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else
_RECOVERY_CHARS = 16  # some 79 bits: more than anybody can try, so a plain hash is enough


def new_secret() -> str:
    """A secret as apps take it: 32 characters of base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a step."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0x0F
    number: int = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(at: datetime) -> int:
    """Which step an instant is in."""
    return int(at.timestamp()) // STEP_S


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The step whose code this is, among those that count now."""
    now = step_of(at)
    found = None
    for step in range(max(0, now - DRIFT), now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def uri(secret: str, *, issuer: str, account: str) -> str:
    """What the picture for an app says."""
    query = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_S})
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{query}"


def new_recovery_codes() -> list[str]:
    """Codes that each open once in place of the phone."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def plain_code(text: str) -> str:
    """A code as it was meant: people put spaces and dashes in."""
    return "".join(text.split()).replace("-", "").lower()


def is_recovery_code(code: str) -> bool:
    """Whether a plain code is of the second kind."""
    return len(code) == _RECOVERY_CHARS


def _recovery_code() -> str:
    text = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_CHARS))
    return "-".join(text[at : at + 4] for at in range(0, _RECOVERY_CHARS, 4))
