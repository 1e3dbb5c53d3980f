"""The tree of categories, what papers goods in them need, and what a title says about its category."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from liveshelf.qualifications import categories, papers
from liveshelf.qualifications.categories import CategoriesInvalidError, read_tree
from liveshelf.qualifications.errors import CategoryUnknown
from liveshelf.qualifications.types import Advice, GoodsKind, PaperKind, Subject, Window
from liveshelf.reviews.reasons import CODES

TREE = json.loads((files("liveshelf.qualifications") / "data" / "categories.json").read_bytes())


def code(zh: str) -> int:
    return next(one.code for one in categories.tree().by_code.values() if one.zh == zh)


@pytest.mark.feature("S-112")
def test_there_are_22_roots_and_more_than_200_sub_categories_in_a_version() -> None:
    tree = categories.tree()
    assert len(tree.roots) == 22
    assert len(tree.by_code) >= 200
    assert tree.version
    assert all(root.children for root in tree.roots)
    assert {root.kind for root in tree.roots} == set(GoodsKind)


def broken(change: Any) -> bytes:
    tree = json.loads(json.dumps(TREE))
    change(tree["categories"])
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda roots: roots.pop(), "22 roots"),
        (lambda roots: [root["children"].__delitem__(slice(1, None)) for root in roots], "fewer than 200"),
        (lambda roots: roots[0]["children"][0].update(code=102), "a code stands there twice"),
        (lambda roots: roots[0]["children"][0].update(code=999), "not its root's"),
        (lambda roots: roots[0]["children"][0].update(zh=roots[0]["children"][1]["zh"]), "a name stands twice"),
        (lambda roots: roots[0]["children"][0].update(words=roots[1]["children"][0]["words"]), "a word leads to two"),
        (lambda roots: roots[0]["children"][0].update(papers=["a_promise"]), "a_promise"),
        (lambda roots: roots[0]["children"][0].update(colour="red"), "colour"),
        (lambda roots: roots[0].pop("kind"), "kind"),
    ],
)
def test_a_tree_that_is_not_whole_is_refused_with_the_reason(change: Any, said: str) -> None:
    with pytest.raises(CategoriesInvalidError, match=said):
        read_tree(broken(change))
    with pytest.raises(CategoriesInvalidError):
        read_tree(b"[]")


@pytest.mark.feature("S-108")
def test_special_categories_need_extra_papers() -> None:
    asked = {
        "休闲零食": {PaperKind.FOOD_LICENCE},
        "益生菌": {PaperKind.FOOD_LICENCE, PaperKind.HEALTH_FOOD_REGISTRATION},
        "面膜": {PaperKind.COSMETICS_FILING},
        "隐形眼镜": {PaperKind.DEVICE_LICENCE},
        "餐具茶具": set(),
    }
    for zh, extra in asked.items():
        category = categories.category(code(zh))
        assert category is not None
        assert set(papers.needed(category.kind, category)) == {*papers.KINDS[GoodsKind.ORDINARY].papers, *extra}, zh


def test_every_paper_that_is_asked_for_has_a_name() -> None:
    assert set(papers.CATALOGUE) == set(PaperKind)
    assert len({one.zh for one in papers.CATALOGUE.values()}) == len(PaperKind)


@pytest.mark.parametrize(
    ("kind", "asked", "window"),
    [
        (GoodsKind.ORDINARY, {PaperKind.BUSINESS_LICENCE, PaperKind.BRAND_AUTHORISATION}, Window(1, 3)),
        (GoodsKind.CROSS_BORDER, {PaperKind.CUSTOMS_FILING, PaperKind.CIQ_CERTIFICATE}, Window(3, 5)),
        (GoodsKind.VIRTUAL, {PaperKind.ICP_LICENCE, PaperKind.SERVICE_AGREEMENT}, Window(2, 4)),
    ],
)
def test_each_kind_of_goods_has_its_papers_and_its_window(
    kind: GoodsKind, asked: set[PaperKind], window: Window
) -> None:
    assert set(papers.needed(kind, None)) == asked
    assert papers.KINDS[kind].window == window


def test_a_persons_identity_card_stands_in_for_the_licence_that_persons_do_not_have() -> None:
    asked = papers.needed(GoodsKind.ORDINARY, None, Subject.PERSON)
    assert asked == (PaperKind.IDENTITY_CARD, PaperKind.BRAND_AUTHORISATION)
    assert PaperKind.BUSINESS_LICENCE in papers.needed(GoodsKind.ORDINARY, None, Subject.SOLE_TRADER)


def test_goods_without_category_count_as_ordinary_and_without_parcel_as_virtual() -> None:
    assert categories.category(None) is None
    assert categories.kind_of(None, virtual=False) is GoodsKind.ORDINARY
    assert categories.kind_of(code("餐具茶具"), virtual=True) is GoodsKind.VIRTUAL
    assert categories.kind_of(code("进口酒"), virtual=False) is GoodsKind.CROSS_BORDER
    assert categories.kind_of(99_999, virtual=False) is GoodsKind.ORDINARY


@pytest.mark.parametrize("unknown", [-1, 1, 22, 99, 99_999])
def test_only_a_sub_category_can_be_chosen(unknown: int) -> None:
    with pytest.raises(CategoryUnknown):
        categories.category(unknown)


@pytest.mark.feature("S-113")
@pytest.mark.parametrize(
    ("title", "chosen", "better"),
    [
        ("云南普洱熟茶饼 357g", "女鞋", "普洱黑茶"),
        ("手作青瓷茶盏", "沙发", "餐具茶具"),
        ("原切牛肉干 麻辣", "猪牛羊肉", "肉干熟食"),
        ("iPhone 手机壳 透明", "手机", "手机配件"),
        ("Silk SCARF, blue", "女裤", "帽子围巾手套"),
        ("婴儿面霜 50ml", "面部护肤", "婴儿洗护"),
    ],
)
def test_a_better_category_is_suggested_from_the_title(title: str, chosen: str, better: str) -> None:
    found = categories.advice(title, code(chosen))
    assert not found.fits
    assert found.better[0] == code(better)
    assert len(found.better) <= categories.BETTER_MAX
    assert categories.advice(title, code(better)) == Advice(fits=True, better=())


def test_a_title_without_known_words_fits_anywhere() -> None:
    assert categories.advice("云淡风轻", code("沙发")).fits
    assert categories.advice("", None).fits
    # Letters inside of a longer word are another word.
    assert categories.advice("Openness", code("沙发")).fits


@pytest.mark.feature("S-113")
def test_a_wrong_category_is_a_reason_to_reject() -> None:
    assert "category_mismatch" in CODES
