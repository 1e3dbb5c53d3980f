"""Pure decisions: forms of addresses and secrets, what an answer means, when to try again."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

from liveshelf.kernel.text import is_plain
from liveshelf.webhooks.errors import AesKeyInvalid, TokenInvalid, UrlInvalid
from liveshelf.webhooks.types import PAUSES, MessageMode, Secrets, TryOutcome

URL_MAX = 500
HTTP_OK = 200
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_TAKEN = frozenset({"", "success"})


def checked_url(url: str, field: str) -> str:
    """An address as it is kept. Whether it may be reached is asked when it is called. Raises `UrlInvalid`."""
    kept = url.strip()
    try:
        parts = urlsplit(kept)
        port = parts.port
    except ValueError as error:
        raise UrlInvalid(field=field) from error
    usable = parts.scheme in {"http", "https"} and parts.hostname and not parts.username and port != 0
    if not usable or parts.fragment or len(kept) > URL_MAX or not is_plain(kept) or " " in kept:
        raise UrlInvalid(field=field)
    return kept


def checked_secrets(secrets: Secrets, mode: MessageMode) -> Secrets:
    """Token and key as they are kept; plain mode needs no key. Raises `TokenInvalid`, `AesKeyInvalid`."""
    if not _TOKEN.fullmatch(secrets.token):
        raise TokenInvalid(field="token")
    if (mode is not MessageMode.PLAIN or secrets.aes_key) and not _AES_KEY.fullmatch(secrets.aes_key):
        raise AesKeyInvalid(field="aes_key")
    return secrets


def aes_key(text: str) -> bytes:
    """The 32 bytes of an EncodingAESKey."""
    return base64.b64decode(text + "=")


def outcome_of(status: int, body: bytes) -> TryOutcome:
    """What a receiver's answer means: HTTP 200 with "success", nothing, or JSON of errcode 0."""
    if status != HTTP_OK:
        return TryOutcome.STATUS
    text = body.decode("utf-8", "replace").strip()
    return TryOutcome.TAKEN if text in _TAKEN or _is_success(text) else TryOutcome.ANSWER


def pause_after(runs: int) -> timedelta | None:
    """How long to wait after so many runs; `None` when it is enough."""
    return PAUSES[runs - 1] if runs <= len(PAUSES) else None


def _is_success(text: str) -> bool:
    if not text.startswith("{"):
        return False
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and {str(key).lower(): value for key, value in said.items()}.get("errcode") == 0
