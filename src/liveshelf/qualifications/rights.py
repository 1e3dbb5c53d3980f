"""What each subject may do in each mode: one table, which the docs and the test are made from.

Sources: the guides' tables of subjects (S-103 to S-105, S-109 to S-111) and of modes (L-108 to L-111). A right of a
subject includes those of the subjects below it; what a mode does not name, it does not give.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from liveshelf.qualifications.types import GoodsKind, PaperKind, Subject, Window


class Mode(StrEnum):
    """Who works in the shop: its own people, a service provider, or employees known to the enterprise's WeCom."""

    SELF_RUN = "self_run"
    PROVIDER = "provider"
    WECOM = "wecom"


class Action(StrEnum):
    """What somebody may want to do."""

    LIST_ORDINARY = "list_ordinary"
    LIST_CROSS_BORDER = "list_cross_border"
    LIST_VIRTUAL = "list_virtual"
    USE_LIBRARY = "use_library"
    GO_LIVE = "go_live"
    MARKETING = "marketing"
    API = "api"


class Right(StrEnum):
    """How far it may be done: not at all, in any of the shop's categories, or only in those that were authorised."""

    NO = "no"
    ALL = "all"
    AUTHORISED = "authorised"


# self_run, provider, wecom for each subject.
_TABLE = """
                   person               sole_trader          enterprise
list_ordinary      all authorised no    all authorised no    all authorised all
list_cross_border  all authorised no    all authorised no    all authorised all
list_virtual       no  no         no    no  no         no    all authorised all
use_library        all authorised no    all authorised no    all authorised all
go_live            no  authorised no    no  authorised no    all authorised all
marketing          no  no         no    all no         no    all no         no
api                no  no         no    no  no         no    all no         no
"""


def _read(text: str) -> Mapping[tuple[Subject, Mode, Action], Right]:
    heads, *lines = text.strip().splitlines()
    subjects = [Subject(name) for name in heads.split()]
    columns = [(subject, mode) for subject in subjects for mode in Mode]
    found: dict[tuple[Subject, Mode, Action], Right] = {}
    for line in lines:
        action, *cells = line.split()
        for (subject, mode), cell in zip(columns, cells, strict=True):
            found[subject, mode, Action(action)] = Right(cell)
    if len(found) != len(Subject) * len(Mode) * len(Action):
        msg = "the table of rights is not whole"
        raise AssertionError(msg)
    return MappingProxyType(found)


RIGHTS = _read(_TABLE)

LISTING: Mapping[GoodsKind, Action] = MappingProxyType(
    {
        GoodsKind.ORDINARY: Action.LIST_ORDINARY,
        GoodsKind.CROSS_BORDER: Action.LIST_CROSS_BORDER,
        GoodsKind.VIRTUAL: Action.LIST_VIRTUAL,
    }
)

SUBJECT_PAPERS: Mapping[Subject, tuple[PaperKind, ...]] = MappingProxyType(
    {
        Subject.PERSON: (PaperKind.IDENTITY_CARD, PaperKind.BANK_CARD),
        Subject.SOLE_TRADER: (PaperKind.BUSINESS_LICENCE, PaperKind.CORPORATE_ACCOUNT),
        Subject.ENTERPRISE: (PaperKind.BUSINESS_LICENCE, PaperKind.ACCOUNT_PERMIT),
    }
)

SUBJECT_WINDOWS: Mapping[Subject, Window] = MappingProxyType(
    {
        Subject.PERSON: Window(1, 3),
        Subject.SOLE_TRADER: Window(3, 5),
        Subject.ENTERPRISE: Window(5, 7),
    }
)


def right(subject: Subject | None, mode: Mode, action: Action) -> Right:
    """What the table says. A shop without a subject is its operator's own, open under a waiver: it has an enterprise's
    rights.
    """
    return RIGHTS[subject or Subject.ENTERPRISE, mode, action]
