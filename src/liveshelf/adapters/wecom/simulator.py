"""The simulated WeCom over HTTP: its three calls, and a switch that sets who works where.

Served by our HTTP process under `/simulator/wecom`, only in a demo. Every corp id that begins with `SIMULATED` is an
enterprise here; its secret follows from its corp id and this installation's key.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qs

import msgspec

from liveshelf.adapters.wecom import _sql
from liveshelf.adapters.wecom.port import EMPLOYEES_MAX
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

WECOM_PATH: Final = "/simulator/wecom"  # where our HTTP process serves it
SIMULATED: Final = "wwsim"  # how its corp ids begin
BODY_MAX: Final = 1 << 20
_TOKEN, _SECRET = "simulator-wecom-token", "simulator-wecom-secret"
_ROOT: Final = 1  # every corp has one department


class Employee(msgspec.Struct, frozen=True):
    """Somebody at a simulated enterprise. Status: 1 active, 2 disabled, 4 not joined, 5 left."""

    userid: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: Annotated[str, msgspec.Meta(max_length=64)]
    status: Literal[1, 2, 4, 5] = 1


class _Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    corp_id: Annotated[str, msgspec.Meta(pattern=f"^{SIMULATED}[0-9a-z]{{1,40}}$")]
    employees: Annotated[list[Employee], msgspec.Meta(max_length=EMPLOYEES_MAX)]


def simulated_corp(shop: ShopId) -> str:
    """The corp id that is suggested to a shop."""
    return f"{SIMULATED}{shop:012d}"


def simulated_secret(keys: Keys, corp_id: str) -> str:
    """The secret of a simulated enterprise's application."""
    return keys.mac(_SECRET, corp_id.encode()).hex()[:43]


async def employ(runtime: Runtime, corp_id: str, employees: Sequence[Employee]) -> None:
    """From now on exactly these work there."""
    rows = [{"corp_id": corp_id, **msgspec.structs.asdict(one)} for one in employees]

    async def work(tx: Tx) -> None:
        await tx.execute(_sql.FORGET, corp=corp_id)
        if rows:
            await tx.conn.execute(_sql.KEEP, rows)

    await runtime.db.write(SYSTEM, PLATFORM, work)


class SimulatedWecom:
    """The whole simulator as one ASGI application. For tests: `down` lets it answer nothing, and `refuses` is the code
    that it answers everything with.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.down = False
        self.refuses = 0
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope["path"]).removeprefix(WECOM_PATH)
        query = {name: words[0] for name, words in parse_qs(bytes(scope.get("query_string", b"")).decode()).items()}
        body = await _body(receive)
        if self.down:
            await _answer(send, 503, None)
        elif path == "/employees" and scope["method"] == "PUT":
            await self._switch(body, send)
        elif path.startswith("/cgi-bin/"):
            self.asked.append(path.removeprefix("/cgi-bin/"))
            refusal = {"errcode": self.refuses, "errmsg": "refused"}
            told = refusal if self.refuses else await self._told(path.removeprefix("/cgi-bin/"), query)
            await _answer(send, 200, told)
        else:
            await _answer(send, 404, None)

    async def _switch(self, body: bytes, send: Send) -> None:
        try:
            switch = msgspec.json.decode(body, type=_Switch)
        except msgspec.MsgspecError as error:
            await _answer(send, 422, {"errmsg": str(error)})
            return
        await employ(self._runtime, switch.corp_id, switch.employees)
        await _answer(send, 200, {"errcode": 0})

    async def _told(self, call: str, query: Mapping[str, str]) -> dict[str, Any]:
        if call == "gettoken":
            return self._new_token(query.get("corpid", ""), query.get("corpsecret", ""))
        corp = self._corp_of(query.get("access_token", ""))
        if corp is None:
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        if call == "department/list":
            return {"errcode": 0, "errmsg": "ok", "department": [{"id": _ROOT, "name": "总部", "parentid": 0}]}
        if call != "user/list":
            return {"errcode": 40035, "errmsg": "invalid parameter"}
        if query.get("department_id") != str(_ROOT):
            return {"errcode": 60003, "errmsg": "department not found"}
        async with self._runtime.db.read() as tx:
            rows = await tx.all(_sql.OF_CORP, corp=corp)
        users = [{"userid": row.userid, "name": row.name, "department": [_ROOT], "status": row.status} for row in rows]
        return {"errcode": 0, "errmsg": "ok", "userlist": users}

    def _new_token(self, corp: str, secret: str) -> dict[str, Any]:
        if not corp.startswith(SIMULATED):
            return {"errcode": 40013, "errmsg": "invalid corpid"}
        if not hmac.compare_digest(secret.encode(), simulated_secret(self._runtime.keys, corp).encode()):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        token = f"{corp}.{self._runtime.keys.mac(_TOKEN, corp.encode()).hex()}"
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}

    def _corp_of(self, token: str) -> str | None:
        corp, _, mac = token.partition(".")
        right = self._runtime.keys.mac(_TOKEN, corp.encode()).hex()
        return corp if hmac.compare_digest(mac.encode(), right.encode()) else None


async def _body(receive: Receive) -> bytes:
    chunks, more = b"", True
    while more and len(chunks) <= BODY_MAX:
        message = await receive()
        chunks += message.get("body", b"")
        more = message.get("more_body", False)
    return chunks


async def _answer(send: Send, status: int, told: dict[str, Any] | None) -> None:
    body = b"" if told is None else msgspec.json.encode(told)
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
