"""Reads of the lexicon: the one in force for a shop, compiled, and its history."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row

from liveshelf.compliance import _sql, packaged
from liveshelf.compliance.lexicon import Lexicon, of_package
from liveshelf.compliance.types import Entry, EntryKind, WordClass
from liveshelf.kernel.ids import PLATFORM
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx

_KEPT: Final = 64  # compiled lexicons a process remembers
_compiled: OrderedDict[tuple[int, int], Lexicon] = OrderedDict()


async def lexicon(tx: ReadTx) -> Lexicon:
    """The lexicon in force for the transaction's shop: the packaged one, what the platform has changed, what the shop
    has added. Compiled once a process and version.
    """
    heads = {row.shop_id: row for row in await tx.all(_sql.REVISIONS, shops=sorted({PLATFORM, tx.shop}))}
    theirs, own = heads.get(PLATFORM), heads.get(tx.shop) if tx.shop != PLATFORM else None
    base = await _packaged() if theirs is None else await _remembered(tx, (theirs.stamp, 0), theirs)
    if own is None:
        return base
    return await _remembered(tx, (own.stamp, 0 if theirs is None else theirs.stamp), own, more=base)


def packaged_classes() -> tuple[WordClass, ...]:
    """The classes as they are packaged, without what was changed."""
    return packaged.classes()


async def entries(tx: ReadTx, *, cursor: str | None, limit: int | None) -> Page[Entry]:
    """The changes of the transaction's shop (of the platform: shop 0), the latest first, with those taken back."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.PAGE, before=below(cursor), most=most + 1)
    return page_of([as_entry(row) for row in rows], most, lambda one: (one.entry_id,))


def as_entry(row: Row[Any]) -> Entry:
    """A row as a value."""
    return Entry(
        row.entry_id,
        EntryKind(row.kind),
        row.class_id,
        row.word,
        row.reason,
        row.added_by,
        row.added_at,
        row.added_in,
        row.withdrawn_by,
        row.withdrawn_at,
        row.withdrawn_in,
    )


async def _packaged() -> Lexicon:
    # The first time it is compiled, which nobody else should have to wait for.
    return of_package() if of_package.cache_info().currsize else await asyncio.to_thread(of_package)


async def _remembered(tx: ReadTx, key: tuple[int, int], head: Row[Any], *, more: Lexicon | None = None) -> Lexicon:
    known = _compiled.get(key)
    if known is None:
        changes = [as_entry(row) for row in await tx.all(_sql.IN_FORCE, owner=head.shop_id)]
        # Compiling takes some tenths of a second of the processor.
        known = await asyncio.to_thread(_compile, changes, head.revision, more)
        _compiled[key] = known
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    _compiled.move_to_end(key)
    return known


def _compile(changes: Sequence[Entry], revision: int, more: Lexicon | None) -> Lexicon:
    if more is not None:
        return Lexicon(f"s{revision}", tuple(_only(one, changes) for one in packaged.classes()), more=more)
    return Lexicon(f"{packaged.version()}+p{revision}", tuple(_changed(one, changes) for one in packaged.classes()))


def _changed(one: WordClass, changes: Sequence[Entry]) -> WordClass:
    """A packaged class with the platform's changes."""
    words = {
        kind: [entry.word for entry in changes if (entry.class_id, entry.kind) == (one.class_id, kind)]
        for kind in EntryKind
    }
    if not any(words.values()):
        return one
    kept = [word for word in one.words if word not in words[EntryKind.REMOVED]]
    return replace(
        one,
        words=tuple(dict.fromkeys((*kept, *words[EntryKind.WORD]))),
        allowed=tuple(dict.fromkeys((*one.allowed, *words[EntryKind.ALLOWED]))),
    )


def _only(one: WordClass, changes: Sequence[Entry]) -> WordClass:
    """A class with nothing but a shop's words. Patterns and phone numbers are looked for in the platform's lexicon."""
    return replace(
        one, words=tuple(entry.word for entry in changes if entry.class_id == one.class_id), allowed=(), patterns=()
    )
