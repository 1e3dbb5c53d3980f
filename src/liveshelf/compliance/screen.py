"""The machine's look at what somebody wants to show: texts and pictures. Pure, bounded, the same at every door."""

from __future__ import annotations

from typing import Final

from liveshelf.compliance.lexicon import Lexicon, of_package
from liveshelf.compliance.types import Finding

TEXT_MAX: Final = 20_000  # characters that are looked at; nothing that is screened may be longer


def text(content: str, *, field: str, lexicon: Lexicon | None = None) -> list[Finding]:
    """Objections to a text that is to be shown in `field`, by position. `comment` and `review` are a buyer's words,
    whose opinion is theirs to say; every other field is the merchant's. Without a lexicon, the packaged one.
    """
    return (lexicon or of_package()).findings(content if len(content) <= TEXT_MAX else content[:TEXT_MAX], field=field)
