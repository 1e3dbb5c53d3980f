"""Pictures: uploaded by staff, shown to everybody who has the address."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from liveshelf.accounts.types import Operator
from liveshelf.adapters.storage import Storage
from liveshelf.facades.native.shell import staff
from liveshelf.flows.upload import upload
from liveshelf.media import queries
from liveshelf.media.errors import MediaMissing
from liveshelf.media.rules import BYTES_MAX
from liveshelf.media.types import media_path, shop_of
from liveshelf.platform.runtime import Runtime

BODY_MAX = BYTES_MAX + (1 << 16)  # the file and the form around it

_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",  # an id's content never changes
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",  # should a browser ever take it for a page
    "cross-origin-resource-policy": "cross-origin",  # pictures of goods are shown by Mini Programs and ERPs
}
_TEMPORARY = {**_HEADERS, "cache-control": "private, max-age=60"}


class MediaView(msgspec.Struct, frozen=True):
    """A picture as we keep it."""

    media_id: str
    url: str
    width: int
    height: int
    bytes: int


class Upload(msgspec.Struct, frozen=True):
    """A form with one file."""

    file: UploadFile


@post(
    "/shops/{shop_id:int}/media",
    dependencies=staff("goods.write"),
    tags=["media"],
    request_max_body_size=BODY_MAX,
)
async def upload_picture(
    data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)], operator: Operator, runtime: Runtime
) -> MediaView:
    """Keep a picture (JPEG, PNG, GIF or WebP, up to 10 MB and 25 million pixels). It is encoded again without
    metadata.
    """
    content = await data.file.read(BYTES_MAX + 1)
    kept = await upload(runtime, operator.actor, operator.shop, content)
    return MediaView(kept.media_id, media_path(kept.media_id), kept.width, kept.height, kept.bytes)


@get("/media/{media_id:str}", tags=["media"])
async def picture(media_id: str, runtime: Runtime) -> Response[bytes]:
    """The picture of an address. Public; temporary media ends with its three days."""
    shop = shop_of(media_id)
    if shop is None:
        raise MediaMissing
    async with runtime.db.read(shop) as tx:
        found = await queries.media(tx, media_id)
    content = await runtime.need(Storage).get(found.sha256) if found else None
    if found is None or content is None:
        raise MediaMissing
    headers = _HEADERS if found.expires_at is None else _TEMPORARY
    return Response(content, media_type=found.content_type, headers={**headers, "etag": f'"{found.sha256[:32]}"'})


ROUTES = [upload_picture]
ROOT_ROUTES = [picture]
