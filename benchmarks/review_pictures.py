"""Pictures drawn with a seed, and what the machine stage sees in them."""

from __future__ import annotations

import asyncio
import io
import random
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from liveshelf.adapters.reading.process import ProcessReader, is_installed
from liveshelf.compliance import rules, screen
from liveshelf.compliance.types import Severity
from liveshelf.media.rules import read_picture

SEED = 20261127
EACH = 40
FLOOR = 0.97
SECONDS_MAX = 0.3
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"  # Debian's fonts-noto-cjk
TEXTS = ("phone", "wechat", "url", "caption")
HARMLESS = {"clean", "caption"}
READ_SECONDS_MAX = 3.0
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


def written(luck: random.Random, kind: str, picture: Image.Image) -> None:
    """Put a line of text into a picture, as posters have it."""
    made = {
        "phone": lambda: (
            f"{luck.choice(['电话', '咨询', '手机', '订购热线'])} 1{luck.randint(3, 9)}{luck.randrange(10**9):09d}"
        ),
        "wechat": lambda: (
            f"{luck.choice(['加微信', '微信', 'VX', '微信号'])}：{luck.choice(['tea', 'shop'])}_{luck.randrange(10**5)}"
        ),
        "url": lambda: (
            f"www.{luck.choice(['teahouse', 'goodshop', 'myhome'])}{luck.randrange(100)}.{luck.choice(['com', 'cn'])}"
        ),
        "caption": lambda: luck.choice(
            ["纯手工制作", "限时优惠 第二件半价", "净重 500g", "夏日新品", "全棉透气", "产地直发", "A5 笔记本"]
        ),
    }[kind]()
    size = luck.choice([26, 34, 48, 64])
    font = ImageFont.truetype(FONT, size, index=2)
    draw = ImageDraw.Draw(picture)
    width = int(draw.textlength(made, font=font))
    x, y = luck.randint(0, max(0, picture.width - width - 10)), luck.randint(0, picture.height - size * 2)
    ground = luck.choice(["white", "#f6e9d2", "#1d2b3a"])
    draw.rectangle((x - 6, y - 4, x + width + 6, y + size * 3 // 2), fill=ground)
    draw.text((x, y), made, fill="white" if ground == "#1d2b3a" else luck.choice(["black", "#b01010"]), font=font)


def drawn(seed: int = SEED, *, each: int = EACH, texts: bool = False) -> list[tuple[str, bytes]]:
    """Pictures with what is in them, as JPEG of different quality."""
    luck = random.Random(seed)
    made = []
    for kind in (*CODES, "clean", "clean", *(TEXTS if texts else ())):
        for _ in range(each):
            picture = sheet(luck, luck.choice([600, 800, 1080]))
            if kind in CODES:
                mark = code(luck, kind)
                mark.thumbnail((picture.width * 19 // 20, picture.height * 19 // 20))  # whole, or it is no code
                room = picture.width - mark.width, picture.height - mark.height
                picture.paste(mark, (luck.randint(0, room[0]), luck.randint(0, room[1])))
            elif kind in TEXTS:
                written(luck, kind, picture)
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=luck.choice([50, 75, 90]))
            made.append((kind, out.getvalue()))
    return made


def why_unread() -> str:
    """Why text in pictures is not part of the run; empty when it is."""
    if not is_installed():
        return "the extra `safety` is not installed: text in pictures is not read"
    return "" if Path(FONT).exists() else f"{FONT} is not there: no text can be drawn"


def judge(*, each: int = EACH) -> dict[str, Any]:
    return asyncio.run(_judge(each))


async def _judge(each: int) -> dict[str, Any]:
    reader = ProcessReader()
    texts = not why_unread()
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    seconds, read_seconds = [], []
    if texts:
        await reader.read(drawn(each=1)[0][1])  # the engine's start is not a picture's time
    for kind, data in drawn(each=each, texts=texts):
        total[kind] += 1
        began = time.process_time()
        picture = read_picture(data)
        hits = rules.picture_findings(picture.data, picture.fingerprint)
        seconds.append(time.process_time() - began)
        if texts:
            began = _children_s()
            lines = await reader.read(picture.data)
            read_seconds.append(_children_s() - began)
            hits += screen.reading(lines)
        found[kind] += any(one.severity is Severity.REFUSE for one in hits)
    await reader.close()
    bad = [kind for kind in total if kind not in HARMLESS]
    hit = sum(found[kind] for kind in bad)
    return {
        "pictures": total.total(),
        "found": {kind: [found[kind], total[kind]] for kind in total},
        "recall": hit / sum(total[kind] for kind in bad),
        "precision": hit / (hit + sum(found[kind] for kind in HARMLESS)),
        "seconds": statistics.median(seconds),
        "seconds_high": max(seconds),
        "read_seconds": statistics.median(read_seconds) if read_seconds else None,
        "unread": why_unread(),
    }


def _children_s() -> float:
    """The processor's time of the reader's process: other work on the machine is not a picture's."""
    times = [one.cpu_times() for one in psutil.Process().children()]
    return sum(one.user + one.system for one in times)


def show(pictures: dict[str, Any]) -> None:
    print(f"\npictures: {pictures['pictures']}, recall {pictures['recall']:.3f}, precision {pictures['precision']:.3f}")
    for kind, (hit, many) in pictures["found"].items():
        print(f"  {kind:<10}{hit:>4} of {many} with a finding")
    if pictures["unread"]:
        print(f"  {pictures['unread']}")
    else:
        print(f"  reading one picture {pictures['read_seconds']:.2f} s")
    print(f"  one picture {pictures['seconds']:.3f} s, at most {pictures['seconds_high']:.3f} s")


def below(pictures: dict[str, Any]) -> list[str]:
    values = {what: pictures[what] for what in ("recall", "precision")}
    failed = [f"pictures: {what} {value:.3f} < {FLOOR}" for what, value in values.items() if value < FLOOR]
    if pictures["seconds"] > SECONDS_MAX:
        failed.append(f"a picture takes {pictures['seconds']:.2f} s > {SECONDS_MAX}")
    if (pictures["read_seconds"] or 0) > READ_SECONDS_MAX:
        failed.append(f"reading a picture takes {pictures['read_seconds']:.2f} s > {READ_SECONDS_MAX}")
    return failed
