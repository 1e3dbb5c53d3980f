"""The catalogue of reasons for which an application or a paper is rejected: codes for programs, words for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liveshelf.kernel.text import is_plain
from liveshelf.qualifications.errors import VerdictInvalid
from liveshelf.qualifications.types import Verdict

REASONS_MAX = 5
NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in both languages, with what the merchant can do about it."""

    code: str
    zh: str
    en: str


CATALOGUE = (
    Reason("paper_unclear", "资质图片不清晰或不完整，请重新上传", "A paper is unclear or incomplete; send it again."),
    Reason("paper_mismatch", "资质与所选类型不符，请上传对应资质", "A paper is not of its kind; send the right one."),
    Reason("paper_expired", "资质已过有效期，请上传新的", "A paper has expired; send a new one."),
    Reason("paper_doubtful", "资质真实性存疑，请提供原件照片", "A paper is doubtful; send a picture of the original."),
    Reason("number_mismatch", "填写的证件号与资质不符", "The number is not the one on the paper."),
    Reason("name_mismatch", "主体名称与资质不符", "The name is not the one on the paper."),
    Reason("subject_mismatch", "主体类型选择有误", "The kind of subject is wrong."),
    Reason("category_mismatch", "类目与经营范围不符，请改选类目", "The categories do not match what the papers allow."),
    Reason("licence_in_use", "同一证照已在其他店铺使用", "The same licence is used by another shop."),
    Reason("other", "其他原因，见备注", "Another reason; see the note."),
)
CODES = frozenset(reason.code for reason in CATALOGUE)


def rejection(reasons: Sequence[str], note: str) -> Verdict:
    """A verdict that refuses, with each reason once. Raises `VerdictInvalid`."""
    named = tuple(dict.fromkeys(reasons))
    if not 1 <= len(named) <= REASONS_MAX or not CODES.issuperset(named):
        raise VerdictInvalid(field="reasons", known=sorted(CODES))
    if "other" in named and not note.strip():
        raise VerdictInvalid(field="note")
    return Verdict(passed=False, reasons=named, note=checked_note(note))


def approval(note: str) -> Verdict:
    """A verdict that lets pass. Raises `VerdictInvalid`."""
    return Verdict(passed=True, note=checked_note(note))


def checked_note(note: str) -> str:
    """A note without surrounding space. Raises `VerdictInvalid`."""
    if len(note) > NOTE_MAX or not is_plain(note.replace("\n", " ")):
        raise VerdictInvalid(f"A note has at most {NOTE_MAX} characters.", field="note")
    return note.strip()
