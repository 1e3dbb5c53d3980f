"""The lexicon desk: what the platform and its shops change of the packaged lexicon, and a place to try a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from litestar import delete, get, post

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.compliance import queries, screen, service
from liveshelf.compliance.types import Entry, EntryKind, Finding, WordClass
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, instant, once, reviewer, staff
from liveshelf.flows import lexicon_desk
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime

TRIED_MAX = 2_000  # characters
HITS_MAX = 200

Field = Literal["name", "detail", "room", "comment", "review"]


class AddEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change, with why. `word` adds, `allowed` makes a longer word harmless, `removed` lets a packaged word go."""

    request_id: RequestId
    class_id: Annotated[str, msgspec.Meta(max_length=40)]
    word: Annotated[str, msgspec.Meta(max_length=200)]
    reason: Annotated[str, msgspec.Meta(max_length=1000)]
    kind: EntryKind = EntryKind.WORD


class TryText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to look at. Nothing is kept of it."""

    text: Annotated[str, msgspec.Meta(max_length=TRIED_MAX)]
    field: Field = "name"


class ClassView(msgspec.Struct, frozen=True):
    """One class of words as it is packaged. `buyers` is what it means in a buyer's words."""

    class_id: str
    family: str
    zh_name: str
    en_name: str
    zh: str
    en: str
    source: str
    severity: str
    buyers: str | None
    words: int
    allowed: int


class LexiconChange(msgspec.Struct, frozen=True):
    """One change. One that was taken back says by whom and when."""

    entry_id: str
    kind: EntryKind
    class_id: str
    word: str
    reason: str
    added_by: str
    added_at: str
    withdrawn_by: str | None
    withdrawn_at: str | None


class LexiconView(msgspec.Struct, frozen=True):
    """The lexicon in force, and the changes of this desk, the latest first."""

    version: str
    classes: list[ClassView]
    entries: list[LexiconChange]
    next: str | None
    may: list[str]


class TriedFinding(msgspec.Struct, frozen=True):
    """An objection: `start` to `end` of the text, counted in Unicode characters."""

    rule: str
    text: str
    start: int
    end: int
    severity: str
    zh: str
    en: str


class Tried(msgspec.Struct, frozen=True):
    """What the lexicon says of a text."""

    version: str
    findings: list[TriedFinding]


class HitView(msgspec.Struct, frozen=True):
    """Approved goods that would be objected to now."""

    goods_id: int
    name: str
    findings: list[TriedFinding]


class HitsView(msgspec.Struct, frozen=True):
    """What would be hit now. Nothing is changed by asking."""

    version: str
    looked_at: int
    complete: bool
    items: list[HitView]


@get("/lexicon", dependencies=reviewer("lexicon.read"), tags=["lexicon"])
async def show_lexicon(operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None) -> LexiconView:
    """The platform's lexicon."""
    async with runtime.db.read() as tx:
        return await _view(tx, operator, cursor, limit)


@post("/lexicon/entries", dependencies=reviewer("lexicon.write"), tags=["lexicon"])
async def add_entry(data: AddEntry, operator: Operator, runtime: Runtime) -> LexiconChange:
    """Change the platform's lexicon from the next text on."""
    return await _add(runtime, operator, PLATFORM, data)


@delete("/lexicon/entries/{entry_id:int}", dependencies=reviewer("lexicon.write"), tags=["lexicon"], status_code=200)
async def withdraw_entry(entry_id: LongId, operator: Operator, runtime: Runtime) -> LexiconChange:
    """Take a change of the platform's back."""
    return await _withdraw(runtime, operator, PLATFORM, entry_id)


@post("/lexicon/try", dependencies=reviewer("lexicon.read"), tags=["lexicon"], status_code=200)
async def try_text(data: TryText, operator: Operator, runtime: Runtime) -> Tried:  # noqa: ARG001 - the check is the point
    """What the platform's lexicon says of a text."""
    async with runtime.db.read() as tx:
        return await _tried(tx, data)


@get("/shops/{shop_id:int}/lexicon", dependencies=staff("words.read"), tags=["lexicon"])
async def show_words(operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None) -> LexiconView:
    """The lexicon in force for the shop, with the shop's own words."""
    async with runtime.db.read(operator.shop) as tx:
        return await _view(tx, operator, cursor, limit)


@post("/shops/{shop_id:int}/lexicon/entries", dependencies=staff("words.write"), tags=["lexicon"])
async def add_word(data: AddEntry, operator: Operator, runtime: Runtime) -> LexiconChange:
    """Add a word of the shop's own. A shop may only add."""
    return await _add(runtime, operator, operator.shop, data)


@delete(
    "/shops/{shop_id:int}/lexicon/entries/{entry_id:int}",
    dependencies=staff("words.write"),
    tags=["lexicon"],
    status_code=200,
)
async def withdraw_word(entry_id: LongId, operator: Operator, runtime: Runtime) -> LexiconChange:
    """Take a word of the shop's own back."""
    return await _withdraw(runtime, operator, operator.shop, entry_id)


@post("/shops/{shop_id:int}/lexicon/try", dependencies=staff("words.read"), tags=["lexicon"], status_code=200)
async def try_words(data: TryText, operator: Operator, runtime: Runtime) -> Tried:
    """What the lexicon in force for the shop says of a text."""
    async with runtime.db.read(operator.shop) as tx:
        return await _tried(tx, data)


@get("/shops/{shop_id:int}/lexicon/hits", dependencies=staff("words.read"), tags=["lexicon"])
async def show_hits(operator: Operator, runtime: Runtime) -> HitsView:
    """Approved goods whose names the lexicon objects to as it is now."""
    async with runtime.db.read(operator.shop) as tx:
        found = await lexicon_desk.hits(tx, most=HITS_MAX)
    items = [HitView(one.goods_id, one.name, _findings(one.findings)) for one in found.goods]
    return HitsView(found.version, found.looked_at, found.complete, items)


async def _view(tx: ReadTx, operator: Operator, cursor: str | None, limit: int | None) -> LexiconView:
    page = await queries.entries(tx, cursor=cursor, limit=limit)
    lexicon = await queries.lexicon(tx)
    actors = {actor for one in page.items for actor in (one.added_by, one.withdrawn_by) if actor}
    names = await accounts.names(tx, sorted(actors))
    needed = "lexicon.write" if tx.shop == PLATFORM else "words.write"
    return LexiconView(
        lexicon.version,
        [_class(one) for one in queries.packaged_classes()],
        [_entry(one, names) for one in page.items],
        page.next,
        ["add", "withdraw"] if needed in operator.permissions else [],
    )


async def _add(runtime: Runtime, operator: Operator, shop: ShopId, data: AddEntry) -> LexiconChange:
    async def work(tx: Tx) -> LexiconChange:
        return _entry(await service.add(tx, data.kind, class_id=data.class_id, word=data.word, reason=data.reason))

    return await runtime.db.write(
        operator.actor, shop, work, once=once("lexicon.add", data.request_id, data, LexiconChange)
    )


async def _withdraw(runtime: Runtime, operator: Operator, shop: ShopId, entry_id: int) -> LexiconChange:
    return _entry(await runtime.db.write(operator.actor, shop, lambda tx: service.withdraw(tx, entry_id)))


async def _tried(tx: ReadTx, data: TryText) -> Tried:
    lexicon = await queries.lexicon(tx)
    return Tried(lexicon.version, _findings(screen.text(data.text, field=data.field, lexicon=lexicon)))


def _class(one: WordClass) -> ClassView:
    return ClassView(
        one.class_id,
        one.family,
        one.zh_name,
        one.en_name,
        one.zh,
        one.en,
        one.source,
        one.severity.value,
        one.buyers.value if one.buyers else None,
        len(one.words),
        len(one.allowed),
    )


def _entry(one: Entry, names: Mapping[str, str] = MappingProxyType({})) -> LexiconChange:
    return LexiconChange(
        str(one.entry_id),
        one.kind,
        one.class_id,
        one.word,
        one.reason,
        names.get(one.added_by, one.added_by),
        instant(one.added_at),
        names.get(one.withdrawn_by or "", one.withdrawn_by),
        instant(one.withdrawn_at),
    )


def _findings(found: Sequence[Finding]) -> list[TriedFinding]:
    return [TriedFinding(one.rule, one.text, one.start, one.end, one.severity.value, one.zh, one.en) for one in found]


ROUTES = [
    show_lexicon,
    add_entry,
    withdraw_entry,
    try_text,
    show_words,
    add_word,
    withdraw_word,
    try_words,
    show_hits,
]
