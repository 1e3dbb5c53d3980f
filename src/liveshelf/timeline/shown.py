"""What a page showed at a moment, made again from links: the same steps that a page goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from liveshelf.timeline.types import Kind, Link


@dataclass(frozen=True, slots=True)
class Shown:
    """A broadcast at a moment: `seq` is the room's number then, the items are its shelf in order. `stock_at` is when
    the stock was looked at last; `viewers` and `likes` are samples as well.
    """

    seq: int = 0
    state: str = "scheduled"
    notice: str = ""
    pushed: tuple[int, ...] = ()
    quick_bar: tuple[int, ...] = ()
    items: tuple[dict[str, Any], ...] = ()
    stock: dict[int, tuple[int, int]] = field(default_factory=dict)
    stock_at: datetime | None = None
    viewers: int = 0
    likes: int = 0
    at_desk: int = 0
    legal: int = 0

    def of(self, item: dict[str, Any]) -> tuple[int, int]:
        """What was left of a goods and what was sold: as sampled, before the first sample as it came onto the shelf."""
        return self.stock.get(item["goods_id"], (item["available"], item["sold"]))


def rebuilt(links: Iterable[Link]) -> Shown:
    """The state after links, in their order."""
    shown = Shown()
    for link in links:
        if link.body is not None:
            shown = _after(shown, link, dict(link.body))
    return replace(shown, items=tuple(sorted(shown.items, key=lambda item: (item["position"], item["goods_id"]))))


def _after(shown: Shown, link: Link, body: dict[str, Any]) -> Shown:
    match link.kind:
        case Kind.STOCK:
            levels = {goods: (available, sold) for goods, available, sold in body["items"]}
            return replace(shown, stock={**shown.stock, **levels}, stock_at=link.at)
        case Kind.AUDIENCE:
            return replace(shown, viewers=body["viewers"], likes=body["likes"])
        case Kind.PRESENCE:
            return replace(shown, at_desk=len(body["desk"]), legal=len(body["legal"]))
        case _:
            after = _shelf(shown, link.kind, body) if link.kind.startswith(("shelf_", "on_sale", "price")) else None
            return replace(after or _room(shown, link.kind, body), seq=link.subject or shown.seq)


def _shelf(shown: Shown, kind: str, body: dict[str, Any]) -> Shown:
    items = shown.items
    match kind:
        case "shelf_added":
            new = {item["goods_id"] for item in body["items"]}
            return replace(shown, items=(*(one for one in items if one["goods_id"] not in new), *body["items"]))
        case "shelf_removed":
            gone = set(body["goods_ids"])
            return replace(
                shown,
                items=tuple(one for one in items if one["goods_id"] not in gone),
                pushed=tuple(one for one in shown.pushed if one not in gone),
                quick_bar=tuple(one for one in shown.quick_bar if one not in gone),
                stock={goods: level for goods, level in shown.stock.items() if goods not in gone},
            )
        case "shelf_sorted":
            numbers = body.get("numbers") or range(1, len(body["goods_ids"]) + 1)
            told = zip(body["goods_ids"], numbers, strict=True)
            places = {goods: {"position": at, "number": number} for at, (goods, number) in enumerate(told, 1)}
            return replace(shown, items=tuple({**one, **places.get(one["goods_id"], {})} for one in items))
        case "on_sale_changed":
            changed = body["item"] or {"on_sale": body["on_sale"]}
        case _:
            changed = {name: body[name] for name in ("price_type", "price_fen", "price2_fen")}
    return replace(
        shown, items=tuple({**one, **changed} if one["goods_id"] == body["goods_id"] else one for one in items)
    )


def _room(shown: Shown, kind: str, body: dict[str, Any]) -> Shown:
    match kind:
        case "goods_pushed":
            one = body["goods_id"]
            return replace(shown, pushed=tuple(body.get("goods_ids", [] if one is None else [one])))
        case "quick_bar_changed":
            return replace(shown, quick_bar=tuple(body["goods_ids"]))
        case "notice_changed":
            return replace(shown, notice=body["text"])
        case "state_changed":
            return replace(shown, state=body["state"])
        case _:
            return shown
