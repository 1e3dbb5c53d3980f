"""The demo's pictures: the sizes that the product asks for, and the same bytes every time."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from liveshelf.entry.demo import pictures
from liveshelf.entry.demo.catalogue import BROADCASTS, COMMENTS, REJECTION, SALES, STAFF, WARES
from liveshelf.entry.demo.posters import SCENES, poster
from liveshelf.goods import rules
from liveshelf.reviews.reasons import check_rejection
from liveshelf.rooms.types import PICTURE_MAX, Picture


@pytest.mark.parametrize("look", pictures.LOOKS)
def test_a_goods_is_drawn_alike_twice_and_shows_something(look: str) -> None:
    first = pictures.shot(look, side=96)
    assert first == pictures.shot(look, side=96)
    with Image.open(io.BytesIO(first)) as image:
        assert image.size == (96, 96)
        shades = image.convert("L").histogram()
    assert sum(1 for count in shades if count) > 60


def test_takes_differ() -> None:
    assert pictures.shot("celadon", 0, side=96) != pictures.shot("celadon", 1, side=96)


def test_a_cover_is_as_large_as_the_library_accepts() -> None:
    with Image.open(io.BytesIO(pictures.cover(pictures.shot("honey", side=450)))) as cover:
        assert cover.size == (300, 300)


@pytest.mark.parametrize("scene", SCENES)
def test_a_poster_fits_where_it_is_shown(scene: str) -> None:
    feeds = poster(scene, 800, 800, quality=72)
    assert len(feeds) <= PICTURE_MAX[Picture.FEEDS]
    with Image.open(io.BytesIO(feeds)) as image:
        assert image.size == (800, 800)


def test_the_catalogue_keeps_the_rules_of_the_shop() -> None:
    looks = {ware.look for ware in WARES}
    assert looks == set(pictures.LOOKS)
    assert all(rules.check_name(ware.name) for ware in WARES)
    assert {look for plan in BROADCASTS for look in plan.shelf} <= looks
    assert {look for sale in SALES for look, _, _ in sale.lines} <= looks
    assert check_rejection([REJECTION[0]], REJECTION[1]) == (REJECTION[0],)
    assert len({username for _, username, _ in STAFF}) == len(STAFF)
    assert {who for who, _ in COMMENTS} <= set(range(4))
