"""Pictures: judged on the original before anything is decoded, then encoded again by us.

What leaves here was written by our encoder from pixels alone, so metadata, trailing bytes and a second file hidden in
the first (a polyglot) do not survive. All of it takes CPU time: call it in a thread.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection
from typing import Final

from PIL import Image, ImageFile, ImageOps

from liveshelf.media.errors import MediaBroken, MediaTooLarge, MediaTooManyPixels, MediaTypeRefused
from liveshelf.media.types import Picture

BYTES_MAX: Final = 10 * 1024 * 1024
PIXELS_MAX: Final = 25_000_000  # a decoded picture of this size takes 100 MB
COVER_SIDE: Final = 300  # pixels: the largest goods cover that WeChat takes

WIRE_FORMATS: Final = frozenset({"JPEG", "PNG", "GIF"})
FORMATS: Final = WIRE_FORMATS | {"WEBP"}

_SIGNATURES = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"))
_JPEG_QUALITY = 88  # what an eye can't tell from the original at shop sizes
_HASH_SIDE = 8


def read_picture(data: bytes, *, formats: Collection[str] = FORMATS) -> Picture:
    """Check and encode again. JPEG stays JPEG; PNG and GIF (its first frame) become PNG; WebP becomes PNG if it has
    transparency, else JPEG.

    Raises `MediaTooLarge`, `MediaTypeRefused`, `MediaTooManyPixels`, `MediaBroken`.
    """
    if len(data) > BYTES_MAX:
        raise MediaTooLarge(field="file", bytes=len(data), bytes_max=BYTES_MAX)
    kind = _sniff(data)
    if kind not in formats:
        raise MediaTypeRefused(field="file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower and comes first
        return _encoded(_upright(data, kind), kind)


def square(data: bytes, side: int = COVER_SIDE) -> Picture:
    """A square cut from the middle of a picture that `read_picture` made, `side` pixels wide, as JPEG on white."""
    with Image.open(io.BytesIO(data)) as image:
        flat = _on_white(image)
    return _encoded(ImageOps.fit(flat, (side, side), Image.Resampling.LANCZOS), "JPEG")


def fingerprint(image: Image.Image) -> int:
    """The difference hash: 64 bits that say where brightness falls from left to right. Resizing or encoding again
    flips few of them.
    """
    small = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.BOX)
    pixels = small.tobytes()
    bits = 0
    for row in range(_HASH_SIDE):
        for column in range(_HASH_SIDE):
            at = row * (_HASH_SIDE + 1) + column
            bits = bits << 1 | (pixels[at] > pixels[at + 1])
    return bits


def _sniff(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), "")


def _upright(data: bytes, kind: str) -> Image.Image:
    """The decoded first frame, turned as its EXIF says. The size is judged from the header, before decoding."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            _judge_size(image)
            image.load()
            _judge_size(image)  # a GIF's frame may be larger than its screen
            return ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise MediaTooManyPixels(field="file", pixels_max=PIXELS_MAX) from error
    except MediaTooManyPixels:
        raise
    # Decoders fail in many ways on hostile bytes; each of them means the same to whoever sent them.
    except Exception as error:
        raise MediaBroken(field="file") from error


def _judge_size(image: ImageFile.ImageFile) -> None:
    if image.width * image.height > PIXELS_MAX:
        raise MediaTooManyPixels(field="file", width=image.width, height=image.height, pixels_max=PIXELS_MAX)


def _encoded(image: Image.Image, kind: str) -> Picture:
    flat = _on_white(image)
    out = io.BytesIO()
    if kind == "JPEG" or (kind == "WEBP" and not image.has_transparency_data):
        flat.save(out, "JPEG", quality=_JPEG_QUALITY)
        content_type = "image/jpeg"
    else:
        _plain_mode(image).save(out, "PNG")
        content_type = "image/png"
    return Picture(out.getvalue(), content_type, image.width, image.height, fingerprint(flat))


def _plain_mode(image: Image.Image) -> Image.Image:
    """The pixels in grey, colour or colour with transparency, without palette, profile or text chunks."""
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in {"1", "L"} else "RGB"
    plain = Image.new(mode, image.size)
    plain.paste(image.convert(mode))
    return plain


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return _plain_mode(image)
    white = Image.new("RGB", image.size, "white")
    rgba = image.convert("RGBA")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white
