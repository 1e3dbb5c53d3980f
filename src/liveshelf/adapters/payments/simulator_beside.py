"""The simulator inside a process that does not serve it: while the demo is made, no door is open yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

import httpx

from liveshelf.adapters.payments.port import PaymentProvider
from liveshelf.adapters.payments.simulator_app import SimulatorApp
from liveshelf.adapters.payments.simulator_keys import SIMULATOR_PATH
from liveshelf.adapters.payments.wechat import WechatPay
from liveshelf.platform.outbound import Answer, Outbound
from liveshelf.platform.runtime import Runtime

_App = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[dict[str, Any]], Awaitable[None]]],
    Awaitable[None],
]


class Beside(Outbound):
    """Reaches the simulator without a socket: for a process that runs before, or instead of, the one that serves it."""

    def __init__(self, runtime: Runtime, app: _App) -> None:
        super().__init__()
        self._base = runtime.settings.local_url + SIMULATOR_PATH
        self._beside = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))

    async def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        most: int | None = None,
    ) -> Answer:
        """One call; what is not for the simulator goes the usual way."""
        if not url.startswith(self._base):
            return await super().request(method, url, body, headers, most=most)
        got = await self._beside.request(method, url, content=body, headers=headers)
        return Answer(got.status_code, dict(got.headers), got.content)


def beside(runtime: Runtime) -> Runtime:
    """The runtime with a simulator of its own inside: nobody hears of what is paid there until a timer tells."""
    app = SimulatorApp(runtime, heard=False)
    inside = replace(runtime, outbound=Beside(runtime, app), adapters=dict(runtime.adapters))
    inside.provide(PaymentProvider, WechatPay(inside))
    return inside
