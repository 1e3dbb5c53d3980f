"""The shop's checklists: templates by category, and what a room still needs signed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import PathParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.checklists import queries, service
from liveshelf.checklists.errors import ChecklistInvalid
from liveshelf.checklists.proposals import PROPOSED
from liveshelf.checklists.service import ITEMS_MAX, TEXT_MAX
from liveshelf.checklists.types import EVERY
from liveshelf.facades.native.shell import RequestId, SmallId, instant, once, staff
from liveshelf.flows import readiness
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories

CategoryCode = Annotated[int, msgspec.Meta(ge=0, le=9_999), PathParameter(ge=0, le=9_999)]
Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]


class TemplateIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What broadcasts of a category need checked, in order; nothing takes the template away."""

    request_id: RequestId
    items: Annotated[list[Text], msgspec.Meta(max_length=ITEMS_MAX)]


class Signing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which items were checked."""

    request_id: RequestId
    item_ids: Annotated[list[Number], msgspec.Meta(min_length=1, max_length=ITEMS_MAX * 30)]


class ProposedView(msgspec.Struct, frozen=True):
    """A proposed item."""

    zh: str
    en: str


class TemplateView(msgspec.Struct, frozen=True):
    """A category with its items, and what we propose for it. Category 0 counts for every broadcast."""

    category: int
    zh: str
    en: str
    items: list[str]
    proposed: list[ProposedView]


class ItemView(msgspec.Struct, frozen=True):
    """An item as it stands for a room."""

    item_id: str
    category: int
    text: str
    signed_by: str | None
    signed_at: str | None


class RoomChecklist(msgspec.Struct, frozen=True):
    """What a room needs signed before it goes on air."""

    room_id: int
    items: list[ItemView]
    left: int


@get("/shops/{shop_id:int}/checklists", dependencies=staff("rooms.read"), tags=["checklists"])
async def list_templates(operator: Operator, runtime: Runtime) -> list[TemplateView]:
    """Every top category with its template."""
    async with runtime.db.read(operator.shop) as tx:
        return await _templates(tx)


@put("/shops/{shop_id:int}/checklists/{category:int}", dependencies=staff("rooms.write"), tags=["checklists"])
async def set_template(
    category: CategoryCode, data: TemplateIn, operator: Operator, runtime: Runtime
) -> list[TemplateView]:
    """Write a category's template. Items whose words stay keep their signatures."""
    if category != EVERY and category not in {root.code for root in categories.tree().roots}:
        raise ChecklistInvalid("There is no such top category.", field="category")

    async def work(tx: Tx) -> bool:
        await service.set_template(tx, category, data.items)
        return True

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("checklists.set", data.request_id, [category, data], bool)
    )
    async with runtime.db.read(operator.shop) as tx:
        return await _templates(tx)


@get("/shops/{shop_id:int}/rooms/{room_id:int}/checklist", dependencies=staff("rooms.read"), tags=["checklists"])
async def room_checklist(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomChecklist:
    """What a room needs signed for what stands on its shelf, and by whom it was."""
    return await _shown(runtime, operator.shop, RoomId(room_id))


@post(
    "/shops/{shop_id:int}/rooms/{room_id:int}/checklist/sign",
    dependencies=staff("rooms.live"),
    tags=["checklists"],
    status_code=200,
)
async def sign(room_id: SmallId, data: Signing, operator: Operator, runtime: Runtime) -> RoomChecklist:
    """Say that these items were checked; the signer is on record."""
    room = RoomId(room_id)

    async def work(tx: Tx) -> bool:
        sold = await readiness.sold_categories(tx, room)
        await service.sign(tx, room, [int(one) for one in data.item_ids], categories=sold)
        return True

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("checklists.sign", data.request_id, [room_id, data], bool)
    )
    return await _shown(runtime, operator.shop, room)


async def _shown(runtime: Runtime, shop: ShopId, room_id: RoomId) -> RoomChecklist:
    async with runtime.db.read(shop) as tx:
        found = await queries.of_room(tx, room_id, await readiness.sold_categories(tx, room_id))
        names = await accounts.names(tx, [one.signed_by for one in found if one.signed_by])
    items = [
        ItemView(
            str(one.item.item_id),
            one.item.category,
            one.item.text,
            None if one.signed_by is None else names.get(one.signed_by, one.signed_by),
            instant(one.signed_at),
        )
        for one in found
    ]
    return RoomChecklist(room_id, items, sum(one.signed_by is None for one in items))


async def _templates(tx: ReadTx) -> list[TemplateView]:
    present = await queries.templates(tx)
    names = [(EVERY, "所有直播", "Every broadcast"), *((one.code, one.zh, one.en) for one in categories.tree().roots)]
    return [
        TemplateView(
            code,
            zh,
            en,
            [one.text for one in present.get(code, [])],
            [ProposedView(one.zh, one.en) for one in PROPOSED.get(code, ())],
        )
        for code, zh, en in names
    ]


ROUTES = [list_templates, set_template, room_checklist, sign]
