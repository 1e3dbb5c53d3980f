"""The categories of goods, and what a title says about its category."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator, SignedIn
from liveshelf.facades.native.shell import signed_in, staff
from liveshelf.goods.matrix import TITLE_UNITS
from liveshelf.kernel.ids import INT32_MAX
from liveshelf.qualifications import categories, papers
from liveshelf.qualifications.types import Category, GoodsKind, PaperKind, Root

Title = Annotated[str, QueryParameter(max_length=2 * TITLE_UNITS, description="A title, as far as it is written.")]
Chosen = Annotated[int | None, QueryParameter(ge=1, le=INT32_MAX, description="The category that was chosen.")]


class CategoryView(msgspec.Struct, frozen=True):
    """A sub-category with every paper that goods in it need."""

    code: int
    zh: str
    en: str
    papers: list[PaperKind]


class RootView(msgspec.Struct, frozen=True):
    """A top category."""

    code: int
    zh: str
    en: str
    kind: GoodsKind
    children: list[CategoryView]


class PaperName(msgspec.Struct, frozen=True):
    """What a kind of paper is called."""

    kind: PaperKind
    zh: str
    en: str
    expires: bool


class CategoriesView(msgspec.Struct, frozen=True):
    """The tree in its version, with the names of the papers it speaks of."""

    version: str
    roots: list[RootView]
    papers: list[PaperName]


class AdviceView(msgspec.Struct, frozen=True):
    """Whether the chosen category fits the title, and the codes that fit better, the best first."""

    fits: bool
    better: list[int]


@get("/categories", dependencies=signed_in(), tags=["categories"])
async def all_categories(who: SignedIn) -> CategoriesView:  # noqa: ARG001 - the check is the point
    """Every category."""
    tree = categories.tree()
    names = [PaperName(one.kind, one.zh, one.en, one.expires) for one in papers.CATALOGUE.values()]
    return CategoriesView(tree.version, [_root(root) for root in tree.roots], names)


@get("/shops/{shop_id:int}/category-advice", dependencies=staff("goods.read"), tags=["categories"])
async def category_advice(operator: Operator, title: Title, category: Chosen = None) -> AdviceView:  # noqa: ARG001 - as above
    """What the words of a title say about its category."""
    found = categories.advice(title, category)
    return AdviceView(found.fits, list(found.better))


def _root(root: Root) -> RootView:
    return RootView(root.code, root.zh, root.en, root.kind, [_child(one) for one in root.children])


def _child(one: Category) -> CategoryView:
    return CategoryView(one.code, one.zh, one.en, list(papers.needed(one.kind, one)))


ROUTES = [all_categories, category_advice]
