"""State machines as pictures and tables. The pictures are drawn here, so the docs need no script from elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from html import escape
from typing import Any

from liveshelf.entry.reference.tables import page, table
from liveshelf.facades.wechat import order_codes
from liveshelf.kernel.states import Transitions
from liveshelf.orders.types import ORDER

_WIDE, _HIGH = 128, 38
_GAP_X, _GAP_Y = 84, 34
_MARGIN = 48
_INK, _LINE, _PAPER, _BOX, _START = "#1f2a2e", "#6b7f86", "#ffffff", "#e8f1ee", "#cfe5dc"
_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path d="M0 0.6 L7.4 4 L0 7.4 z" fill="{_LINE}"/></marker></defs>'
)


def machines() -> dict[str, Transitions[Any]]:
    """Every state machine of the loaded modules, by name."""
    found: dict[str, Transitions[Any]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("liveshelf."):
            for value in vars(module).values():
                if isinstance(value, Transitions):
                    found[value.name] = value
    return dict(sorted(found.items()))


def states_page() -> str:
    """A section a machine: picture and table."""
    parts = []
    for name, machine in machines().items():
        rows = [
            (f"`{was.value}`", ", ".join(f"`{one.value}`" for one in _ordered(machine, machine.edges[was])) or "(end)")
            for was in _states(machine)
        ]
        begins = ", ".join(f"`{one.value}`" for one in _ordered(machine, machine.initial))
        parts += [
            f"## {name.capitalize()}",
            f"![{name}](states/{_slug(name)}.svg)",
            f"Begins as {begins}.",
            table(("from", "to"), rows),
        ]
        if machine is ORDER:
            parts += ["As WeChat's shop numbers them:", table(("state", "status"), _wire_codes())]
    return page(
        "States", "Edges are data, checked when the module is loaded; a move that is no edge is refused.", *parts
    )


def _wire_codes() -> list[tuple[str, str]]:
    rows = [(f"`{state.value}`", str(code)) for state, code in order_codes.STATUS.items()]
    return [
        *rows,
        ("`closed`, unpaid", str(order_codes.CANCELLED)),
        ("`closed`, paid before", str(order_codes.REFUNDED)),
    ]


def pictures() -> dict[str, str]:
    """An SVG a machine, by file name without its ending."""
    return {_slug(name): _svg(machine) for name, machine in machines().items()}


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _states(machine: Transitions[Any]) -> list[StrEnum]:
    kind: type[StrEnum] = type(next(iter(machine.initial)))
    return list(kind)


def _ordered(machine: Transitions[Any], some: Any) -> list[StrEnum]:  # noqa: ANN401 - a set of the machine's states
    return [state for state in _states(machine) if state in some]


def _depths(machine: Transitions[Any]) -> dict[StrEnum, int]:
    """Each state's column: the longest way to it, over edges that do not lead back to a state on the way."""
    onward: list[tuple[StrEnum, StrEnum]] = []
    seen: set[StrEnum] = set()

    def walk(state: StrEnum, way: tuple[StrEnum, ...]) -> None:
        seen.add(state)
        for following in _ordered(machine, machine.edges[state]):
            if following in (*way, state, *machine.initial):
                continue
            onward.append((state, following))
            if following not in seen:
                walk(following, (*way, state))

    for state in _ordered(machine, machine.initial):
        walk(state, ())
    depths = dict.fromkeys(_states(machine), 0)
    for _ in depths:
        for was, becomes in onward:
            depths[becomes] = max(depths[becomes], depths[was] + 1)
    return {state: depths[state] for state in sorted(depths, key=depths.__getitem__)}


def _svg(machine: Transitions[Any]) -> str:
    depths = _depths(machine)
    columns: dict[int, list[StrEnum]] = {}
    for state, depth in depths.items():
        columns.setdefault(depth, []).append(state)
    tallest = max(len(column) for column in columns.values())
    width = 2 * _MARGIN + len(columns) * _WIDE + (len(columns) - 1) * _GAP_X
    height = 2 * _MARGIN + tallest * _HIGH + (tallest - 1) * _GAP_Y
    places = {}
    for depth, column in columns.items():
        top = (height - len(column) * _HIGH - (len(column) - 1) * _GAP_Y) / 2
        for at, state in enumerate(column):
            places[state] = (_MARGIN + depth * (_WIDE + _GAP_X), top + at * (_HIGH + _GAP_Y))
    lines = [_edge(places, was, becomes) for was in depths for becomes in _ordered(machine, machine.edges[was])]
    boxes = [_box(state, places[state], first=state in machine.initial) for state in depths]
    size = f'viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="14">'
    paper = f'<rect width="{width}" height="{height:g}" rx="8" fill="{_PAPER}"/>'
    return "\n".join([head, f"<title>{escape(machine.name)}</title>", _ARROW, paper, *lines, *boxes, "</svg>", ""])


def _box(state: StrEnum, place: tuple[float, float], *, first: bool) -> str:
    x, y = place
    fill = _START if first else _BOX
    box = f'<rect x="{x:g}" y="{y:g}" width="{_WIDE}" height="{_HIGH}" rx="9" fill="{fill}" stroke="{_LINE}"/>'
    middle = f'x="{x + _WIDE / 2:g}" y="{y + _HIGH / 2 + 5:g}" text-anchor="middle" fill="{_INK}"'
    return f"{box}<text {middle}>{escape(state.value)}</text>"


def _edge(places: Mapping[StrEnum, tuple[float, float]], was: StrEnum, becomes: StrEnum) -> str:
    (ax, ay), (bx, by) = places[was], places[becomes]
    middle = _HIGH / 2
    if bx > ax + _WIDE + _GAP_X:  # past a column: over the top
        start, end = (ax + _WIDE * 0.58, ay), (bx + _WIDE * 0.42, by)
        high = min(ay, by) - 44
        bend = (start[0], high), (end[0], high)
    elif bx > ax:  # onwards: from the right side to the left side
        start, end = (ax + _WIDE, ay + middle), (bx, by + middle)
        reach = (bx - ax - _WIDE) * 0.5
        bend = (start[0] + reach, start[1]), (end[0] - reach, end[1])
    elif bx == ax:  # within a column: round its right side
        shift = 7 if by > ay else -7
        start, end = (ax + _WIDE, ay + middle + shift), (bx + _WIDE, by + middle - shift)
        bend = (start[0] + 38, start[1]), (end[0] + 38, end[1])
    else:  # back: below, from the underside to the underside
        start, end = (ax + _WIDE * 0.42, ay + _HIGH), (bx + _WIDE * 0.58, by + _HIGH)
        low = max(ay, by) + _HIGH + 34
        bend = (start[0], low), (end[0], low)
    points = " ".join(f"{x:g} {y:g}" for x, y in (*bend, end))
    path = f"M{start[0]:g} {start[1]:g} C{points}"
    return f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="1.4" marker-end="url(#arrow)"/>'
