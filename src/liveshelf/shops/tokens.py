"""Access tokens as text: derived from the installation's key, so that no table holds one.

A token says whose it is, of which kind and generation, and when it was issued; an HMAC closes it. Reading it costs no
query, and everybody can see its age; whether its generation is still good is the database's to say.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import struct
from dataclasses import dataclass
from datetime import timedelta

from liveshelf.platform.signing import Keys
from liveshelf.shops.errors import TokenMalformed, TokenUnknown
from liveshelf.shops.types import TokenKind

LIFE = timedelta(hours=2)
OVERLAP = timedelta(minutes=5)  # how long a token stays good beside the one that took its place

_PURPOSE = "wire-token"
_BODY = struct.Struct(">8sBIQ")  # the appid's 16 hex digits, kind, generation, unix seconds of issue
_MAC_BYTES = 24
_BYTES = _BODY.size + _MAC_BYTES  # 45, a multiple of 3: the text needs no padding
_KINDS = {TokenKind.PLAIN: 1, TokenKind.STABLE: 2}
_BY_NUMBER = {number: kind for kind, number in _KINDS.items()}
# Anything of this shape may be a token of another installation: unknown, not malformed, so that every SDK fetches a new
# one.
_SHAPE = re.compile(r"[A-Za-z0-9_\-]{32,512}")
_APPID = re.compile(r"wx[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says of itself."""

    appid: str
    kind: TokenKind
    generation: int
    issued_unix: int

    @property
    def expires_unix(self) -> int:
        """When its two hours are over."""
        return self.issued_unix + int(LIFE.total_seconds())


def is_appid(text: str) -> bool:
    """Whether the text has the shape of an appid."""
    return _APPID.fullmatch(text) is not None


def write_token(keys: Keys, claims: TokenClaims) -> str:
    """The token's text: 60 URL-safe characters, the same whenever it is written."""
    body = _BODY.pack(bytes.fromhex(claims.appid[2:]), _KINDS[claims.kind], claims.generation, claims.issued_unix)
    return base64.urlsafe_b64encode(body + keys.mac(_PURPOSE, body)[:_MAC_BYTES]).decode()


def read_token(keys: Keys, text: str) -> TokenClaims:
    """What a token says. Raises `TokenMalformed` when it can't be a token, `TokenUnknown` when it is not one of
    ours.
    """
    if _SHAPE.fullmatch(text) is None:
        raise TokenMalformed
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise TokenUnknown from error
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if len(raw) != _BYTES or not hmac.compare_digest(mac, keys.mac(_PURPOSE, body)[:_MAC_BYTES]):
        raise TokenUnknown
    appid, kind, generation, issued_unix = _BODY.unpack(body)
    return TokenClaims(f"wx{appid.hex()}", _BY_NUMBER[kind], generation, issued_unix)
