"""The simulated WeCom, reached without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import httpx

from liveshelf.adapters.wecom.api import WecomApi
from liveshelf.adapters.wecom.port import Corp, Wecom
from liveshelf.adapters.wecom.simulator import WECOM_PATH, Employee, SimulatedWecom, employ, simulated_secret
from liveshelf.platform.outbound import Answer, Outbound
from liveshelf.platform.runtime import Runtime


class Inside(Outbound):
    """Calls an ASGI application instead of the network."""

    def __init__(self, app: SimulatedWecom) -> None:
        super().__init__()
        self._inside = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))

    async def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        most: int | None = None,
    ) -> Answer:
        """One call."""
        assert most is None or most > len(body)
        got = await self._inside.request(method, url, content=body, headers=headers)
        return Answer(got.status_code, dict(got.headers), got.content)


class Office:
    """An enterprise at the simulator, and the adapter that reads its list."""

    def __init__(self, runtime: Runtime, corp_id: str = "wwsim7") -> None:
        self.runtime = runtime
        self.corp = Corp(corp_id, simulated_secret(runtime.keys, corp_id))
        self.simulator = SimulatedWecom(runtime)
        self.api = WecomApi(Inside(self.simulator), f"http://127.0.0.1:8000{WECOM_PATH}")
        runtime.provide(Wecom, self.api)

    async def has(self, **people: str | tuple[str, Literal[2, 4, 5]]) -> None:
        """From now on exactly these work here: names by userid, with a status where it is not "active"."""
        employees = [
            Employee(userid, who) if isinstance(who, str) else Employee(userid, *who) for userid, who in people.items()
        ]
        await employ(self.runtime, self.corp.corp_id, employees)
