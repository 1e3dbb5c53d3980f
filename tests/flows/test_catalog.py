"""Products with their stock, and the card that keeps in step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.flows import catalog, listing, upload
from liveshelf.goods import queries
from liveshelf.goods.errors import (
    CoverUnavailable,
    FieldInvalid,
    ProductChanged,
    ProductHasCard,
    ProductMissing,
)
from liveshelf.goods.types import AuditState, Origin, PriceTag, PriceType, Product, ProductDraft, Sku, SkuDraft, Spec
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import ProductId, ShopId, SkuId
from liveshelf.kernel.text import units
from liveshelf.media import queries as media
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import queries as stock
from tests.make import goods as make
from tests.make import pictures
from tests.make.shops import a_shop

RED, BLUE = (Spec("颜色", "红"),), (Spec("颜色", "蓝"),)


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def product(db: Database, shop: ShopId, *skus: SkuDraft, **changes: Any) -> ProductId:
    picture = await make.cover(db, shop, side=800)
    draft = ProductDraft(
        "龙泉青瓷手作茶盏套装", "一壶四盏", (picture,), ("茶具",), skus or (SkuDraft((), 12_800, stock=9),)
    )
    return await db.write(make.STAFF, shop, lambda tx: catalog.create_product(tx, replace(draft, **changes)))


async def found(db: Database, shop: ShopId, product_id: ProductId) -> tuple[Product, list[Sku]]:
    async with db.read(shop) as tx:
        one = await queries.product(tx, product_id)
        assert one is not None
        return one, (await queries.skus(tx, [product_id]))[product_id]


async def change(
    db: Database, shop: ShopId, product_id: ProductId, *, version: int | None = None, **changes: Any
) -> None:
    one, skus = await found(db, shop, product_id)
    kept = tuple(SkuDraft(sku.specs, sku.price_fen, sku.list_price_fen, sku.sku_id) for sku in skus)
    draft = replace(ProductDraft(one.title, one.description, one.pictures, one.tags, kept), **changes)
    await db.write(make.STAFF, shop, lambda tx: catalog.update_product(tx, product_id, draft, version=version))


async def levels(db: Database, shop: ShopId, *sku_ids: SkuId) -> list[int]:
    async with db.read(shop) as tx:
        kept = await stock.levels(tx, sku_ids)
    return [kept[sku_id].on_hand for sku_id in sku_ids]


async def test_a_product_opens_the_stock_of_each_sku_and_keeps_its_pictures_for_good(db: Database, shop: ShopId):
    product_id = await product(db, shop, SkuDraft(RED, 100, stock=5), SkuDraft(BLUE, 200, 300, stock=7))
    one, skus = await found(db, shop, product_id)
    assert [(sku.specs, sku.price_fen, sku.list_price_fen) for sku in skus] == [(RED, 100, None), (BLUE, 200, 300)]
    assert await levels(db, shop, skus[0].sku_id, skus[1].sku_id) == [5, 7]
    async with db.read(shop) as tx:
        kept = await media.media(tx, one.pictures[0])
    assert kept is not None
    assert kept.expires_at is None


async def test_a_matrix_is_changed_as_a_whole_and_stock_is_not_touched(db: Database, shop: ShopId):
    product_id = await product(db, shop, SkuDraft(RED, 100, stock=5), SkuDraft(BLUE, 200, stock=7))
    _, (red, blue) = await found(db, shop, product_id)
    green = SkuDraft((Spec("颜色", "绿"),), 300, stock=2)
    await change(db, shop, product_id, skus=(green, SkuDraft(BLUE, 250, sku_id=blue.sku_id, stock=99)))
    one, skus = await found(db, shop, product_id)
    assert [(sku.specs[0].value, sku.price_fen) for sku in skus] == [("绿", 300), ("蓝", 250)]
    assert await levels(db, shop, skus[0].sku_id, blue.sku_id, red.sku_id) == [2, 7, 5]
    assert one.version == 2
    async with db.read(shop) as tx:
        assert set(await queries.offers(tx, [red.sku_id, blue.sku_id])) == {blue.sku_id}
    with pytest.raises(FieldInvalid):
        await change(db, shop, product_id, skus=(SkuDraft((), 1, sku_id=SkuId(999)),))


async def test_a_change_of_an_older_version_is_refused(db: Database, shop: ShopId):
    product_id = await product(db, shop)
    await change(db, shop, product_id, version=1, title="新名字")
    with pytest.raises(ProductChanged) as caught:
        await change(db, shop, product_id, version=1, title="又一个")
    assert caught.value.context["version"] == 2


async def test_a_picture_that_is_not_there_is_named(db: Database, shop: ShopId):
    picture = await make.cover(db, shop)
    with pytest.raises(FieldInvalid) as caught:
        await product(db, shop, pictures=(picture, "7-" + "A" * 32))
    assert caught.value.context["field"] == "pictures[1]"


async def carded(db: Database, shop: ShopId, product_id: ProductId, tag: PriceTag):
    draft = make.draft(
        await make.cover(db, shop),
        product_id=product_id,
        price_type=tag.price_type.value,
        price_fen=tag.price_fen,
        price2_fen=tag.price2_fen,
    )
    listed = await db.write(make.STAFF, shop, lambda tx: listing.add_and_submit(tx, draft, origin=Origin.CONSOLE))
    await db.write(make.REVIEWER, shop, lambda tx: listing.decide(tx, listed.audit_id, make.MACHINE_PASS))
    await db.write(make.REVIEWER, shop, lambda tx: listing.decide(tx, listed.audit_id, make.PASS))
    return listed.goods_id


async def test_a_card_that_shows_the_products_price_follows_it_and_another_one_stays(db: Database, shop: ShopId):
    same = await product(db, shop, SkuDraft(RED, 100), SkuDraft(BLUE, 200))
    follows = await carded(db, shop, same, PriceTag(PriceType.RANGE, Fen(100), Fen(200)))
    _, (red, blue) = await found(db, shop, same)
    new = (SkuDraft(RED, 150, sku_id=red.sku_id), SkuDraft(BLUE, 200, sku_id=blue.sku_id))
    await change(db, shop, same, skus=new)
    assert (await make.goods(db, shop, follows)).tag == PriceTag(PriceType.RANGE, Fen(150), Fen(200))

    own = await product(db, shop, SkuDraft(RED, 100), SkuDraft(BLUE, 200))
    stays = await carded(db, shop, own, PriceTag(PriceType.FIXED, Fen(180), None))
    await change(db, shop, own, skus=(SkuDraft(RED, 150), SkuDraft(BLUE, 250)))
    goods = await make.goods(db, shop, stays)
    assert (goods.tag, goods.audit_state) == (PriceTag(PriceType.FIXED, Fen(180), None), AuditState.APPROVED)


async def test_a_product_with_a_card_is_not_deleted(db: Database, shop: ShopId):
    product_id = await product(db, shop)
    goods_id = await carded(db, shop, product_id, PriceTag(PriceType.FIXED, Fen(12_800), None))
    with pytest.raises(ProductHasCard):
        await db.write(make.STAFF, shop, lambda tx: catalog.delete_product(tx, product_id))
    await db.write(make.STAFF, shop, lambda tx: listing.delete(tx, goods_id))
    await found(db, shop, product_id)  # a product of the console outlives its card
    await db.write(make.STAFF, shop, lambda tx: catalog.delete_product(tx, product_id))
    with pytest.raises(ProductMissing):
        await db.write(make.STAFF, shop, lambda tx: catalog.delete_product(tx, product_id))


async def test_products_are_found_by_title_and_by_the_state_of_their_card(db: Database, shop: ShopId):
    plain = await product(db, shop, title="100%棉布")
    listed = await product(db, shop)
    await carded(db, shop, listed, PriceTag(PriceType.FIXED, Fen(12_800), None))

    async def ids(state: str | None, words: str = "") -> list[int]:
        async with db.read(shop) as tx:
            rows = await queries.newest_products(tx, state=state, text=words, before=None, limit=10)
        return [one.product_id for one in rows]

    assert await ids(None) == [listed, plain]
    assert await ids("no_card") == [plain]
    assert await ids("approved") == [listed]
    assert await ids("rejected") == []
    assert await ids(None, "0%") == [plain]
    assert await ids(None, "%") == [plain]
    assert await ids(None, "\x00") == [listed, plain]


async def test_a_proposal_is_a_card_that_would_be_accepted(runtime: Runtime, shop: ShopId, tmp_path):
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    db = runtime.db
    large = await upload.upload(runtime, make.STAFF, shop, pictures.jpeg(900, 600))
    product_id = await product(db, shop, title="龙泉青瓷" * 6, pictures=(large.media_id,))
    one, _ = await found(db, shop, product_id)
    async with db.read(shop) as tx:
        proposed = await catalog.proposal(tx, one)
    cover = await catalog.cover_for(runtime, make.STAFF, shop, proposed.picture)
    assert await catalog.cover_for(runtime, make.STAFF, shop, proposed.picture) == cover
    assert await catalog.cover_for(runtime, make.STAFF, shop, cover) == cover
    assert units(proposed.name) == 28
    draft = make.draft(cover, name=proposed.name, url=proposed.url, product_id=product_id)
    await db.write(make.STAFF, shop, lambda tx: listing.add_and_submit(tx, draft, origin=Origin.CONSOLE))
    with pytest.raises(CoverUnavailable):
        await catalog.cover_for(runtime, make.STAFF, shop, "7-" + "A" * 32)
