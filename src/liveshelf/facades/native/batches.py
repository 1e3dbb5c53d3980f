"""Files of rows for staff: send one, look at its rehearsal, start it, stop it, and fetch what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter, QueryParameter

from liveshelf.accounts.errors import NotPermitted
from liveshelf.accounts.types import Operator
from liveshelf.batches import queries, service
from liveshelf.batches.errors import BatchKindUnknown
from liveshelf.batches.files import BYTES_MAX, cells_of, read_table, write_xlsx
from liveshelf.batches.types import Batch, BatchState, RowState
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, SmallId, instant, staff
from liveshelf.flows import batch_kinds, binding_file
from liveshelf.kernel.ids import RoomId
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing

_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
_BODY_MAX = BYTES_MAX + (1 << 16)  # the file and the form around it
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Everybody who works in a shop may ask; what each kind needs is looked at in the handler.
_MEMBER = staff("goods.read")
KindName = Annotated[str, PathParameter(max_length=40)]
Kinds = Annotated[str, QueryParameter(name="kind", max_length=40, description="Only batches of this kind.")]
State = Annotated[RowState | None, QueryParameter(name="state")]
Language = Annotated[str, QueryParameter(name="lang", max_length=8, description="`zh` or `en`.")]


class BatchView(msgspec.Struct, frozen=True):
    """A batch as it stands. `worked` of `rows` have a result; an export counts in `rows` what it has written."""

    batch_id: str
    kind: str
    state: BatchState
    file_name: str
    rows: int
    worked: int
    counts: dict[RowState, int]
    created_at: str
    finished_at: str | None
    has_file: bool
    may: list[str]


class BatchPage(msgspec.Struct, frozen=True):
    """Batches, newest first."""

    items: list[BatchView]
    next: str | None


class RowView(msgspec.Struct, frozen=True):
    """A row and its result. `code` and `detail` say why it was refused."""

    row_no: int
    cells: dict[str, str]
    state: RowState
    code: str
    detail: str


class RowPage(msgspec.Struct, frozen=True):
    """A batch's rows in the file's order."""

    items: list[RowView]
    next: str | None


class RowsFile(msgspec.Struct, frozen=True):
    """A form with one file of rows."""

    file: UploadFile


@post(
    "/shops/{shop_id:int}/batches/{kind:str}",
    dependencies=_MEMBER,
    tags=["batches"],
    request_max_body_size=_BODY_MAX,
)
async def send_file(
    kind: KindName,
    data: Annotated[RowsFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    operator: Operator,
    runtime: Runtime,
) -> BatchView:
    """Take in a CSV or XLSX of up to 5,000 rows. It is rehearsed at once; nothing is done before it is started."""
    if kind == binding_file.KIND:
        raise BatchKindUnknown(kind=kind)  # it belongs to a room, and is sent to that
    return await take_in(runtime, operator, kind, file=data.file)


@post(
    "/shops/{shop_id:int}/rooms/{room_id:int}/shelf/file",
    dependencies=staff("rooms.live"),
    tags=["rooms"],
    request_max_body_size=_BODY_MAX,
)
async def send_binding_file(
    room_id: SmallId,
    data: Annotated[RowsFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    operator: Operator,
    runtime: Runtime,
) -> BatchView:
    """Take in a file of goods for the room's shelf. It is rehearsed at once; nothing is bound before it is started."""
    async with runtime.db.read(operator.shop) as tx:
        if await rooms.room(tx, RoomId(room_id)) is None:
            raise RoomMissing(room_id=room_id)
    return await take_in(
        runtime, operator, binding_file.KIND, file=data.file, options={binding_file.ROOM: str(room_id)}
    )


async def take_in(
    runtime: Runtime, operator: Operator, kind: str, *, file: UploadFile, options: Mapping[str, str] = _NO_OPTIONS
) -> BatchView:
    """Take in a file of a kind. Raises what `batches.files.read_table` raises."""
    what = batch_kinds.kind_of(kind)
    _need(operator, what.permission)
    content = await file.read(BYTES_MAX + 1)
    table = await asyncio.to_thread(read_table, content)
    rows = cells_of(table, what.columns)
    name = file.filename or ""
    batch_id = await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: service.take_in(
            tx, kind, keys=runtime.keys, file_name=name if is_plain(name) else "", rows=rows, options=options
        ),
    )
    return await _shown(runtime, operator, batch_id)


@get("/shops/{shop_id:int}/batches/{kind:str}/template", dependencies=_MEMBER, tags=["batches"])
async def template(kind: KindName, operator: Operator, lang: Language = "zh") -> Response[bytes]:
    """An empty file with the kind's headings and one example."""
    what = batch_kinds.kind_of(kind)
    _need(operator, what.permission)
    at = 1 if lang == "en" else 0
    headings = [column.titles[at] for column in what.columns]
    content = await asyncio.to_thread(write_xlsx, headings, [[column.example for column in what.columns]])
    return _file(content, f"{kind}-template.xlsx")


@get("/shops/{shop_id:int}/batches", dependencies=_MEMBER, tags=["batches"])
async def list_batches(
    operator: Operator, runtime: Runtime, *, kinds: Kinds = "", cursor: Cursor = None, limit: Limit = None
) -> BatchPage:
    """Batches of the kinds that the asker may see."""
    every = (*batch_kinds.KINDS, *batch_kinds.EXPORTS)
    wanted = [one for one in every if kinds in {"", one} and batch_kinds.permission_of(one) in operator.permissions]
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.page(tx, wanted, cursor=cursor, limit=limit)
    return BatchPage([_view(one) for one in page.items], page.next)


@get("/shops/{shop_id:int}/batches/{batch_id:int}", dependencies=_MEMBER, tags=["batches"])
async def one_batch(batch_id: LongId, operator: Operator, runtime: Runtime) -> BatchView:
    """One batch with its progress."""
    return await _shown(runtime, operator, batch_id)


@get("/shops/{shop_id:int}/batches/{batch_id:int}/rows", dependencies=_MEMBER, tags=["batches"])
async def batch_rows(
    batch_id: LongId,
    operator: Operator,
    runtime: Runtime,
    *,
    wanted: State = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> RowPage:
    """What became of each row."""
    async with runtime.db.read(operator.shop) as tx:
        await _permitted(tx, operator, batch_id)
        page = await queries.results(tx, runtime.keys, batch_id, state=wanted, cursor=cursor, limit=limit)
    rows = [RowView(one.row_no, dict(one.cells), one.state, one.code, one.detail) for one in page.items]
    return RowPage(rows, page.next)


@post("/shops/{shop_id:int}/batches/{batch_id:int}/start", status_code=200, dependencies=_MEMBER, tags=["batches"])
async def start_batch(batch_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> BatchView:  # noqa: ARG001 - a batch starts once, so the id has nothing to guard
    """Do what was rehearsed. Rows that failed in the rehearsal are tried again."""
    async with runtime.db.read(operator.shop) as tx:
        await _permitted(tx, operator, batch_id)
    await runtime.db.write(operator.actor, operator.shop, lambda tx: service.start(tx, batch_id))
    return await _shown(runtime, operator, batch_id)


@post("/shops/{shop_id:int}/batches/{batch_id:int}/stop", status_code=200, dependencies=_MEMBER, tags=["batches"])
async def stop_batch(batch_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> BatchView:  # noqa: ARG001 - stopping twice is refused by the state
    """No further row begins; what was done stays."""
    async with runtime.db.read(operator.shop) as tx:
        await _permitted(tx, operator, batch_id)
    await runtime.db.write(operator.actor, operator.shop, lambda tx: service.stop(tx, batch_id))
    return await _shown(runtime, operator, batch_id)


@get("/shops/{shop_id:int}/batches/{batch_id:int}/failed", dependencies=_MEMBER, tags=["batches"])
async def failed_rows(batch_id: LongId, operator: Operator, runtime: Runtime, lang: Language = "zh") -> Response[bytes]:
    """The failed rows as a file of the same form, with why in the last column: correct it and send it again."""
    async with runtime.db.read(operator.shop) as tx:
        batch = await _permitted(tx, operator, batch_id)
        rows = await queries.failed(tx, runtime.keys, batch_id)
    columns = batch_kinds.kind_of(batch.kind).columns
    at = 1 if lang == "en" else 0
    headings = [*(column.titles[at] for column in columns), "Why" if at else "失败原因"]
    cells = [[*(row.cells.get(column.key, "") for column in columns), f"{row.code}: {row.detail}"] for row in rows]
    return _file(await asyncio.to_thread(write_xlsx, headings, cells), f"failed-{batch_id}.xlsx")


@get("/shops/{shop_id:int}/batches/{batch_id:int}/file", dependencies=_MEMBER, tags=["batches"])
async def exported_file(batch_id: LongId, operator: Operator, runtime: Runtime) -> Response[bytes]:
    """The file that an export made; for the one who asked for it, and for 30 days."""
    async with runtime.db.read(operator.shop) as tx:
        batch = await _permitted(tx, operator, batch_id)
        content = await queries.file(tx, runtime.keys, batch_id)
    return _file(content, batch.file_name)


def _file(content: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=_XLSX, headers=headers)


def _need(operator: Operator, permission: str) -> None:
    if permission not in operator.permissions:
        raise NotPermitted(permission=permission)


async def _permitted(tx: ReadTx, operator: Operator, batch_id: int) -> Batch:
    batch = await queries.batch(tx, batch_id)
    _need(operator, batch_kinds.permission_of(batch.kind))
    # An export may hold more than its reader may see: it is its maker's alone.
    if batch.kind in batch_kinds.EXPORTS and batch.made_by != str(operator.actor):
        raise NotPermitted(permission=batch_kinds.permission_of(batch.kind))
    return batch


async def _shown(runtime: Runtime, operator: Operator, batch_id: int) -> BatchView:
    async with runtime.db.read(operator.shop) as tx:
        return _view(await _permitted(tx, operator, batch_id))


def _view(batch: Batch) -> BatchView:
    may = {
        BatchState.REHEARSING: ["stop"],
        BatchState.REHEARSED: ["start", "stop"],
        BatchState.WORKING: ["stop"],
    }.get(batch.state, [])
    return BatchView(
        str(batch.batch_id),
        batch.kind,
        batch.state,
        batch.file_name,
        batch.rows,
        batch.worked,
        dict(batch.counts),
        instant(batch.created_at),
        instant(batch.finished_at),
        batch.has_file,
        may,
    )


ROUTES = [
    send_file,
    send_binding_file,
    template,
    list_batches,
    one_batch,
    batch_rows,
    start_batch,
    stop_batch,
    failed_rows,
    exported_file,
]
