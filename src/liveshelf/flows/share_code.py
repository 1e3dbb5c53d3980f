"""Pictures that lead into a room: a QR code, and a poster with the room's picture above it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import segno
from PIL import Image

from liveshelf.adapters.storage import Storage
from liveshelf.kernel.errors import Busy, Invalid
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.media import queries as media
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import links, queries
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import Room

CUSTOM_MAX = 1_024  # characters; a code with more can't be read by phones
_MODULE_PX = 8
_POSTER = (750, 1_334)  # the pixels of a phone's screen in WeChat's designs
_COVER_HEIGHT = 900
_CODE_SIDE = 360
# Anybody may ask for these, and a room's picture takes up to 100 MB while it is drawn: few at a time, in threads that
# neither uploads nor sign-ins wait for, and no long queue.
PAINTERS = 2
WAITING_MAX = 32
_threads = ThreadPoolExecutor(PAINTERS, thread_name_prefix="posters")
_places = asyncio.Semaphore(WAITING_MAX)


async def code(runtime: Runtime, shop: ShopId, room_id: RoomId, custom: str = "") -> bytes:
    """A PNG of the code that leads to the room's page. Raises `RoomMissing`, `Busy`, `Invalid`."""
    await _room(runtime, shop, room_id)
    return await _painted(lambda: _code_png(_address(runtime, shop, room_id, custom)))


async def poster(runtime: Runtime, shop: ShopId, room_id: RoomId, custom: str = "") -> bytes:
    """A PNG with the room's share picture, or its cover, and the code. Raises as `code`."""
    room = await _room(runtime, shop, room_id)
    picture = None
    if media_id := room.share_media_id or room.cover_media_id:
        async with runtime.db.read(shop) as tx:
            found = await media.media(tx, media_id)
        picture = await runtime.need(Storage).get(found.sha256) if found else None
    return await _painted(lambda: _poster_png(picture, _address(runtime, shop, room_id, custom)))


async def identity_code(runtime: Runtime, shop: ShopId) -> bytes:
    """A PNG of the code that leads staff to where people's real names are checked. Raises `Busy`."""
    return await _painted(lambda: _code_png(runtime.settings.public_url + links.people_path(shop)))


async def _painted(work: Callable[[], bytes]) -> bytes:
    if _places.locked():
        raise Busy(retry_after_s=1)
    async with _places:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)


async def _room(runtime: Runtime, shop: ShopId, room_id: RoomId) -> Room:
    async with runtime.db.read(shop) as tx:
        room = await queries.public_room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    return room


def _address(runtime: Runtime, shop: ShopId, room_id: RoomId, custom: str) -> str:
    return runtime.settings.public_url + links.page_path(shop, room_id, custom[:CUSTOM_MAX])


def _code_png(address: str) -> bytes:
    out = io.BytesIO()
    # Never a Micro QR, which segno would choose for short texts and most phones can't read.
    try:
        made = segno.make(address, micro=False, error="m")
    except segno.DataOverflowError as error:
        raise Invalid("No code can hold parameters of this length.", field="custom_params") from error
    made.save(out, kind="png", scale=_MODULE_PX, border=4)
    return out.getvalue()


def _poster_png(picture: bytes | None, address: str) -> bytes:
    poster = Image.new("RGB", _POSTER, "white")
    if picture is not None:
        with Image.open(io.BytesIO(picture)) as cover:
            poster.paste(_filling(cover.convert("RGB"), (_POSTER[0], _COVER_HEIGHT)), (0, 0))
    with Image.open(io.BytesIO(_code_png(address))) as code:
        side = code.convert("RGB").resize((_CODE_SIDE, _CODE_SIDE), Image.Resampling.NEAREST)
    poster.paste(side, ((_POSTER[0] - _CODE_SIDE) // 2, _COVER_HEIGHT + (_POSTER[1] - _COVER_HEIGHT - _CODE_SIDE) // 2))
    out = io.BytesIO()
    poster.save(out, "PNG", optimize=True)
    return out.getvalue()


def _filling(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture, scaled to fill `size`."""
    scale = max(size[0] / picture.width, size[1] / picture.height)
    scaled = picture.resize((max(size[0], round(picture.width * scale)), max(size[1], round(picture.height * scale))))
    left, top = (scaled.width - size[0]) // 2, (scaled.height - size[1]) // 2
    return scaled.crop((left, top, left + size[0], top + size[1]))
