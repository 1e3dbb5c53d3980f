"""The shop of a drill: one SKU in a live room, and buyers who are known already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from liveshelf.customers import service as customers
from liveshelf.flows import casework, go_live, listing
from liveshelf.goods import queries as goods
from liveshelf.goods.types import CardDraft, Origin
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, GoodsId, RoomId, ShopId, SkuId
from liveshelf.media import service as media
from liveshelf.media.types import Picture
from liveshelf.platform.db import Database, Tx
from liveshelf.reviews.types import Stage, Verdict
from liveshelf.rooms import service as rooms
from liveshelf.rooms.types import RoomDraft
from liveshelf.shops import service as shops
from liveshelf.stock import service as stock

PRICE_FEN = 12_800
_STEP = 1_000  # guests made in one transaction


@dataclass(frozen=True, slots=True)
class DrillShop:
    """What buyers need to know."""

    shop: ShopId
    sku_id: SkuId
    goods_id: GoodsId
    room_id: RoomId


async def open_shop(db: Database, pieces: int) -> DrillShop:
    """A shop with so many pieces of one SKU, in a room that is on air."""
    shop = (await db.write(SYSTEM, PLATFORM, lambda tx: shops.create_shop(tx, "演练 Drill", sandbox=True))).shop_id

    async def stock_up(tx: Tx) -> DrillShop:
        picture = Picture(b"-", "image/jpeg", 300, 300, 1)
        cover = await media.keep(tx, picture, "0" * 64, kind="image", temporary=True)
        card = CardDraft(
            name="青瓷茶盏",
            cover_media_id=cover.media_id,
            price_type=1,
            price_fen=PRICE_FEN,
            price2_fen=None,
            url="pages/goods/detail?id=1",
        )
        listed = await listing.add_and_submit(tx, card, origin=Origin.API)
        for stage in (Stage.MACHINE, Stage.PERSON):
            await listing.decide(tx, listed.audit_id, Verdict(stage, passed=True))
        (one,) = await goods.live_goods(tx, [listed.goods_id])
        (sku,) = (await goods.skus(tx, [one.product_id]))[one.product_id]
        await stock.set_on_hand(tx, sku.sku_id, pieces, "drill")
        room = await rooms.create(
            tx,
            RoomDraft(
                name="演练专场",
                anchor_name="演练主播",
                starts_at=tx.now + timedelta(hours=1),
                ends_at=tx.now + timedelta(hours=20),
            ),
        )
        assert room.audit_id is not None, "a new room waits for its review"  # noqa: S101
        for stage in (Stage.MACHINE, Stage.PERSON):
            await casework.decide(tx, room.audit_id, Verdict(stage, passed=True))
        await go_live.start(tx, room.room_id)
        await rooms.put_on_shelf(tx, room.room_id, [one.goods_id])
        return DrillShop(shop, sku.sku_id, one.goods_id, room.room_id)

    return await db.write(SYSTEM, shop, stock_up)


async def invite(db: Database, shop: ShopId, many: int) -> list[str]:
    """So many guests; their sessions' tokens."""
    tokens: list[str] = []
    while len(tokens) < many:
        step = min(_STEP, many - len(tokens))
        made = await db.write(SYSTEM, shop, lambda tx, step=step: customers.make_guests(tx, step))  # type: ignore[misc]
        tokens += [token for _, token in made]
    return tokens
