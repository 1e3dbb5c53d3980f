"""Changes that wait for their review. `flows.versions` opens and closes their cases; nobody else calls the commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.goods import _sql
from liveshelf.goods.types import CardContent, ProductDraft, Sku, Version
from liveshelf.kernel.ids import AuditId, GoodsId
from liveshelf.platform.db import ReadTx, Tx

WAITING, REJECTED = "waiting", "rejected"


async def pending(tx: ReadTx, goods_ids: Iterable[int]) -> dict[GoodsId, Version]:
    """The changes that wait or were rejected last, by goods; a goods without one is left out."""
    ids = sorted(set(goods_ids))
    rows = await tx.all(_sql.VERSIONS, ids=ids) if ids else []
    return {GoodsId(row.goods_id): _as_version(row) for row in rows}


async def put(tx: Tx, version: Version) -> None:
    """Let a change wait, in place of one that waited before."""
    await tx.execute(
        _sql.PUT_VERSION.values(
            shop_id=tx.shop,
            goods_id=version.goods_id,
            audit_id=version.audit_id,
            state=REJECTED if version.rejected else WAITING,
            card=None if version.card is None else msgspec.to_builtins(version.card),
            product=None if version.product is None else msgspec.to_builtins(version.product),
            submitted_at=version.submitted_at,
        )
    )


async def drop(tx: Tx, goods_id: GoodsId) -> Version | None:
    """Take a change away, because it was decided, taken back or replaced; `None` when none waited."""
    row = await tx.one(_sql.DROP_VERSION, which=goods_id)
    return None if row is None else _as_version(row)


async def reject(tx: Tx, version: Version) -> None:
    """Keep a change for the merchant to correct."""
    await tx.execute(_sql.MOVE_VERSION, which=version.goods_id, audit=version.audit_id, became=REJECTED)


async def reopen(tx: Tx, version: Version) -> None:
    """Let a rejected change wait again, since the shop appeals."""
    await tx.execute(_sql.MOVE_VERSION, which=version.goods_id, audit=version.audit_id, became=WAITING)


async def passed(tx: Tx, version: Version) -> None:
    """Let the goods name the submission that its content now comes from."""
    await tx.execute(_sql.SET_AUDIT_ID, which=version.goods_id, audit=version.audit_id, moment=tx.now)


def at_present_prices(draft: ProductDraft, skus: Iterable[Sku]) -> ProductDraft:
    """The draft with the prices that its SKUs have now: they moved on while it waited."""
    now = {sku.sku_id: sku for sku in skus}
    return replace(
        draft,
        skus=tuple(
            replace(sku, price_fen=now[sku.sku_id].price_fen, list_price_fen=now[sku.sku_id].list_price_fen)
            if sku.sku_id in now
            else sku
            for sku in draft.skus
        ),
    )


def differs(draft: ProductDraft, present: ProductDraft) -> bool:
    """Whether a draft says something else than what is there, prices and stock aside."""
    return _bare(draft) != _bare(present)


def _bare(draft: ProductDraft) -> ProductDraft:
    return replace(draft, skus=tuple(replace(sku, price_fen=0, list_price_fen=None, stock=0) for sku in draft.skus))


def _as_version(row: Row[Any]) -> Version:
    return Version(
        GoodsId(row.goods_id),
        AuditId(row.audit_id),
        row.state == REJECTED,
        None if row.card is None else msgspec.convert(row.card, CardContent),
        None if row.product is None else msgspec.convert(row.product, ProductDraft),
        row.submitted_at,
    )
