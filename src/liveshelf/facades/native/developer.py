"""The developer's desk of a shop: credential, page list, quotas, faults, the log of wire calls, reset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Reference, RequestBody, Schema
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.described import Described
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, instant, staff
from liveshelf.flows import credentials as flow
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import credentials, queries, service
from liveshelf.shops.credentials import ADDRESSES_MAX, OVERLAP_MAX
from liveshelf.shops.desk import WireDesk
from liveshelf.shops.errors import PagesInvalid, ResetNotConfirmed
from liveshelf.shops.rules import CALLS_MAX, DELAY_MAX_MS, pages_of_app_json
from liveshelf.shops.seeding import Seeder
from liveshelf.shops.service import LIMIT_MAX
from liveshelf.shops.types import PAGES_MAX, Fault, FaultDraft, FaultKind, QuotaState, WireCall

_PATH = "/shops/{shop_id:int}/developer"
_READ = staff("developer.read")
_WRITE = staff("developer.write")
_APP_JSON_MAX = 512 << 10  # bytes; a thousand pages take a tenth of it

ApiName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^(\*|[A-Za-z0-9_.]+)$")]
PerDay = Annotated[int, msgspec.Meta(ge=0, le=LIMIT_MAX)]
Search = Annotated[str, QueryParameter(max_length=64)]


class QuotaView(msgspec.Struct, frozen=True):
    """One quota's day."""

    key: str
    limit: int
    used: int


class Developer(msgspec.Struct, frozen=True):
    """What a shop's software needs to know. `appid` is empty while the shop has no credential; `may` says what you may
    do.
    """

    appid: str
    secret_hint: str
    previous_until: str | None  # until when the secret before is good too
    addresses: list[str]  # networks from which the software may sign in; none means any
    used_at: str | None
    used_from: str | None
    may: list[str]
    base_url: str
    pages: list[str]
    quotas: list[QuotaView]
    sandbox: bool


class NewSecret(msgspec.Struct, frozen=True):
    """A secret, shown this once."""

    appid: str
    secret: str


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long the secret before stays good beside the new one; not at all after a leak."""

    overlap_hours: Annotated[int, msgspec.Meta(ge=0, le=int(OVERLAP_MAX.total_seconds()) // 3600)] = 0


class Addresses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses and networks (CIDR) from which the software may sign in; an empty list allows any."""

    addresses: Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=ADDRESSES_MAX)]


class Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Page paths that a goods may link to; an empty list allows any."""

    pages: Annotated[list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=PAGES_MAX)]


class Quotas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits a day by quota; `null` returns to the default."""

    limits: Annotated[dict[str, PerDay | None], msgspec.Meta(max_length=64)]


class FaultDraftView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault to set up: exactly one of `remaining` and `until` says how long it lasts."""

    api: ApiName
    kind: FaultKind
    errcode: Annotated[int, msgspec.Meta(ge=-1, le=99_999_999)] | None = None
    delay_ms: Annotated[int, msgspec.Meta(ge=1, le=DELAY_MAX_MS)] | None = None
    remaining: Annotated[int, msgspec.Meta(ge=1, le=CALLS_MAX)] | None = None
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class FaultView(msgspec.Struct, frozen=True):
    """A fault that waits for calls."""

    fault_id: str
    api: str
    kind: FaultKind
    errcode: int | None
    delay_ms: int | None
    remaining: int | None
    until: str | None


class CallView(msgspec.Struct, frozen=True):
    """A logged call; secrets are masked and long texts cut."""

    rid: str
    at: str
    method: str
    path: str
    api: str
    errcode: int
    ms: int
    request: str
    response: str


class CallPage(msgspec.Struct, frozen=True):
    """A page of logged calls, the latest first."""

    items: list[CallView]
    next: str | None
    total: int | None


class Reset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop's name, written out."""

    confirm: Annotated[str, msgspec.Meta(max_length=60)]


@dataclass
class _PagesSent(Described):
    """Describes the body of `set_pages`, which reads it itself since it comes in two forms."""

    def __post_init__(self) -> None:
        super().__post_init__()
        file = Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream")
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        pages = Reference("#/components/schemas/Pages")
        content = {"application/json": OpenAPIMediaType(pages), "multipart/form-data": OpenAPIMediaType(form)}
        self.request_body = RequestBody(content, required=True)


@get(_PATH, dependencies=_READ, tags=["developer"])
async def read_developer(operator: Operator, runtime: Runtime) -> Developer:
    """Credential, address, pages and quotas."""
    return await _developer(operator, runtime)


@post(f"{_PATH}/secret", dependencies=_WRITE, tags=["developer"])
async def rotate_secret(operator: Operator, runtime: Runtime, data: Rotation | None = None) -> NewSecret:
    """Make a new secret, or the first credential. The old secret and every access token end at once, unless an overlap
    is asked for. Only a shop whose subject may call the API has one.
    """
    overlap = timedelta(hours=data.overlap_hours if data else 0)
    appid, secret = await runtime.db.write(operator.actor, operator.shop, lambda tx: flow.renew(tx, overlap=overlap))
    await runtime.need(WireDesk).changed(operator.shop)
    return NewSecret(appid, secret)


@post(f"{_PATH}/secret/end-previous", status_code=200, dependencies=_WRITE, tags=["developer"])
async def end_previous_secret(data: Plain, operator: Operator, runtime: Runtime) -> Developer:  # noqa: ARG001 - a body like all writes
    """The secret before is not needed any more."""

    async def work(tx: Tx) -> None:
        await credentials.end_previous(tx, (await queries.credential(tx)).appid)

    await runtime.db.write(operator.actor, operator.shop, work)
    return await _developer(operator, runtime)


@put(f"{_PATH}/addresses", dependencies=_WRITE, tags=["developer"])
async def set_addresses(data: Addresses, operator: Operator, runtime: Runtime) -> Developer:
    """From where the software may sign in."""

    async def work(tx: Tx) -> None:
        await credentials.set_addresses(tx, (await queries.credential(tx)).appid, data.addresses)

    await runtime.db.write(operator.actor, operator.shop, work)
    return await _developer(operator, runtime)


@put(f"{_PATH}/pages", dependencies=_WRITE, tags=["developer"], operation_class=_PagesSent)
async def set_pages(request: Request[Any, Any, Any], operator: Operator, runtime: Runtime) -> Pages:
    """Set the page list: an app.json as form field `file`, or JSON `{"pages": [...]}`."""
    pages = await _sent_pages(request)
    kept = await runtime.db.write(operator.actor, operator.shop, lambda tx: service.set_pages(tx, pages))
    return Pages(list(kept))


@put(f"{_PATH}/quotas", dependencies=_WRITE, tags=["developer"])
async def set_quotas(data: Quotas, operator: Operator, runtime: Runtime) -> list[QuotaView]:
    """Set quotas of the shop."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: service.set_limits(tx, data.limits))
    await runtime.need(WireDesk).changed(operator.shop)
    async with runtime.db.read(operator.shop) as tx:
        return [_quota_view(runtime, operator, state) for state in await queries.quotas(tx)]


@get(f"{_PATH}/faults", dependencies=_READ, tags=["developer"])
async def list_faults(operator: Operator, runtime: Runtime) -> list[FaultView]:
    """The faults that still wait for calls."""
    async with runtime.db.read(operator.shop) as tx:
        return [_fault_view(fault) for fault in await queries.faults(tx)]


@post(f"{_PATH}/faults", dependencies=_WRITE, tags=["developer"])
async def add_fault(data: FaultDraftView, operator: Operator, runtime: Runtime) -> FaultView:
    """Set up a fault for calls of the shop's credential."""
    draft = FaultDraft(data.api, data.kind, data.errcode, data.delay_ms, data.remaining, data.until)
    async with runtime.db.read(operator.shop) as tx:
        appid = (await queries.credential(tx)).appid
    fault = await runtime.db.write(operator.actor, operator.shop, lambda tx: service.add_fault(tx, appid, draft))
    await runtime.need(WireDesk).changed(operator.shop)
    return _fault_view(fault)


@delete(f"{_PATH}/faults/{{fault_id:int}}", dependencies=_WRITE, tags=["developer"])
async def remove_fault(fault_id: LongId, operator: Operator, runtime: Runtime) -> None:
    """Take a fault off the desk."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: service.remove_fault(tx, fault_id))
    await runtime.need(WireDesk).changed(operator.shop)


@get(f"{_PATH}/calls", dependencies=_READ, tags=["developer"])
async def list_calls(
    operator: Operator,
    runtime: Runtime,
    *,
    rid: Search = "",
    api: Search = "",
    cursor: Cursor = None,
    limit: Limit = None,
) -> CallPage:
    """The wire calls of the last seven days, the latest first. They appear within a second."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.calls(tx, rid=rid, api=api, cursor=cursor, limit=limit)
    return CallPage([_call_view(call) for call in page.items], page.next, page.total)


@post(f"{_PATH}/reset", dependencies=_WRITE, tags=["developer"], status_code=204)
async def reset_shop(data: Reset, operator: Operator, runtime: Runtime) -> None:
    """Set a sandbox shop back to its seed. What it gathered is deleted for good; members, credential and trail stay."""
    async with runtime.db.read(operator.shop) as tx:
        if data.confirm != (await queries.shop(tx)).name:
            raise ResetNotConfirmed(field="confirm")
    await runtime.db.write(operator.actor, operator.shop, service.reset)
    await runtime.need(WireDesk).changed(operator.shop)
    await runtime.need(Seeder).seed(operator.shop)


async def _developer(operator: Operator, runtime: Runtime) -> Developer:
    async with runtime.db.read(operator.shop) as tx:
        shop, credential, states = await queries.shop(tx), await queries.own_credential(tx), await queries.quotas(tx)
    writes = "developer.write" in operator.permissions
    return Developer(
        credential.appid if credential else "",
        credential.secret_hint if credential else "",
        instant(credential.previous_until) if credential else None,
        list(credential.addresses) if credential else [],
        instant(credential.used_at) if credential else None,
        credential.used_from if credential else None,
        [] if not writes else ["rotate", "set_addresses"] if credential else ["make"],
        runtime.settings.public_url,
        list(shop.pages),
        [_quota_view(runtime, operator, state) for state in states],
        shop.sandbox,
    )


async def _sent_pages(request: Request[Any, Any, Any]) -> list[str]:
    try:
        if not request.headers.get("content-type", "").startswith("multipart/"):
            return msgspec.json.decode(await request.body(), type=Pages).pages
        file = (await request.form()).get("file")
        content = await file.read(_APP_JSON_MAX + 1) if isinstance(file, UploadFile) else b""
        if len(content) > _APP_JSON_MAX:
            raise PagesInvalid(f"An app.json has at most {_APP_JSON_MAX} bytes.", field="file")
        return list(pages_of_app_json(msgspec.json.decode(content)))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise PagesInvalid(field="file") from error


def _quota_view(runtime: Runtime, operator: Operator, state: QuotaState) -> QuotaView:
    held = runtime.need(WireDesk).shares.held(operator.shop, state.key)
    return QuotaView(state.key, state.limit, max(0, state.used - held))


def _fault_view(fault: Fault) -> FaultView:
    until = instant(fault.until)
    return FaultView(str(fault.fault_id), fault.api, fault.kind, fault.errcode, fault.delay_ms, fault.remaining, until)


def _call_view(call: WireCall) -> CallView:
    at = instant(call.at)
    return CallView(call.rid, at, call.method, call.path, call.api, call.errcode, call.ms, call.request, call.response)


ROUTES = [
    read_developer,
    rotate_secret,
    end_previous_secret,
    set_addresses,
    set_pages,
    set_quotas,
    list_faults,
    add_fault,
    remove_fault,
    list_calls,
    reset_shop,
]
