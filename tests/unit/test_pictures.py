"""Uploaded pictures: what is taken, what is refused, and what is left of them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from liveshelf.media import rules
from liveshelf.media.errors import MediaBroken, MediaTooLarge, MediaTooManyPixels, MediaTypeRefused
from liveshelf.media.types import media_path, shop_of
from tests.make import pictures

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/jpeg")],
)
def test_each_kind_is_encoded_again(kind, content_type):
    picture = rules.read_picture(pictures.encoded(pictures.image(120, 80), kind))
    assert (picture.content_type, picture.width, picture.height) == (content_type, 120, 80)
    assert opened(picture.data).size == (120, 80)


def test_transparency_survives():
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    for kind in ("PNG", "WEBP"):
        picture = rules.read_picture(pictures.encoded(clear, kind))
        assert picture.content_type == "image/png"
        assert opened(picture.data).mode == "RGBA"


def test_forty_megapixels_are_refused_from_the_header_alone():
    with pytest.raises(MediaTooManyPixels):
        rules.read_picture(pictures.huge_png(8000, 5000))
    with pytest.raises(MediaTooManyPixels):
        rules.read_picture(pictures.huge_png(60_000, 60_000))


def test_ten_megabytes_are_the_most():
    with pytest.raises(MediaTooLarge):
        rules.read_picture(b"\xff\xd8\xff" + bytes(rules.BYTES_MAX))


@pytest.mark.parametrize("data", [b"", SVG, b"<html>", b"%PDF-1.7", b"BM" + bytes(60), b"RIFF\0\0\0\0WAVE", bytes(100)])
def test_what_is_no_picture_of_the_four_kinds_is_refused_whatever_its_name(data):
    with pytest.raises(MediaTypeRefused):
        rules.read_picture(data)


def test_the_wire_takes_no_webp():
    with pytest.raises(MediaTypeRefused):
        rules.read_picture(pictures.encoded(pictures.image(), "WEBP"), formats=rules.WIRE_FORMATS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_that_is_cut_off_is_refused(kind):
    data = pictures.encoded(pictures.image(), kind)
    with pytest.raises(MediaBroken):
        rules.read_picture(data[: len(data) // 2])


def test_a_polyglot_leaves_only_its_pixels():
    page = b"<html><script>alert(document.domain)</script></html>"
    gif = pictures.encoded(pictures.image(40, 40), "GIF")
    polyglot = gif[:-1] + b"!\xfe" + bytes([len(page)]) + page + b"\0;" + page
    assert page not in rules.read_picture(polyglot).data
    jpeg = pictures.jpeg(40, 40) + page
    assert page not in rules.read_picture(jpeg).data


def test_metadata_is_gone_and_the_picture_stands_upright():
    picture = pictures.image(60, 40)
    exif = picture.getexif()
    exif[0x0112] = 6  # turn by a quarter
    exif[0x010E] = "taken at home, 31.2304 N 121.4737 E"
    read = rules.read_picture(pictures.encoded(picture, "JPEG", exif=exif, comment=b"secret", icc_profile=b"profile"))
    left = opened(read.data)
    assert (read.width, read.height) == left.size == (40, 60)
    assert not left.getexif()
    assert {"exif", "comment", "icc_profile"}.isdisjoint(left.info)
    assert b"taken at home" not in read.data


@given(
    st.binary(max_size=300), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP"])
)
def test_rubbish_behind_any_signature_is_a_clear_refusal(rubbish, signature):
    with pytest.raises((MediaBroken, MediaTooManyPixels)):
        rules.read_picture(signature + rubbish)


def test_a_cover_is_a_square_from_the_middle():
    cover = rules.square(rules.read_picture(pictures.jpeg(800, 400)).data)
    assert (cover.width, cover.height, cover.content_type) == (300, 300, "image/jpeg")
    again = rules.square(rules.read_picture(pictures.jpeg(800, 400)).data)
    assert again.data == cover.data


def test_a_media_id_names_its_shop_and_nothing_else_is_one():
    tail = "A" * 32
    assert shop_of(f"2a-{tail}") == 42
    assert media_path(f"2a-{tail}") == f"/media/2a-{tail}"
    for bad in (
        "",
        "2a",
        f"2A-{tail}",
        f"-{tail}",
        f"2a-{tail}x",
        f"8{'f' * 15}-{tail}",
        f"2a-{tail[:-1]}\n",
        f"2a-{tail[:-1]}\0",
    ):
        assert shop_of(bad) is None
