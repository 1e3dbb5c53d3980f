"""The live goods library from a file: a row is a product, there already or new, that is listed and submitted.

A product is named by its number or by its title. One that has its card already changes nothing, and a title that the
shop has is that product, so the same file may come twice without a second card. Covers are cut before the rows are
worked: no transaction waits for a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from liveshelf.batches.errors import CellMissing
from liveshelf.batches.files import required, whole_number
from liveshelf.batches.service import Kind
from liveshelf.batches.types import Column, RowState
from liveshelf.flows import catalog, listing
from liveshelf.goods import queries as goods
from liveshelf.goods.errors import CoverUnavailable, FieldInvalid, PriceInvalid, ProductMissing
from liveshelf.goods.types import CardDraft, Origin, Product, ProductDraft, SkuDraft
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.fen import parse_yuan
from liveshelf.kernel.ids import INT32_MAX, MediaId, ProductId, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock.rules import ON_HAND_MAX

KIND = "goods.library"
COLUMNS = (
    Column("product_id", ("商品编号", "Product"), "12", required=False),
    Column("title", ("商品名称", "Title"), "青瓷茶盏", required=False),
    Column("price", ("价格", "Price"), "99.5", required=False),
    Column("list_price", ("划线价", "List price"), "128", required=False),
    Column("stock", ("库存", "Stock"), "300", required=False),
    Column("category", ("类目编号", "Category"), "", required=False),
    Column("picture", ("图片编号", "Picture"), "", required=False),
    Column("name", ("直播名称", "Live name"), "青瓷茶盏", required=False),
)
_SAME_TITLES_MOST = 200


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """One row: this product, or one of this title that is made of the rest when the shop has none."""

    product_id: ProductId | None
    title: str
    price_fen: int | None
    list_price_fen: int | None
    stock: int
    category: int | None
    picture: str
    name: str


def parse(cells: Mapping[str, str]) -> LibraryRow:
    """The wish of a row. Raises `CellMissing`, `NumberRounded`, `ProductMissing`, `FieldInvalid`, `PriceInvalid`."""
    text = cells.get("product_id", "").strip()
    number = whole_number(text) if text else None
    if text and (number is None or not 1 <= number <= INT32_MAX):
        raise ProductMissing(f"{text[:40]} is no number of a product.", field="product_id")
    title = cells.get("title", "").strip()
    if number is None and not title:
        raise CellMissing(column="product_id", field="product_id")
    return LibraryRow(
        None if number is None else ProductId(number),
        title,
        _price(cells, "price"),
        _price(cells, "list_price"),
        _whole(cells, "stock", most=ON_HAND_MAX) or 0,
        _whole(cells, "category", most=INT32_MAX),
        cells.get("picture", "").strip(),
        cells.get("name", "").strip(),
    )


class Covers:
    """Covers of pictures, cut once each for a batch."""

    def __init__(self, runtime: Runtime, shop: ShopId, actor: Actor) -> None:
        self._runtime, self._shop, self._actor = runtime, shop, actor
        self._of: dict[str, MediaId] = {}

    async def prepare(self, row: LibraryRow) -> None:
        """Cut the cover that a row needs. Raises `CoverUnavailable`."""
        picture = await self._picture(row)
        if picture and picture not in self._of:
            self._of[picture] = await catalog.cover_for(self._runtime, self._actor, self._shop, picture)

    def of(self, picture: str) -> MediaId:
        """The cover of a picture. Raises `CoverUnavailable`."""
        if picture not in self._of:
            raise CoverUnavailable(field="cover_media_id")
        return self._of[picture]

    async def _picture(self, row: LibraryRow) -> str:
        async with self._runtime.db.read(self._shop) as tx:
            product = await _product(tx, row)
        return row.picture if product is None else product.pictures[0]


async def _without_covers(_tx: Tx, _row: LibraryRow, _options: Mapping[str, str]) -> RowState:
    raise AssertionError("goods are listed by `kind_with`")


LIBRARY = Kind(
    name=KIND,
    permission="goods.write",
    columns=COLUMNS,
    parse=parse,
    work=_without_covers,
    key=lambda row: f"product {row.product_id}" if row.product_id else f"title {row.title}",
)


def kind_with(runtime: Runtime, shop: ShopId, actor: Actor) -> Kind[LibraryRow]:
    """What is done with a file of the library, with the covers of its pictures."""
    covers = Covers(runtime, shop, actor)

    async def work(tx: Tx, row: LibraryRow, _options: Mapping[str, str]) -> RowState:
        product = await _product(tx, row)
        if product is not None and await goods.cards_of(tx, [product.product_id]):
            return RowState.UNCHANGED
        if product is None:
            product = await _made(tx, row)
        proposed = await catalog.proposal(tx, product)
        draft = CardDraft(
            name=row.name or proposed.name,
            cover_media_id=covers.of(row.picture or proposed.picture),
            price_type=proposed.tag.price_type.value,
            price_fen=proposed.tag.price_fen,
            price2_fen=proposed.tag.price2_fen,
            url=proposed.url,
            product_id=product.product_id,
        )
        await listing.add_and_submit(tx, draft, origin=Origin.CONSOLE)
        return RowState.DONE

    return replace(LIBRARY, work=work, prepare=covers.prepare)


async def _product(tx: ReadTx, row: LibraryRow) -> Product | None:
    """The product that a row names; `None` when it names a title that the shop has not. Raises `ProductMissing`."""
    if row.product_id is not None:
        found = await goods.product(tx, row.product_id)
        if found is None:
            raise ProductMissing(product_id=row.product_id, field="product_id")
        return found
    same = await goods.newest_products(tx, state=None, text=row.title, before=None, limit=_SAME_TITLES_MOST)
    return next((one for one in reversed(same) if one.title.strip() == row.title), None)


async def _made(tx: Tx, row: LibraryRow) -> Product:
    cells = {"price": "" if row.price_fen is None else "x", "picture": row.picture}
    for key in ("price", "picture"):
        required(cells, key)
    sku = SkuDraft((), row.price_fen or 0, row.list_price_fen, stock=row.stock)
    draft = ProductDraft(row.title, "", (row.picture,), (), (sku,), category=row.category)
    product_id = await catalog.create_product(tx, draft)
    return (await goods.products(tx, [product_id]))[product_id]


def _price(cells: Mapping[str, str], key: str) -> int | None:
    text = cells.get(key, "").strip().removeprefix("¥").removeprefix("￥")
    if not text:
        return None
    try:
        return int(parse_yuan(text))
    except ValueError as error:
        raise PriceInvalid(field=key) from error


def _whole(cells: Mapping[str, str], key: str, *, most: int) -> int | None:
    text = cells.get(key, "").strip()
    if not text:
        return None
    number = whole_number(text)
    if number is None or number > most:
        raise FieldInvalid("A whole number is needed here.", field=key)
    return number
