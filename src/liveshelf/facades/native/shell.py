"""What every native handler shares: who is asking, how a refusal looks, and small views.

Staff carry the session cookie or a bearer token; buyers have their own module (`buyers`). The cookie is
`SameSite=Lax`, and unsafe methods with a foreign `Origin` are refused before a handler runs (`entry.http`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar, overload

import msgspec
from litestar import Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import PathParameter, QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts import signing_in
from liveshelf.accounts.errors import NotPermitted, SecondFactorNeeded
from liveshelf.accounts.rules import is_powerful, masked_address
from liveshelf.accounts.service import (
    authorize,
    authorize_member,
    authorize_platform,
    authorize_platform_person,
    previewed,
)
from liveshelf.accounts.signing_in import SEEN_EVERY
from liveshelf.accounts.types import Operator, Permission, SignedIn
from liveshelf.announcements import queries as announcements
from liveshelf.facades.native.regulars import regulars_of
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError, Unauthenticated
from liveshelf.kernel.ids import INT32_MAX, INT63_MAX, PLATFORM, RoomId, ShopId, new_rid
from liveshelf.kernel.paging import LIMIT_MAX
from liveshelf.platform.clock import wall_now
from liveshelf.platform.idempotency import KEY_MAX, Once
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import reach
from liveshelf.rooms import members

T = TypeVar("T")

SESSION_COOKIE = "liveshelf_session"
PREVIEW_HEADER = "x-liveshelf-preview-role"
MEDIA_TYPE_PROBLEM = "application/problem+json"
JSON_BODY_MAX = 1 << 20  # 1 MiB: the largest request of the API is a list of ids

RequestId = Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_MAX)]
# Each bound twice: bodies are judged by msgspec's, paths by Litestar's, and neither sees the other's.
SmallId = Annotated[int, msgspec.Meta(ge=1, le=INT32_MAX), PathParameter(ge=1, le=INT32_MAX)]
# Described as text, as in every answer: JavaScript's numbers can't hold them.
_AS_TEXT = {"type": OpenAPIType.STRING, "pattern": "^[0-9]+$", "minimum": None, "maximum": None}
LongId = Annotated[int, msgspec.Meta(ge=1, le=INT63_MAX), PathParameter(ge=1, le=INT63_MAX, schema_extra=_AS_TEXT)]
Cursor = Annotated[
    str | None, QueryParameter(max_length=512, description="`next` of the page before; absent for the first page.")
]
Limit = Annotated[int | None, QueryParameter(ge=1, le=LIMIT_MAX, description="Rows a page.")]

_LOOKS = frozenset({"GET", "HEAD"})
_log = logger("native")


class Plain(msgspec.Struct, frozen=True):
    """An empty request body that still carries its id."""

    request_id: RequestId


def once(operation: str, request_id: str, request: object, result: type[T]) -> Once[T]:
    """Marks a command as to be done once under the client's request id."""
    return Once(operation, request_id, request, result)


@overload
def instant(at: datetime) -> str: ...
@overload
def instant(at: datetime | None) -> str | None: ...
def instant(at: datetime | None) -> str | None:
    """An instant as text: ISO 8601 in UTC, ending in Z."""
    return None if at is None else _instant(at)


@lru_cache(maxsize=256)  # a batch of orders has few instants
def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def session_token(request: Request[Any, Any, Any]) -> str | None:
    """The session token of a request, from the cookie or the bearer header."""
    header = request.headers.get("authorization", "")
    if header[:7].lower() == "bearer ":
        return header[7:].strip() or None
    return request.cookies.get(SESSION_COOKIE)


async def provide_signed_in(request: Request[Any, Any, Any], runtime: Runtime) -> SignedIn:
    """Whoever is signed in, or the role that they look at the shop as. Raises `Unauthenticated`."""
    token = session_token(request)
    if token is None:
        raise Unauthenticated
    async with runtime.db.read() as tx:
        found = await accounts.signed_in(tx, token)
    if found is None:
        raise Unauthenticated
    regulars_of(runtime).staff_came(token)
    if found.seen_at is not None and wall_now() - found.seen_at > SEEN_EVERY:
        where, number = masked_address(request.client.host if request.client else ""), found.session_id
        await runtime.db.write(SYSTEM, PLATFORM, lambda tx: signing_in.seen(tx, number, address=where))
    role = request.headers.get(PREVIEW_HEADER)
    return found if role is None else previewed(found, role, looks_only=request.method in _LOOKS)


async def _asked(request: Request[Any, Any, Any], runtime: Runtime) -> SignedIn:
    """Whoever asks for something of a shop or of the platform. Raises `SecondFactorNeeded` where the house wants it,
    and `AcknowledgeFirst` when they would change something.
    """
    who = await provide_signed_in(request, runtime)
    if second_factor_missing(runtime, who):
        raise SecondFactorNeeded
    if request.method not in _LOOKS:
        async with runtime.db.read() as tx:
            await announcements.must_have_read(tx, who.account.account_id)
    return who


def second_factor_missing(runtime: Runtime, who: SignedIn) -> bool:
    """Whether the house asks for a second factor that the account has not."""
    return runtime.settings.require_second_factor and not who.account.second_factor and is_powerful(who)


class Check(Provide):
    """A dependency that refuses whoever lacks its permission; without one, whoever does not belong here.

    A handler with it is safe from strangers, and the walk over all routes (`tests`) reads from it what to expect.
    """

    __slots__ = ("permission",)

    def __init__(self, provide: Callable[..., Awaitable[Operator]], permission: Permission | None = None) -> None:
        super().__init__(provide)
        self.permission = permission


def signed_in() -> dict[str, Provide]:
    """Dependency `who`: any account that is signed in."""
    return {"who": Provide(provide_signed_in)}


def staff(permission: str) -> dict[str, Provide]:
    """Dependency `operator`: a member of the path's shop who has the permission."""
    needed = Permission(permission)

    async def provide(request: Request[Any, Any, Any], shop_id: int, runtime: Runtime) -> Operator:
        who = await _asked(request, runtime)
        if any(one.shop == shop_id for one in who.memberships):
            try:
                return authorize(who, ShopId(shop_id), needed)
            except NotPermitted:
                return await _by_room_role(request, runtime, who, needed)
        # Asked anew with each request, so that a revoked authorisation is of no use to the next one.
        async with runtime.db.read(ShopId(shop_id)) as tx:
            return await reach.operator(tx, who, ShopId(shop_id), needed)

    return {"operator": Check(provide, needed)}


async def _by_room_role(
    request: Request[Any, Any, Any], runtime: Runtime, who: SignedIn, needed: Permission
) -> Operator:
    """A member whom a role in rooms, or the room that they assist in, lets do it. Raises `NotPermitted`."""
    shop = ShopId(request.path_params["shop_id"])
    also = frozenset[Permission]()
    # Who looks at the shop as a role sees what the role alone may.
    if needed in members.GRANTABLE and PREVIEW_HEADER not in request.headers:
        room_id = request.path_params.get("room_id")
        async with runtime.db.read(shop) as tx:
            also = await members.granted(
                tx, who.account.account_id, RoomId(room_id) if isinstance(room_id, int) else None
            )
    return authorize(who, shop, needed, also=also)


def member() -> dict[str, Provide]:
    """Dependency `operator`: anybody who works in the path's shop."""

    async def provide(request: Request[Any, Any, Any], shop_id: int, runtime: Runtime) -> Operator:
        who = await _asked(request, runtime)
        if any(one.shop == shop_id for one in who.memberships):
            return authorize_member(who, ShopId(shop_id))
        async with runtime.db.read(ShopId(shop_id)) as tx:
            return await reach.operator(tx, who, ShopId(shop_id))

    return {"operator": Check(provide)}


def reviewer(permission: str) -> dict[str, Provide]:
    """Dependency `operator`: somebody with a role on the platform that has the permission."""
    needed = Permission(permission)

    async def provide(request: Request[Any, Any, Any], runtime: Runtime) -> Operator:
        return authorize_platform(await _asked(request, runtime), needed)

    return {"operator": Check(provide, needed)}


def platform_person() -> dict[str, Provide]:
    """Dependency `operator`: somebody with any role on the platform."""

    async def provide(request: Request[Any, Any, Any], runtime: Runtime) -> Operator:
        return authorize_platform_person(await _asked(request, runtime))

    return {"operator": Check(provide)}


class FieldError(msgspec.Struct, frozen=True):
    """One field that can't be right, and why."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `code` is stable; `instance` is the trace id to quote; further facts stand in `context`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldError] = []
    context: dict[str, Any] = {}


def problem(code: str, status: int, title: str, detail: str, **more: Any) -> Response[Problem]:  # noqa: ANN401 - see Problem
    """A refusal as it is sent."""
    body = Problem(f"/problems/{code}", title, status, detail, new_rid(), code, **more)
    headers = {}
    if (wait := body.context.get("retry_after_s")) is not None:
        headers["retry-after"] = str(wait)
    return Response(body, status_code=status, media_type=MEDIA_TYPE_PROBLEM, headers=headers)


def render_domain_error(_request: Request[Any, Any, Any], error: DomainError) -> Response[Problem]:
    """A refusal on purpose."""
    return refusal(error)


def refusal(error: DomainError) -> Response[Problem]:
    """What a refusal says."""
    field = error.context.get("field")
    errors = [FieldError(str(field), error.detail)] if field else []
    return problem(error.code, error.status, error.title, error.detail, errors=errors, context=dict(error.context))


def render_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """A request that did not reach a handler: no such path, wrong method, a body of the wrong shape."""
    if isinstance(error, ValidationException):
        found = error.extra if isinstance(error.extra, list) else []
        errors = [
            FieldError(str(one.get("key", "")), str(one.get("message", ""))) for one in found if isinstance(one, dict)
        ]
        return problem("request.invalid", 422, "The request is not valid.", "See the named fields.", errors=errors)
    code = {
        400: "request.malformed",
        404: "request.missing",
        405: "request.method",
        413: "request.too_large",
        415: "request.media_type",
    }.get(error.status_code, "request.refused")
    status = 422 if code == "request.invalid" else error.status_code
    return problem(code, status, "The request can't be taken.", str(error.detail))


def render_too_deep(_request: Request[Any, Any, Any], _error: RecursionError) -> Response[Problem]:
    """JSON nested without end, at which the decoder gives up in its own way. Nothing of ours recurses."""
    return problem("request.malformed", 400, "The request can't be taken.", "The body is nested too deeply.")


def render_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Anything else is our mistake: the person sees a trace id, the log has the rest."""
    return bug(request.url.path, error)


def bug(path: str, error: Exception) -> Response[Problem]:
    """Our mistake, met at this path."""
    answer = problem("server.error", 500, "Something went wrong here.", "Nothing was saved. Please try again.")
    _log.error("request_failed", trace=answer.content.instance, path=path, exc_info=error)
    return answer
