"""The goods that are turned on a wheel or bent round: cups, pots, jars, a basket."""

from __future__ import annotations

import math

from PIL import ImageFilter

from liveshelf.entry.demo._studio import (
    Colour,
    Material,
    Paint,
    Studio,
    Surface,
    Vector,
    View,
    lathe,
    mix,
    oval,
    plain,
    rgb,
    smooth,
    tube,
)

_TAU = 2 * math.pi


def _ground(studio: Studio, view: View, radius: float, strength: float = 0.5) -> None:
    high = max(0.05, 2 * radius * view.unit * math.sin(view.tilt))
    studio.shadow(view.x, view.y, 2 * radius * view.unit, high, strength)


def _disc(height: float, radius: float) -> Surface:
    return lathe([(radius, height), (radius * 0.5, height), (0.0001, height)])


def _bowl(studio: Studio, view: View, *, glaze: str, inner: str, tea: str | None, gloss: float = 0.75) -> None:
    _ground(studio, view, 0.42)
    base, wall = rgb(glaze), rgb(inner)
    foot = rgb("8a6a4f")

    def outside(_u: float, v: float) -> Colour:
        # Glaze runs thinner to the rim and leaves the foot bare.
        return mix(foot, mix(base, (1, 1, 1), 0.10 * v + 0.25 * max(0, v - 0.9) * 10), min(1, max(0, (v - 0.07) * 30)))

    # Inside first: the front of the outer wall stands before it.
    inward = [(0.555, 0.62), (0.53, 0.60), (0.47, 0.42), (0.36, 0.22), (0.2, 0.12), (0.0001, 0.1)]
    studio.draw(lathe(inward), Material(lambda _u, v: mix(wall, base, 0.1 + 0.6 * v), 0.35), view)
    if tea:
        brew = rgb(tea)
        studio.draw(
            _disc(0.46, 0.485),
            Material(lambda _u, v: mix(mix(brew, (0.25, 0.08, 0), 0.35), brew, 1.6 * v), 0.2, 0.08),
            view,
        )
        x, y, _ = view.project((-0.16, 0.46, -0.10))
        studio.soften(oval(x, y, 0.17 * view.unit, 0.045 * view.unit), 0.006, (1, 0.97, 0.88), strength=0.55)
    profile = [(0.24, 0.0), (0.25, 0.07), (0.27, 0.09), (0.40, 0.22), (0.50, 0.42), (0.555, 0.62)]
    studio.draw(lathe(profile), Material(outside, gloss), view)
    lip = lathe([(0.548, 0.61), (0.562, 0.615), (0.562, 0.632), (0.548, 0.636), (0.535, 0.622)])
    studio.draw(lip, Material(lambda _u, _v: mix(base, (1, 1, 1), 0.45), gloss), view, facets=(72, 8))


def celadon(studio: Studio, take: int) -> None:
    """A celadon cup with tea in it, or two."""
    if take == 1:
        _bowl(studio, View(0.68, 0.58, 0.40, 0.42), glaze="9dbfae", inner="c3d9cb", tea=None)
        _bowl(studio, View(0.36, 0.80, 0.52, 0.42), glaze="8fb5a3", inner="bcd5c6", tea="c98a2e")
    else:
        _bowl(studio, View(0.5, 0.80, 0.72, 0.45), glaze="8fb5a3", inner="bcd5c6", tea="c98a2e")


def _pot(studio: Studio, view: View, *, clay: str, gloss: float, knob: str = "") -> None:
    paint = plain(clay)
    body = Material(paint, gloss)
    _ground(studio, view, 0.5)
    handle = [(-0.46, 0.62), (-0.66, 0.72), (-0.86, 0.60), (-0.86, 0.36), (-0.70, 0.18), (-0.47, 0.16)]
    studio.draw(tube(handle, [0.055, 0.05, 0.045, 0.045, 0.05, 0.06]), body, view, facets=(20, 44))
    spout = [(0.38, 0.22), (0.58, 0.30), (0.68, 0.46), (0.76, 0.66), (0.86, 0.76)]
    studio.draw(tube(spout, [0.17, 0.12, 0.085, 0.066, 0.058]), body, view, facets=(28, 36))
    profile = [(0.30, 0.0), (0.34, 0.02), (0.48, 0.14), (0.57, 0.36), (0.53, 0.58), (0.40, 0.72), (0.315, 0.765)]
    studio.draw(lathe(profile), body, view)
    studio.draw(
        lathe([(0.325, 0.765), (0.335, 0.785), (0.30, 0.80), (0.30, 0.80), (0.24, 0.855), (0.10, 0.905), (0.04, 0.92)]),
        body,
        view,
    )
    tip = Material(plain(knob) if knob else paint, gloss)
    studio.draw(
        lathe([(0.04, 0.90), (0.045, 0.93), (0.085, 0.975), (0.07, 1.025), (0.03, 1.045), (0.0001, 1.05)]),
        tip,
        view,
        facets=(40, 24),
    )


def teapot(studio: Studio, take: int) -> None:
    """A white porcelain teapot."""
    if take == 1:
        _bowl(studio, View(0.84, 0.84, 0.23, 0.34), glaze="eceae4", inner="f2f0ea", tea="d7a14a")
    _pot(studio, View((0.49, 0.45)[take], 0.75, (0.51, 0.46)[take], 0.30), clay="ecebe6", gloss=0.9)


def red_pot(studio: Studio, take: int) -> None:
    """A small pot of red clay."""
    _pot(studio, View(0.49, 0.75, 0.48 + 0.03 * take, 0.27 + 0.1 * take), clay="8e4632", gloss=0.28)


def gaiwan(studio: Studio, take: int) -> None:
    """A lidded cup with a blue line, on its saucer."""
    view = View(0.5, 0.84, 0.68 + 0.06 * take, 0.30 + 0.07 * take)
    white = Material(_blue_line, 0.85)
    _ground(studio, view, 0.55)
    studio.draw(
        lathe([(0.30, 0.0), (0.32, 0.03), (0.50, 0.07), (0.60, 0.13), (0.62, 0.145)]), white, view, facets=(64, 20)
    )
    studio.draw(lathe([(0.62, 0.145), (0.5, 0.115), (0.3, 0.09), (0.0001, 0.085)]), white, view, facets=(64, 12))
    studio.shadow(view.x, view.y - 0.09 * view.unit, 0.5 * view.unit, 0.5 * view.unit * math.sin(view.tilt), 0.35)
    inner = Material(lambda _u, v: mix(rgb("e6e5e0"), rgb("9a9a98"), v), 0.3)
    studio.draw(lathe([(0.50, 0.70), (0.46, 0.64), (0.42, 0.52)]), inner, view, facets=(72, 8))
    studio.draw(
        lathe([(0.20, 0.10), (0.22, 0.15), (0.33, 0.24), (0.42, 0.42), (0.46, 0.60), (0.50, 0.70)]),
        white,
        view,
        blur=1 / 260,
    )
    studio.draw(
        lathe([(0.45, 0.69), (0.44, 0.735), (0.33, 0.82), (0.16, 0.875), (0.11, 0.89)]), white, view, facets=(64, 28)
    )
    studio.draw(
        lathe([(0.10, 0.885), (0.105, 0.94), (0.125, 0.965), (0.10, 0.975), (0.08, 0.955), (0.0001, 0.95)]),
        white,
        view,
        facets=(40, 18),
    )


def _blue_line(_u: float, v: float) -> Colour:
    return rgb("39599b") if 0.90 < v < 0.925 or 0.82 < v < 0.835 else rgb("f0efeb")


def vase(studio: Studio, take: int) -> None:
    """A glazed vase with a flowering twig."""
    view = View(0.5, (0.86, 0.92)[take], (0.62, 0.70)[take], 0.20)
    _twig(studio, view)
    _ground(studio, view, 0.26)
    top, low = rgb("a9c4c9"), rgb("5f8a93")
    profile = [
        (0.17, 0.0),
        (0.175, 0.03),
        (0.22, 0.20),
        (0.31, 0.42),
        (0.325, 0.56),
        (0.25, 0.68),
        (0.11, 0.745),
        (0.085, 0.79),
        (0.09, 0.84),
        (0.125, 0.875),
    ]
    studio.draw(lathe(profile), Material(lambda _u, v: mix(low, top, v), 0.8), view)
    studio.draw(
        lathe([(0.125, 0.875), (0.105, 0.868), (0.075, 0.84)]), Material(plain("3e5a60"), 0.2), view, facets=(48, 8)
    )


def _twig(studio: Studio, view: View) -> None:
    branches = [
        [(0.0, 0.8), (0.03, 1.0), (-0.06, 1.16), (-0.02, 1.32)],
        [(0.02, 0.95), (0.18, 1.08), (0.26, 1.22), (0.40, 1.27)],
        [(-0.03, 1.12), (-0.18, 1.17), (-0.30, 1.28)],
        [(0.22, 1.15), (0.34, 1.12), (0.45, 1.14)],
    ]
    bark = Material(plain("5b4436"), 0.1)
    for branch in branches:
        studio.draw(tube(branch, [0.016, 0.012, 0.008, 0.004]), bark, view, facets=(10, 26))
    for branch in branches:
        for x, y in branch[1:]:
            for dx, dy in ((0.0, 0.0), (studio.chance.uniform(-0.05, 0.05), studio.chance.uniform(-0.05, 0.04))):
                _blossom(studio, view, x + dx, y + dy, studio.chance.uniform(0.03, 0.045))


def _blossom(studio: Studio, view: View, x: float, y: float, size: float) -> None:
    turn = studio.chance.uniform(0, 1)
    for petal in range(5):
        angle = _TAU * (petal / 5 + turn)
        px, py, _ = view.project((x + size * 0.62 * math.cos(angle), y + size * 0.62 * math.sin(angle), 0.03))
        reach = size * 0.56 * view.unit
        studio.spot(px, py, reach, reach, mix(rgb("f7e3e4"), rgb("e3a5ad"), studio.chance.uniform(0.0, 0.6)))
    px, py, _ = view.project((x, y, 0.03))
    studio.spot(px, py, size * 0.24 * view.unit, size * 0.24 * view.unit, rgb("c9763f"))


def honey(studio: Studio, take: int) -> None:
    """A jar of honey with light behind it, under a cork."""
    view = View((0.5, 0.42, 0.5)[take], (0.86, 0.84, 0.96)[take], (0.72, 0.62, 0.92)[take], 0.20)
    studio.shadow(view.x, view.y, 0.62 * view.unit, 0.14 * view.unit, 0.5)
    studio.soften(
        oval(view.x + 0.26 * view.unit, view.y + 0.01, 0.30 * view.unit, 0.06 * view.unit),
        0.03,
        (0.95, 0.62, 0.12),
        strength=0.55,
    )
    dark, bright = rgb("a4520c"), rgb("ffc23c")

    def amber(u: float, v: float) -> Colour:
        # Light comes from behind on the left and leaves low on the right.
        through = 0.5 + 0.5 * math.cos((u - 0.09) * _TAU)
        return mix(dark, bright, (through**2.2) * (1.05 - 0.5 * v) + 0.10)

    glass = [
        (0.27, 0.0),
        (0.31, 0.02),
        (0.325, 0.08),
        (0.33, 0.40),
        (0.315, 0.60),
        (0.25, 0.70),
        (0.215, 0.73),
        (0.215, 0.78),
    ]
    studio.draw(
        lathe(glass),
        Material(lambda u, v: mix(amber(u, v), rgb("e9e2cf"), min(1, max(0, (v - 0.80) * 14))), 0.9, 0.12),
        view,
    )
    studio.draw(
        lathe([(0.225, 0.775), (0.235, 0.79), (0.235, 0.86), (0.22, 0.88), (0.12, 0.885), (0.0001, 0.885)]),
        Material(_cork(studio), 0.05),
        view,
        blur=1 / 300,
    )

    def label(u: float, v: float) -> Vector:
        angle = (u - 0.5) * 0.34 * _TAU
        return 0.334 * math.sin(angle), 0.17 + 0.30 * v, 0.334 * math.cos(angle)

    studio.draw(label, Material(_comb_label, 0.05, 0.05), view, facets=(70, 70), blur=1 / 360)


def _comb_label(u: float, v: float) -> Colour:
    paper, ink = rgb("f3ead6"), rgb("b8791f")
    if min(u, 1 - u) < 0.035 or min(v, 1 - v) < 0.035:
        return mix(paper, ink, 0.5)
    for row, column in ((0.62, 0.5), (0.43, 0.39), (0.43, 0.61)):
        x, y = (u - column) * 1.05, v - row
        reach = max(abs(x), abs(x) * 0.5 + abs(y) * 0.866)
        if reach < 0.095:
            return ink if reach > 0.075 else mix(paper, ink, 0.45)
    return paper


def _cork(studio: Studio) -> Paint:
    light, dark = rgb("cfa678"), rgb("9a6f45")
    spots = [[studio.chance.random() ** 2 for _ in range(64)] for _ in range(32)]
    return lambda u, v: mix(light, dark, spots[int(v * 31.9)][int(u * 63.9)])


def basket(studio: Studio, take: int) -> None:
    """A basket of woven bamboo with a bent handle."""
    view = View(0.5, (0.84, 0.86, 0.96)[take], (0.70, 0.62, 0.92)[take], (0.36, 0.22, 0.46)[take])
    studio.shadow(view.x, view.y, 0.86 * view.unit, 0.86 * view.unit * math.sin(view.tilt), 0.5)
    light, dark = rgb("d9b679"), rgb("7d5a2c")
    columns, rows = 44, 13

    def weave(u: float, v: float) -> Colour:
        across, down = u * columns, v * rows
        x, y = across % 1, down % 1
        over = (int(across) + int(down)) % 2 == 0
        bulge = math.sin(math.pi * x) if over else 0.55 * math.sin(math.pi * y)
        gap = min(x, 1 - x) < 0.08 or min(y, 1 - y) < 0.08
        return mix(dark, light, 0.05 if gap else 0.25 + 0.8 * bulge)

    handle = [(-0.44, 0.42), (-0.42, 0.72), (-0.24, 0.98), (0.0, 1.06), (0.24, 0.98), (0.42, 0.72), (0.44, 0.42)]
    inner = [(0.475, 0.49), (0.45, 0.42), (0.41, 0.22), (0.36, 0.06), (0.0001, 0.05)]
    studio.draw(
        lathe(inner),
        Material(lambda u, v: mix(weave(u, 1 - v), rgb("3d2a14"), 0.35 + 0.3 * v), 0.1),
        view,
        facets=(132, 40),
        blur=1 / 420,
    )
    studio.draw(
        lathe([(0.36, 0.0), (0.40, 0.05), (0.435, 0.22), (0.46, 0.40), (0.465, 0.46)]),
        Material(weave, 0.25),
        view,
        facets=(176, 52),
        blur=1 / 600,
    )
    studio.draw(
        lathe([(0.45, 0.44), (0.485, 0.445), (0.49, 0.475), (0.47, 0.50), (0.44, 0.48)]),
        Material(lambda u, _v: mix(light, dark, 0.45 * (int(u * 90) % 2)), 0.3),
        view,
        facets=(180, 12),
        blur=1 / 500,
    )
    studio.draw(
        tube(handle, [0.03, 0.028, 0.026, 0.026, 0.026, 0.028, 0.03]),
        Material(lambda _u, v: mix(light, dark, 0.5 * (int(v * 64) % 2)), 0.3),
        view,
        facets=(18, 128),
        blur=1 / 500,
    )


def candle(studio: Studio, take: int) -> None:
    """A soy candle in a stoneware cup, lit."""
    view = View((0.5, 0.40, 0.5)[take], (0.84, 0.82, 0.95)[take], (0.74, 0.60, 0.95)[take], (0.34, 0.30, 0.46)[take])
    studio.shadow(view.x, view.y, 0.76 * view.unit, 0.76 * view.unit * math.sin(view.tilt), 0.55)
    clay, rim = rgb(("b7aa98", "8d9a94", "a98a7a")[take]), rgb("e6dccb")
    specks = [[studio.chance.random() < 0.022 for _ in range(200)] for _ in range(110)]

    def speckled(u: float, v: float) -> Colour:
        base = mix(clay, rim, min(1, max(0, (v - 0.66) * 9)))
        return mix(base, rgb("4b4038"), 0.55) if specks[int(v * 109.9)][int(u * 199.9)] else base

    studio.draw(
        lathe([(0.38, 0.56), (0.35, 0.50), (0.35, 0.44)]),
        Material(lambda _u, v: mix(rgb("e9dcc6"), rgb("b89a74"), v), 0.2, 0.1),
        view,
        facets=(72, 8),
    )
    wax = Material(lambda _u, v: mix(rgb("f3e6cc"), rgb("ffe7a8"), v), 0.15, 0.10)
    studio.draw(lathe([(0.357, 0.47), (0.2, 0.47), (0.0001, 0.46)]), wax, view, facets=(72, 16))
    studio.draw(
        lathe([(0.33, 0.0), (0.355, 0.02), (0.375, 0.12), (0.385, 0.35), (0.385, 0.55)]),
        Material(speckled, 0.25),
        view,
        facets=(200, 80),
        blur=1 / 420,
    )
    studio.draw(
        lathe([(0.378, 0.545), (0.39, 0.552), (0.388, 0.566), (0.372, 0.562)]),
        Material(plain("efe6d6"), 0.4),
        view,
        facets=(72, 6),
    )
    x, y, _ = view.project((0.0, 0.46, 0.0))
    unit = view.unit
    studio.soften(oval(x, y - 0.12 * unit, 0.34 * unit, 0.34 * unit), 0.11, (1.0, 0.78, 0.42), strength=0.42)
    studio.spot(x, y - 0.02 * unit, 0.006 * unit, 0.035 * unit, rgb("2b221c"))
    flame = smooth(
        [
            (0, -0.02),
            (0, -0.02),
            (0.042, 0.05),
            (0.026, 0.13),
            (0, 0.215),
            (0, 0.215),
            (-0.026, 0.13),
            (-0.042, 0.05),
            (0, -0.02),
            (0, -0.02),
        ]
    )
    for share, colour, strength in ((1.0, "ffb13d", 0.85), (0.74, "ffe08a", 0.9), (0.45, "fffbe6", 0.95)):
        points = [flame(i / 60) for i in range(61)]
        edge = studio.outline([(x + px * share * unit, y - (0.045 + py * share) * unit) for px, py in points])
        studio.fill(edge.filter(ImageFilter.GaussianBlur(studio.side / 200)), rgb(colour), strength)
