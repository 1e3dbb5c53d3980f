"""Commands on the lexicon: what the platform and its shops change of the packaged one. The transaction's shop says
whose; the platform's is that of shop 0.
"""

from __future__ import annotations

from typing import Final

from liveshelf.compliance import _sql, characters, packaged
from liveshelf.compliance.errors import EntryInvalid, EntryKnown, EntryMissing, LexiconFull, ShopMayOnlyAdd
from liveshelf.compliance.queries import as_entry
from liveshelf.compliance.types import Entry, EntryKind
from liveshelf.kernel.ids import PLATFORM, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import Tx
from liveshelf.trail import service as trail

WORD_MAX: Final = 40  # characters
WORD_MIN: Final = 2  # of what is left when everything that hides is taken away: one character is in half of all texts
REASON_MAX: Final = 200
ENTRIES_MAX: Final = 5_000  # of the platform
ENTRIES_MAX_OF_SHOP: Final = 500


async def add(tx: Tx, kind: EntryKind, *, class_id: str, word: str, reason: str) -> Entry:
    """Change the lexicon from the next text on. What was screened before is not screened again by this.

    Raises `EntryInvalid`, `ShopMayOnlyAdd`, `EntryKnown`, `LexiconFull`.
    """
    word, reason = word.strip(), reason.strip()
    _check(kind, class_id, word, reason)
    if tx.shop != PLATFORM and kind is not EntryKind.WORD:
        raise ShopMayOnlyAdd(field="kind")
    revision = await tx.scalar(_sql.NEXT_REVISION, number=new_number())
    if await tx.scalar(_sql.SAME, which_kind=kind.value, which_class=class_id, which_word=word) is not None:
        raise EntryKnown(field="word")
    most = ENTRIES_MAX if tx.shop == PLATFORM else ENTRIES_MAX_OF_SHOP
    if await tx.scalar(_sql.COUNT_IN_FORCE) >= most:
        raise LexiconFull(entries_max=most)
    entry = Entry(new_number(), kind, class_id, word, reason, str(tx.actor), tx.now, revision, None, None, None)
    await tx.execute(
        _sql.INSERT.values(
            shop_id=tx.shop,
            entry_id=entry.entry_id,
            kind=kind.value,
            class_id=class_id,
            word=word,
            reason=reason,
            added_by=entry.added_by,
            added_at=entry.added_at,
            added_in=revision,
        )
    )
    trail.record(tx, "compliance.add", f"lexicon:{entry.entry_id}", kind=kind.value, class_id=class_id, word=word)
    return entry


async def withdraw(tx: Tx, entry_id: int) -> Entry:
    """Take a change back, from the next text on. Raises `EntryMissing`."""
    revision = await tx.scalar(_sql.NEXT_REVISION, number=new_number())
    row = await tx.one(_sql.WITHDRAW, which=entry_id, who=str(tx.actor), moment=tx.now, rev=revision)
    if row is None:
        raise EntryMissing(entry_id=str(entry_id))
    entry = as_entry(row)
    trail.record(tx, "compliance.withdraw", f"lexicon:{entry_id}", class_id=entry.class_id, word=entry.word)
    return entry


def _check(kind: EntryKind, class_id: str, word: str, reason: str) -> None:
    found = next((one for one in packaged.classes() if one.class_id == class_id), None)
    if found is None:
        raise EntryInvalid(
            "There is no such class.", field="class_id", known=[one.class_id for one in packaged.classes()]
        )
    if len(word) > WORD_MAX or not is_plain(word) or len(characters.base(word)) < WORD_MIN:
        raise EntryInvalid(f"A word has {WORD_MIN} to {WORD_MAX} letters or characters.", field="word")
    if not 1 <= len(reason) <= REASON_MAX or not is_plain(reason):
        raise EntryInvalid(f"Say why, in up to {REASON_MAX} characters.", field="reason")
    if kind is EntryKind.REMOVED and word not in found.words:
        raise EntryInvalid("The packaged class has no such word.", field="word")
