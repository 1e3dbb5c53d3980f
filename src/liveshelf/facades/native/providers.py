"""Service providers: known to the platform, authorised by shops for some of their categories, and working there."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts import presence
from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, SignedIn
from liveshelf.facades.native.shell import LongId, RequestId, instant, once, reviewer, signed_in, staff
from liveshelf.kernel.ids import PLATFORM, AccountId, ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import reach
from liveshelf.qualifications.errors import ProviderUnknown
from liveshelf.qualifications.reach import Grant
from liveshelf.shops import queries as shops

Roots = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=99)]], msgspec.Meta(max_length=22)]


class ProviderView(msgspec.Struct, frozen=True):
    """A service provider. Only an official one can be authorised."""

    provider_id: str
    name: str
    official: bool


class NewProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider to be made known."""

    request_id: RequestId
    name: Annotated[str, msgspec.Meta(max_length=120)]
    official: bool = True


class Official(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a provider is official. One that is not any more loses all its reach at once."""

    request_id: RequestId
    official: bool


class JoinProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who works for a provider, by user name."""

    request_id: RequestId
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Authorise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The top categories that a provider may work in, instead of those before."""

    request_id: RequestId
    categories: Roots


class GrantView(msgspec.Struct, frozen=True):
    """What a shop authorised a provider for, or did once."""

    provider_id: str
    name: str
    categories: list[int]
    granted_at: str
    revoked_at: str | None


class GrantsView(msgspec.Struct, frozen=True):
    """The shop's authorisations, the latest first, and the providers that can be authorised."""

    items: list[GrantView]
    providers: list[ProviderView]


class ReachedShop(msgspec.Struct, frozen=True):
    """A shop that authorised the provider somebody works for."""

    shop_id: int
    name: str
    provider: str
    categories: list[int]


@get("/providers", dependencies=reviewer("merchants.read"), tags=["providers"])
async def list_providers(operator: Operator, runtime: Runtime) -> list[ProviderView]:  # noqa: ARG001 - the check
    """Every service provider."""
    return await _providers(runtime)


@post("/providers", dependencies=reviewer("merchants.decide"), tags=["providers"])
async def add_provider(data: NewProvider, operator: Operator, runtime: Runtime) -> list[ProviderView]:
    """Make a provider known."""
    await runtime.db.write(
        operator.actor,
        PLATFORM,
        lambda tx: reach.add_provider(tx, data.name, official=data.official),
        once=once("providers.add", data.request_id, data, int),
    )
    return await _providers(runtime)


@put("/providers/{provider_id:int}", dependencies=reviewer("merchants.decide"), tags=["providers"])
async def set_official(provider_id: LongId, data: Official, operator: Operator, runtime: Runtime) -> list[ProviderView]:
    """Recognise a provider, or do so no more."""
    await runtime.db.write(
        operator.actor, PLATFORM, lambda tx: reach.set_official(tx, provider_id, official=data.official)
    )
    if not data.official:
        await _close(runtime, provider_id)
    return await _providers(runtime)


@post("/providers/{provider_id:int}/people", dependencies=reviewer("merchants.decide"), tags=["providers"])
async def join_provider(provider_id: LongId, data: JoinProvider, operator: Operator, runtime: Runtime) -> None:
    """Let an account work for a provider."""
    async with runtime.db.read() as tx:
        found = await accounts.by_username(tx, data.username)
    if found is None:
        raise ProviderUnknown("There is no account of this name.", field="username")
    await runtime.db.write(operator.actor, PLATFORM, lambda tx: reach.join_provider(tx, provider_id, found.account_id))


@delete(
    "/providers/{provider_id:int}/people/{account_id:int}",
    dependencies=reviewer("merchants.decide"),
    tags=["providers"],
)
async def leave_provider(provider_id: LongId, account_id: LongId, operator: Operator, runtime: Runtime) -> None:
    """Let an account work for a provider no more, from the next request on."""
    await runtime.db.write(
        operator.actor, PLATFORM, lambda tx: reach.leave_provider(tx, provider_id, AccountId(account_id))
    )
    await presence.shut_out(runtime.bus, AccountId(account_id))


@get("/shops/{shop_id:int}/providers", dependencies=staff("shop.write"), tags=["providers"])
async def shop_providers(operator: Operator, runtime: Runtime) -> GrantsView:
    """Whom the shop authorised, and whom it could."""
    return await _grants(runtime, operator.shop)


@put("/shops/{shop_id:int}/providers/{provider_id:int}", dependencies=staff("shop.write"), tags=["providers"])
async def authorise_provider(provider_id: LongId, data: Authorise, operator: Operator, runtime: Runtime) -> GrantsView:
    """Authorise an official provider for some top categories."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: reach.grant(tx, provider_id, data.categories))
    return await _grants(runtime, operator.shop)


@delete(
    "/shops/{shop_id:int}/providers/{provider_id:int}",
    dependencies=staff("shop.write"),
    tags=["providers"],
    status_code=200,
)
async def revoke_provider(provider_id: LongId, operator: Operator, runtime: Runtime) -> GrantsView:
    """Take the authorisation back: the provider's next request is refused. The shop's goods stay."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: reach.revoke(tx, provider_id))
    await _close(runtime, provider_id)
    return await _grants(runtime, operator.shop)


@get("/reach", dependencies=signed_in(), tags=["providers"])
async def reached_shops(who: SignedIn, runtime: Runtime) -> list[ReachedShop]:
    """The shops in which the account works for a service provider now."""
    async with runtime.db.read() as tx:
        found = await reach.of_account(tx, who.account.account_id)
    return [ReachedShop(one.shop, await _name(runtime, one.shop), one.name, list(one.categories)) for one in found]


async def _close(runtime: Runtime, provider_id: int) -> None:
    """Close what a provider's people have open. Pages of shops where they may still work come back by themselves."""
    async with runtime.db.read() as tx:
        gone = await reach.people_of(tx, provider_id)
    for account_id in gone:
        await presence.shut_out(runtime.bus, account_id)


async def _providers(runtime: Runtime) -> list[ProviderView]:
    async with runtime.db.read() as tx:
        return [ProviderView(str(one.provider_id), one.name, one.official) for one in await reach.providers(tx)]


async def _grants(runtime: Runtime, shop: ShopId) -> GrantsView:
    async with runtime.db.read(shop) as tx:
        items = [_grant(one) for one in await reach.grants(tx)]
    return GrantsView(items, [one for one in await _providers(runtime) if one.official])


async def _name(runtime: Runtime, shop: ShopId) -> str:
    async with runtime.db.read(shop) as tx:
        return (await shops.shop(tx)).name


def _grant(one: Grant) -> GrantView:
    return GrantView(
        str(one.provider_id), one.name, list(one.categories), instant(one.granted_at), instant(one.revoked_at)
    )


ROUTES = [
    list_providers,
    add_provider,
    set_official,
    join_provider,
    leave_provider,
    shop_providers,
    authorise_provider,
    revoke_provider,
    reached_shops,
]
