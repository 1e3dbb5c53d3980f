"""Where providers tell us about payments, and the simulated provider's own pay page."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import MediaType, Request, Response, get, post
from litestar.params import PathParameter, QueryParameter
from litestar.response import Redirect

from liveshelf.adapters.payments.pay_page import language, render
from liveshelf.adapters.payments.port import PaymentProvider
from liveshelf.adapters.payments.simulator import PAY_PATH, PayPageUnknown, SimulatedPayments
from liveshelf.flows import pay
from liveshelf.platform.runtime import Runtime

NOTICE_MAX = 64 << 10  # bytes; a notification is some hundred

Token = Annotated[str, PathParameter(max_length=256)]
Language = Annotated[str | None, QueryParameter(name="lang", max_length=8)]


@post(
    "/payments/{provider:str}/notify",
    status_code=204,
    tags=["payments"],
    request_max_body_size=NOTICE_MAX,
)
async def notify(
    provider: Annotated[str, PathParameter(max_length=32)], request: Request[Any, Any, Any], runtime: Runtime
) -> None:
    """A provider's signed notification. Answered once it is kept; without a true and fresh signature nothing is."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    await pay.receive(runtime, provider=provider, headers=headers, body=await request.body())


@get(f"{PAY_PATH}/{{token:str}}", include_in_schema=False)
async def pay_page(
    token: Token, request: Request[Any, Any, Any], runtime: Runtime, lang: Language = None
) -> Response[str]:
    """The simulated provider's pay page."""
    page = await _simulator(runtime).page(token)
    chosen = language(lang, request.headers.get("accept-language", ""))
    return Response(
        render(page, lang=chosen),
        media_type=MediaType.HTML,
        headers={"cache-control": "no-store", "content-language": chosen, "vary": "accept-language"},
    )


@post(f"{PAY_PATH}/{{token:str}}", include_in_schema=False)
async def press_pay(token: Token, runtime: Runtime) -> Redirect:
    """The buyer presses the button, and comes back to the order."""
    page = await _simulator(runtime).pay(token)
    return Redirect(page.return_url, status_code=303)


def _simulator(runtime: Runtime) -> SimulatedPayments:
    provider = runtime.adapters.get(PaymentProvider)
    if not isinstance(provider, SimulatedPayments):
        raise PayPageUnknown
    return provider


ROUTES = [notify]
ROOT_ROUTES = [pay_page, press_pay]
