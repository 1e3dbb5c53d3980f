"""Who buys: the cookie of a shop's customer, as a dependency of handlers."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from litestar.di import Provide

from liveshelf.customers import queries
from liveshelf.customers.errors import BuyerUnknown
from liveshelf.customers.service import SESSION_LIFE
from liveshelf.customers.types import Buyer, Customer
from liveshelf.facades.native.regulars import regulars_of
from liveshelf.facades.native.shell import SmallId
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime


def cookie_name(shop: ShopId) -> str:
    """The cookie of a shop's buyer: one a shop, for one browser may be a customer of several."""
    return f"liveshelf_buyer_{shop}"


def cookie_of(runtime: Runtime, shop: ShopId, token: str) -> Cookie:
    """The cookie that keeps a buyer's session; scripts can't read it."""
    return Cookie(
        cookie_name(shop),
        value=token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=runtime.settings.public_url.startswith("https://"),
        max_age=int(SESSION_LIFE.total_seconds()),
    )


def token_of(request: Request[Any, Any, Any], shop: ShopId) -> str | None:
    """The token in the request's cookie."""
    return request.cookies.get(cookie_name(shop)) or None


def as_buyer(shop: ShopId, customer: Customer) -> Buyer:
    """The customer as the one who asks."""
    return Buyer(shop, customer.customer_id, customer.name, customer.kind)


async def known_buyer(request: Request[Any, Any, Any], shop: ShopId, runtime: Runtime) -> Buyer | None:
    """The buyer behind the request's cookie, or `None`."""
    token = token_of(request, shop)
    if token is None:
        return None
    async with runtime.db.read(shop) as tx:
        customer = await queries.recognise(tx, token)
    if customer is None:
        return None
    regulars_of(runtime).buyer_came(token)
    return as_buyer(shop, customer)


async def provide_buyer(request: Request[Any, Any, Any], shop_id: SmallId, runtime: Runtime) -> Buyer:
    """The buyer behind the request. Raises `BuyerUnknown`."""
    found = await known_buyer(request, ShopId(shop_id), runtime)
    if found is None:
        raise BuyerUnknown
    return found


async def provide_visitor(request: Request[Any, Any, Any], shop_id: SmallId, runtime: Runtime) -> Buyer | None:
    """The buyer behind the request, if any."""
    return await known_buyer(request, ShopId(shop_id), runtime)


def buyer() -> dict[str, Provide]:
    """Dependency `buyer`: a customer of the path's shop."""
    return {"buyer": Provide(provide_buyer)}


def visitor() -> dict[str, Provide]:
    """Dependency `visitor`: a customer of the path's shop, or nobody yet."""
    return {"visitor": Provide(provide_visitor)}
