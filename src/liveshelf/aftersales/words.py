"""Texts of a case: checked, and those of the shop looked at by the lexicon before the buyer reads them."""

from __future__ import annotations

from liveshelf.aftersales import rules
from liveshelf.compliance import queries as compliance
from liveshelf.compliance.rules import refuse_illegal_text
from liveshelf.kernel.actors import ActorKind
from liveshelf.platform.db import Tx

_OF_THE_SHOP = frozenset({ActorKind.STAFF, ActorKind.AGENT})


async def checked(tx: Tx, text: str, *, empty: bool = False) -> str:
    """A text as both sides read it. It is talk and no advertising, so opinions are the writer's to have. A buyer's
    complaint is kept as it is: it is evidence.

    Raises `TextInvalid`, and `TextIllegal` on words of the shop that may not be said.
    """
    kept = rules.checked_text(text, empty=empty)
    if kept and tx.actor.kind in _OF_THE_SHOP:
        refuse_illegal_text(kept, field="text", spoken=True, lexicon=await compliance.lexicon(tx))
    return kept
