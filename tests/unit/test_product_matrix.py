"""The rules of a product and its matrix of SKUs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liveshelf.goods import matrix
from liveshelf.goods.errors import FieldInvalid, PriceInvalid
from liveshelf.goods.types import ProductDraft, SkuDraft, Spec
from liveshelf.kernel.ids import SkuId

RED, BLUE = (Spec("颜色", "红"),), (Spec("颜色", "蓝"),)
GOOD = ProductDraft("青瓷茶盏", "手作", ("m",), ("茶",), (SkuDraft(RED, 100), SkuDraft(BLUE, 200, 300, stock=5)))


def test_a_product_with_choices_and_one_without_pass():
    matrix.check_product(GOOD)
    matrix.check_product(replace(GOOD, skus=(SkuDraft((), 1),), tags=(), description="一行\n两行"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "瓷" * 61}, "title"),
        ({"title": "a\x00"}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"pictures": ()}, "pictures"),
        ({"pictures": ("m",) * 16}, "pictures"),
        ({"tags": ("茶", "茶")}, "tags"),
        ({"tags": tuple("abcdefghijk")}, "tags"),
        ({"tags": ("",)}, "tags"),
        ({"skus": ()}, "skus"),
        ({"skus": (SkuDraft((), 1), SkuDraft((), 2))}, "skus[0].specs"),
        ({"skus": (SkuDraft(RED, 1), SkuDraft(RED, 2))}, "skus[1]"),
        ({"skus": (SkuDraft(RED, 1), SkuDraft((Spec("尺寸", "大"),), 2))}, "skus[1].specs"),
        ({"skus": (SkuDraft((Spec("颜色", ""),), 1),)}, "skus[0].specs"),
        ({"skus": (SkuDraft(RED, 1, sku_id=SkuId(4)), SkuDraft(BLUE, 1, sku_id=SkuId(4)))}, "skus[1]"),
        ({"skus": (SkuDraft(RED, 1, stock=-1),)}, "skus[0].stock"),
    ],
)
def test_each_broken_rule_names_its_place(changes, field):
    with pytest.raises(FieldInvalid) as caught:
        matrix.check_product(replace(GOOD, **changes))
    assert caught.value.context["field"] == field


@pytest.mark.parametrize("sku", [SkuDraft(RED, 0), SkuDraft(RED, 100, 99), SkuDraft(RED, 10**12)])
def test_a_sku_costs_something_and_never_more_than_its_list_price(sku):
    with pytest.raises(PriceInvalid):
        matrix.check_product(replace(GOOD, skus=(sku,)))
