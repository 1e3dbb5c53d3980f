"""The hottest door: `POST /v1/storefront/{shop}/orders`, past the framework.

The handler is `checkout.place_order`, which is routed and described there; this door only gets to it at a fraction of
the cost, and recognises the buyers of a rush together. Whatever it does not understand at first sight (another media
type, a body in pieces or of another shape) goes the long way, so there is one behaviour and one place that refuses.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

import msgspec
from litestar import Response

from liveshelf.customers import hot
from liveshelf.customers.errors import BuyerUnknown
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import cookie_name
from liveshelf.facades.native.callers import Caller, Callers
from liveshelf.facades.native.checkout import OrderDraft, place_order
from liveshelf.facades.native.order_views import OrderView
from liveshelf.facades.native.regulars import regulars_of
from liveshelf.facades.native.shell import JSON_BODY_MAX, bug, refusal
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import INT32_MAX, ShopId
from liveshelf.platform.groupread import GroupRead
from liveshelf.platform.hotpath import patiently
from liveshelf.platform.readpool import ReadPool
from liveshelf.platform.runtime import Runtime

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Framework: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

POOL_SIZE = 2
SHOPS_MAX = 10_000  # whose readers are remembered
_PATH = re.compile(r"/v1/storefront/([1-9][0-9]{0,9})/orders")
_ROUTE = "/v1/storefront/{shop_id}/orders"
_decode = msgspec.json.Decoder(OrderDraft).decode
_encode = msgspec.json.Encoder().encode
_place: Callable[..., Awaitable[OrderView]] = place_order.fn


class OrderDoor:
    """The door as one HTTP process keeps it. `headers` are those that every answer carries."""

    def __init__(self, runtime: Runtime, framework: Framework, headers: Headers) -> None:
        self._runtime = runtime
        self._framework = framework
        self._headers = headers
        self._pool = ReadPool(runtime.settings.app_database_url, POOL_SIZE)
        self._shops: OrderedDict[ShopId, GroupRead[str, Buyer]] = OrderedDict()
        self._callers = Callers()
        self._regulars = regulars_of(runtime)

    async def close(self) -> None:
        """Disconnect."""
        await self._pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        match = _PATH.fullmatch(scope["path"])
        shop = ShopId(int(match[1])) if match else ShopId(0)
        token, length = _read(scope["headers"], shop)
        if not token or not 0 < shop <= INT32_MAX:
            await self._framework(scope, receive, send)
            return
        caller = self._callers.came(receive)
        try:
            await self._serve(scope, send, caller, shop=shop, token=token, length=length)
        finally:
            self._callers.gone(caller)

    async def _serve(self, scope: Scope, send: Send, caller: Caller, *, shop: ShopId, token: str, length: int) -> None:
        message = await caller.body()
        draft = _draft(message.get("body", b""), length)
        if draft is None:
            self._callers.gone(caller)
            await self._framework(scope, _again(message, caller.receive), send)
            return
        status, body, more = await self._answered(shop, token, draft, caller=caller)
        if status:
            headers = [(b"content-length", str(len(body)).encode()), *more, *self._headers]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _answered(
        self, shop: ShopId, token: str, draft: OrderDraft, *, caller: Caller
    ) -> tuple[int, bytes, Headers]:
        """Status, body and headers; status 0 when nobody is there any more to read them."""
        try:
            buyer = (await self._reader(shop).get((token,))).get(token)
            if buyer is None:
                return _problem(refusal(BuyerUnknown()))
            self._regulars.buyer_came(token)
            view = await _place(data=draft, buyer=buyer, runtime=self._runtime)
        except DomainError as error:
            return _problem(refusal(error))
        except asyncio.CancelledError:
            if caller.left:
                return 0, b"", []
            raise
        except Exception as error:  # noqa: BLE001 - our mistake: the person sees a trace id, the log has the rest
            return _problem(bug(_ROUTE, error))
        return 201, _encode(view), [(b"content-type", b"application/json")]

    def _reader(self, shop: ShopId) -> GroupRead[str, Buyer]:
        reader = self._shops.get(shop)
        if reader is None:

            async def read(tokens: list[str]) -> Mapping[str, Buyer]:
                return await patiently(lambda: hot.buyers(self._pool, shop, tokens), self._pool.forget_idle)

            reader = self._shops[shop] = GroupRead(read)
            if len(self._shops) > SHOPS_MAX:
                self._shops.popitem(last=False)
        return reader


def _read(headers: Headers, shop: ShopId) -> tuple[str, int]:
    """The buyer's token, when the request says plainly that it is JSON and carries one; and how long its body is."""
    cookies, length, is_json = b"", -1, False
    for name, value in headers:
        if name == b"cookie":
            cookies += b"; " + value
        elif name == b"content-type":
            is_json = value == b"application/json"
        elif name == b"content-length" and len(value) < 8:  # noqa: PLR2004 - far above the longest body
            length = int(value)
    _, found, rest = cookies.partition(b"; " + cookie_name(shop).encode() + b"=")
    token = rest.partition(b";")[0]
    plain = found and is_json and token.isascii() and b'"' not in token and b"%" not in token
    return (token.decode() if plain else ""), length


def _draft(body: bytes, length: int) -> OrderDraft | None:
    """The body, when it came whole and is as it should be."""
    if len(body) != length or length > JSON_BODY_MAX:
        return None
    try:
        return _decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _again(message: MutableMapping[str, Any], receive: Receive) -> Receive:
    """What was received once is received again, and then what follows."""
    first = [message]

    async def again() -> MutableMapping[str, Any]:
        return first.pop() if first else await receive()

    return again


def _problem(answer: Response[Any]) -> tuple[int, bytes, Headers]:
    more = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    media_type = str(answer.media_type).encode()
    return int(answer.status_code or 500), _encode(answer.content), [(b"content-type", media_type), *more]
