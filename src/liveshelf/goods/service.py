"""Commands on the live goods library. Each is one change: a new version, exact counts, a history row, an event.

Fields come here checked (`rules`), covers as permanent media. Products are in `products`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from liveshelf.goods import _sql
from liveshelf.goods._tables import live_goods_history
from liveshelf.goods.errors import AuditStateRefuses, DeleteInAudit, GoodsMissing, NotSubmitted, WithdrawRefused
from liveshelf.goods.events import (
    GoodsApprovalVoided,
    GoodsApproved,
    GoodsDeleted,
    GoodsPriceChanged,
    GoodsRejected,
    GoodsReopened,
    GoodsSubmitted,
    GoodsWithdrawn,
)
from liveshelf.goods.queries import as_live_goods
from liveshelf.goods.types import AUDIT, AuditState, Listed, LiveGoods, Origin, PriceTag
from liveshelf.kernel.ids import AuditId, GoodsId, MediaId, ProductId, new_number
from liveshelf.platform.db import Tx

FIRST_GOODS = 1001
DELETED = "deleted"  # what a history says at its end


@dataclass(frozen=True, slots=True)
class Card:
    """The checked content of a card."""

    name: str
    cover_media_id: MediaId
    tag: PriceTag
    url: str
    third_party_appid: str
    goods_key: tuple[str, ...] | None
    is_ad: bool = False


async def begin(tx: Tx) -> datetime:
    """Enter the line of the shop's library changes and give the change its version. Call it first, before any goods
    is locked.
    """
    entered: datetime = await tx.scalar(_sql.BEGIN, moment=tx.now)
    return entered


async def locked(tx: Tx, goods_id: GoodsId) -> LiveGoods:
    """The goods, kept from others until the commit. Raises `GoodsMissing`."""
    row = await tx.one(_sql.GOODS_LOCKED, which=goods_id)
    if row is None:
        raise GoodsMissing(goods_id=goods_id)
    return as_live_goods(row)


async def hold_still(tx: Tx, goods_ids: Iterable[int]) -> list[LiveGoods]:
    """The goods of these ids, kept from changing and deletion until the commit; unknown ones are left out."""
    ids = sorted(set(goods_ids))
    return [as_live_goods(row) for row in await tx.all(_sql.GOODS_PINNED, ids=ids)] if ids else []


async def add(tx: Tx, card: Card, product_id: ProductId, *, origin: Origin, entered: datetime) -> Listed:
    """Put a card into the library, already in audit."""
    audit_id = AuditId(new_number())
    goods_id = await _insert(tx, card, product_id, origin=origin, entered=entered, audit_id=audit_id)
    tx.emit(GoodsSubmitted(goods_id=goods_id, audit_id=audit_id), stream=f"goods:{goods_id}")
    return Listed(goods_id, audit_id)


async def add_unsubmitted(tx: Tx, card: Card, product_id: ProductId, *, origin: Origin, entered: datetime) -> GoodsId:
    """Put a card into the library whose submission failed: it is there, un-audited, to be submitted later (300021)."""
    return await _insert(tx, card, product_id, origin=origin, entered=entered, audit_id=None)


async def submit(tx: Tx, goods: LiveGoods, *, entered: datetime) -> AuditId:
    """Submit again what was withdrawn or rejected, under a new audit id. Raises `AuditStateRefuses`."""
    audit_id = AuditId(new_number())
    await _move(tx, goods, AuditState.IN_AUDIT, audit_id=audit_id, entered=entered)
    tx.emit(GoodsSubmitted(goods_id=goods.goods_id, audit_id=audit_id), stream=f"goods:{goods.goods_id}")
    return audit_id


async def withdraw(tx: Tx, goods: LiveGoods, audit_id: AuditId, *, entered: datetime) -> None:
    """Take the pending submission back. Raises `NotSubmitted` when none is pending because none was made or it was
    withdrawn before, `WithdrawRefused` when `audit_id` is not the goods' submission or that is decided.
    """
    if goods.audit_state is AuditState.UNAUDITED:
        raise NotSubmitted(goods_id=goods.goods_id)
    if goods.audit_state is not AuditState.IN_AUDIT or goods.audit_id != audit_id:
        raise WithdrawRefused(goods_id=goods.goods_id, state=goods.audit_state.value)
    await _move(tx, goods, AuditState.UNAUDITED, audit_id=audit_id, entered=entered)
    tx.emit(GoodsWithdrawn(goods_id=goods.goods_id, audit_id=audit_id), stream=f"goods:{goods.goods_id}")


async def approve(
    tx: Tx, goods: LiveGoods, audit_id: AuditId, *, note: str, development: bool, entered: datetime
) -> None:
    """Let the goods be shown. Raises `AuditStateRefuses` when this submission is no longer the pending one."""
    _must_be_pending(goods, audit_id)
    await _move(tx, goods, AuditState.APPROVED, audit_id=audit_id, entered=entered, note=note)
    event = GoodsApproved(goods_id=goods.goods_id, audit_id=audit_id, development=development)
    tx.emit(event, stream=f"goods:{goods.goods_id}")


async def reject(tx: Tx, goods: LiveGoods, audit_id: AuditId, *, note: str, entered: datetime) -> None:
    """Refuse the goods. Raises `AuditStateRefuses` when this submission is no longer the pending one."""
    _must_be_pending(goods, audit_id)
    await _move(tx, goods, AuditState.REJECTED, audit_id=audit_id, entered=entered, note=note)
    tx.emit(GoodsRejected(goods_id=goods.goods_id, audit_id=audit_id), stream=f"goods:{goods.goods_id}")


async def void_approval(tx: Tx, goods: LiveGoods, *, note: str, entered: datetime) -> None:
    """Put an approved goods back into audit under its old submission, since the approval counts no more."""
    if goods.audit_state is not AuditState.APPROVED or goods.audit_id is None:
        raise AuditStateRefuses(goods_id=goods.goods_id, state=goods.audit_state.value)
    await _move(tx, goods, AuditState.IN_AUDIT, audit_id=goods.audit_id, entered=entered, note=note)
    event = GoodsApprovalVoided(goods_id=goods.goods_id, audit_id=goods.audit_id)
    tx.emit(event, stream=f"goods:{goods.goods_id}")


async def reopen(tx: Tx, goods: LiveGoods, *, note: str, entered: datetime) -> None:
    """Put a rejected goods back into audit under its old submission, since the shop appeals."""
    if goods.audit_state is not AuditState.REJECTED or goods.audit_id is None:
        raise AuditStateRefuses(goods_id=goods.goods_id, state=goods.audit_state.value)
    await _move(tx, goods, AuditState.IN_AUDIT, audit_id=goods.audit_id, entered=entered, note=note)
    tx.emit(GoodsReopened(goods_id=goods.goods_id, audit_id=goods.audit_id), stream=f"goods:{goods.goods_id}")


async def edit(tx: Tx, goods: LiveGoods, card: Card) -> LiveGoods:
    """Replace the content of a card. Which changes a state allows is the caller's to judge (`flows.listing`)."""
    statement = _sql.EDIT.values(updated_at=tx.now, **_columns(card))
    row = await tx.one(statement, which=goods.goods_id, was=goods.audit_state.value)
    if row is None:
        raise AuditStateRefuses(goods_id=goods.goods_id)
    changed = as_live_goods(row)
    if changed.audit_state is AuditState.APPROVED and changed.tag != goods.tag:
        event = GoodsPriceChanged(
            goods_id=goods.goods_id,
            price_type=changed.price_type.value,
            price_fen=changed.price_fen,
            price2_fen=changed.price2_fen,
        )
        tx.emit(event, stream=f"goods:{goods.goods_id}")
    return changed


async def delete(tx: Tx, goods: LiveGoods) -> None:
    """Delete for good; the id is never used again. Raises `DeleteInAudit`."""
    row = await tx.one(_sql.DELETE, which=goods.goods_id, moment=tx.now)
    if row is None:
        raise DeleteInAudit(goods_id=goods.goods_id)
    await _note(tx, goods.goods_id, goods.audit_state.value, DELETED, audit_id=goods.audit_id)
    tx.emit(GoodsDeleted(goods_id=goods.goods_id), stream=f"goods:{goods.goods_id}")


async def _insert(
    tx: Tx, card: Card, product_id: ProductId, *, origin: Origin, entered: datetime, audit_id: AuditId | None
) -> GoodsId:
    goods_id = GoodsId(await tx.next_number("goods", first=FIRST_GOODS))
    state = AuditState.UNAUDITED if audit_id is None else AuditState.IN_AUDIT
    await tx.execute(
        _sql.INSERT_GOODS.values(
            shop_id=tx.shop,
            goods_id=goods_id,
            product_id=product_id,
            origin=origin.value,
            audit_state=state.value,
            audit_id=audit_id,
            state_entered_at=entered,
            created_at=tx.now,
            updated_at=tx.now,
            **_columns(card),
        )
    )
    await _note(tx, goods_id, None, state.value, audit_id=audit_id)
    return goods_id


def _must_be_pending(goods: LiveGoods, audit_id: AuditId) -> None:
    if goods.audit_state is not AuditState.IN_AUDIT or goods.audit_id != audit_id:
        raise AuditStateRefuses(goods_id=goods.goods_id, state=goods.audit_state.value)


async def _move(
    tx: Tx, goods: LiveGoods, became: AuditState, *, audit_id: AuditId, entered: datetime, note: str = ""
) -> None:
    was = goods.audit_state
    row = None
    if AUDIT.allows(was, became):
        args = {"was": was.value, "became": became.value, "audit": audit_id, "entered": entered, "moment": tx.now}
        row = await tx.one(_sql.MOVE, which=goods.goods_id, **args)
    if row is None:
        raise AuditStateRefuses(goods_id=goods.goods_id, state=was.value)
    await _note(tx, goods.goods_id, was.value, became.value, audit_id=audit_id, note=note)


async def _note(
    tx: Tx, goods_id: GoodsId, was: str | None, became: str, *, audit_id: AuditId | None, note: str = ""
) -> None:
    """Count the move, and write it down."""
    await tx.execute(_sql.COUNT, was=was or "", became=became)
    tx.append(
        live_goods_history,
        entry_id=new_number(),
        goods_id=goods_id,
        was=was,
        became=became,
        audit_id=audit_id,
        actor=str(tx.actor),
        note=note,
        at=tx.now,
    )


def _columns(card: Card) -> dict[str, object]:
    return {
        "name": card.name,
        "cover_media_id": card.cover_media_id,
        "price_type": card.tag.price_type.value,
        "price_fen": card.tag.price_fen,
        "price2_fen": card.tag.price2_fen,
        "url": card.url,
        "third_party_appid": card.third_party_appid,
        "goods_key": None if card.goods_key is None else list(card.goods_key),
        "is_ad": card.is_ad,
    }
