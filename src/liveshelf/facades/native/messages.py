"""Notices: what somebody has to hear of, to staff and to buyers. Each reads only their own."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post

from liveshelf.accounts.types import Operator
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer, visitor
from liveshelf.facades.native.shell import Cursor, Limit, SmallId, instant, member, platform_person
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import INT63_MAX, PLATFORM, ShopId
from liveshelf.messages import queries, service
from liveshelf.messages.types import READ_AT_ONCE, UNREAD_SHOWN, Notice
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

NoticeId = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]


class NoticeView(msgspec.Struct, frozen=True):
    """A notice. `subject` names what it is about ("order:41"), `facts` fill the words of its kind."""

    notice_id: str
    kind: str
    subject: str
    facts: dict[str, int | str | None]
    at: str
    read: bool


class NoticePage(msgspec.Struct, frozen=True):
    """A page of somebody's notices."""

    items: list[NoticeView]
    next: str | None
    total: int | None
    unread: int


class Unread(msgspec.Struct, frozen=True):
    """How many are unread; `more` when there are that many or more."""

    unread: int
    more: bool


class NoticesRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which were read: some, or all up to the newest that was seen. Saying it twice changes nothing."""

    notice_ids: Annotated[list[NoticeId], msgspec.Meta(max_length=READ_AT_ONCE)] = []
    up_to: NoticeId | None = None


@get("/shops/{shop_id:int}/notices", dependencies=member(), tags=["messages"])
async def list_staff_notices(
    operator: Operator, runtime: Runtime, *, unread: bool = False, cursor: Cursor = None, limit: Limit = None
) -> NoticePage:
    """My notices in this shop, the latest first."""
    return await _page(runtime, operator.shop, operator.actor, unread_only=unread, cursor=cursor, limit=limit)


@get("/shops/{shop_id:int}/notices/unread", dependencies=member(), tags=["messages"])
async def count_staff_notices(operator: Operator, runtime: Runtime) -> Unread:
    """How many of my notices are unread; cheap enough to be asked often."""
    return await _unread(runtime, operator.shop, operator.actor)


@post("/shops/{shop_id:int}/notices/read", dependencies=member(), tags=["messages"], status_code=200)
async def read_staff_notices(data: NoticesRead, operator: Operator, runtime: Runtime) -> Unread:
    """Mark notices as read."""
    return await _read(runtime, operator.shop, operator.actor, data)


@get("/platform/notices", dependencies=platform_person(), tags=["messages"])
async def list_platform_notices(
    operator: Operator, runtime: Runtime, *, unread: bool = False, cursor: Cursor = None, limit: Limit = None
) -> NoticePage:
    """My notices as one of the platform's people, the latest first."""
    return await _page(runtime, PLATFORM, operator.actor, unread_only=unread, cursor=cursor, limit=limit)


@get("/platform/notices/unread", dependencies=platform_person(), tags=["messages"])
async def count_platform_notices(operator: Operator, runtime: Runtime) -> Unread:
    """How many of these are unread."""
    return await _unread(runtime, PLATFORM, operator.actor)


@post("/platform/notices/read", dependencies=platform_person(), tags=["messages"], status_code=200)
async def read_platform_notices(data: NoticesRead, operator: Operator, runtime: Runtime) -> Unread:
    """Mark these as read."""
    return await _read(runtime, PLATFORM, operator.actor, data)


@get("/storefront/{shop_id:int}/notices", dependencies=buyer(), tags=["messages"])
async def list_notices(
    buyer: Buyer, runtime: Runtime, *, unread: bool = False, cursor: Cursor = None, limit: Limit = None
) -> NoticePage:
    """What the shop has told me, the latest first."""
    return await _page(runtime, buyer.shop, buyer.actor, unread_only=unread, cursor=cursor, limit=limit)


@get("/storefront/{shop_id:int}/notices/unread", dependencies=visitor(), tags=["messages"])
async def count_notices(shop_id: SmallId, visitor: Buyer | None, runtime: Runtime) -> Unread:
    """How many of my notices are unread, none for somebody new; cheap enough to be asked often."""
    if visitor is None:
        return Unread(0, more=False)
    return await _unread(runtime, ShopId(shop_id), visitor.actor)


@post("/storefront/{shop_id:int}/notices/read", dependencies=buyer(), tags=["messages"], status_code=200)
async def read_notices(data: NoticesRead, buyer: Buyer, runtime: Runtime) -> Unread:
    """Mark notices as read."""
    return await _read(runtime, buyer.shop, buyer.actor, data)


async def _page(
    runtime: Runtime, shop: ShopId, reader: Actor, *, unread_only: bool, cursor: str | None, limit: int | None
) -> NoticePage:
    async with runtime.db.read(shop) as tx:
        page = await queries.page(tx, str(reader), unread_only=unread_only, cursor=cursor, limit=limit)
        count = await queries.unread(tx, str(reader))
    return NoticePage([_view(one) for one in page.items], page.next, None, count)


async def _unread(runtime: Runtime, shop: ShopId, reader: Actor) -> Unread:
    async with runtime.db.read(shop) as tx:
        count = await queries.unread(tx, str(reader))
    return Unread(count, count >= UNREAD_SHOWN)


async def _read(runtime: Runtime, shop: ShopId, reader: Actor, data: NoticesRead) -> Unread:
    async def work(tx: Tx) -> int:
        if data.notice_ids:
            await service.mark_read(tx, str(reader), [min(int(one), INT63_MAX) for one in data.notice_ids])
        if data.up_to is not None:
            await service.mark_all_read(tx, str(reader), up_to=min(int(data.up_to), INT63_MAX))
        return await queries.unread(tx, str(reader))

    count = await runtime.db.write(reader, shop, work)
    return Unread(count, count >= UNREAD_SHOWN)


def _view(one: Notice) -> NoticeView:
    return NoticeView(
        str(one.notice_id), one.kind, one.subject, dict(one.facts), instant(one.created_at), one.read_at is not None
    )


ROUTES = [
    list_staff_notices,
    count_staff_notices,
    read_staff_notices,
    list_platform_notices,
    count_platform_notices,
    read_platform_notices,
    list_notices,
    count_notices,
    read_notices,
]
