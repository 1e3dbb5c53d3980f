"""The machine's checks of a card: its name, picture, link and price. Pure functions of their input and the packaged
lexicon.
"""

from __future__ import annotations

import io
import re
from typing import Final
from urllib.parse import unquote

import zxingcpp
from PIL import Image, ImageOps

from liveshelf.compliance import screen
from liveshelf.compliance.errors import NameIllegal, PictureIllegal, TextIllegal
from liveshelf.compliance.lexicon import Lexicon
from liveshelf.compliance.packaged import flagged_fingerprints
from liveshelf.compliance.types import Finding, Severity, certain

FINGERPRINT_DISTANCE: Final = 5  # of 64 bits: the same picture resized or encoded again differs by fewer
PRICE_LOW_FEN: Final = 10
PRICE_HIGH_FEN: Final = 1_000_000_00
DISCOUNT_STEEP: Final = 20  # a present price below a twentieth of the original

CODES_MAX: Final = 20  # that are told of one picture
CODE_TEXT_MAX: Final = 200  # characters of what a code says
LOOK_SIDE_MAX: Final = 2400  # pixels: a larger picture takes longer than the machine stage may

_ADDRESS = re.compile(r"(?:https?:)?//([^/?#\s]+)", re.IGNORECASE)


def name_findings(name: str, *, lexicon: Lexicon | None = None) -> list[Finding]:
    """What may not be said in a name: words of the lexicon, contact details, phone numbers however they are spaced."""
    return screen.text(name, field="name", lexicon=lexicon)


def picture_findings(data: bytes, fingerprint: int) -> list[Finding]:
    """A flagged picture, and codes in it that lead somewhere else. Takes CPU time: call it in a thread."""
    found = []
    if is_flagged(fingerprint):
        found.append(
            _of_picture("picture.flagged", Severity.REFUSE, "picture_illegal", "违规图片", "A known illegal picture.")
        )
    with Image.open(io.BytesIO(data)) as image:
        texts = _codes(image.convert("L"))
    zh, en = "图片中有二维码或条码", "There is a code in the picture."
    found.extend(_of_picture("picture.code", Severity.REFUSE, "picture_code", zh, en, text) for text in texts)
    return found


def _codes(grey: Image.Image) -> list[str]:
    """What the QR codes and barcodes in a picture say. A picture in which none is seen is looked at again: small and
    pale ones show when it is larger and of full contrast.
    """
    codes = zxingcpp.read_barcodes(grey) or zxingcpp.read_barcodes(_larger(grey))
    return [code.text[:CODE_TEXT_MAX] for code in codes[:CODES_MAX]]


def _larger(grey: Image.Image) -> Image.Image:
    factor = min(2.0, LOOK_SIDE_MAX / max(grey.size))
    size = max(1, round(grey.width * factor)), max(1, round(grey.height * factor))
    return ImageOps.autocontrast(grey.resize(size, Image.Resampling.BICUBIC), cutoff=1)


def is_flagged(fingerprint: int) -> bool:
    """Whether a picture of this fingerprint is one of the flagged ones, or one of them resized or encoded again."""
    return any((fingerprint ^ one).bit_count() <= FINGERPRINT_DISTANCE for one in flagged_fingerprints())


def link_findings(url: str) -> list[Finding]:
    """Addresses of other places inside the link."""
    plain = unquote(url)
    return [
        Finding(
            "link.elsewhere",
            "url",
            match.group(0),
            0,
            len(url),
            Severity.NOTE,
            "link_wrong",
            f"链接指向外部地址 {match.group(1)}",
            f"The link leads to {match.group(1)}.",
        )
        for match in _ADDRESS.finditer(plain)
    ]


def price_findings(price_type: int, price_fen: int, price2_fen: int | None) -> list[Finding]:
    """Prices that are allowed and unlikely."""
    found = []
    lowest, highest = min(price_fen, price2_fen or price_fen), max(price_fen, price2_fen or price_fen)
    if lowest <= PRICE_LOW_FEN:
        found.append(_of_price(lowest, "价格极低，可能填错", "This price is very low. Is it a mistake?"))
    if highest >= PRICE_HIGH_FEN:
        found.append(_of_price(highest, "价格极高，可能填错", "This price is very high. Is it a mistake?"))
    if price_type == 3 and price2_fen is not None and price2_fen * DISCOUNT_STEEP < price_fen:  # noqa: PLR2004 - discount
        found.append(
            _of_price(price_fen, "原价远高于现价，可能虚构原价", "The original price is far above the present one.")
        )
    return found


def refuse_illegal_name(name: str, *, lexicon: Lexicon | None = None) -> None:
    """Raises `NameIllegal` on a certain finding."""
    if (one := certain(name_findings(name, lexicon=lexicon))) is not None:
        raise NameIllegal(field="name", rule=one.rule, text=one.text, zh=one.zh, en=one.en)


def refuse_illegal_text(text: str, *, field: str, lexicon: Lexicon | None = None, spoken: bool = False) -> None:
    """Raises `TextIllegal` on a certain finding. What is `spoken` is read as talk, everything else as a merchant's
    advertising.
    """
    if (one := certain(screen.text(text, field="comment" if spoken else field, lexicon=lexicon))) is not None:
        raise TextIllegal(field=field, rule=one.rule, text=one.text, zh=one.zh, en=one.en)


def refuse_flagged_picture(fingerprint: int) -> None:
    """Raises `PictureIllegal` when the picture is a flagged one."""
    if is_flagged(fingerprint):
        raise PictureIllegal(field="cover")


def _of_picture(rule: str, severity: Severity, reason: str, zh: str, en: str, text: str = "") -> Finding:  # noqa: PLR0917
    return Finding(rule, "cover", text, 0, 0, severity, reason, zh, en)


def _of_price(fen: int, zh: str, en: str) -> Finding:
    return Finding("price.suspicious", "price", str(fen), 0, 0, Severity.NOTE, "price_suspicious", zh, en)
