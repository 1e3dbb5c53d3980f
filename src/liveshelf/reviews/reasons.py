"""The catalogue of reasons for a rejection: codes for programs, words for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liveshelf.kernel.text import is_plain
from liveshelf.reviews.errors import NoteInvalid, ReasonsInvalid
from liveshelf.reviews.types import ReviewKind

REASONS_MAX = 5
NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in both languages, and what the merchant can do about it. `kinds` are those of the cases that it fits;
    none means any.
    """

    code: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    kinds: tuple[ReviewKind, ...] = ()


_SOLD = (ReviewKind.GOODS,)
_SHOWN = (ReviewKind.GOODS, ReviewKind.ROOM, ReviewKind.REPLAY, ReviewKind.FRAME)
_PROVED = (ReviewKind.SHOP, ReviewKind.PAPER, ReviewKind.PERMISSION)
_SAID = (ReviewKind.COMMENT, ReviewKind.REPLAY, ReviewKind.ROOM)

CATALOGUE = (
    Reason(
        "name_illegal",
        "名称含违规内容",
        "The name has illegal content.",
        "删去标出的词后重新提交",
        "Take out the marked words and submit again.",
        _SHOWN,
    ),
    Reason(
        "name_misleading",
        "名称夸大或误导",
        "The name exaggerates or misleads.",
        "改为可以证明的描述",
        "Describe what you can prove.",
        _SHOWN,
    ),
    Reason(
        "name_contact",
        "名称含联系方式或站外引流",
        "The name has contact details or leads buyers elsewhere.",
        "删去电话、微信号、网址等",
        "Take out phone numbers, accounts and addresses.",
        _SHOWN,
    ),
    Reason(
        "name_mismatch",
        "商品名称与图片或详情页不符",
        "The name does not fit the picture or the page.",
        "让名称、图片、详情页说同一件商品",
        "Let name, picture and page be about one thing.",
        _SOLD,
    ),
    Reason(
        "picture_illegal",
        "图片含违规内容",
        "The picture has illegal content.",
        "更换图片",
        "Use another picture.",
        _SHOWN,
    ),
    Reason(
        "picture_unclear",
        "图片不清晰或拼接",
        "The picture is unclear or pieced together.",
        "上传清晰的实拍单图",
        "Upload one sharp picture of the thing itself.",
        _SHOWN,
    ),
    Reason(
        "picture_code",
        "图片含二维码、条码或联系方式",
        "The picture has a code or contact details.",
        "去掉图上的码和联系方式",
        "Take codes and contact details off the picture.",
        _SHOWN,
    ),
    Reason(
        "link_wrong",
        "商品链接无法打开或与商品不符",
        "The link does not open or shows something else.",
        "检查路径和参数后重新提交",
        "Check path and parameters, then submit again.",
        _SOLD,
    ),
    Reason(
        "price_suspicious",
        "商品价格异常",
        "The price is not plausible.",
        "核对价格，或在备注中说明原因",
        "Check the price, or say why it is so.",
        _SOLD,
    ),
    Reason(
        "category_mismatch",
        "类目放错，请按建议改选类目",
        "The category is wrong; choose one that fits the goods.",
        "按建议改选类目后重新提交",
        "Choose the proposed category and submit again.",
        _SOLD,
    ),
    Reason(
        "category_forbidden",
        "该类商品禁止销售",
        "Goods of this kind may not be sold.",
        "此商品不能上架",
        "These goods can't be listed.",
        _SOLD,
    ),
    Reason(
        "qualification_missing",
        "缺少销售该商品的资质",
        "The shop lacks the licence to sell this.",
        "先提交并通过所需资质",
        "Have the papers for it approved first.",
        (ReviewKind.GOODS, ReviewKind.SHOP, ReviewKind.PERMISSION),
    ),
    Reason(
        "paper_unreadable",
        "证件无法辨认或不完整",
        "The paper can't be read or is not whole.",
        "上传完整、清晰的原件照片或 PDF",
        "Upload the whole original, sharp, as a picture or PDF.",
        _PROVED,
    ),
    Reason(
        "paper_expired",
        "证件已过期或即将过期",
        "The paper has expired or is about to.",
        "上传有效期内的证件",
        "Upload one that is valid.",
        _PROVED,
    ),
    Reason(
        "paper_mismatch",
        "证件信息与填写的不一致",
        "The paper says something else than the form.",
        "按证件逐项核对并修改",
        "Compare each field with the paper and correct it.",
        _PROVED,
    ),
    Reason(
        "paper_forged",
        "证件有涂改或伪造痕迹",
        "The paper seems altered or forged.",
        "请提交原件；对此有异议可申诉",
        "Submit the original, or appeal if you disagree.",
        _PROVED,
    ),
    Reason(
        "number_mismatch",
        "填写的证件号与证件不符",
        "The number is not the one on the paper.",
        "按证件更正号码后重新提交",
        "Correct the number and submit again.",
        _PROVED,
    ),
    Reason(
        "holder_mismatch",
        "主体名称与证件不符",
        "The name is not the one on the paper.",
        "按证件更正主体名称后重新提交",
        "Correct the name and submit again.",
        _PROVED,
    ),
    Reason(
        "subject_mismatch",
        "主体类型选择有误",
        "The kind of subject is wrong.",
        "改选与证件相符的主体类型",
        "Choose the kind that the papers show.",
        (ReviewKind.SHOP,),
    ),
    Reason(
        "scope_exceeded",
        "类目超出证件的经营范围",
        "The categories are more than the papers allow.",
        "改选经营范围内的类目",
        "Choose categories that the papers cover.",
        _PROVED,
    ),
    Reason(
        "licence_in_use",
        "同一证照已在其他店铺使用",
        "The same licence is used by another shop.",
        "换用本店自己的证照；对此有异议可申诉",
        "Use the shop's own licence, or appeal if you disagree.",
        _PROVED,
    ),
    Reason(
        "speech_illegal",
        "内容含违规言论",
        "It has words that are not allowed.",
        "删去违规内容",
        "Take them out.",
        _SAID,
    ),
    Reason(
        "ad_unmarked",
        "推广内容未标明“广告”",
        "An advertisement is not marked as one.",
        "打开“广告”标识后重新提交",
        "Set the advertisement mark and submit again.",
        (*_SHOWN, ReviewKind.COMMENT),
    ),
    Reason("other", "其他原因，见备注", "Another reason; see the note.", "按备注修改", "Do as the note says."),
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
