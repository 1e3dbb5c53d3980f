"""WeCom's server API: a token for a corp id and a secret, the departments, and who is in them.

It talks to WeCom and to the simulator alike, by address. Calls: `gettoken`, `department/list`, `user/list`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import msgspec

from liveshelf.adapters.wecom.port import EMPLOYEES_MAX, Corp, OnList, Wecom, WecomRefused, WecomUnavailable
from liveshelf.platform.outbound import Outbound, OutboundRefusedError

WECOM_URL: Final = "https://qyapi.weixin.qq.com"
LIST_MAX: Final = 32 << 20  # bytes; an employee is some kilobytes with all that is asked about them
_ACTIVE: Final = 1  # others are disabled (2), have not joined yet (4) or have left (5)
_BUSY: Final = frozenset({-1, 45009})  # the system is busy; too many calls
_TOKEN_OVER: Final = frozenset({40014, 42001})
_TOO_MANY: Final = "too_many_employees"
_EARLY_S: Final = 60.0  # a token is not used in its last minute


class _Token(msgspec.Struct, frozen=True):
    errcode: int
    access_token: str = ""
    expires_in: int = 0


class _Department(msgspec.Struct, frozen=True):
    id: int
    parentid: int = 0


class _Departments(msgspec.Struct, frozen=True):
    errcode: int
    department: list[_Department] = []


class _User(msgspec.Struct, frozen=True):
    userid: str
    name: str = ""
    status: int = 0


class _Users(msgspec.Struct, frozen=True):
    errcode: int
    userlist: list[_User] = []


@dataclass(frozen=True, slots=True)
class _Held:
    secret: str
    token: str
    until: float


class WecomApi(Wecom):
    """WeCom at an address. Tokens are kept while they are good: the one who asks too often is locked out."""

    def __init__(self, outbound: Outbound, base_url: str = WECOM_URL) -> None:
        self._outbound = outbound
        self._base = base_url.rstrip("/")
        self._tokens: dict[str, _Held] = {}

    async def employees(self, corp: Corp) -> tuple[OnList, ...]:
        """As the port says."""
        departments = await self._asked(corp, "department/list", {}, _Departments)
        seen = {one.id for one in departments.department}
        found: dict[str, OnList] = {}
        for one in departments.department:
            if one.parentid in seen:
                continue  # its people come with those above it
            asked = {"department_id": str(one.id), "fetch_child": "1"}
            for user in (await self._asked(corp, "user/list", asked, _Users)).userlist:
                if user.status == _ACTIVE and user.userid:
                    found[user.userid] = OnList(user.userid, user.name.strip())
        if len(found) > EMPLOYEES_MAX:
            raise WecomRefused(
                f"The application sees more than {EMPLOYEES_MAX} employees: let it see fewer departments.",
                reason=_TOO_MANY,
            )
        return tuple(found[userid] for userid in sorted(found))

    async def _asked(self, corp: Corp, path: str, query: Mapping[str, str], answer: type[Any]) -> Any:  # noqa: ANN401 - the type asked for
        for last in (False, True):
            token = await self._token(corp, anew=last)
            got = await self._got(path, {"access_token": token, **query}, answer)
            if got.errcode in _TOKEN_OVER and not last:
                continue
            return _judged(got)
        raise AssertionError("the second try returns")

    async def _token(self, corp: Corp, *, anew: bool) -> str:
        held = self._tokens.get(corp.corp_id)
        if not anew and held is not None and held.secret == corp.secret and time.monotonic() < held.until:
            return held.token
        got = _judged(await self._got("gettoken", {"corpid": corp.corp_id, "corpsecret": corp.secret}, _Token))
        self._tokens[corp.corp_id] = _Held(
            corp.secret, got.access_token, time.monotonic() + max(0.0, got.expires_in - _EARLY_S)
        )
        return str(got.access_token)

    async def _got(self, path: str, query: Mapping[str, str], answer: type[Any]) -> Any:  # noqa: ANN401 - as above
        # The address holds the secret: what goes wrong is told without it.
        url = f"{self._base}/cgi-bin/{path}?{urlencode(query)}"
        try:
            got = await self._outbound.request("GET", url, most=LIST_MAX)
        except (httpx.HTTPError, OutboundRefusedError, OSError, TimeoutError) as error:
            raise WecomUnavailable(reason=type(error).__name__) from None
        if got.status != httpx.codes.OK:
            raise WecomUnavailable(reason=str(got.status))
        try:
            return msgspec.json.decode(got.body, type=answer)
        except msgspec.MsgspecError:
            raise WecomUnavailable(reason="unreadable") from None


def _judged(got: Any) -> Any:  # noqa: ANN401 - any answer has its code
    if got.errcode in _BUSY:
        raise WecomUnavailable(reason=str(got.errcode))
    if got.errcode:
        raise WecomRefused(reason=str(got.errcode))
    return got
