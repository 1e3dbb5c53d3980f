"""Covers of the demo rooms: two calm landscapes in any format, the same every time."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from liveshelf.entry.demo._studio import Colour, Painter, Points, byte, finish, gradient, mix, oval, polygon, rgb

_FINE = 2
SCENES = ("hills", "moon")


def poster(scene: str, width: int, height: int, *, quality: int = 86) -> bytes:
    """A scene as a JPEG of this size: `hills` at dawn, or `moon` behind bamboo."""
    chance = random.Random(scene)  # noqa: S311 - the same picture every time
    image = {"hills": _hills, "moon": _moon}[scene](width, height, chance)
    return finish(image, chance, quality)


def _hills(width: int, height: int, chance: random.Random) -> Image.Image:
    image = gradient((width, height), [rgb(code) for code in ("f0d9bd", "f4e4cd", "eee3d2", "d7ddd3", "b9cac1")])
    unit = min(width, height * 0.75)
    x, y = width * 0.66, height * 0.27
    _glow(image, x, y, unit * 0.34, rgb("ffe9c2"), 0.75)
    _disc(image, x, y, unit * 0.115, rgb("e8835a"))
    for i, tone in enumerate(("b9c8bd", "98b0a5", "75958a", "4f766c", "2f574f")):
        level = height * (0.44 + 0.115 * i)
        ridge = _ridge(width, level, unit * (0.10 + 0.022 * i), chance)
        _layer(
            image,
            ridge,
            rgb(tone),
            mix(rgb(tone), rgb("eef0e6"), 0.62),
            level - unit * 0.14,
            height * 0.20 + unit * 0.1,
        )
    _birds(image, width * 0.30, height * 0.23, unit)
    _terraces(image, width, height, chance)
    return image


def _moon(width: int, height: int, chance: random.Random) -> Image.Image:
    image = gradient((width, height), [rgb(code) for code in ("13283a", "1d3c50", "2f5866", "567d80", "8aa59b")])
    unit = min(width, height * 0.75)
    x, y = width * 0.40, height * 0.30
    _glow(image, x, y, unit * 0.62, rgb("cfe0d4"), 0.55)
    _disc(image, x, y, unit * 0.235, rgb("f3ecd6"))
    _craters(image, x, y, unit * 0.235, chance)
    for i, tone in enumerate(("4c7278", "345a62", "22434c")):
        level = height * (0.66 + 0.11 * i)
        _layer(
            image,
            _ridge(width, level, unit * 0.07, chance),
            rgb(tone),
            mix(rgb(tone), rgb("a9c0b6"), 0.5),
            level - unit * 0.08,
            height * 0.16,
        )
    for place, lean, tone in ((0.80, 0.05, "2c5450"), (0.90, -0.02, "1b3d3c"), (0.69, -0.06, "3d6661")):
        _bamboo(image, width * place, lean * width, unit, rgb(tone), chance)
    return image


def _ridge(width: int, level: float, height: float, chance: random.Random) -> list[tuple[float, float]]:
    waves = [
        (chance.uniform(0.5, 1.0) / (1.55**k), chance.uniform(1.1, 1.9) * 1.9**k, chance.uniform(0, math.tau))
        for k in range(6)
    ]
    total = sum(size for size, _, _ in waves)
    steps = 160
    line = []
    for step in range(steps + 1):
        x = step / steps
        rise = sum(size * (1 - abs(math.sin(pace * x * 1.7 + phase)) ** 0.9 * 2) for size, pace, phase in waves) / total
        line.append((x * width, level - height * (0.6 + rise)))
    return line


def _layer(image: Image.Image, ridge: Points, top: Colour, mist: Colour, start: float, depth: float) -> None:
    width, height = image.size
    mask = _mask(image, polygon([*ridge, (width, height), (0, height)]))
    begin = max(0, int(start))
    ramp = Image.new("RGB", (width, height), byte(mist))
    ramp.paste(byte(top), (0, 0, width, begin))
    ramp.paste(gradient((width, max(2, int(depth))), [top, mix(top, mist, 0.35), mist]), (0, begin))
    image.paste(ramp, (0, 0), mask)


def _mask(image: Image.Image, paint: Painter) -> Image.Image:
    big = Image.new("L", (image.width * _FINE, image.height * _FINE))
    paint(ImageDraw.Draw(big), float(_FINE))
    return big.reduce(_FINE)


def _disc(image: Image.Image, x: float, y: float, radius: float, colour: Colour) -> None:
    image.paste(byte(colour), (0, 0), _mask(image, oval(x, y, radius, radius)))


def _glow(image: Image.Image, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
    small = Image.new("L", (image.width // 12, image.height // 12))
    oval(x, y, radius, radius)(ImageDraw.Draw(small), 1 / 12)
    small = small.filter(ImageFilter.GaussianBlur(radius / 30))
    light = small.point(lambda value: int(value * strength)).resize(image.size, Image.Resampling.BICUBIC)
    image.paste(byte(colour), (0, 0), light)


def _craters(image: Image.Image, x: float, y: float, radius: float, chance: random.Random) -> None:
    for _ in range(9):
        angle, away = chance.uniform(0, math.tau), radius * 0.75 * chance.random() ** 0.5
        size = radius * chance.uniform(0.10, 0.26)
        _glow(
            image, x + away * math.cos(angle), y + away * math.sin(angle), min(size, radius - away), rgb("d9cfb4"), 0.34
        )


def _birds(image: Image.Image, x: float, y: float, unit: float) -> None:
    def paint(pen: ImageDraw.ImageDraw, s: float) -> None:
        for dx, dy, size in ((0.0, 0.0, 0.026), (0.06, 0.025, 0.018), (-0.05, 0.035, 0.016), (0.11, -0.01, 0.013)):
            cx, cy, wing = (x + dx * unit) * s, (y + dy * unit) * s, size * unit * s
            for side in (-1, 1):
                box = [
                    cx + (0 if side > 0 else -2 * wing),
                    cy - wing * 0.5,
                    cx + (2 * wing if side > 0 else 0),
                    cy + wing * 1.2,
                ]
                pen.arc(
                    box,
                    200 if side > 0 else 230,
                    310 if side > 0 else 340,
                    fill=255,
                    width=max(2, int(unit * 0.0028 * s)),
                )

    image.paste(byte(rgb("5a5f57")), (0, 0), _mask(image, paint))


def _terraces(image: Image.Image, width: int, height: int, chance: random.Random) -> None:
    # Rows of tea in the foreground: rounded hedges that follow the slope.
    rows = 9
    for row in range(rows):
        near = row / (rows - 1)
        base = height * (0.86 + 0.16 * near**1.15)
        thick = height * (0.012 + 0.022 * near)
        tone = mix(rgb("41705c"), rgb("1d4439"), near)
        line = []
        phase = 0.5 + 0.35 * row
        for step in range(141):
            x = step / 140
            bump = abs(math.sin(x * (46 - 18 * near) + row * 1.7)) * 0.30 + chance.uniform(0, 0.07)
            line.append((x * width, base - thick * (0.7 + bump) - height * 0.018 * math.sin(x * 2.6 + phase)))
        mask = _mask(image, polygon([*line, (width, height), (0, height)]))
        image.paste(byte(mix(tone, rgb("9fc08f"), 0.42)), (0, 0), mask)
        image.paste(byte(tone), (0, int(thick * 0.42)), mask)


def _bamboo(image: Image.Image, x: float, lean: float, unit: float, tone: Colour, chance: random.Random) -> None:
    height = image.height
    girth = unit * chance.uniform(0.020, 0.028)

    def stalk(pen: ImageDraw.ImageDraw, s: float) -> None:
        length, bottom = unit * 0.24, height + unit * 0.1
        while bottom > -length:
            top = bottom - length
            left, right = x + lean * (1 - bottom / height), x + lean * (1 - top / height)
            half = girth / 2
            upper = top + unit * 0.008
            corners = [(left - half, bottom), (left + half, bottom), (right + half, upper), (right - half, upper)]
            polygon(corners)(pen, s)
            oval(right, top, half * 1.25, unit * 0.006)(pen, s)
            bottom = top

    image.paste(byte(tone), (0, 0), _mask(image, stalk))

    def leaves(pen: ImageDraw.ImageDraw, s: float) -> None:
        for _ in range(11):
            y = chance.uniform(0.02, 0.62) * height
            start = x + lean * (1 - y / height)
            side = chance.choice((-1, 1))
            for _leaf in range(chance.randint(2, 4)):
                angle, length = chance.uniform(0.1, 0.95), unit * chance.uniform(0.13, 0.24)
                tip = start + side * length * math.cos(angle), y + length * math.sin(angle)
                mid = start + side * length * 0.42 * math.cos(angle), y + length * 0.42 * math.sin(angle)
                across = length * 0.075
                dx, dy = -math.sin(angle) * across * side, math.cos(angle) * across
                polygon([(start, y), (mid[0] + dx, mid[1] + dy), tip, (mid[0] - dx, mid[1] - dy)])(pen, s)

    image.paste(byte(mix(tone, rgb("86a892"), 0.18)), (0, 0), _mask(image, leaves))
