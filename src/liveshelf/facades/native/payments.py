"""Where providers tell us about payments and refunds."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, post
from litestar.params import PathParameter

from liveshelf.flows import inbox
from liveshelf.platform.runtime import Runtime


@post(
    "/payments/{provider:str}/notify/{merchant:str}",
    status_code=204,
    tags=["payments"],
    request_max_body_size=inbox.NOTICE_MAX,
)
async def notify(
    provider: Annotated[str, PathParameter(max_length=32)],
    merchant: Annotated[str, PathParameter(max_length=32)],
    request: Request[Any, Any, Any],
    runtime: Runtime,
) -> None:
    """A provider's signed notification to a merchant. Answered once it is kept; without a true and fresh signature
    nothing follows from it.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    await inbox.receive(runtime, provider=provider, merchant=merchant, headers=headers, body=await request.body())


ROUTES = [notify]
