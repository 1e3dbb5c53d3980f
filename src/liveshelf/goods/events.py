"""What happens to live goods."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class GoodsSubmitted(Event, frozen=True):
    """A goods waits for its audit."""

    name: ClassVar[str] = "goods.submitted"
    goods_id: int
    audit_id: int


class GoodsWithdrawn(Event, frozen=True):
    """A submission was taken back before it was decided."""

    name: ClassVar[str] = "goods.withdrawn"
    goods_id: int
    audit_id: int


class GoodsApproved(Event, frozen=True):
    """A goods may be shown."""

    name: ClassVar[str] = "goods.approved"
    goods_id: int
    audit_id: int
    development: bool


class GoodsRejected(Event, frozen=True):
    """A goods was refused by a stage of the review."""

    name: ClassVar[str] = "goods.rejected"
    goods_id: int
    audit_id: int


class GoodsApprovalVoided(Event, frozen=True):
    """An approval that development mode gave counts no more; the goods waits for a person."""

    name: ClassVar[str] = "goods.approval_voided"
    goods_id: int
    audit_id: int


class GoodsReopened(Event, frozen=True):
    """A rejected goods is in audit again: its shop has appealed."""

    name: ClassVar[str] = "goods.reopened"
    goods_id: int
    audit_id: int


class GoodsPriceChanged(Event, frozen=True):
    """The prices of an approved goods changed."""

    name: ClassVar[str] = "goods.price_changed"
    goods_id: int
    price_type: int
    price_fen: int
    price2_fen: int | None


class GoodsDeleted(Event, frozen=True):
    """A goods is gone for good."""

    name: ClassVar[str] = "goods.deleted"
    goods_id: int
