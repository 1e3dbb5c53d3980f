"""The notice centre: what the platform announces, which rules bind, and what each person must acknowledge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, SignedIn
from liveshelf.announcements import queries, service
from liveshelf.announcements.service import BODY_MAX, TITLE_MAX
from liveshelf.announcements.types import Announcement, AnnouncementKind, Draft
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, instant, once, reviewer, signed_in
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM
from liveshelf.kernel.time import china_day
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime

Kind = Annotated[AnnouncementKind | None, QueryParameter(name="kind")]
Pack = Annotated[str | None, QueryParameter(name="pack", max_length=40)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_MAX)]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=BODY_MAX)]


class AnnouncementIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to announce; `pack` for rules alone."""

    request_id: RequestId
    kind: AnnouncementKind
    title_zh: Title
    title_en: Title
    body_zh: Body
    body_en: Body
    effective_on: date
    pack: Annotated[str, msgspec.Meta(max_length=40)] = ""
    must_acknowledge: bool = False


class AnnouncementView(msgspec.Struct, frozen=True):
    """Something announced. `read` says that the asker has acknowledged it; `readers` counts everybody who has."""

    announcement_id: str
    kind: AnnouncementKind
    pack: str
    version: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    effective_on: date
    must_acknowledge: bool
    published_by: str
    published_at: str
    read: bool
    readers: int


class AnnouncementPage(msgspec.Struct, frozen=True):
    """A page of announcements."""

    items: list[AnnouncementView]
    next: str | None


@get("/announcements", dependencies=signed_in(), tags=["announcements"])
async def list_announcements(
    who: SignedIn,
    runtime: Runtime,
    *,
    kind: Kind = None,
    pack: Pack = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> AnnouncementPage:
    """What was announced, the latest first; with `pack` the versions of one rule pack."""
    async with runtime.db.read() as tx:
        page = await queries.page(tx, kind=kind, pack=pack, cursor=cursor, limit=limit)
        return AnnouncementPage(await _views(tx, page.items, who), page.next)


@get("/announcements/rules", dependencies=signed_in(), tags=["announcements"])
async def rules_in_force(who: SignedIn, runtime: Runtime, *, on: date | None = None) -> list[AnnouncementView]:
    """Of each rule pack the version that binds today, or on a day."""
    async with runtime.db.read() as tx:
        return await _views(tx, await queries.in_force(tx, on or china_day(tx.now)), who)


@get("/announcements/pending", dependencies=signed_in(), tags=["announcements"])
async def pending(who: SignedIn, runtime: Runtime) -> list[AnnouncementView]:
    """What I must acknowledge before I go on."""
    async with runtime.db.read() as tx:
        return await _views(tx, await queries.pending(tx, who.account.account_id), who)


@post("/announcements", dependencies=reviewer("announcements.write"), tags=["announcements"])
async def publish(data: AnnouncementIn, operator: Operator, runtime: Runtime) -> AnnouncementView:
    """Announce. What is published stays as it is; rules get the next version of their pack."""
    draft = Draft(
        data.kind,
        data.title_zh,
        data.title_en,
        data.body_zh,
        data.body_en,
        data.effective_on,
        data.pack,
        data.must_acknowledge,
    )
    number = await runtime.db.write(
        operator.actor,
        PLATFORM,
        lambda tx: service.publish(tx, draft),
        once=once("announcements.publish", data.request_id, data, int),
    )
    async with runtime.db.read() as tx:
        (view,) = await _views(tx, [await queries.announcement(tx, number)], None)
    return view


@post(
    "/announcements/{announcement_id:int}/acknowledge",
    dependencies=signed_in(),
    tags=["announcements"],
    status_code=204,
)
async def acknowledge(announcement_id: LongId, who: SignedIn, runtime: Runtime) -> None:
    """Say that I have read it. A second time changes nothing."""
    account_id = who.account.account_id
    await runtime.db.write(
        Actor(ActorKind.STAFF, str(account_id)),
        PLATFORM,
        lambda tx: service.acknowledge(tx, account_id, announcement_id),
    )


async def _views(tx: ReadTx, found: Sequence[Announcement], who: SignedIn | None) -> list[AnnouncementView]:
    ids = [one.announcement_id for one in found]
    names = await accounts.names(tx, [one.published_by for one in found])
    readers = await queries.readers(tx, ids)
    read = set() if who is None else await queries.read_by(tx, who.account.account_id, ids)
    return [
        AnnouncementView(
            str(one.announcement_id),
            one.draft.kind,
            one.draft.pack,
            one.version,
            one.draft.title_zh,
            one.draft.title_en,
            one.draft.body_zh,
            one.draft.body_en,
            one.draft.effective_on,
            one.draft.must_acknowledge,
            names.get(one.published_by, one.published_by),
            instant(one.published_at),
            one.announcement_id in read,
            readers.get(one.announcement_id, 0),
        )
        for one in found
    ]


ROUTES = [list_announcements, rules_in_force, pending, publish, acknowledge]
