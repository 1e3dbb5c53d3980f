"""Temporary media: `/cgi-bin/media/upload` and `/cgi-bin/media/get`."""

from __future__ import annotations

from liveshelf.adapters.storage import Storage
from liveshelf.facades.wechat.calls import GET, BodyKind, Call, call
from liveshelf.facades.wechat.envelope import Answer, Binary
from liveshelf.facades.wechat.errors import MediaKindRefused
from liveshelf.flows.upload import in_decoder, keep
from liveshelf.kernel.time import unix
from liveshelf.media import queries
from liveshelf.media.errors import MediaMissing, MediaTooLarge
from liveshelf.media.rules import WIRE_FORMATS, read_picture

THUMB_MAX = 64 << 10  # bytes
_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


@call("media.upload", "/cgi-bin/media/upload", anchor="9.3", body=BodyKind.UPLOAD)
async def upload(call: Call) -> Answer:
    """Keep a picture for three days. Its kind comes from the query or the form, its format from its bytes."""
    kind = call.params.get("type")
    if kind not in {"image", "thumb"}:
        raise MediaKindRefused
    if kind == "thumb" and len(call.media) > THUMB_MAX:
        raise MediaTooLarge
    picture = await in_decoder(lambda: read_picture(call.media, formats=WIRE_FORMATS))
    media = await keep(call.runtime, call.actor, call.shop, picture, kind=kind, temporary=True)
    answer: dict[str, object] = {"type": kind, "media_id": media.media_id, "created_at": unix(media.created_at)}
    return {**answer, "thumb_media_id": media.media_id} if kind == "thumb" else answer


@call("media.get", "/cgi-bin/media/get", GET, anchor="9.4")
async def get(call: Call) -> Answer:
    """The bytes of a media, as we encoded them."""
    media_id = call.params.optional_text("media_id") or ""
    async with call.read() as tx:
        media = await queries.media(tx, media_id)
    data = None if media is None else await call.runtime.need(Storage).get(media.sha256)
    if media is None or data is None:
        raise MediaMissing
    return Binary(data, media.content_type, f"{media.media_id}.{_SUFFIXES[media.content_type]}")


ROUTES = (upload, get)
