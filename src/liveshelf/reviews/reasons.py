"""The catalogue of reasons for a rejection: codes for programs, words for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liveshelf.kernel.text import is_plain
from liveshelf.reviews.errors import NoteInvalid, ReasonsInvalid

REASONS_MAX = 5
NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in both languages."""

    code: str
    zh: str
    en: str


CATALOGUE = (
    Reason("name_illegal", "商品名称含违规内容", "The name has illegal content."),
    Reason("name_misleading", "商品名称夸大或误导", "The name exaggerates or misleads."),
    Reason("name_contact", "商品名称含联系方式或站外引流", "The name has contact details or leads buyers elsewhere."),
    Reason("name_mismatch", "商品名称与图片或详情页不符", "The name does not fit the picture or the page."),
    Reason("picture_illegal", "商品图片含违规内容", "The picture has illegal content."),
    Reason("picture_unclear", "商品图片不清晰或拼接", "The picture is unclear or pieced together."),
    Reason("picture_code", "商品图片含二维码、条码或联系方式", "The picture has a code or contact details."),
    Reason("link_wrong", "商品链接无法打开或与商品不符", "The link does not open or shows something else."),
    Reason("price_suspicious", "商品价格异常", "The price is not plausible."),
    Reason("category_mismatch", "类目放错，请按建议改选类目", "The category is wrong; choose one that fits the goods."),
    Reason("category_forbidden", "该类商品禁止销售", "Goods of this kind may not be sold."),
    Reason("qualification_missing", "缺少销售该商品的资质", "The shop lacks the licence to sell this."),
    Reason("other", "其他原因，见备注", "Another reason; see the note."),
)
CODES = frozenset(reason.code for reason in CATALOGUE)


def check_rejection(reasons: Sequence[str], note: str) -> tuple[str, ...]:
    """The reasons without repetition, in the given order. Raises `ReasonsInvalid`, `NoteInvalid`."""
    named = tuple(dict.fromkeys(reasons))
    if not 1 <= len(named) <= REASONS_MAX or not CODES.issuperset(named):
        raise ReasonsInvalid(field="reasons", known=sorted(CODES))
    if "other" in named and not note.strip():
        raise ReasonsInvalid("Write a note when you give another reason.", field="note")
    check_note(note)
    return named


def check_note(note: str) -> None:
    """Raises `NoteInvalid`."""
    if len(note) > NOTE_MAX or not is_plain(note.replace("\n", " ")):
        raise NoteInvalid(field="note")
