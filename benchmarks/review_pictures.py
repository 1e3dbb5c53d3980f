"""Pictures drawn with a seed, and what the machine stage sees in them."""

from __future__ import annotations

import io
import random
import statistics
import time
from collections import Counter
from typing import Any

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from liveshelf.compliance import rules
from liveshelf.media.rules import read_picture

SEED = 20261127
EACH = 40
FLOOR = 0.97
SECONDS_MAX = 0.3
CODES = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "code128": zxingcpp.BarcodeFormat.Code128,
}


def sheet(luck: random.Random, side: int = 800) -> Image.Image:
    """A clean picture of goods: soft shapes on a soft ground."""
    ground = tuple(luck.randint(150, 250) for _ in range(3))
    image = Image.new("RGB", (side, side), ground)
    draw = ImageDraw.Draw(image)
    for _ in range(luck.randint(3, 12)):
        x, y, size = luck.randint(0, side), luck.randint(0, side), luck.randint(40, side // 2)
        colour = tuple(luck.randint(20, 250) for _ in range(3))
        shape = luck.choice([draw.ellipse, draw.rectangle])
        shape((x, y, x + size, y + luck.randint(30, size)), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(luck.choice([0, 1, 3])))


def code(luck: random.Random, kind: str) -> Image.Image:
    """A code of a kind: small or large, turned, of low contrast."""
    content = {
        "qr": f"https://u.example.cn/{luck.randrange(10**9)}",
        "ean13": f"69{luck.randrange(10**10):010d}",
        "code128": f"WX{luck.randrange(10**8)}",
    }[kind]
    drawn = zxingcpp.create_barcode(content, CODES[kind]).to_image(scale=luck.choice([3, 4, 6]))
    image = Image.fromarray(drawn).convert("L")
    low = luck.choice([0, 0, 60, 100])
    image = image.point(lambda value: low + value * (255 - low) // 255)
    framed = Image.new("L", (image.width + 40, image.height + 40), 255)
    framed.paste(image, (20, 20))
    turn = luck.choice([0, 0, 90, 180, 270, 12, 30, 45]) if kind == "qr" else luck.choice([0, 0, 90, 180, 8])
    return framed.rotate(turn, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC).convert("RGB")


def drawn(seed: int = SEED, *, each: int = EACH) -> list[tuple[str, bytes]]:
    """Pictures with what is in them, as JPEG of different quality."""
    luck = random.Random(seed)
    made = []
    for kind in (*CODES, "clean", "clean"):
        for _ in range(each):
            picture = sheet(luck, luck.choice([600, 800, 1080]))
            if kind in CODES:
                mark = code(luck, kind)
                mark.thumbnail((picture.width * 19 // 20, picture.height * 19 // 20))  # whole, or it is no code
                room = picture.width - mark.width, picture.height - mark.height
                picture.paste(mark, (luck.randint(0, room[0]), luck.randint(0, room[1])))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=luck.choice([50, 75, 90]))
            made.append((kind, out.getvalue()))
    return made


def judge(*, each: int = EACH) -> dict[str, Any]:
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    seconds = []
    for kind, data in drawn(each=each):
        total[kind] += 1
        began = time.process_time()
        picture = read_picture(data)
        hits = rules.picture_findings(picture.data, picture.fingerprint)
        seconds.append(time.process_time() - began)
        found[kind] += bool(hits)
    bad = [kind for kind in total if kind != "clean"]
    hit = sum(found[kind] for kind in bad)
    return {
        "pictures": total.total(),
        "found": {kind: [found[kind], total[kind]] for kind in total},
        "recall": hit / sum(total[kind] for kind in bad),
        "precision": hit / (hit + found["clean"]),
        "seconds": statistics.median(seconds),
        "seconds_high": max(seconds),
    }


def show(pictures: dict[str, Any]) -> None:
    print(f"\npictures: {pictures['pictures']}, recall {pictures['recall']:.3f}, precision {pictures['precision']:.3f}")
    for kind, (hit, many) in pictures["found"].items():
        print(f"  {kind:<10}{hit:>4} of {many} with a finding")
    print(f"  one picture {pictures['seconds']:.3f} s, at most {pictures['seconds_high']:.3f} s")


def below(pictures: dict[str, Any]) -> list[str]:
    values = {what: pictures[what] for what in ("recall", "precision")}
    failed = [f"pictures: {what} {value:.3f} < {FLOOR}" for what, value in values.items() if value < FLOOR]
    if pictures["seconds"] > SECONDS_MAX:
        failed.append(f"a picture takes {pictures['seconds']:.2f} s > {SECONDS_MAX}")
    return failed
