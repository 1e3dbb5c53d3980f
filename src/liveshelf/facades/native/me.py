"""The buyer about themselves: guest, member, demo buyer, login codes for software."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, post

from liveshelf.customers import queries
from liveshelf.customers import service as customers
from liveshelf.customers.errors import NoDemoBuyers, SignInTooOften
from liveshelf.customers.rules import NAME_MAX, PASSWORD_MAX
from liveshelf.customers.types import Buyer, Customer, CustomerKind
from liveshelf.facades.native.buyers import as_buyer, buyer, cookie_name, cookie_of, token_of, visitor
from liveshelf.facades.native.regulars import regulars_of
from liveshelf.facades.native.shell import SmallId, instant
from liveshelf.flows import join
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import queries as shops

_BY_PHONE = RateLimit(per_s=1 / 30, burst=10)  # ten tries, then one every half minute
_BY_ADDRESS = RateLimit(per_s=1 / 3, burst=30)
_RETRY_S = 30

Phone = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_MAX)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MAX)]


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a guest a member."""

    phone: Phone
    password: Password
    name: Name


class BuyerSignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phone and password."""

    phone: Phone
    password: Password


class Rename(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another name."""

    name: Name


class BecomeDemoBuyer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which demo buyer to be."""

    customer_id: SmallId


class MeView(msgspec.Struct, frozen=True):
    """Who the buyer is to this shop."""

    customer_id: int
    name: str
    kind: CustomerKind
    demo_buyers_available: bool


class DemoBuyerView(msgspec.Struct, frozen=True):
    """A buyer of the demo data."""

    customer_id: int
    name: str


class LoginCodeView(msgspec.Struct, frozen=True):
    """A code for `/sns/jscode2session`: one use, five minutes."""

    code: str
    expires_at: str


@get("/storefront/{shop_id:int}/me", dependencies=visitor(), tags=["buyers"])
async def me(shop_id: SmallId, visitor: Buyer | None, runtime: Runtime) -> Response[MeView]:
    """Who I am here. Whoever comes for the first time becomes a guest."""
    shop = ShopId(shop_id)
    if visitor is not None:
        return Response(await _view(runtime, visitor))

    async def make_guest(tx: Tx) -> tuple[Customer, str]:
        await shops.shop(tx)
        return await customers.make_guest(tx)

    guest, token = await runtime.db.write(SYSTEM, shop, make_guest)
    return await _signed_in(runtime, shop, guest, token)


@post("/storefront/{shop_id:int}/me/register", status_code=200, dependencies=buyer(), tags=["buyers"])
async def register(data: Register, buyer: Buyer, runtime: Runtime, request: Request[Any, Any, Any]) -> Response[MeView]:
    """Become a member; what the guest had stays."""
    _not_too_often(request, buyer.shop, data.phone)
    member, token = await join.register(
        runtime, buyer, token_of(request, buyer.shop) or "", phone=data.phone, password=data.password, name=data.name
    )
    return await _signed_in(runtime, buyer.shop, member, token)


@post("/storefront/{shop_id:int}/me/sign-in", status_code=200, dependencies=visitor(), tags=["buyers"])
async def sign_in(
    shop_id: SmallId, data: BuyerSignIn, visitor: Buyer | None, runtime: Runtime, *, request: Request[Any, Any, Any]
) -> Response[MeView]:
    """Sign in as a member; the guest's orders and comments become the member's."""
    shop = ShopId(shop_id)
    _not_too_often(request, shop, data.phone)
    member, token = await join.sign_in(
        runtime, shop, visitor, token_of(request, shop) or "", phone=data.phone, password=data.password
    )
    return await _signed_in(runtime, shop, member, token)


@delete("/storefront/{shop_id:int}/me/session", tags=["buyers"])
async def sign_out(shop_id: SmallId, runtime: Runtime, request: Request[Any, Any, Any]) -> Response[None]:
    """Sign out. Also right when nobody is signed in."""
    shop = ShopId(shop_id)
    token = token_of(request, shop)
    if token is not None:
        await runtime.db.write(SYSTEM, shop, lambda tx: customers.end_session(tx, token))
    return _signed_out(shop)


@patch("/storefront/{shop_id:int}/me", dependencies=buyer(), tags=["buyers"])
async def rename(data: Rename, buyer: Buyer, runtime: Runtime) -> MeView:
    """Take another name."""
    renamed = await runtime.db.write(buyer.actor, buyer.shop, lambda tx: join.rename(tx, buyer.customer_id, data.name))
    return await _view(runtime, as_buyer(buyer.shop, renamed))


@delete("/storefront/{shop_id:int}/me", dependencies=buyer(), tags=["buyers"])
async def erase(buyer: Buyer, runtime: Runtime) -> Response[None]:
    """Erase me: name, phone, password and addresses go, orders stay without them."""
    await runtime.db.write(buyer.actor, buyer.shop, lambda tx: join.leave(tx, buyer.customer_id))
    return _signed_out(buyer.shop)


@get("/storefront/{shop_id:int}/me/demo-buyers", tags=["buyers"])
async def demo_buyers(shop_id: SmallId, runtime: Runtime) -> list[DemoBuyerView]:
    """The buyers of the demo data, to look at the shop as one of them."""
    if not runtime.settings.demo:
        raise NoDemoBuyers
    async with runtime.db.read(ShopId(shop_id)) as tx:
        found = await queries.demo_buyers(tx)
    if not found:
        raise NoDemoBuyers
    return [DemoBuyerView(one.customer_id, one.name) for one in found]


@post("/storefront/{shop_id:int}/me/demo-buyer", status_code=200, tags=["buyers"])
async def become_demo_buyer(shop_id: SmallId, data: BecomeDemoBuyer, runtime: Runtime) -> Response[MeView]:
    """Be one of the demo buyers."""
    if not runtime.settings.demo:
        raise NoDemoBuyers
    shop = ShopId(shop_id)
    found, token = await runtime.db.write(
        SYSTEM, shop, lambda tx: customers.become_demo_buyer(tx, CustomerId(data.customer_id))
    )
    return await _signed_in(runtime, shop, found, token)


@post("/storefront/{shop_id:int}/me/login-code", status_code=200, dependencies=buyer(), tags=["buyers"])
async def login_code(buyer: Buyer, runtime: Runtime) -> LoginCodeView:
    """A code by which the shop's software learns who I am."""
    minted = await runtime.db.write(buyer.actor, buyer.shop, lambda tx: customers.mint_code(tx, buyer.customer_id))
    return LoginCodeView(minted.code, instant(minted.expires_at))


def _not_too_often(request: Request[Any, Any, Any], shop: ShopId, phone: str) -> None:
    address = request.client.host if request.client else ""
    # The address first: one that may try no more uses up no tries of the phone's owner.
    if not (_BY_ADDRESS.allows(address) and _BY_PHONE.allows(f"{shop}:{phone}")):
        raise SignInTooOften(retry_after_s=_RETRY_S)


async def _view(runtime: Runtime, who: Buyer) -> MeView:
    available = False
    if runtime.settings.demo:
        async with runtime.db.read(who.shop) as tx:
            available = bool(await queries.demo_buyers(tx))
    return MeView(who.customer_id, who.name, who.kind, available)


async def _signed_in(runtime: Runtime, shop: ShopId, customer: Customer, token: str) -> Response[MeView]:
    regulars_of(runtime).buyer_came(token)
    return Response(await _view(runtime, as_buyer(shop, customer)), cookies=[cookie_of(runtime, shop, token)])


def _signed_out(shop: ShopId) -> Response[None]:
    answer: Response[None] = Response(None, status_code=204)
    answer.delete_cookie(cookie_name(shop), path="/")
    return answer


ROUTES = [
    me,
    register,
    sign_in,
    sign_out,
    rename,
    erase,
    demo_buyers,
    become_demo_buyer,
    login_code,
]
