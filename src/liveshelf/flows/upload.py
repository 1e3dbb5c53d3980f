"""An uploaded picture, from bytes to a row: decoded and encoded in a bounded number of threads, kept, then written
down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from liveshelf.adapters.storage import Storage
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import ShopId
from liveshelf.media import service
from liveshelf.media.rules import read_picture
from liveshelf.media.types import Media, Picture
from liveshelf.platform.runtime import Runtime

T = TypeVar("T")

DECODERS = 2  # a decoded picture takes up to 100 MB; more at once would crowd out everything else
_threads = ThreadPoolExecutor(DECODERS, thread_name_prefix="pictures")


async def upload(
    runtime: Runtime, actor: Actor, shop: ShopId, data: bytes, *, kind: str = "image", temporary: bool = False
) -> Media:
    """Keep an uploaded picture as media of the shop. Raises as `media.rules.read_picture`."""
    picture = await in_decoder(lambda: read_picture(data))
    return await keep(runtime, actor, shop, picture, kind=kind, temporary=temporary)


async def keep(
    runtime: Runtime, actor: Actor, shop: ShopId, picture: Picture, *, kind: str = "image", temporary: bool = False
) -> Media:
    """Keep a picture that was read already. The bytes are stored before the row, which so never points at nothing."""
    sha256 = await runtime.need(Storage).put(picture.data)
    return await runtime.db.write(
        actor, shop, lambda tx: service.keep(tx, picture, sha256, kind=kind, temporary=temporary)
    )


async def in_decoder(work: Callable[[], T]) -> T:
    """Run work on pictures in one of the few threads set aside for it."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
