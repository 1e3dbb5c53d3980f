"""The life of a live goods through the verbs of both doors, on a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from liveshelf.compliance.errors import NameIllegal, PictureIllegal
from liveshelf.flows import listing
from liveshelf.goods import queries
from liveshelf.goods.errors import (
    AuditStateRefuses,
    CoverTooLarge,
    CoverUnavailable,
    DeleteInAudit,
    GoodsMissing,
    GoodsNotFromApi,
    NameLength,
    NotSubmitted,
    PageUnknown,
    PriceInvalid,
    ProductHasCard,
    UrlInvalid,
    WithdrawRefused,
)
from liveshelf.goods.types import AUDIT, AuditState, CardChanges, Origin, PriceTag, PriceType
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import INT32_MAX, INT63_MAX, AuditId, GoodsId, RoomId, ShopId
from liveshelf.media.types import media_path
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.rooms import queries as rooms
from liveshelf.rooms import service as rooms_service
from liveshelf.rooms.errors import GoodsNotApproved
from liveshelf.shops import service as shops
from liveshelf.shops.errors import ShopBlocked
from liveshelf.stock import queries as stock
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.compliance import FLAGGED
from tests.make.shops import a_shop

UN, IN, OK, NO = AuditState.UNAUDITED, AuditState.IN_AUDIT, AuditState.APPROVED, AuditState.REJECTED


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def counts(db: Database, shop: ShopId) -> dict[str, int]:
    async with db.read(shop) as tx:
        return {state.value: count for state, count in (await queries.library(tx)).counts.items() if count}


async def submit(db: Database, shop: ShopId, goods_id: GoodsId) -> AuditId:
    return await db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, goods_id))


async def update(db: Database, shop: ShopId, goods_id: GoodsId, changes: CardChanges) -> None:
    await db.write(make.SOFTWARE, shop, lambda tx: listing.update(tx, goods_id, changes))


async def shelve(db: Database, shop: ShopId, room_id: RoomId, goods_id: GoodsId) -> None:
    await db.write(make.STAFF, shop, lambda tx: rooms_service.put_on_shelf(tx, room_id, [goods_id]))


@pytest.mark.feature("A-201")
@pytest.mark.feature("A-214")
@pytest.mark.feature("A-215")
async def test_adding_also_submits_and_gives_ids_that_fit_the_wire(db: Database, shop: ShopId):
    listed = await make.added(db, shop)
    goods = await make.goods(db, shop, listed.goods_id)
    assert (goods.audit_state, goods.audit_id, goods.origin) == (IN, listed.audit_id, Origin.API)
    assert 1001 <= listed.goods_id <= INT32_MAX
    assert 2**31 < listed.audit_id <= INT63_MAX
    assert await counts(db, shop) == {"in_audit": 1}


async def test_goods_made_over_the_wire_get_a_product_with_one_sku_and_the_shops_stock(db: Database, shop: ShopId):
    await db.write(make.STAFF, shop, lambda tx: shops.set_wire_stock(tx, 77))
    listed = await make.added(db, shop, price_type=3, price_fen=12_800, price2_fen=9_950)
    goods = await make.goods(db, shop, listed.goods_id)
    async with db.read(shop) as tx:
        (sku,) = (await queries.skus(tx, [goods.product_id]))[goods.product_id]
        product = await queries.product(tx, goods.product_id)
        level = (await stock.levels(tx, [sku.sku_id]))[sku.sku_id]
        offers = await queries.offers(tx, [sku.sku_id])
    assert (sku.price_fen, sku.list_price_fen, level.available) == (9_950, 12_800, 77)
    assert product is not None
    assert (product.title, product.pictures) == (goods.name, (goods.cover_media_id,))
    assert offers[sku.sku_id].goods_id is None  # not approved yet


BAD = [
    ({"name": "瓷" * 15}, NameLength),
    ({"name": "国家级茶盏"}, NameIllegal),
    ({"price_fen": 0}, PriceInvalid),
    ({"price_type": 3, "price2_fen": 20_000}, PriceInvalid),
    ({"url": "/pages/x"}, UrlInvalid),
    ({"cover_media_id": "7-" + "A" * 32}, CoverUnavailable),
    ({"cover_media_id": "' OR 1=1 --\x00"}, CoverUnavailable),
    ({"url": "pages/unknown"}, PageUnknown),
]


@pytest.mark.feature("A-203")
@pytest.mark.parametrize(("changes", "error"), BAD)
async def test_what_breaks_a_rule_stores_nothing(db: Database, shop: ShopId, changes, error):
    await db.write(make.STAFF, shop, lambda tx: shops.set_pages(tx, ["pages/goods/detail"]))
    with pytest.raises(error):
        await make.added(db, shop, **changes)
    assert await counts(db, shop) == {}
    assert (await make.added(db, shop)).goods_id == 1001


async def test_a_cover_is_small_and_harmless_and_the_shops_own(db: Database, shop: ShopId):
    other = (await a_shop(db, "别家")).shop
    for cover, error in (
        (await make.cover(db, shop, side=301), CoverTooLarge),
        (await make.cover(db, shop, fingerprint=FLAGGED), PictureIllegal),
        (await make.cover(db, other), CoverUnavailable),
    ):
        with pytest.raises(error):
            await make.added(db, shop, cover_media_id=cover)


@pytest.mark.feature("A-204")
async def test_a_temporary_cover_is_good_for_three_days_and_its_copy_for_ever(
    db: Database, shop: ShopId, admin_dsn: str, clock
):
    cover = await make.cover(db, shop)
    owner = connect(admin_dsn, clock)
    await owner.advance_clock(timedelta(hours=71, minutes=59))
    listed = await make.added(db, shop, cover_media_id=cover)
    kept = (await make.goods(db, shop, listed.goods_id)).cover_media_id
    assert kept != cover
    await owner.advance_clock(timedelta(minutes=2))
    with pytest.raises(CoverUnavailable):
        await make.added(db, shop, cover_media_id=cover)
    await make.added(db, shop, cover_media_id=kept)
    await owner.dispose()


async def outcome(db: Database, shop: ShopId, verb: str, state: AuditState) -> type[DomainError] | AuditState | str:
    """What a verb of the wire does to a goods in a state."""
    listed = await make.goods_in(db, shop, state)
    goods_id = listed.goods_id
    audit_id = (await make.goods(db, shop, goods_id)).audit_id or AuditId(1)
    cover = await make.cover(db, shop, sha256="cd" * 32)

    async def work(tx: Tx) -> None:
        match verb:
            case "submit":
                await listing.submit(tx, goods_id, door=Origin.API)
            case "withdraw":
                await listing.withdraw(tx, goods_id, audit_id, door=Origin.API)
            case "withdraw another":
                await listing.withdraw(tx, goods_id, AuditId(audit_id + 1), door=Origin.API)
            case "delete":
                await listing.delete(tx, goods_id, door=Origin.API)
            case "price":
                await listing.update(tx, goods_id, CardChanges(price_fen=5_000), door=Origin.API)
            case "all":
                changes = CardChanges("白瓷茶盏", cover, 2, 100, 200, "pages/other?id=2", "wx00", ("id",))
                await listing.update(tx, goods_id, changes, door=Origin.API)

    try:
        await db.write(make.SOFTWARE, shop, work)
    except DomainError as error:
        assert (await make.goods(db, shop, goods_id)).audit_state is state
        return type(error)
    async with db.read(shop) as tx:
        found = await queries.live_goods(tx, [goods_id])
    return found[0].audit_state if found else "gone"


STATES = (UN, IN, OK, NO)
TABLE = {
    "submit": (IN, AuditStateRefuses, AuditStateRefuses, IN),
    "withdraw": (NotSubmitted, UN, WithdrawRefused, WithdrawRefused),
    "withdraw another": (NotSubmitted, WithdrawRefused, WithdrawRefused, WithdrawRefused),
    "delete": ("gone", DeleteInAudit, "gone", "gone"),
    "price": (UN, AuditStateRefuses, OK, NO),
    "all": (UN, AuditStateRefuses, AuditStateRefuses, NO),
}


@pytest.mark.feature("A-302")
@pytest.mark.feature("A-304")
@pytest.mark.feature("A-305")
@pytest.mark.feature("A-402")
@pytest.mark.feature("A-505")
@pytest.mark.feature("A-604")
@pytest.mark.feature("A-605")
@pytest.mark.feature("A-606")
@pytest.mark.feature("A-609")
@pytest.mark.feature("A-706")
@pytest.mark.parametrize("verb", TABLE)
async def test_every_verb_in_every_audit_state(db: Database, shop: ShopId, verb: str):
    assert tuple([await outcome(db, shop, verb, state) for state in STATES]) == TABLE[verb]


@pytest.mark.feature("A-103")
@pytest.mark.parametrize("state", STATES)
async def test_goods_of_the_console_are_closed_to_the_wire_in_every_state(db: Database, shop: ShopId, state):
    listed = await make.goods_in(db, shop, state, origin=Origin.CONSOLE)
    door = Origin.API
    for work in (
        lambda tx: listing.submit(tx, listed.goods_id, door=door),
        lambda tx: listing.withdraw(tx, listed.goods_id, listed.audit_id, door=door),
        lambda tx: listing.delete(tx, listed.goods_id, door=door),
        lambda tx: listing.update(tx, listed.goods_id, CardChanges(price_fen=1), door=door),
    ):
        with pytest.raises(GoodsNotFromApi):
            await db.write(make.SOFTWARE, shop, work)


@pytest.mark.feature("A-501")
@pytest.mark.feature("A-504")
async def test_a_deleted_id_is_unknown_for_ever_and_never_given_again(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, UN)
    await db.write(make.SOFTWARE, shop, lambda tx: listing.delete(tx, listed.goods_id))
    for goods_id in (listed.goods_id, GoodsId(999_999)):
        with pytest.raises(GoodsMissing):
            await submit(db, shop, goods_id)
    assert (await make.added(db, shop)).goods_id == listed.goods_id + 1
    async with db.read(shop) as tx:
        moves = await queries.history(tx, listed.goods_id)
        assert len(await queries.goods_ever(tx, [listed.goods_id])) == 1
    assert [move.became for move in moves] == ["in_audit", "unaudited", "deleted"]


@pytest.mark.feature("A-404")
async def test_resubmitting_gives_a_new_audit_id_and_the_old_one_is_dead(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, UN)
    again = await db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, listed.goods_id))
    assert again > listed.audit_id
    with pytest.raises(WithdrawRefused):
        await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, listed.goods_id, listed.audit_id))
    await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, listed.goods_id, again))


@pytest.mark.feature("A-603")
@pytest.mark.feature("A-607")
@pytest.mark.feature("A-608")
async def test_an_update_keeps_what_it_does_not_name_and_its_whole_must_be_valid(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, UN)

    async def change(**changes: Any) -> None:
        await update(db, shop, listed.goods_id, CardChanges(**changes))

    before = await make.goods(db, shop, listed.goods_id)
    for changes, error in (
        ({"price_type": 3}, PriceInvalid),
        ({"price_type": 3, "price2_fen": 12_801}, PriceInvalid),
        ({"name": "瓷" * 15}, NameLength),
        ({"name": "加微信看茶"}, NameIllegal),
        ({"url": "pages/x?u=http://y"}, UrlInvalid),
        ({"cover": "7-" + "B" * 32}, CoverUnavailable),
    ):
        with pytest.raises(error):
            await change(**changes)
    await change(price_type=3, price2_fen=9_900)
    await change(name="白瓷茶盏")
    after = await make.goods(db, shop, listed.goods_id)
    assert after.tag == PriceTag(PriceType.DISCOUNT, Fen(12_800), Fen(9_900))
    assert (after.name, after.url, after.cover_media_id) == ("白瓷茶盏", before.url, before.cover_media_id)
    await change(price_type=1)
    assert (await make.goods(db, shop, listed.goods_id)).price2_fen is None


@pytest.mark.feature("A-604")
async def test_on_approved_goods_the_stored_values_sent_again_are_no_change(db: Database, shop: ShopId):
    cover = await make.cover(db, shop)
    listed = await make.goods_in(db, shop, OK, cover_media_id=cover)
    goods = await make.goods(db, shop, listed.goods_id)
    for same in (cover, goods.cover_media_id, "http://127.0.0.1:8000" + media_path(goods.cover_media_id)):
        changes = CardChanges(goods.name, same, 1, 9_900, None, goods.url, "", None)
        await update(db, shop, listed.goods_id, changes)
    changed = await make.goods(db, shop, listed.goods_id)
    assert (changed.price_fen, changed.audit_state, changed.audit_id) == (9_900, OK, listed.audit_id)
    other = await make.cover(db, shop, sha256="ef" * 32)
    for real in (CardChanges(cover=other), CardChanges(name="白瓷"), CardChanges(url="pages/x", price_fen=1)):
        with pytest.raises(AuditStateRefuses):
            await update(db, shop, listed.goods_id, real)
    assert await make.goods(db, shop, listed.goods_id) == changed


async def test_the_only_sku_costs_what_the_card_says(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, OK)
    goods = await make.goods(db, shop, listed.goods_id)
    changes = CardChanges(price_type=3, price_fen=20_000, price2_fen=15_000)
    await db.write(make.SOFTWARE, shop, lambda tx: listing.update(tx, listed.goods_id, changes))
    async with db.read(shop) as tx:
        (sku,) = (await queries.skus(tx, [goods.product_id]))[goods.product_id]
        offer = (await queries.offers(tx, [sku.sku_id]))[sku.sku_id]
    assert (sku.price_fen, sku.list_price_fen) == (15_000, 20_000)
    assert (offer.price_fen, offer.goods_id) == (15_000, listed.goods_id)


@pytest.mark.feature("L-201")
@pytest.mark.feature("A-108")
async def test_only_approved_goods_come_onto_a_shelf(db: Database, shop: ShopId):
    room_id = await make_rooms.live_room(db, shop)
    for state in (UN, IN, NO):
        listed = await make.goods_in(db, shop, state)
        with pytest.raises(GoodsNotApproved):
            await shelve(db, shop, room_id, listed.goods_id)
    listed = await make.goods_in(db, shop, OK)
    await shelve(db, shop, room_id, listed.goods_id)
    async with db.read(shop) as tx:
        assert [place.goods_id for place in await rooms.places(tx, room_id)] == [listed.goods_id]


@pytest.mark.feature("A-503")
async def test_deleting_takes_the_goods_off_every_shelf_in_the_same_moment(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, OK)
    goods = await make.goods(db, shop, listed.goods_id)
    one, two = [await make_rooms.live_room(db, shop, [listed.goods_id]) for _ in range(2)]
    await db.write(make.SOFTWARE, shop, lambda tx: listing.delete(tx, listed.goods_id, door=Origin.API))
    async with db.read(shop) as tx:
        assert await rooms.places(tx, one) == []
        assert await rooms.places(tx, two) == []
        assert await queries.product(tx, goods.product_id) is None
    for room_id in (one, two):
        last = (await make_rooms.tail(db, shop, room_id, 0))[-1]
        assert last.name == "rooms.shelf_removed"


async def test_a_new_price_reaches_the_rooms_that_sell_it(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, OK)
    room_id = await make_rooms.live_room(db, shop, [listed.goods_id])
    await db.write(make.SOFTWARE, shop, lambda tx: listing.update(tx, listed.goods_id, CardChanges(price_fen=100)))
    last = (await make_rooms.tail(db, shop, room_id, 0))[-1]
    assert (last.name, last.body["price_fen"]) == ("rooms.price_changed", 100)


@pytest.mark.feature("A-806")
@pytest.mark.feature("A-807")
async def test_listing_by_state_appends_and_counts_exactly(db: Database, shop: ShopId):
    first, second, third = [await make.added(db, shop) for _ in range(3)]

    async def ids(state: AuditState, offset: int = 0) -> list[int]:
        async with db.read(shop) as tx:
            return [one.goods_id for one in await queries.live_goods_page(tx, state, offset, 2)]

    assert await ids(IN) == [first.goods_id, second.goods_id]
    assert await ids(IN, 2) == [third.goods_id]
    await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, second.goods_id, second.audit_id))
    await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, first.goods_id, first.audit_id))
    assert await ids(UN) == [second.goods_id, first.goods_id]  # in the order of entering the state
    await db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, first.goods_id))
    assert await ids(IN) == [third.goods_id, first.goods_id]
    assert await counts(db, shop) == {"unaudited": 1, "in_audit": 2}


async def test_every_change_has_its_version_and_a_refusal_has_none(db: Database, shop: ShopId):
    async def version() -> int:
        async with db.read(shop) as tx:
            return (await queries.library(tx)).version

    listed = await make.goods_in(db, shop, OK)
    before = await version()
    with pytest.raises(WithdrawRefused):
        await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, listed.goods_id, listed.audit_id))
    assert await version() == before
    await db.write(make.SOFTWARE, shop, lambda tx: listing.update(tx, listed.goods_id, CardChanges(price_fen=1)))
    assert await version() == before + 1


@pytest.mark.feature("A-905")
async def test_a_blocked_shop_can_not_add_change_or_submit(db: Database, shop: ShopId):
    listed = await make.goods_in(db, shop, UN)
    await db.write(make.STAFF, shop, shops.block)
    for work in (
        lambda tx: listing.submit(tx, listed.goods_id),
        lambda tx: listing.update(tx, listed.goods_id, CardChanges(price_fen=1)),
    ):
        with pytest.raises(ShopBlocked):
            await db.write(make.SOFTWARE, shop, work)
    with pytest.raises(ShopBlocked):
        await make.added(db, shop)


@pytest.mark.feature("A-920")
async def test_a_goods_whose_submission_failed_is_there_and_can_be_submitted_later(db: Database, shop: ShopId):
    card = make.draft(await make.cover(db, shop))
    goods_id = await db.write(make.SOFTWARE, shop, lambda tx: listing.add_unsubmitted(tx, card, origin=Origin.API))
    goods = await make.goods(db, shop, goods_id)
    assert (goods.audit_state, goods.audit_id) == (UN, None)
    with pytest.raises(NotSubmitted):
        await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, goods_id, AuditId(1)))
    await db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, goods_id))
    assert (await make.goods(db, shop, goods_id)).audit_state is IN


async def test_a_submission_that_can_not_be_paid_for_changes_nothing(db: Database, shop: ShopId):
    async def refuse(_tx: Tx) -> None:
        raise PermissionError

    listed = await make.goods_in(db, shop, UN)
    with pytest.raises(PermissionError):
        await db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, listed.goods_id, spend=refuse))
    card = make.draft(await make.cover(db, shop))
    with pytest.raises(PermissionError):
        await db.write(
            make.SOFTWARE, shop, lambda tx: listing.add_and_submit(tx, card, origin=Origin.API, spend=refuse)
        )
    assert await counts(db, shop) == {"unaudited": 1}


async def test_a_product_has_one_card(db: Database, shop: ShopId):
    listed = await make.added(db, shop, origin=Origin.CONSOLE)
    product_id = (await make.goods(db, shop, listed.goods_id)).product_id
    with pytest.raises(ProductHasCard):
        await make.added(db, shop, product_id=product_id)


def test_the_audit_machine_has_the_documents_edges():
    assert AUDIT.sources(OK) == {IN}
    assert AUDIT.sources(NO) == {IN}
    assert AUDIT.sources(UN) == {IN}
