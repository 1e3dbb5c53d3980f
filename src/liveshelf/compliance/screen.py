"""The machine's look at what somebody wants to show: texts and pictures. Pure, bounded, the same at every door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from liveshelf.compliance.lexicon import Lexicon, of_package
from liveshelf.compliance.types import Finding, Severity

TEXT_MAX: Final = 100_000  # characters that are looked at; nothing that is screened may be longer
PIECE: Final = 2_000  # characters looked at in one go: what is compared with each other stays few
FINDINGS_ENOUGH: Final = 200  # of one long text; nobody reads on
OVERLAP: Final = 60  # longer than any word
_HARMLESS_IN_PICTURES: Final = frozenset({"contact_hint", "contact_platform", "absolute_hint"})  # logos and parameters


def text(content: str, *, field: str, lexicon: Lexicon | None = None) -> list[Finding]:
    """Objections to a text that is to be shown in `field`, by position. `comment` and `review` are a buyer's words,
    whose opinion is theirs to say; every other field is the merchant's. Without a lexicon, the packaged one.
    """
    rules = lexicon or of_package()
    if len(content) <= PIECE:
        return rules.findings(content, field=field)
    found: dict[tuple[str, int, int], Finding] = {}
    for start in range(0, min(len(content), TEXT_MAX), PIECE - OVERLAP):
        for one in rules.findings(content[start : start + PIECE], field=field):
            moved = replace(one, start=one.start + start, end=one.end + start)
            found.setdefault((moved.rule, moved.start, moved.end), moved)
        if len(found) >= FINDINGS_ENOUGH:
            break
    return list(found.values())


def reading(lines: Sequence[str] | None, *, field: str = "cover", lexicon: Lexicon | None = None) -> list[Finding]:
    """Objections to what is written in a picture. Contact details refuse, since a main picture may have none; what else
    is read there is shown to a person: a machine misreads, and a picture shows what stands on the goods. `None` says
    that nobody has read it, which the person is told.
    """
    if lines is None:
        zh, en = (
            "图片中的文字未经机器识别，请人工查看",
            "The text in the picture was not read by the machine; look at it.",
        )
        return [Finding("picture.text_unread", field, "", 0, 0, Severity.NOTE, "picture_unclear", zh, en)]
    found = text("\n".join(lines), field="picture", lexicon=lexicon)
    return [_in_picture(one, field) for one in found if one.rule not in _HARMLESS_IN_PICTURES]


def _in_picture(one: Finding, field: str) -> Finding:
    is_contact = one.family == "contact" and one.severity is Severity.REFUSE
    return Finding(
        f"picture.{one.rule}",
        field,
        one.text,
        0,
        0,
        Severity.REFUSE if is_contact else Severity.NOTE,
        "picture_code" if one.family == "contact" else "picture_illegal",
        f"图片中的文字：{one.zh}",
        f"Text in the picture: {one.en}",
        one.family,
    )
