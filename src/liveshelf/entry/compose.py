"""Puts a process together from its settings: keys, clock, database, bus, and the adapters behind the ports."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.payments.port import PaymentProvider
from liveshelf.adapters.payments.wechat import WechatPay
from liveshelf.adapters.reading.port import Reader
from liveshelf.adapters.reading.process import ProcessReader
from liveshelf.adapters.storage.folder import FolderStorage
from liveshelf.adapters.storage.port import Storage
from liveshelf.adapters.wecom.api import WECOM_URL, WecomApi
from liveshelf.adapters.wecom.port import Wecom
from liveshelf.adapters.wecom.simulator import WECOM_PATH
from liveshelf.platform import log
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import connect
from liveshelf.platform.fanout import Bus, PostgresBus
from liveshelf.platform.outbound import Outbound, allow_list
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings, read_settings
from liveshelf.platform.signing import load_keys

_PORTS = {"http": 80, "https": 443}


@contextlib.asynccontextmanager
async def runtime_from_environment(process: str) -> AsyncIterator[Runtime]:
    """The runtime of a process of this kind, from the environment; everything it opened is closed at the end."""
    settings = read_settings()
    log.configure(settings.log_level, process)
    async with runtime_of(settings, process) as runtime:
        yield runtime


@contextlib.asynccontextmanager
async def runtime_of(settings: Settings, process: str) -> AsyncIterator[Runtime]:
    """The runtime of a process with these settings."""
    keys = load_keys(settings.secret_key, settings.data_dir)
    clock = Clock(movable=settings.movable_clock)
    database = connect(settings.app_database_url, clock, pool_size=settings.pool_size, process=f"liveshelf {process}")
    outbound = Outbound(allow_list(settings.outbound_allow) | _ourselves(settings))
    try:
        async with bus_of(settings).running() as bus:
            runtime = Runtime(settings, keys, clock, database, bus, outbound)
            provide_adapters(runtime)
            try:
                yield runtime
            finally:
                await runtime.need(Reader).close()
    finally:
        await outbound.close()
        await database.dispose()


def bus_of(settings: Settings) -> Bus:
    """The bus that the settings name."""
    if not settings.bus_url:
        return PostgresBus(settings.app_database_url)
    # Here, not above: its client is an optional extra.
    from liveshelf.platform.fanout_valkey import ValkeyBus  # noqa: PLC0415

    return ValkeyBus(settings.bus_url)


def provide_adapters(runtime: Runtime) -> None:
    """Choose the adapter behind each port by the settings."""
    runtime.provide(Footage, Footage(runtime.settings.data_dir / "video"))
    runtime.provide(Storage, FolderStorage(runtime.settings.data_dir / "media"))
    # One adapter: whether it talks to WeChat Pay or to the simulator is a matter of addresses and keys.
    runtime.provide(PaymentProvider, WechatPay(runtime))
    # As above: a demo's enterprises are at the simulator.
    wecom = runtime.settings.local_url + WECOM_PATH if runtime.settings.demo else WECOM_URL
    runtime.provide(Wecom, WecomApi(runtime.outbound, wecom))
    runtime.provide(Reader, ProcessReader())  # starts its child when a picture is to be read


def _ourselves(settings: Settings) -> frozenset[tuple[str, int]]:
    # The simulators stand for outside systems: we call them, and the one of payment calls our own door, over HTTP.
    if not settings.simulated_payment and not settings.demo:
        return frozenset()
    parts = [urlsplit(url) for url in (settings.local_url, settings.notify_base_url)]
    return frozenset(((one.hostname or "").lower(), one.port or _PORTS[one.scheme]) for one in parts)
