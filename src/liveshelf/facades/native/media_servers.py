"""Where outside media servers ask about senders."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, post
from litestar.params import PathParameter

from liveshelf.adapters.media_servers.dialects import BODY_MAX
from liveshelf.flows import outside
from liveshelf.platform.runtime import Runtime


@post(
    "/media-servers/{dialect:str}/{secret:str}",
    status_code=200,
    tags=["video"],
    request_max_body_size=BODY_MAX,
)
async def media_server(
    dialect: Annotated[str, PathParameter(max_length=32)],
    secret: Annotated[str, PathParameter(max_length=128)],
    request: Request[Any, Any, Any],
    runtime: Runtime,
) -> dict[str, int]:
    """A callback of SRS, nginx-rtmp or MediaMTX: a sender comes, goes on, or is gone. A refusal means: drop it."""
    await outside.hear(runtime, dialect=dialect, secret=secret, body=await request.body())
    return {"code": 0}


ROUTES = [media_server]
