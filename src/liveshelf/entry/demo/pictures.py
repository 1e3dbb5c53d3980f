"""Pictures of the demo shop's goods, rendered at the first start: nothing downloaded, nobody else's rights.

All of them take some five seconds of one core. The same call gives the same bytes on the same Pillow.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from liveshelf.entry.demo import _laid, _turned
from liveshelf.entry.demo._studio import Studio

SIDE = 900
COVER_SIDE = 300  # what the live goods library accepts


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of goods is photographed: what draws it, and the paper behind and below it for each take."""

    draw: Callable[[Studio, int], None]
    papers: tuple[tuple[str, str], ...]


LOOKS: dict[str, Look] = {
    "celadon": Look(_turned.celadon, (("d8d2c6", "e9e3d8"), ("c7cfc8", "dfe4dd"))),
    "teapot": Look(_turned.teapot, (("b9c3c4", "d3dada"), ("c9b9a6", "dfd2c2"))),
    "red_pot": Look(_turned.red_pot, (("ddd3c3", "ece5d9"), ("b8b5a6", "d2cfc2"))),
    "gaiwan": Look(_turned.gaiwan, (("c4ccd6", "dbe1e7"), ("d9cfc0", "e8e0d4"))),
    "cake": Look(_laid.cake, (("cbbfab", "ddd3c2"), ("a9b3a6", "c6cdc2"))),
    "vase": Look(_turned.vase, (("e3d8ca", "efe8de"), ("cdd5d3", "e0e6e4"))),
    "candle": Look(_turned.candle, (("6f665c", "8d8377"), ("5f6866", "7d8683"))),
    "honey": Look(_turned.honey, (("e8dcc4", "f2ead9"), ("d5cdb8", "e6dfcd"))),
    "basket": Look(_turned.basket, (("c9cfc2", "dde1d7"), ("dcd2c4", "ebe4da"))),
    "scarf": Look(_laid.scarf, (("e6ddd2", "efe9e0"), ("dfe0dc", "eaebe8"), ("e4dcdf", "eee9ea"))),
    "shirt": Look(_laid.shirt, (("c3b6a4", "d4c9ba"), ("dcdad2", "e9e7e1"))),
    "comb": Look(_laid.comb, (("d9dbd3", "e6e8e1"), ("d3c6b6", "e2d8cb"))),
    "notebook": Look(_laid.notebook, (("d8cdbd", "e7dfd2"), ("c6cdc9", "dce1de"))),
    "box": Look(_laid.box, (("d6d0c4", "e6e1d7"), ("bfc6bd", "d7dcd3"))),
}


def shot(look: str, take: int = 0, *, side: int = SIDE) -> bytes:
    """One take of one kind of goods, as a square JPEG of this side; the first take is the one to show."""
    wall, floor = LOOKS[look].papers[take]
    studio = Studio(side, wall=wall, floor=floor, seed=take + 10 * list(LOOKS).index(look))
    LOOKS[look].draw(studio, take)
    return studio.jpeg()


def cover(taken: bytes) -> bytes:
    """A picture at the size of a card's cover."""
    with Image.open(io.BytesIO(taken)) as image:
        small = image.resize((COVER_SIDE, COVER_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=90)
    return out.getvalue()
