"""The goods that hang or lie: cloth, wood, paper, a pressed cake of tea."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from liveshelf.entry.demo._studio import (
    Colour,
    Material,
    Paint,
    Points,
    Studio,
    Surface,
    Vector,
    View,
    byte,
    lathe,
    mix,
    plain,
    polygon,
    rgb,
    smooth,
    stroke,
    tube,
)

_TAU = 2 * math.pi


def scarf(studio: Studio, take: int) -> None:
    """Silk over a rod, its folds falling freely."""
    deep, pale = [("b4543f", "e9c9a9"), ("31566b", "c9dbd9"), ("7a4c6d", "e6cfd8")][take]
    rod = View(0.5, 0.17, 1.0, 0.0)
    studio.draw(
        tube([(-0.44, 0.0), (0.0, 0.0), (0.44, 0.0)], [0.014, 0.014, 0.014]),
        Material(plain("8b6a48"), 0.3),
        rod,
        facets=(20, 12),
    )
    dark, light = rgb(deep), rgb(pale)

    def pattern(u: float, v: float) -> Colour:
        border = min(u, 1 - u) < 0.05 or v < 0.07
        dot = math.sin(u * 38) * math.sin(v * 44) > 0.62
        return mix(dark, light, 0.85 if border else 0.55 if dot else 0.06)

    for left, width, length, phase in ((-0.25, 0.34, 0.60, 0.4), (-0.02, 0.30, 0.70, 2.1)):
        x = rod.x + left + 0.05
        behind = [(x, 0.2), (x + width, 0.2), (x + 1.05 * width, 0.2 + length), (x - 0.05 * width, 0.2 + length)]
        studio.soften(polygon(behind), 0.03, strength=0.28)
        panel = _panel(left, width, length, phase=phase)
        studio.draw(panel, Material(pattern, 0.55), rod, facets=(84, 56), blur=1 / 330)


def _panel(left: float, width: float, length: float, *, phase: float) -> Surface:
    def at(u: float, v: float) -> Vector:
        down = 1 - v
        wave = math.sin(u * 15 + phase + 0.9 * math.sin(down * 2.2)) + 0.5 * math.sin(u * 31 + phase * 2)
        spread = 1 + 0.16 * down
        x = left + width * (0.5 + (u - 0.5) * spread) + 0.012 * math.sin(down * 4 + phase)
        hem = 0.018 * math.sin(u * 15 + phase) * down
        return x, 0.015 - length * down - hem, 0.03 * wave * (0.35 + 0.65 * down)

    return at


def shirt(studio: Studio, take: int) -> None:
    """A linen shirt on a hanger, with a stand-up collar and knotted buttons."""
    cloth, stitch = rgb(("d9d0bf", "7f93a0")[take]), rgb(("b5a88f", "5f7280")[take])
    studio.soften(polygon(_SHIRT, dx=0.03, dy=0.02), 0.03, strength=0.45)
    studio.draw(
        tube([(-0.2, -0.06), (-0.1, -0.015), (0, 0.005), (0.1, -0.015), (0.2, -0.06)], [0.012] * 5),
        Material(plain("8b6a48"), 0.3),
        View(0.5, 0.215, 1, 0),
        facets=(16, 30),
    )
    studio.draw(
        tube([(0.0, -0.01), (0.0, 0.06), (0.03, 0.085), (0.02, 0.12), (-0.015, 0.115)], [0.005] * 5),
        Material(plain("9a9a9a"), 0.8),
        View(0.5, 0.215, 1, 0),
        facets=(10, 30),
    )
    body = studio.outline(_SHIRT)
    weave = ImageChops.multiply(
        studio.streaks((studio.side // 2, 60), mix(cloth, (1, 1, 1), 0.12), mix(cloth, (0, 0, 0), 0.10)),
        studio.streaks((60, studio.side // 2), (1, 1, 1), (0.86, 0.86, 0.86)),
    )
    studio.fill(body, ImageChops.multiply(weave, _folds(studio)))
    studio.emboss(body, 0.012, 0.5)
    for line in (_SLEEVE, [(1 - x, y) for x, y in _SLEEVE]):
        _seam(studio, line, stitch, 0.004)
    _seam(studio, [(0.5, 0.245), (0.502, 0.5), (0.498, 0.865)], stitch, 0.005)
    studio.soften(stroke([(0.512, 0.25), (0.51, 0.86)], 0.012), 0.008, strength=0.22)
    collar = studio.outline(_COLLAR)
    studio.fill(collar, mix(cloth, (1, 1, 1), 0.06))
    studio.emboss(collar, 0.006, 0.8)
    for i in range(5):
        y = 0.30 + 0.105 * i
        for side in (-1, 1):
            _seam(studio, [(0.5, y), (0.5 + side * 0.035, y - 0.002)], mix(stitch, (0, 0, 0), 0.2), 0.007)
        studio.spot(0.5, y, 0.011, 0.011, mix(stitch, (0, 0, 0), 0.35))
        studio.spot(0.497, y - 0.003, 0.005, 0.005, mix(stitch, (1, 1, 1), 0.35))


_HALF = [
    (0.43, 0.205),
    (0.36, 0.235),
    (0.27, 0.275),
    (0.20, 0.36),
    (0.145, 0.52),
    (0.118, 0.64),
    (0.205, 0.668),
    (0.245, 0.55),
    (0.285, 0.46),
    (0.288, 0.62),
    (0.278, 0.865),
]
_SHIRT = [*_HALF, (0.5, 0.882), *[(1 - x, y) for x, y in reversed(_HALF)], (0.5, 0.245)]
_SLEEVE = [(0.33, 0.25), (0.305, 0.34), (0.285, 0.46)]
_COLLAR = [
    (0.43, 0.205),
    (0.452, 0.185),
    (0.5, 0.205),
    (0.548, 0.185),
    (0.57, 0.205),
    (0.54, 0.235),
    (0.5, 0.25),
    (0.46, 0.235),
]


def _folds(studio: Studio) -> Image.Image:
    # Wide soft waves that run down, as cloth hangs.
    noise = Image.frombytes("L", (14, 5), bytes(150 + studio.chance.randrange(105) for _ in range(70)))
    waves = noise.resize((studio.side, studio.side), Image.Resampling.BICUBIC).filter(
        ImageFilter.GaussianBlur(studio.side / 60)
    )
    return Image.merge("RGB", (waves, waves, waves)).point(lambda value: min(255, 70 + int(value * 0.86)))


def _seam(studio: Studio, points: Points, colour: Colour, width: float) -> None:
    curve = smooth(points)
    studio.fill(studio.mask(stroke([curve(i / 24) for i in range(25)], width)), colour)


def comb(studio: Studio, take: int) -> None:
    """A sandalwood comb, teeth down, lying at an angle."""
    flat = Studio(studio.side, wall="ffffff", floor="ffffff", seed=studio.chance.randrange(1 << 30))
    shape = flat.mask(_comb_shape)
    light, dark = (("b5763f", "6d3c1d"), ("7a4a30", "3d2115"))[take]
    wood = flat.streaks((9, flat.side // 3), rgb(light), rgb(dark)).rotate(4, Image.Resampling.BICUBIC)
    flat.image = Image.composite(wood, flat.image, shape)
    flat.emboss(shape, 0.007, 0.95)
    turn, place = (-14, 9)[take], (0, round(-0.03 * studio.side))
    shadow = ImageChops.offset(
        shape.rotate(turn, Image.Resampling.BICUBIC), place[0] + studio.side // 60, place[1] + studio.side // 38
    )
    studio.fill(shadow.filter(ImageFilter.GaussianBlur(studio.side / 60)), (0.12, 0.08, 0.06), 0.55)
    mask = ImageChops.offset(shape.rotate(turn, Image.Resampling.BICUBIC), *place)
    studio.fill(mask, ImageChops.offset(flat.image.rotate(turn, Image.Resampling.BICUBIC), *place))


def _comb_shape(pen: ImageDraw.ImageDraw, s: float) -> None:
    back = smooth(
        [
            (0.12, 0.60),
            (0.12, 0.60),
            (0.135, 0.48),
            (0.26, 0.395),
            (0.5, 0.37),
            (0.74, 0.395),
            (0.865, 0.48),
            (0.88, 0.60),
            (0.88, 0.60),
        ]
    )
    line = [back(i / 80) for i in range(81)]
    pen.polygon([(x * s, y * s) for x, y in [*line, (0.88, 0.72), (0.12, 0.72)]], fill=255)
    for side in (0.12, 0.85):
        pen.rounded_rectangle([side * s, 0.55 * s, (side + 0.03) * s, 0.735 * s], radius=0.012 * s, fill=255)
    count = 30
    for i in range(count):
        x = 0.1535 + (0.6965 * i) / (count - 1) - 0.0035
        top = 0.515 - 0.028 * math.sin(math.pi * i / (count - 1))
        pen.rounded_rectangle([x * s, top * s, (x + 0.0095) * s, 0.80 * s], radius=0.0047 * s, fill=0)


_CAKE_RADIUS = 0.49


def cake(studio: Studio, take: int) -> None:
    """A pressed cake of ripe Pu'er, on its paper."""
    view = View(0.5, (0.60, 0.62)[take], (0.66, 0.74)[take], (0.95, 0.80)[take])
    sheet = [(0.14, 0.30), (0.80, 0.20), (0.92, 0.82), (0.22, 0.93)]
    studio.soften(polygon(sheet, dx=0.02, dy=0.025), 0.012, strength=0.4)
    fibres = studio.streaks((70, 90), rgb("efe6d2"), rgb("dccfb4"))
    creases = studio.streaks((9, 9), (1, 1, 1), (0.9, 0.9, 0.88))
    studio.fill(studio.outline(sheet), ImageChops.multiply(fibres, creases))
    studio.shadow(view.x, view.y + 0.04, 1.02 * view.unit, 1.0 * view.unit * math.sin(view.tilt), 0.6)
    profile = [
        (0.40, 0.0),
        (0.47, 0.03),
        (0.49, 0.07),
        (0.46, 0.115),
        (0.36, 0.14),
        (0.18, 0.142),
        (0.07, 0.125),
        (0.0001, 0.115),
    ]
    tones = [rgb(code) for code in ("3a2417", "4b2f1d", "5d3d25", "2d1b12")]
    studio.draw(
        lathe(profile),
        Material(lambda u, v: tones[hash((int(u * 211), int(v * 97))) % 4], 0.12),
        view,
        facets=(96, 56),
        blur=1 / 400,
    )
    _leaves(studio, view)


def _leaves(studio: Studio, view: View) -> None:
    # Pressed leaves: short curved strokes, most of them dark, some golden tips.
    curve = smooth(
        [(0.47, 0.03), (0.49, 0.07), (0.46, 0.115), (0.36, 0.14), (0.18, 0.142), (0.07, 0.125), (0.0, 0.115)]
    )
    tones = [(rgb("2a1810"), 6), (rgb("513321"), 5), (rgb("6e4a2c"), 4), (rgb("8d6638"), 2), (rgb("b98d4c"), 1)]
    palette = [tone for tone, share in tones for _ in range(share)]
    scale = 2
    big = studio.image.resize((studio.side * scale, studio.side * scale), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(big)
    strokes = []
    for _ in range(2600):
        v, angle = studio.chance.random() ** 0.62, studio.chance.uniform(0, _TAU)
        turn, length = studio.chance.uniform(0, _TAU), studio.chance.uniform(0.010, 0.034)
        radius, height = curve(1 - v)
        strokes.append((height + studio.chance.uniform(0, 0.006), radius, angle, turn, length))
    strokes.sort(key=lambda stroke: stroke[1] * math.cos(stroke[2]))
    for height, radius, angle, turn, length in strokes:
        x, z = radius * math.sin(angle), radius * math.cos(angle)
        bend = studio.chance.uniform(-0.6, 0.6)
        line = []
        for step in (-1.0, 0.0, 1.0):
            px, pz = x + step * length * math.cos(turn + bend * step), z + step * length * math.sin(turn + bend * step)
            if math.hypot(px, pz) > _CAKE_RADIUS:
                break
            sx, sy, _ = view.project((px, height, pz))
            line.append((sx * big.width, sy * big.width))
        light = 0.75 + 0.35 * max(0.0, 0.5 - 0.55 * x / 0.49 - 0.35 * z / 0.49)
        tone = studio.chance.choice(palette)
        pen.line(
            line,
            fill=byte((tone[0] * light, tone[1] * light, tone[2] * light)),
            width=max(1, int(0.0042 * view.unit * big.width)),
        )
    studio.image = big.reduce(scale)


def box(studio: Studio, take: int) -> None:
    """A walnut box with brass at its front."""
    block = _Block(studio, take, size=(0.74, 0.30, 0.50))
    rings = [studio.chance.random() for _ in range(160)]
    light, dark, lid = rgb("8a5a3a"), rgb("4b2c1a"), 0.21

    def wood(across: float, along: float) -> Colour:
        place = (across * 40 + 3.2 * math.sin(along * 3.1 + 1) + 1.2 * math.sin(along * 7 + across * 5)) % 159
        low = rings[int(place)] + (rings[int(place) + 1] - rings[int(place)]) * (place % 1)
        return mix(light, dark, low)

    def side(start: float) -> Paint:
        # The gap below the lid is drawn with the wood.
        return lambda u, v: mix(wood(v * 0.5 + start, u * 1.7), (0, 0, 0), 0.75 * (abs(v * 0.30 - lid) < 0.004))

    block.paint(side(0.0), side(1.0), side(1.5), top=lambda u, v: wood(v * 1.1 + 2, u * 2))
    block.plate(0.09, 0.08, lid - 0.05, colour="c9a44f", out=0.006)
    block.plate(0.024, 0.03, lid - 0.03, colour="7d6226", out=0.012)


def notebook(studio: Studio, take: int) -> None:
    """A cloth-bound notebook with its elastic band."""
    block = _Block(studio, take, size=(0.62, 0.085, 0.84))
    cover = rgb(("3f5d50", "a2543f")[take])
    threads = [[0.04 * studio.chance.random() for _ in range(64)] for _ in range(64)]

    def pages(_u: float, v: float) -> Colour:
        edge = mix(rgb("f1ead9"), rgb("c8bea6"), 0.6 * (int(v * 22) % 2))
        return edge if 0.13 < v < 0.87 else cover

    def cloth(u: float, v: float) -> Colour:
        band = 0.45 * (0.84 < u < 0.865)
        return mix(cover, (0, 0, 0), threads[int(v * 63)][int(u * 63)] + band)

    block.paint(pages, pages, lambda _u, _v: cover, top=cloth)


class _Block:
    """A box-shaped thing standing askew on the floor: width, height, depth."""

    def __init__(self, studio: Studio, take: int, *, size: Vector) -> None:
        self._studio = studio
        self._half = size[0] / 2
        self._high = size[1]
        self._deep = size[2] / 2
        self._turn = (0.62, -0.5)[take]
        self._view = View(0.5, (0.60, 0.62)[take] + size[1] * 0.4, (0.80, 0.84)[take], (0.55, 0.66)[take])
        corners = [
            self._view.project(self._spin(x * self._half, 0.0, z * self._deep))[:2]
            for x, z in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        studio.soften(polygon(corners, dx=0.03, dy=0.012), 0.03, strength=0.55)
        studio.soften(polygon(corners, dy=0.006), 0.008, strength=0.5)

    def _spin(self, x: float, y: float, z: float) -> Vector:
        cosine, sine = math.cos(self._turn), math.sin(self._turn)
        return x * cosine + z * sine, y, z * cosine - x * sine

    def paint(self, front: Paint, right: Paint, left: Paint, *, top: Paint) -> None:
        """Paint the sides that can be seen; facets that face away are left out."""
        w, h, d = self._half, self._high, self._deep
        self._face(front, lambda u, v: (w * (2 * u - 1), h * v, d))
        self._face(right, lambda u, v: (w, h * v, d * (1 - 2 * u)))
        self._face(left, lambda u, v: (-w, h * v, d * (2 * u - 1)))
        self._face(top, lambda u, v: (w * (2 * u - 1), h, d * (1 - 2 * v)))

    def plate(self, wide: float, high: float, bottom: float, *, colour: str, out: float) -> None:
        """A small metal plate in the middle of the front."""
        self._face(plain(colour), lambda u, v: (wide * (u - 0.5), bottom + high * v, self._deep + out), 0.9, facets=4)

    def _face(self, paint: Paint, at: Surface, gloss: float = 0.25, *, facets: int = 64) -> None:
        material = Material(paint, gloss)
        self._studio.draw(
            lambda u, v: self._spin(*at(u, v)), material, self._view, facets=(facets, facets), blur=1 / 420
        )
