"""Pure rules of products: texts, tags, and the matrix of SKUs."""

from __future__ import annotations

from typing import Final

from liveshelf.goods.errors import FieldInvalid, PriceInvalid
from liveshelf.goods.types import ProductDraft, SkuDraft
from liveshelf.kernel.fen import MAX_FEN
from liveshelf.kernel.text import is_plain, units

TITLE_UNITS: Final = 120  # 60 Chinese characters
DESCRIPTION_MAX: Final = 5_000
PICTURES_MAX: Final = 15
TAGS_MAX: Final = 10
TAG_UNITS: Final = 20
SKUS_MAX: Final = 100
SPECS_MAX: Final = 3  # kinds of choice: colour, size, one more
SPEC_UNITS: Final = 40
STOCK_MAX: Final = 1_000_000


def check_product(draft: ProductDraft) -> None:
    """The product as it would be stored. Raises `FieldInvalid`, `PriceInvalid`; `field` names the place."""
    if not draft.title.strip() or units(draft.title) > TITLE_UNITS or not is_plain(draft.title):
        raise FieldInvalid("A title has 1 to 60 Chinese characters.", field="title")
    if len(draft.description) > DESCRIPTION_MAX or not is_plain(draft.description.replace("\n", "")):
        raise FieldInvalid(f"A description has at most {DESCRIPTION_MAX} characters.", field="description")
    if not 1 <= len(draft.pictures) <= PICTURES_MAX:
        raise FieldInvalid(f"A product has 1 to {PICTURES_MAX} pictures.", field="pictures")
    tags = draft.tags
    if len(tags) > TAGS_MAX or len(set(tags)) < len(tags) or not all(_label(tag, TAG_UNITS) for tag in tags):
        raise FieldInvalid(f"At most {TAGS_MAX} different tags of 1 to 10 Chinese characters.", field="tags")
    _check_matrix(draft.skus)


def _check_matrix(skus: tuple[SkuDraft, ...]) -> None:
    if not 1 <= len(skus) <= SKUS_MAX:
        raise FieldInvalid(f"A product has 1 to {SKUS_MAX} SKUs.", field="skus")
    names = tuple(spec.name for spec in skus[0].specs)
    if len(names) > SPECS_MAX or len(set(names)) < len(names) or (len(skus) > 1 and not names):
        raise FieldInvalid(f"Several SKUs differ by 1 to {SPECS_MAX} kinds of choice.", field="skus[0].specs")
    seen: set[tuple[str, ...]] = set()
    known: set[int] = set()
    for at, sku in enumerate(skus):
        values = tuple(spec.value for spec in sku.specs)
        if tuple(spec.name for spec in sku.specs) != names:
            raise FieldInvalid("Every SKU has the same choices in the same order.", field=f"skus[{at}].specs")
        if not all(_label(text, SPEC_UNITS) for text in (*names, *values)):
            raise FieldInvalid(
                "Names and values of choices have 1 to 20 Chinese characters.", field=f"skus[{at}].specs"
            )
        if values in seen or sku.sku_id in known:
            raise FieldInvalid("This SKU stands there twice.", field=f"skus[{at}]")
        seen.add(values)
        known |= {sku.sku_id} if sku.sku_id is not None else set()
        _check_sku(sku, f"skus[{at}]")


def _check_sku(sku: SkuDraft, place: str) -> None:
    if not 0 < sku.price_fen <= MAX_FEN:
        raise PriceInvalid(field=f"{place}.price_fen")
    if sku.list_price_fen is not None and not sku.price_fen <= sku.list_price_fen <= MAX_FEN:
        raise PriceInvalid("The list price is not below the price.", field=f"{place}.list_price_fen")
    if not 0 <= sku.stock <= STOCK_MAX:
        raise FieldInvalid(f"Stock is 0 to {STOCK_MAX}.", field=f"{place}.stock")


def _label(text: str, most: int) -> bool:
    return bool(text.strip()) and units(text) <= most and is_plain(text)
