"""The door of the console: who may try how often, and the cookies of those who are let in."""

from __future__ import annotations

import secrets
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from liveshelf.accounts import service
from liveshelf.accounts.errors import SignInTooOften
from liveshelf.accounts.rules import device_of, masked_address
from liveshelf.facades.native.shell import SESSION_COOKIE
from liveshelf.kernel.ids import AccountId
from liveshelf.platform.db import Tx
from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys, SealBrokenError

DEVICE_COOKIE = "liveshelf_device"
_DEVICE_S = 180 * 24 * 3600
_PURPOSE = "known-device"
_RETRY_S = 30
_BY_NAME = RateLimit(per_s=1 / 30, burst=10)  # ten tries, then one every half minute
_BY_ADDRESS = RateLimit(per_s=1 / 3, burst=30)
_BY_DEVICE = RateLimit(per_s=1 / 30, burst=10)
_LINKS = RateLimit(per_s=1, burst=60)


def may_try(request: Request[Any, Any, Any], runtime: Runtime, name: str) -> None:
    """Count one try for a name. Raises `SignInTooOften`.

    A browser in which this name was signed in before has tries of its own: whoever uses up the name's, from however
    many addresses, does not lock its owner out.
    """
    device = known_device(runtime.keys, request.cookies.get(DEVICE_COOKIE, ""), name)
    if device:
        allowed = _BY_DEVICE.allows(device)
    else:
        # The address first: one that may try no more uses up no tries of the name's owner.
        allowed = _BY_ADDRESS.allows(address_of(request)) and _BY_NAME.allows(name.lower())
    if not allowed:
        raise SignInTooOften(retry_after_s=_RETRY_S)


def may_open_link(request: Request[Any, Any, Any]) -> None:
    """Count one use of a link by an address; links can't be guessed, so this only guards our work. Raises
    `SignInTooOften`.
    """
    if not _LINKS.allows(address_of(request)):
        raise SignInTooOften(retry_after_s=1)


def known_device(keys: Keys, cookie: str, name: str) -> str:
    """The number of a browser in which this name was signed in before, or an empty text."""
    try:
        told, _, number = keys.verify(_PURPOSE, cookie).decode().rpartition(" ")
    except (SealBrokenError, UnicodeError):
        return ""
    return number if told == name.lower() else ""


def address_of(request: Request[Any, Any, Any]) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


async def begin_session(tx: Tx, request: Request[Any, Any, Any], account_id: AccountId) -> str:
    """A new session in place of the one that the browser had: nobody could sign that one out any more."""
    before = request.cookies.get(SESSION_COOKIE)
    if before:
        await service.end_session(tx, before)
    device = device_of(request.headers.get("user-agent", ""))
    return await service.start_session(tx, account_id, device=device, address=masked_address(address_of(request)))


def session_cookie(runtime: Runtime, token: str) -> Cookie:
    """The cookie of a session; scripts can't read it."""
    return _cookie(runtime, SESSION_COOKIE, token, int(service.SESSION_LIFE.total_seconds()))


def cookies_of(runtime: Runtime, token: str, name: str) -> list[Cookie]:
    """The cookies of somebody who has just signed in."""
    known = runtime.keys.sign(_PURPOSE, f"{name.lower()} {secrets.token_hex(8)}".encode())
    return [session_cookie(runtime, token), _cookie(runtime, DEVICE_COOKIE, known, _DEVICE_S)]


def _cookie(runtime: Runtime, name: str, value: str, life_s: int) -> Cookie:
    secure = runtime.settings.public_url.startswith("https://")
    return Cookie(name, value=value, path="/", httponly=True, samesite="lax", secure=secure, max_age=life_s)
