"""The shop as buyers see it: its home and the page of one goods. Open to everybody; only what passed review is
shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar import get

from liveshelf.facades.native.broadcasts import RoomBrief, room_brief
from liveshelf.facades.native.products import SpecView
from liveshelf.facades.native.shell import SmallId
from liveshelf.goods import queries as goods
from liveshelf.goods.errors import GoodsExpired, GoodsMissing
from liveshelf.goods.types import AuditState, DeliveryKind, LiveGoods, PriceType, Sku
from liveshelf.kernel.ids import GoodsId, ProductId, RoomId, ShopId, SkuId
from liveshelf.media.types import media_path
from liveshelf.penalties import queries as penalties
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.types import ON_AIR, RoomState
from liveshelf.shops import queries as shops
from liveshelf.stock import queries as stock
from liveshelf.stock.types import Level

ROOMS_SHOWN = 20
GOODS_SHOWN = 60  # newest first; a buyer who looks for more uses the rooms

_OPEN = (*sorted(ON_AIR), RoomState.SCHEDULED)


class StoreGoods(msgspec.Struct, frozen=True):
    """A goods in the shop. `live_room_id` is the broadcast that sells it at this moment. `is_ad` says that it is
    advertising, which the page must show.
    """

    goods_id: int
    name: str
    cover_url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None
    available: int
    live_room_id: int | None
    is_ad: bool


class StoreSku(msgspec.Struct, frozen=True):
    """A choice that can be bought."""

    sku_id: int
    specs: list[SpecView]
    price_fen: int
    list_price_fen: int | None
    available: int


class StoreGoodsPage(msgspec.Struct, frozen=True):
    """A goods with its product."""

    goods_id: int
    name: str
    cover_url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None
    available: int
    live_room_id: int | None
    is_ad: bool
    title: str
    description: str
    pictures: list[str]
    skus: list[StoreSku]
    tags: list[str]
    delivery: DeliveryKind


class Storefront(msgspec.Struct, frozen=True):
    """The shop's home: broadcasts that run or come, and what is for sale. A shop that is not `listed` shows neither:
    its traffic is limited, and only direct links lead to its things.
    """

    shop_id: int
    name: str
    rooms: list[RoomBrief]
    goods: list[StoreGoods]
    listed: bool = True


class _Shown(msgspec.Struct, frozen=True):
    """What several cards are shown with."""

    skus: dict[ProductId, list[Sku]]
    levels: dict[SkuId, Level]
    live_in: dict[GoodsId, RoomId]

    def available(self, sku_id: SkuId) -> int:
        """How many can be bought."""
        level = self.levels.get(sku_id)
        return level.available if level else 0

    def card(self, one: LiveGoods) -> StoreGoods:
        """The card as it is sent."""
        return StoreGoods(
            one.goods_id,
            one.name,
            media_path(one.cover_media_id),
            one.price_type,
            one.price_fen,
            one.price2_fen,
            sum(self.available(sku.sku_id) for sku in self.skus.get(one.product_id, ())),
            self.live_in.get(one.goods_id),
            one.is_ad,
        )


@get("/storefront/{shop_id:int}", tags=["storefront"])
async def home(shop_id: SmallId, runtime: Runtime) -> Storefront:
    """The shop's home."""
    async with runtime.db.read(ShopId(shop_id)) as tx:
        shop = await shops.shop(tx)
        if not (await penalties.in_force(tx)).public:
            return Storefront(shop.shop_id, shop.name, [], [], listed=False)
        cards = await goods.newest_for_sale(tx, limit=GOODS_SHOWN)
        shown = await _shown(tx, cards)
        open_rooms = await rooms.public_cards(tx, states=_OPEN, limit=ROOMS_SHOWN)
    on_air_first = sorted(open_rooms, key=lambda card: (card.room.state not in ON_AIR, card.room.starts_at))
    return Storefront(
        shop.shop_id, shop.name, [room_brief(card) for card in on_air_first], [shown.card(one) for one in cards]
    )


@get("/storefront/{shop_id:int}/goods/{goods_id:int}", tags=["storefront"])
async def goods_page(shop_id: SmallId, goods_id: SmallId, runtime: Runtime) -> StoreGoodsPage:
    """One goods with everything a buyer chooses from."""
    async with runtime.db.read(ShopId(shop_id)) as tx:
        found = next(iter(await goods.live_goods(tx, [goods_id])), None)
        product = await goods.product(tx, found.product_id) if found else None
        if found is None or product is None or found.audit_state is not AuditState.APPROVED:
            raise GoodsMissing(goods_id=goods_id)
        if found.expired_at is not None:
            raise GoodsExpired(goods_id=goods_id)
        shown = await _shown(tx, [found])
    card = shown.card(found)
    return StoreGoodsPage(
        **msgspec.structs.asdict(card),
        title=product.title,
        description=product.description,
        pictures=[media_path(one) for one in product.pictures],
        skus=[
            StoreSku(
                sku.sku_id,
                [SpecView(spec.name, spec.value) for spec in sku.specs],
                sku.price_fen,
                sku.list_price_fen,
                shown.available(sku.sku_id),
            )
            for sku in shown.skus[product.product_id]
        ],
        tags=list(product.tags),
        delivery=product.delivery,
    )


async def _shown(tx: ReadTx, cards: Sequence[LiveGoods]) -> _Shown:
    skus = await goods.skus(tx, [card.product_id for card in cards])
    levels = await stock.levels(tx, [sku.sku_id for many in skus.values() for sku in many])
    return _Shown(skus, levels, await rooms.on_air_with(tx, [card.goods_id for card in cards]))


ROUTES = [home, goods_page]
