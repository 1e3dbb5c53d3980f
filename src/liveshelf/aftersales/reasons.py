"""The seven reasons that the house ships: a shop changes their words, order, rules and whether they are offered.

They can't be taken away or added to: figures over shops compare their codes, and each says whose fault it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liveshelf.aftersales.errors import ReasonInvalid, ReasonsIncomplete
from liveshelf.aftersales.types import CaseKind, FreightBy, Reason, Responsibility, When
from liveshelf.kernel.text import is_plain

TEXT_MAX = 40

_ALL = (CaseKind.REFUND, CaseKind.RETURN, CaseKind.EXCHANGE)

TEMPLATES = (
    Reason(
        "changed_mind",
        "不想要了 / 拍错了",
        "Changed my mind",
        Responsibility.BUYER,
        pictures=False,
        freight_by=FreightBy.BUYER,
        kinds=_ALL,
    ),
    Reason(
        "not_shipped",
        "未按约定时间发货",
        "Not shipped in time",
        Responsibility.MERCHANT,
        pictures=False,
        freight_by=FreightBy.MERCHANT,
        kinds=(CaseKind.REFUND,),
        when=When.UNSENT,
    ),
    Reason(
        "not_received",
        "未收到货 / 物流异常",
        "Never arrived",
        Responsibility.CARRIER,
        pictures=False,
        freight_by=FreightBy.MERCHANT,
        kinds=(CaseKind.REFUND,),
        when=When.SENT,
    ),
    Reason(
        "wrong_or_missing",
        "发错货 / 少件",
        "Wrong or missing items",
        Responsibility.MERCHANT,
        pictures=True,
        freight_by=FreightBy.MERCHANT,
        kinds=_ALL,
        when=When.SENT,
    ),
    Reason(
        "damaged",
        "收到时已破损",
        "Arrived damaged",
        Responsibility.CARRIER,
        pictures=True,
        freight_by=FreightBy.MERCHANT,
        kinds=_ALL,
        when=When.SENT,
    ),
    Reason(
        "quality",
        "质量问题 / 与描述不符",
        "Faulty or not as described",
        Responsibility.MERCHANT,
        pictures=True,
        freight_by=FreightBy.MERCHANT,
        kinds=_ALL,
        when=When.SENT,
    ),
    Reason(
        "agreed",
        "与商家协商一致",
        "Agreed with the shop",
        Responsibility.NONE,
        pictures=False,
        freight_by=FreightBy.BUYER,
        kinds=_ALL,
    ),
)
_BY_CODE = {one.code: one for one in TEMPLATES}


def chosen(reasons: Sequence[Reason], code: str, kind: CaseKind, *, shipped: bool) -> Reason:
    """The reason of a code among those that the shop offers for this. Raises `ReasonInvalid`."""
    for one in reasons:
        if one.code == code and one.active and kind in one.kinds and one.fits(shipped=shipped):
            return one
    raise ReasonInvalid(field="reason")


def checked(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """A shop's version of the seven, in its order; which kinds one can lead to stays ours.

    Raises `ReasonsIncomplete`, `ReasonInvalid`.
    """
    if sorted(one.code for one in reasons) != sorted(_BY_CODE):
        raise ReasonsIncomplete(field="reasons")
    for at, one in enumerate(reasons):
        for name, text in (("zh", one.zh), ("en", one.en)):
            if not 1 <= len(text.strip()) <= TEXT_MAX or not is_plain(text):
                raise ReasonInvalid(f"A reason has 1 to {TEXT_MAX} characters.", field=f"reasons.{at}.{name}")
    offered = [_BY_CODE[one.code] for one in reasons if one.active]
    for kind in CaseKind:
        for shipped in (True, False) if kind is CaseKind.REFUND else (True,):
            if not any(kind in one.kinds and one.fits(shipped=shipped) for one in offered):
                raise ReasonsIncomplete(field="reasons", kind=kind.value)
    return tuple(
        replace(one, zh=one.zh.strip(), en=one.en.strip(), kinds=_BY_CODE[one.code].kinds, when=_BY_CODE[one.code].when)
        for one in reasons
    )
