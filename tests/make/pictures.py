"""Pictures rendered here, good ones and bad ones."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw


def image(width: int = 300, height: int = 300, *, seed: int = 0) -> Image.Image:
    """A picture of coloured bars; another seed gives another picture."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    for bar in range(8):
        shade = (seed * 97 + bar * 61) % 251
        box = (width * bar // 8, height * ((bar * 3 + seed) % 5) // 8, width * (bar + 1) // 8 - 1, height)
        draw.rectangle(box, fill=(shade, (shade * 7) % 256, 255 - shade))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a picture file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int = 300, height: int = 300, *, seed: int = 0) -> bytes:
    """A JPEG."""
    return encoded(image(width, height, seed=seed))


def huge_png(width: int = 8000, height: int = 5000) -> bytes:
    """A few bytes whose header claims so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def flagged() -> Image.Image:
    """The picture that is always refused, for trying the refusal. Its recipe is in docs/concepts/review.md: 9 x 8
    squares of 32 pixels, each clearly lighter or darker than the one to its left.
    """
    picture = Image.new("L", (9 * 32, 8 * 32))
    draw = ImageDraw.Draw(picture)
    for row in range(8):
        shade = 128
        for column in range(9):
            step = 60 + 10 * ((row + column) % 3)
            up = (row * 5 + column * 3 + row * column) % 2 == 0
            shade += step if (up and shade + step <= 255) or shade - step < 0 else -step
            draw.rectangle((column * 32, row * 32, column * 32 + 31, row * 32 + 31), fill=shade)
    return picture.convert("RGB")
