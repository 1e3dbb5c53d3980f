"""A person about their own sign-in: sessions, password, second factor."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import segno
from litestar import Request, Response, delete, get, post

from liveshelf.accounts import presence, signing_in, totp
from liveshelf.accounts.errors import CodeNeeded, CodeRefused, CodeWrong, PasswordRefused
from liveshelf.accounts.passwords import hash_password, password_matches
from liveshelf.accounts.types import Session, SignedIn
from liveshelf.facades.native.entering import may_open_link, may_try, session_cookie
from liveshelf.facades.native.shell import LongId, Plain, instant, signed_in
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AccountId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
LinkToken = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class OneSession(msgspec.Struct, frozen=True):
    """Somewhere you are signed in. `address` is masked; `current` is this very browser."""

    session_id: str
    device: str
    address: str
    created_at: str
    seen_at: str
    expires_at: str
    current: bool


class SecondFactorView(msgspec.Struct, frozen=True):
    """How your second factor stands."""

    on: bool
    codes_left: int


class Prepared(msgspec.Struct, frozen=True):
    """A secret for an authenticator app, as text and as a picture; it counts once a code of it was given."""

    secret: str
    uri: str
    picture: str  # SVG as a data address


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Codes for the day the phone is lost, shown this once; each opens once."""

    codes: list[str]


class GiveCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the app."""

    code: Code


class TurnOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password and a code, once more."""

    password: Password
    code: Code


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password, and the one to come."""

    current: Password
    password: Password


class LinkPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link's token, and the password to come."""

    token: LinkToken
    password: Password


@get("/session/sessions", dependencies=signed_in(), tags=["session"])
async def list_sessions(who: SignedIn, runtime: Runtime) -> list[OneSession]:
    """Where you are signed in, the latest seen first."""
    async with runtime.db.read() as tx:
        found = await signing_in.sessions(tx, who.account.account_id)
    return [_one(session, who) for session in found]


@delete("/session/sessions/{session_id:int}", dependencies=signed_in(), tags=["session"])
async def end_one_session(session_id: LongId, who: SignedIn, runtime: Runtime) -> None:
    """End one of your sessions, and every stream that it holds open."""
    account_id = who.account.account_id
    await runtime.db.write(_actor(who), PLATFORM, lambda tx: signing_in.end_session(tx, account_id, session_id))
    await presence.cut(runtime.bus, account_id)


@post("/session/sessions/end-others", status_code=204, dependencies=signed_in(), tags=["session"])
async def end_other_sessions(data: Plain, who: SignedIn, runtime: Runtime) -> None:  # noqa: ARG001 - a body like all writes
    """End all your sessions but this one."""
    account_id, this = who.account.account_id, who.session_id
    await runtime.db.write(_actor(who), PLATFORM, lambda tx: signing_in.end_other_sessions(tx, account_id, this))
    await presence.cut(runtime.bus, account_id)


@post("/session/password", status_code=204, dependencies=signed_in(), tags=["session"])
async def change_password(
    data: NewPassword, who: SignedIn, runtime: Runtime, request: Request[Any, Any, Any]
) -> Response[None]:
    """Set another password. All other sessions end, and this one gets a new cookie."""
    signing_in.check_password(data.password)
    await _confirm_password(request, runtime, who, data.current, field="current")
    stored = await hash_password(data.password)
    account_id, this = who.account.account_id, who.session_id
    token = await runtime.db.write(
        _actor(who),
        PLATFORM,
        lambda tx: signing_in.set_password(tx, account_id, stored=stored, session_id=this),
    )
    await presence.cut(runtime.bus, account_id)
    return Response(None, status_code=204, cookies=[session_cookie(runtime, token)])


@get("/session/second-factor", dependencies=signed_in(), tags=["session"])
async def read_second_factor(who: SignedIn, runtime: Runtime) -> SecondFactorView:
    """Whether the second factor is on, and how many recovery codes are left."""
    async with runtime.db.read() as tx:
        return SecondFactorView(
            who.account.second_factor, await signing_in.codes_left(tx, AccountId(who.account.account_id))
        )


@post("/session/second-factor", dependencies=signed_in(), tags=["session"])
async def prepare_second_factor(data: Plain, who: SignedIn, runtime: Runtime) -> Prepared:  # noqa: ARG001 - as above
    """A new secret for an authenticator app. The picture is read by the app; the text can be typed."""
    account_id = who.account.account_id
    secret = await runtime.db.write(
        _actor(who), PLATFORM, lambda tx: signing_in.prepare_second_factor(tx, runtime.keys, account_id)
    )
    uri = totp.uri(secret, issuer="liveshelf", account=who.account.username)
    drawn = segno.make(uri, micro=False, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff")
    return Prepared(secret, uri, drawn)


@post("/session/second-factor/confirm", status_code=200, dependencies=signed_in(), tags=["session"])
async def confirm_second_factor(
    data: GiveCode, who: SignedIn, runtime: Runtime, request: Request[Any, Any, Any]
) -> Response[RecoveryCodes]:
    """The app's first code: from now on signing in asks for one. All other sessions end."""
    may_try(request, runtime, who.account.username)
    account_id, this = who.account.account_id, who.session_id
    codes, token = await runtime.db.write(
        _actor(who),
        PLATFORM,
        lambda tx: signing_in.confirm_second_factor(tx, runtime.keys, account_id, data.code, session_id=this),
    )
    await presence.cut(runtime.bus, account_id)
    return Response(RecoveryCodes(codes), cookies=[session_cookie(runtime, token)])


@post("/session/second-factor/off", status_code=204, dependencies=signed_in(), tags=["session"])
async def turn_off_second_factor(
    data: TurnOff, who: SignedIn, runtime: Runtime, request: Request[Any, Any, Any]
) -> Response[None]:
    """Turn the second factor off, with the password and a code. All other sessions end."""
    await _confirm_password(request, runtime, who, data.password, field="password")
    account_id, this = who.account.account_id, who.session_id

    async def drop(tx: Tx) -> str:
        try:
            await signing_in.spend_code(tx, runtime.keys, account_id, data.code)
        except (CodeNeeded, CodeWrong) as error:
            raise CodeRefused(field="code") from error
        return await signing_in.drop_second_factor(tx, account_id, session_id=this)

    token = await runtime.db.write(_actor(who), PLATFORM, drop)
    await presence.cut(runtime.bus, account_id)
    return Response(None, status_code=204, cookies=[session_cookie(runtime, token)])


@post("/password-links/use", status_code=204, tags=["session"])
async def use_password_link(data: LinkPassword, runtime: Runtime, request: Request[Any, Any, Any]) -> None:
    """Set the password that a link is for. Every session of the account ends."""
    signing_in.check_password(data.password)
    may_open_link(request)
    async with runtime.db.read() as tx:  # before the hash, which costs
        account_id = await signing_in.link_leads_to(tx, data.token)
    stored = await hash_password(data.password)
    actor = Actor(ActorKind.STAFF, str(account_id))
    await runtime.db.write(actor, PLATFORM, lambda tx: signing_in.use_link(tx, data.token, stored=stored))
    await presence.cut(runtime.bus, account_id)


async def _confirm_password(
    request: Request[Any, Any, Any], runtime: Runtime, who: SignedIn, password: str, *, field: str
) -> None:
    """Whoever holds a session is not yet the one who may change how it is got. Raises `PasswordRefused`."""
    may_try(request, runtime, who.account.username)
    async with runtime.db.read() as tx:
        _, stored = await signing_in.secrets_of(tx, who.account.account_id)
    if not await password_matches(stored, password):
        raise PasswordRefused(field=field)


def _one(session: Session, who: SignedIn) -> OneSession:
    return OneSession(
        str(session.session_id),
        session.device,
        session.address,
        instant(session.created_at),
        instant(session.seen_at),
        instant(session.expires_at),
        session.session_id == who.session_id,
    )


def _actor(who: SignedIn) -> Actor:
    return Actor(ActorKind.STAFF, str(who.account.account_id))


ROUTES = [
    list_sessions,
    end_one_session,
    end_other_sessions,
    change_password,
    read_second_factor,
    prepare_second_factor,
    confirm_second_factor,
    turn_off_second_factor,
    use_password_link,
]
