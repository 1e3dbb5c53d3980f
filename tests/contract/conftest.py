"""A wire application with a shop whose software is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.facades.wechat.router import WireApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import service
from tests.make.shops import a_shop
from tests.make.wire import Wire


@pytest.fixture
async def wire_client(runtime: Runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    runtime.provide(Footage, Footage(runtime.settings.data_dir / "video"))
    async with WireApp(runtime).running() as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wire", timeout=30) as client:
            yield client


@pytest.fixture
async def wire(runtime: Runtime, wire_client: httpx.AsyncClient) -> Wire:
    """The software of a shop, signed in."""
    return await Wire(wire_client, runtime, await a_shop(runtime.db)).sign_in()


@pytest.fixture
async def stranger(runtime: Runtime, wire_client: httpx.AsyncClient) -> Wire:
    """The software of another shop, signed in."""
    return await Wire(wire_client, runtime, await a_shop(runtime.db, "别家")).sign_in()


@pytest.fixture
def limit(runtime: Runtime, wire: Wire):
    """Set quotas of the shop."""

    async def set_limits(**limits: int) -> None:
        named = {key.replace("__", "."): value for key, value in limits.items()}
        await runtime.db.write(SYSTEM, wire.made.shop, lambda tx: service.set_limits(tx, named))

    return set_limits
