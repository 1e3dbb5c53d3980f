"""Signing in and out, and what the installation is."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post

import liveshelf
from liveshelf.accounts import queries, service, signing_in
from liveshelf.accounts.errors import SignInRefused
from liveshelf.accounts.passwords import password_matches
from liveshelf.accounts.types import ROLE_PERMISSIONS, Permission, Role, SignedIn
from liveshelf.facades.native.entering import begin_session, cookies_of, may_try
from liveshelf.facades.native.shell import SESSION_COOKIE, instant, second_factor_missing, session_token, signed_in
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import employees, reach
from liveshelf.rooms import members
from liveshelf.shops import queries as shops


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and password, and a code where the account has a second factor."""

    username: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    code: Annotated[str, msgspec.Meta(max_length=32)] = ""


class ShopOfMine(msgspec.Struct, frozen=True):
    """A shop that the account belongs to, and what it may do there."""

    shop_id: int
    name: str
    role: Role
    permissions: list[Permission]
    agent: bool  # works there for a service provider, in some categories only


class SessionView(msgspec.Struct, frozen=True):
    """Who is signed in."""

    account_id: str
    username: str
    display_name: str
    locale: str
    shops: list[ShopOfMine]
    platform_permissions: list[Permission]
    second_factor: bool
    second_factor_missing: bool  # and nothing but turning it on is allowed


class Modes(msgspec.Struct, frozen=True):
    """What is not for real use here; pages show each one that is on."""

    demo: bool
    simulated_payment: bool
    development_review: bool
    movable_clock: bool


class SystemView(msgspec.Struct, frozen=True):
    """What this installation is."""

    version: str
    modes: Modes
    now: str
    gateway_url: str


async def view(runtime: Runtime, who: SignedIn) -> SessionView:
    """Who is signed in, as pages need it."""
    mine = []
    for membership in who.memberships:
        async with runtime.db.read(ShopId(membership.shop)) as tx:
            shop = await shops.shop(tx)
            permissions = ROLE_PERMISSIONS[membership.role] | await members.granted(tx, who.account.account_id)
        mine.append(ShopOfMine(membership.shop, shop.name, membership.role, sorted(permissions), agent=False))
    account = who.account
    mine += await _reached(runtime, who)
    return SessionView(
        str(account.account_id),
        account.username,
        account.display_name,
        account.locale,
        mine,
        sorted(who.platform_permissions),
        who.account.second_factor,
        second_factor_missing(runtime, who),
    )


async def _reached(runtime: Runtime, who: SignedIn) -> list[ShopOfMine]:
    """The shops in which somebody works for a service provider or as an employee whom WeCom knows, and what they may do
    there.
    """
    async with runtime.db.read() as tx:
        grants = await reach.of_account(tx, who.account.account_id)
        employments = await employees.of_account(tx, who.account.account_id)
    found = {}
    for one in employments:
        if one.named_at is not None and not one.lapsed:
            async with runtime.db.read(one.shop) as tx:
                name = (await shops.shop(tx)).name
            permissions = sorted(employees.EMPLOYEE_PERMISSIONS)
            found[one.shop] = ShopOfMine(one.shop, name, Role.OPERATOR, permissions, agent=False)
    for grant in grants:
        async with runtime.db.read(grant.shop) as tx:
            name = (await shops.shop(tx)).name
        found[grant.shop] = ShopOfMine(grant.shop, name, Role.OPERATOR, sorted(reach.AGENT_PERMISSIONS), agent=True)
    members = {one.shop for one in who.memberships}
    return [one for shop, one in found.items() if shop not in members]


@post("/session", tags=["session"], status_code=200)
async def sign_in(data: SignIn, request: Request[Any, Any, Any], runtime: Runtime) -> Response[SessionView]:
    """Sign in. The session is a cookie that scripts can't read. `code` is of the account's second factor, if it has
    one: a request without it is refused with `accounts.code_needed`.
    """
    may_try(request, runtime, data.username)
    async with runtime.db.read() as tx:
        found = await service.stored_password(tx, data.username)
    if not await password_matches(found[1] if found else None, data.password) or found is None:
        raise SignInRefused
    account = found[0]
    actor = Actor(ActorKind.STAFF, str(account.account_id))

    async def begin(tx: Tx) -> str:
        await signing_in.spend_code(tx, runtime.keys, account.account_id, data.code)
        return await begin_session(tx, request, account.account_id)

    token = await runtime.db.write(actor, PLATFORM, begin)
    async with runtime.db.read() as tx:
        who = SignedIn(account, await queries.memberships(tx, account.account_id))
    return Response(await view(runtime, who), cookies=cookies_of(runtime, token, account.username))


@get("/session", dependencies=signed_in(), tags=["session"])
async def session(who: SignedIn, runtime: Runtime) -> SessionView:
    """Who is signed in, and what they may do where."""
    return await view(runtime, who)


@delete("/session", tags=["session"])
async def sign_out(request: Request[Any, Any, Any], runtime: Runtime) -> Response[None]:
    """Sign out. Also right when nobody is signed in."""
    token = session_token(request)
    if token is not None:
        await runtime.db.write(SYSTEM, PLATFORM, lambda tx: service.end_session(tx, token))
    answer: Response[None] = Response(None, status_code=204)
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


@get("/system", tags=["system"])
async def system(runtime: Runtime) -> SystemView:
    """Version and modes. `now` is business time."""
    settings = runtime.settings
    modes = Modes(settings.demo, settings.simulated_payment, settings.development_review, settings.movable_clock)
    async with runtime.db.read() as tx:
        now = tx.now
    return SystemView(liveshelf.__version__, modes, instant(now), settings.public_gateway_url)


ROUTES = [sign_in, session, sign_out, system]
