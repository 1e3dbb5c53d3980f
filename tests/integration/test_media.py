"""Media on a real database and folder: kept, served for its time, forgotten with its bytes."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.adapters.storage.folder import KEPT_AT_LEAST_S
from liveshelf.flows import upload
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import ShopId
from liveshelf.media import queries, service
from liveshelf.media._jobs import TIMERS, collect
from liveshelf.media.errors import MediaMissing, MediaTypeRefused
from liveshelf.media.rules import read_picture
from liveshelf.platform.db import connect
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from tests.make import goods as make
from tests.make import pictures

SHOP, OTHER = ShopId(7), ShopId(8)


@pytest.fixture
def storage(runtime: Runtime, tmp_path) -> FolderStorage:
    folder = FolderStorage(tmp_path / "media")
    runtime.provide(Storage, folder)
    return folder


async def advance(runtime: Runtime, admin_dsn: str, by: timedelta) -> None:
    owner = connect(admin_dsn, runtime.clock)
    await owner.advance_clock(by)
    await owner.dispose()


async def test_bytes_are_kept_once_under_their_hash_and_only_whole(storage: FolderStorage, tmp_path):
    name = await storage.put(b"picture")
    assert await storage.put(b"picture") == name
    assert await storage.get(name) == b"picture"
    assert [path.name for path in (tmp_path / "media").rglob("*") if path.is_file()] == [name]
    for strange in ("", "../../etc/passwd", name.upper(), name + "/..", "\0"):
        assert await storage.get(strange) is None
        assert await storage.delete(strange)


async def test_bytes_put_a_moment_ago_are_not_deleted(storage: FolderStorage, tmp_path):
    name = await storage.put(b"picture")
    assert not await storage.delete(name)
    path = tmp_path / "media" / name[:2] / name
    long_ago = time.time() - KEPT_AT_LEAST_S - 1
    os.utime(path, (long_ago, long_ago))
    await storage.put(b"picture")  # somebody is about to point at it
    assert not await storage.delete(name)
    os.utime(path, (long_ago, long_ago))
    assert await storage.delete(name)
    assert await storage.get(name) is None


async def test_an_upload_is_a_row_and_its_bytes_in_the_shop_alone(runtime: Runtime, storage: FolderStorage):
    kept = await upload.upload(runtime, make.STAFF, SHOP, pictures.jpeg(400, 200), temporary=True)
    assert (kept.content_type, kept.width, kept.height) == ("image/jpeg", 400, 200)
    data = await storage.get(kept.sha256)
    assert data is not None
    assert len(data) == kept.bytes
    assert kept.fingerprint == read_picture(pictures.jpeg(400, 200)).fingerprint
    async with runtime.db.read(OTHER) as tx:
        assert await queries.media(tx, kept.media_id) is None
    with pytest.raises(MediaTypeRefused):
        await upload.upload(runtime, make.STAFF, SHOP, b"<svg/>")


async def test_temporary_media_is_gone_after_three_days_with_bytes_that_nobody_names(
    runtime: Runtime, storage: FolderStorage, admin_dsn: str, tmp_path
):
    jobs: list[dict[str, object]] = []

    async def defer(many):
        jobs.extend(dict(args) for name, args in many if name == "media.collect")

    gone, shared = [
        await upload.upload(runtime, make.STAFF, SHOP, pictures.jpeg(seed=seed), temporary=True) for seed in (1, 2)
    ]
    copy = await runtime.db.write(make.STAFF, SHOP, lambda tx: service.make_permanent(tx, shared.media_id))
    again = await runtime.db.write(make.STAFF, SHOP, lambda tx: service.make_permanent(tx, shared.media_id))
    assert copy == again
    await advance(runtime, admin_dsn, timedelta(days=3, seconds=1))
    async with runtime.db.read(SHOP) as tx:
        assert await queries.media(tx, gone.media_id) is None
        assert await queries.media(tx, copy.media_id) == copy
    with pytest.raises(MediaMissing):
        await runtime.db.write(make.STAFF, SHOP, lambda tx: service.make_permanent(tx, gone.media_id))
    (timer,) = TIMERS
    assert await sweep(runtime.db, timer) == 0  # the rows stay a while for transactions that still use them
    await advance(runtime, admin_dsn, timedelta(hours=1))
    assert await sweep(runtime.db, timer) == 2
    await Relay(runtime.db, runtime.bus, defer, REACTIONS).sweep()
    (job,) = jobs
    assert job["sha256s"] == sorted([gone.sha256, shared.sha256])
    long_ago = time.time() - KEPT_AT_LEAST_S - 1
    for one in (gone, shared):
        os.utime(tmp_path / "media" / one.sha256[:2] / one.sha256, (long_ago, long_ago))
    for _ in range(2):
        await collect(runtime, SHOP, sha256s=[gone.sha256, shared.sha256])
    assert await storage.get(gone.sha256) is None
    assert await storage.get(shared.sha256) is not None


async def test_bytes_that_another_shop_names_stay(runtime: Runtime, storage: FolderStorage, tmp_path):
    kept = await upload.upload(runtime, make.STAFF, OTHER, pictures.jpeg())
    long_ago = time.time() - KEPT_AT_LEAST_S - 1
    os.utime(tmp_path / "media" / kept.sha256[:2] / kept.sha256, (long_ago, long_ago))
    await collect(runtime, SHOP, sha256s=[kept.sha256])
    assert await storage.get(kept.sha256) is not None
