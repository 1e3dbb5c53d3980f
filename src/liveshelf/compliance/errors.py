"""Certain findings, told at once to whoever submits."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Denied, Invalid, Missing


class NameIllegal(Invalid):
    """The name has words that may not be used (300004). `text`, `zh` and `en` say which and why."""

    code = "compliance.name_illegal"
    title = "The name has words that may not be used."


class TextIllegal(Invalid):
    """A text has words that may not be used; `field` says which text, `text`, `zh` and `en` say which words and why."""

    code = "compliance.text_illegal"
    title = "This text has words that may not be used."


class PictureIllegal(Invalid):
    """The picture is a known illegal one (300005)."""

    code = "compliance.picture_illegal"
    title = "This picture may not be used."


class EntryInvalid(Invalid):
    """A change of the lexicon can't be right as it stands; `field` names the place."""

    code = "compliance.entry_invalid"
    title = "This change of the lexicon can't be made."


class EntryKnown(Conflict):
    """The same change is in force already."""

    code = "compliance.entry_known"
    title = "This is in the lexicon already."


class EntryMissing(Missing):
    """There is no such change, or it was taken back."""

    code = "compliance.entry_missing"
    title = "There is no such entry."


class LexiconFull(Conflict):
    """So many changes that it should be another lexicon."""

    code = "compliance.lexicon_full"
    title = "There are too many entries. Take some back first."


class ShopMayOnlyAdd(Denied):
    """A shop may be stricter than the platform, and not less strict."""

    code = "compliance.shop_may_only_add"
    title = "A shop can add words; only the platform can allow or remove them."
