"""What is sent to after-sale cases, by staff and by buyers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from liveshelf.aftersales.rules import PICTURES_MAX, TEXT_MAX
from liveshelf.facades.native.shell import RequestId
from liveshelf.kernel.fen import MAX_FEN

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
Written = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
Pictures = Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=PICTURES_MAX)]
Amount = Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]


class CaseApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take the review's next step: the one that was seen."""

    request_id: RequestId
    step: Annotated[int, msgspec.Meta(ge=0, le=9)]
    text: Text = ""


class CaseExplained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that must be explained."""

    request_id: RequestId
    text: Written


class CaseOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the money, for keeping the goods."""

    request_id: RequestId
    amount_fen: Amount
    text: Text = ""


class CaseSaying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message; `until` promises when a decision will be made."""

    request_id: RequestId
    text: Text = ""
    pictures: Pictures = []
    until: datetime | None = None


class CaseInspected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The goods are back; `restock` says whether they can be sold again."""

    request_id: RequestId
    restock: bool
    text: Text = ""


class CaseShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that must be explained, and may be shown."""

    request_id: RequestId
    text: Written
    pictures: Pictures = []


class CaseParcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier and its number."""

    request_id: RequestId
    carrier: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    number: Annotated[str, msgspec.Meta(min_length=6, max_length=40)]
