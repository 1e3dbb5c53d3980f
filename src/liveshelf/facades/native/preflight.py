"""Before a broadcast: the check, what is planned for its goods, and who overrode what."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.checklists import queries as checklists
from liveshelf.facades.native.shell import RequestId, SmallId, instant, once, staff
from liveshelf.flows import preflight, readiness
from liveshelf.flows.preflight import FIRM, Area, Code, Finding
from liveshelf.kernel.ids import GoodsId, ProductId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import plans, presence, queries
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.plans import NOTHING, GoodsPlan, Override
from liveshelf.rooms.types import SHELF_MAX

_ROOM = "/shops/{shop_id:int}/rooms/{room_id:int}"
Money = Annotated[int, msgspec.Meta(ge=1, le=plans.PRICE_MAX_FEN)]


class PreflightFinding(msgspec.Struct, frozen=True):
    """One thing that does not fit. `settled_at` names the page on which it is put right; amounts are fen."""

    key: str
    area: Area
    code: Code
    blocks: bool
    overridden: bool
    may_override: bool
    goods_id: int | None
    product_id: int | None
    name: str
    amounts: dict[str, int]
    words: list[str]


class OverrideView(msgspec.Struct, frozen=True):
    """Who overrode what."""

    findings: list[str]
    reason: str
    by: str
    at: str


class PreflightView(msgspec.Struct, frozen=True):
    """The check as it is now. `ready` when the room may go on air: nothing blocks, the checklist is signed, and, where
    the room is important, the legal role is at its desk.
    """

    ready: bool
    areas: list[Area]
    findings: list[PreflightFinding]
    checklist_left: int
    important: bool
    legal_present: bool
    overrides: list[OverrideView]


class OverrideIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall not block, by the keys of the findings as they were seen, and why."""

    request_id: RequestId
    findings: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=1000)]], msgspec.Meta(min_length=1, max_length=SHELF_MAX * 5)
    ]
    reason: Annotated[str, msgspec.Meta(max_length=1000)]


class PlanIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is planned for a goods, as a whole; what is null is not planned."""

    expected: Annotated[int, msgspec.Meta(ge=0, le=plans.EXPECTED_MAX)] | None = None
    planned_fen: Money | None = None
    label_fen: Money | None = None
    script: Annotated[str, msgspec.Meta(max_length=plans.SCRIPT_MAX)] = ""


class PlanView(msgspec.Struct, frozen=True):
    """A goods of the shelf with what is planned for it."""

    goods_id: int
    number: int
    name: str
    present_fen: int
    available: int
    expected: int | None
    planned_fen: int | None
    label_fen: int | None
    script: str


@get(f"{_ROOM}/preflight", dependencies=staff("rooms.read"), tags=["rooms"])
async def get_preflight(room_id: SmallId, operator: Operator, runtime: Runtime) -> PreflightView:
    """What speaks against going on air now."""
    return await _shown(runtime, operator, RoomId(room_id))


@post(f"{_ROOM}/preflight/override", dependencies=staff("rooms.override"), tags=["rooms"], status_code=200)
async def override_preflight(room_id: SmallId, data: OverrideIn, operator: Operator, runtime: Runtime) -> PreflightView:
    """Let these findings not block the start; who did it and why is kept."""
    room = RoomId(room_id)

    async def work(tx: Tx) -> bool:
        await preflight.override(tx, room, data.findings, data.reason)
        return True

    told = once("rooms.preflight_override", data.request_id, [room_id, data], bool)
    await runtime.db.write(operator.actor, operator.shop, work, once=told)
    return await _shown(runtime, operator, room)


@get(f"{_ROOM}/plans", dependencies=staff("rooms.read"), tags=["rooms"])
async def list_plans(room_id: SmallId, operator: Operator, runtime: Runtime) -> list[PlanView]:
    """The goods of the shelf with what is planned for them."""
    return await _plans(runtime, operator, RoomId(room_id))


@put(f"{_ROOM}/plans/{{goods_id:int}}", dependencies=staff("rooms.live"), tags=["rooms"])
async def put_plan(
    room_id: SmallId, goods_id: SmallId, data: PlanIn, *, operator: Operator, runtime: Runtime
) -> list[PlanView]:
    """Plan this for a goods of the shelf."""
    wanted = GoodsPlan(data.expected, data.planned_fen, data.label_fen, data.script)
    await runtime.db.write(
        operator.actor, operator.shop, lambda tx: plans.plan(tx, RoomId(room_id), GoodsId(goods_id), wanted)
    )
    return await _plans(runtime, operator, RoomId(room_id))


async def _plans(runtime: Runtime, operator: Operator, room_id: RoomId) -> list[PlanView]:
    async with runtime.db.read(operator.shop) as tx:
        if await queries.room(tx, room_id) is None:
            raise RoomMissing(room_id=room_id)
        shelf, planned = await queries.shelf(tx, room_id), await plans.plans(tx, room_id)
    return [
        PlanView(
            item.goods_id,
            item.number,
            item.name,
            item.price2_fen if item.price_type == 3 and item.price2_fen is not None else item.price_fen,  # noqa: PLR2004 - a discount
            item.available,
            **msgspec.to_builtins(planned.get(GoodsId(item.goods_id), NOTHING)),
        )
        for item in shelf
    ]


async def _shown(runtime: Runtime, operator: Operator, room_id: RoomId) -> PreflightView:
    async with runtime.db.read(operator.shop) as tx:
        found = await preflight.look(tx, room_id)
        signed = await checklists.of_room(tx, room_id, await readiness.sold_categories(tx, room_id))
        watched = await presence.coverage(tx, room_id)
        shelf = {item.goods_id: item.name for item in await queries.shelf(tx, room_id)}
        names = await accounts.names(tx, [one.actor for one in found.overrides])
    left = sum(one.signed_by is None for one in signed)
    return PreflightView(
        ready=not found.blocking and not left and (watched.present or not watched.important),
        areas=list(Area),
        findings=[_finding(one, found.overridden, shelf) for one in found.findings],
        checklist_left=left,
        important=watched.important,
        legal_present=watched.present,
        overrides=[_override(one, names) for one in found.overrides],
    )


def _finding(one: Finding, overridden: frozenset[str], names: dict[int, str]) -> PreflightFinding:
    firm = one.code in FIRM
    amounts = {name: value for name, value in one.facts.items() if isinstance(value, int)}
    words = [
        word
        for value in one.facts.values()
        if not isinstance(value, int)
        for word in ([value] if isinstance(value, str) else value)
    ]
    return PreflightFinding(
        one.key,
        one.area,
        one.code,
        one.blocks,
        not firm and one.key in overridden,
        one.blocks and not firm and one.key not in overridden,
        one.goods_id,
        None if one.product_id is None else ProductId(one.product_id),
        names.get(one.goods_id or 0, ""),
        amounts,
        words,
    )


def _override(one: Override, names: dict[str, str]) -> OverrideView:
    return OverrideView(list(one.findings), one.reason, names.get(one.actor, one.actor), instant(one.at))


ROUTES = [get_preflight, override_preflight, list_plans, put_plan]
