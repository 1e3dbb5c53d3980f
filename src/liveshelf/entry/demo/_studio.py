"""A small photo studio: meshes lit by two softboxes, on a paper backdrop, drawn with Pillow alone.

Shapes are surfaces `f(u, v) -> (x, y, z)` (y up, z towards the viewer) cut into facets, which are sorted by depth,
shaded by their normal and painted. Colours of a part are smoothed inside its own sharp outline, so facets do not show.
Lengths are in parts of the picture's side.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[float, float, float]
Vector = tuple[float, float, float]
Surface = Callable[[float, float], Vector]
Paint = Callable[[float, float], Colour]
Points = Sequence[tuple[float, float]]
Painter = Callable[[ImageDraw.ImageDraw, float], None]  # draws in white, at so many pixels a side

SHADE: Colour = (0.12, 0.09, 0.08)

_FLAT = 1e-12  # a facet smaller than this has no direction
_FINE = 3  # outlines are drawn this many times larger and reduced
_KEY: Vector = (-0.52, 0.62, 0.59)
_FILL: Vector = (0.74, 0.20, 0.64)
_TAU = 2 * math.pi


@dataclass(frozen=True, slots=True)
class Material:
    """How a surface answers light: its colour (a place's own may differ), mirror strength 0–1, and its own glow."""

    paint: Paint
    gloss: float = 0.4
    glow: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """Where the object stands in the picture, how large one unit is, and how far the camera looks down (radians)."""

    x: float
    y: float
    unit: float
    tilt: float

    def project(self, point: Vector) -> tuple[float, float, float]:
        """Place in the picture (parts of its side) and nearness."""
        return self.lens()(point)

    def lens(self) -> Callable[[Vector], tuple[float, float, float]]:
        """`project` for many points."""
        left, top, unit = self.x, self.y, self.unit
        sine, cosine = math.sin(self.tilt), math.cos(self.tilt)

        def project(point: Vector) -> tuple[float, float, float]:
            x, y, z = point
            return left + unit * x, top - unit * (y * cosine - z * sine), unit * (y * sine + z * cosine)

        return project


def oval(x: float, y: float, wide: float, high: float) -> Painter:
    """Draws an ellipse around a place."""
    return lambda pen, s: pen.ellipse([(x - wide) * s, (y - high) * s, (x + wide) * s, (y + high) * s], fill=255)


def polygon(points: Points, *, dx: float = 0.0, dy: float = 0.0) -> Painter:
    """Draws a closed shape, moved by so much."""
    return lambda pen, s: pen.polygon([((x + dx) * s, (y + dy) * s) for x, y in points], fill=255)


def stroke(points: Points, width: float) -> Painter:
    """Draws a line of a width."""
    return lambda pen, s: pen.line(
        [(x * s, y * s) for x, y in points], fill=255, width=max(2, int(width * s)), joint="curve"
    )


def rgb(code: str) -> Colour:
    """A colour from six hex digits, 0–1 each."""
    return int(code[:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:], 16) / 255


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    share = 0.0 if share < 0 else min(share, 1.0)
    return (
        one[0] + (other[0] - one[0]) * share,
        one[1] + (other[1] - one[1]) * share,
        one[2] + (other[2] - one[2]) * share,
    )


def plain(code: str) -> Paint:
    """The same colour everywhere."""
    colour = rgb(code)
    return lambda _u, _v: colour


def byte(colour: Colour) -> tuple[int, int, int]:
    """The colour as Pillow takes it."""
    red, green, blue = colour
    return _level(red), _level(green), _level(blue)


def _level(part: float) -> int:
    return 0 if part < 0 else 255 if part > 1 else int(255 * part + 0.5)


def lathe(profile: Points) -> Surface:
    """A turned shape through (radius, height) points: u goes once round from the front, v along the points."""
    curve = smooth(profile)

    def at(u: float, v: float) -> Vector:
        radius, height = curve(v)
        return radius * math.sin(u * _TAU), height, radius * math.cos(u * _TAU)

    return at


def tube(path: Points, radii: Sequence[float], *, depth: float = 0.0) -> Surface:
    """A bent tube through (x, y) points with a radius at each: handles and spouts."""
    curve, girth = smooth(path), smooth([(radius, 0.0) for radius in radii])

    def at(u: float, v: float) -> Vector:
        x, y = curve(v)
        ahead, behind = curve(min(1.0, v + 0.01)), curve(max(0.0, v - 0.01))
        dx, dy = ahead[0] - behind[0], ahead[1] - behind[1]
        length = math.hypot(dx, dy) or 1.0
        radius = girth(v)[0]
        aside = radius * math.sin(u * _TAU)
        return x + aside * dy / length, y - aside * dx / length, depth + radius * math.cos(u * _TAU)

    return at


def smooth(points: Points) -> Callable[[float], tuple[float, float]]:
    """A curve through all points (Catmull-Rom), 0–1 along it. A point given twice makes a corner."""
    padded = [points[0], *points, points[-1]]
    count = len(points) - 1

    def at(t: float) -> tuple[float, float]:
        place = min(max(t, 0.0), 1.0) * count
        i = min(int(place), count - 1)
        f = place - i
        a, b, c, d = padded[i : i + 4]
        return _spline(a[0], b[0], c[0], d[0], f), _spline(a[1], b[1], c[1], d[1], f)

    return at


def _spline(a: float, b: float, c: float, d: float, f: float) -> float:
    return b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))


class Studio:
    """One square picture in the making."""

    def __init__(self, side: int, *, wall: str, floor: str, horizon: float = 0.6, seed: int = 1) -> None:
        self.side = side
        self.chance = random.Random(seed)  # noqa: S311 - the same picture every time
        self.image = _backdrop(side, rgb(wall), rgb(floor), horizon)

    def draw(
        self,
        surface: Surface,
        material: Material,
        view: View,
        *,
        facets: tuple[int, int] = (60, 40),
        blur: float = 1 / 170,
    ) -> None:
        """Paint what faces the viewer of a surface. `blur` hides the facets; less keeps a pattern sharp."""
        columns, rows = facets
        project = view.lens()
        points = [[project(surface(i / columns, j / rows)) for i in range(columns + 1)] for j in range(rows + 1)]
        faces = []
        for j in range(rows):
            for i in range(columns):
                a, b, c, d = points[j][i], points[j][i + 1], points[j + 1][i + 1], points[j + 1][i]
                normal = _normal(a, b, c, d)
                if normal is not None:
                    colour = _lit(normal, material, material.paint((i + 0.5) / columns, (j + 0.5) / rows))
                    faces.append((a[2] + b[2] + c[2] + d[2], colour, (a, b, c, d)))
        faces.sort(key=lambda face: face[0])
        self._paint([(colour, corners) for _, colour, corners in faces], blur)

    def _paint(self, faces: Sequence[tuple[Colour, Sequence[Sequence[float]]]], blur: float) -> None:
        if not faces:
            return
        side = self.side
        xs = [corner[0] for _, corners in faces for corner in corners]
        ys = [corner[1] for _, corners in faces for corner in corners]
        left, top = int(min(xs) * side) - 4, int(min(ys) * side) - 4
        width, height = int(max(xs) * side) + 5 - left, int(max(ys) * side) + 5 - top
        colours = Image.new("RGBA", (width, height))
        outline = Image.new("L", (width * _FINE, height * _FINE))
        brush, pen = ImageDraw.Draw(colours), ImageDraw.Draw(outline)
        for colour, corners in faces:
            flat = [(x * side - left, y * side - top) for x, y, _ in corners]
            ink = (*byte(colour), 255)
            # An outline in the same colour closes the hair-line gaps between neighbours.
            brush.polygon(flat, fill=ink, outline=ink)
            pen.polygon([(x * _FINE, y * _FINE) for x, y in flat], fill=255)
        # Blurred with its alpha multiplied in and divided out again: nothing from outside the part gets in.
        reach = ImageFilter.BoxBlur(side * blur)
        even = colours.convert("RGBa").filter(reach).filter(reach).convert("RGBA").convert("RGB")
        self.image.paste(even, (left, top), outline.reduce(_FINE))

    def spot(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """A sharp ellipse."""
        left, top = int((x - wide) * self.side) - 1, int((y - high) * self.side) - 1
        size = int(2 * wide * self.side) + 4, int(2 * high * self.side) + 4
        mask = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
        box = [
            (x - wide) * self.side - left,
            (y - high) * self.side - top,
            (x + wide) * self.side - left,
            (y + high) * self.side - top,
        ]
        ImageDraw.Draw(mask).ellipse([part * _FINE for part in box], fill=255)
        self.image.paste(byte(colour), (left, top), mask.reduce(_FINE))

    def mask(self, paint: Painter) -> Image.Image:
        """A sharp full-size mask: `paint(pen, scale)` draws in white at `scale` pixels a side."""
        big = Image.new("L", (self.side * _FINE, self.side * _FINE))
        paint(ImageDraw.Draw(big), float(self.side * _FINE))
        return big.reduce(_FINE)

    def outline(self, points: Points) -> Image.Image:
        """A mask of a closed shape."""
        return self.mask(polygon(points))

    def fill(self, mask: Image.Image, colour: Colour | Image.Image, strength: float = 1.0) -> None:
        """Colour (or a picture of the same size) through a mask."""
        if strength < 1:
            mask = mask.point(lambda value: int(value * strength))
        self.image.paste(
            colour if isinstance(colour, Image.Image) else byte(colour), (0, 0, self.side, self.side), mask
        )

    def emboss(self, mask: Image.Image, width: float, strength: float = 0.5) -> None:
        """Give a flat shape a rounded edge: light from the upper left, dark to the lower right, inside its mask."""
        reach = max(1, round(width * self.side))
        soft = mask.filter(ImageFilter.GaussianBlur(reach))
        edge = ImageChops.subtract(ImageChops.offset(soft, -reach, -reach), ImageChops.offset(soft, reach, reach), 1, 0)
        dark = ImageChops.subtract(ImageChops.offset(soft, reach, reach), ImageChops.offset(soft, -reach, -reach), 1, 0)
        # Offset to the upper left is larger at the lower right edge: that is the edge away from the light.
        self.fill(ImageChops.multiply(mask, dark), (0.0, 0.0, 0.0), strength * 0.55)
        self.fill(ImageChops.multiply(mask, edge), (1.0, 1.0, 1.0), strength * 0.6)

    def shadow(self, x: float, y: float, width: float, height: float, strength: float = 0.5) -> None:
        """What a thing standing there keeps from the light: a wide soft one to the right, a narrow dark one below."""
        for dx, wide, high, blur, share in ((0.05, 1.25, 1.1, 0.045, 0.55), (0.008, 1.0, 0.7, 0.012, 0.75)):
            self.soften(oval(x + dx, y, width * wide / 2, height * high / 2), blur, strength=strength * share)

    def soften(self, paint: Painter, blur: float, colour: Colour = SHADE, *, strength: float) -> None:
        """A blurred shape in one colour; drawn small, since a blur has no detail to lose."""
        small = max(48, self.side // 5)
        mask = Image.new("L", (small, small))
        paint(ImageDraw.Draw(mask), float(small))
        mask = mask.filter(ImageFilter.GaussianBlur(blur * small)).resize(
            (self.side, self.side), Image.Resampling.BICUBIC
        )
        self.fill(mask, colour, strength)

    def streaks(self, along: tuple[int, int], light: Colour, dark: Colour) -> Image.Image:
        """A texture of `along` grains across and down, stretched over the picture: wood, linen, paper."""
        noise = Image.frombytes("L", along, self.chance.randbytes(along[0] * along[1]))
        grain = noise.resize((self.side, self.side), Image.Resampling.BICUBIC)
        return Image.composite(
            Image.new("RGB", grain.size, byte(light)), Image.new("RGB", grain.size, byte(dark)), grain
        )

    def jpeg(self) -> bytes:
        """The finished picture."""
        return finish(self.image, self.chance)


def finish(image: Image.Image, chance: random.Random, quality: int = 88) -> bytes:
    """The picture as a JPEG, with a little grain. High quality keeps the colours fine too."""
    # Without it, gradients show steps.
    tile = Image.frombytes("L", (256, 256), chance.randbytes(256 * 256)).point(lambda value: value // 52)
    grain = Image.new("L", image.size)
    for x in range(0, image.width, 256):
        for y in range(0, image.height, 256):
            grain.paste(tile, (x, y))
    image = ImageChops.subtract(image, Image.merge("RGB", (grain, grain, grain)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0 if quality > 85 else 2)
    return out.getvalue()


def gradient(size: tuple[int, int], stops: Sequence[Colour]) -> Image.Image:
    """Colours from top to bottom, evenly spread and smooth between."""
    strip = Image.new("RGB", (1, len(stops)))
    strip.putdata([byte(stop) for stop in stops])
    return strip.resize(size, Image.Resampling.BICUBIC)


def _backdrop(side: int, wall: Colour, floor: Colour, horizon: float) -> Image.Image:
    # Coarse and smooth: a paper sweep lit from the upper left, darker to the corners.
    size = 48
    strip = Image.new("RGB", (size, size))
    pixels = []
    for j in range(size):
        for i in range(size):
            x, y = i / (size - 1), j / (size - 1)
            base = mix(wall, floor, (y - horizon + 0.09) / 0.18)
            light = 1.06 - 0.34 * math.hypot(x - 0.38, (y - 0.42) * 1.05) ** 1.7 + (0.03 if y > horizon else 0)
            pixels.append(byte((base[0] * light, base[1] * light, base[2] * light)))
    strip.putdata(pixels)
    return strip.resize((side, side), Image.Resampling.BICUBIC)


def _normal(a: Sequence[float], b: Sequence[float], c: Sequence[float], d: Sequence[float]) -> Vector | None:
    # Screen y points down, so the cross product of the diagonals is taken with y turned over; facing away: nothing.
    px, py, pz = c[0] - a[0], a[1] - c[1], c[2] - a[2]
    qx, qy, qz = d[0] - b[0], b[1] - d[1], d[2] - b[2]
    nx, ny, nz = py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx
    length = math.sqrt(nx * nx + ny * ny + nz * nz)
    if length < _FLAT:
        return None
    nx, ny, nz = nx / length, ny / length, nz / length
    return (nx, ny, nz) if nz > 0 else None


def _lit(normal: Vector, material: Material, colour: Colour) -> Colour:
    nx, ny, nz = normal
    key = max(0.0, (nx * _KEY[0] + ny * _KEY[1] + nz * _KEY[2] + 0.25) / 1.25)
    fill = max(0.0, nx * _FILL[0] + ny * _FILL[1] + nz * _FILL[2])
    # The paper below throws light back, so undersides are warm and never black.
    light = 0.68 * key + 0.20 * fill + 0.27 + 0.10 * ny + 0.22 * max(0.0, -ny) + material.glow
    # The two softboxes, as the window of normals that mirror them.
    if nx < 0:
        box = _window(nx, -0.66, -0.30) * _window(ny, 0.02, 0.52)
    else:
        box = 0.4 * _window(nx, 0.80, 0.93) * _window(ny, -0.25, 0.45)
    mirror = material.gloss * (0.36 * box + 0.16 * (1 - nz) ** 3)
    return colour[0] * light + mirror, colour[1] * light + mirror, colour[2] * light + mirror


def _window(value: float, low: float, high: float) -> float:
    edge = 0.16
    inside = min(value - low, high - value) / edge + 0.5
    if inside <= 0:
        return 0.0
    if inside >= 1:
        return 1.0
    return inside * inside * (3 - 2 * inside)
