"""Makes `customers/data/divisions.json` from two npm packages that publish China's administrative divisions.

Usage: `python tools/divisions.py FOLDER`, where FOLDER holds the unpacked `china-division` (mainland, from the National
Bureau of Statistics) and `areas.json`, the object that `@vant/area-data` exports (Taiwan, Hong Kong, Macao). Both may
be used freely (WTFPL, MIT); names and codes are facts.

The statistics' groups that no letter names are made what people write: the districts and counties of a municipality
belong to one city of its name, and what a province governs directly keeps a group whose name says so.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

VERSION = "2023-06-30"  # the day that the statistics describe
TARGET = Path(__file__).parent.parent / "src" / "liveshelf" / "customers" / "data" / "divisions.json"
MUNICIPALITIES = {"11", "12", "31", "50"}
BEYOND = ("71", "81", "82")  # Taiwan, Hong Kong, Macao: not in the statistics

Cities = dict[str, tuple[str, list[tuple[str, str]]]]


def main(folder: Path) -> None:
    """Write the data."""
    provinces = {one["code"]: one["name"] for one in _read(folder / "china-division/dist/provinces.json")}
    city_names = {one["code"]: one["name"] for one in _read(folder / "china-division/dist/cities.json")}
    found: dict[str, Cities] = defaultdict(dict)
    for area in _read(folder / "china-division/dist/areas.json"):
        code, province = area["code"], area["provinceCode"]
        city = f"{province}01" if province in MUNICIPALITIES else area["cityCode"]
        name = provinces[province] if province in MUNICIPALITIES else city_names[city]
        found[province].setdefault(f"{city}00", (name, []))[1].append((code, area["name"]))
    beyond = json.loads((folder / "areas.json").read_text())
    for code, name in beyond["province_list"].items():
        if code.startswith(BEYOND):
            provinces[code[:2]] = name
    for code, name in beyond["county_list"].items():
        if code.startswith(BEYOND):
            city = f"{code[:4]}00"
            found[code[:2]].setdefault(city, (beyond["city_list"][city], []))[1].append((code, name))
    tree: list[object] = [
        [f"{code}0000", provinces[code], [[city, name, areas] for city, (name, areas) in sorted(found[code].items())]]
        for code in sorted(found)
    ]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(_written(tree))


def _read(path: Path) -> list[dict[str, str]]:
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def _written(tree: list[object]) -> str:
    """One line a city, so that a change of the data can be read."""
    text = json.dumps({"version": VERSION, "provinces": tree}, ensure_ascii=False, separators=(",", ":"))
    return text.replace('[["', '[\n["').replace(']]],["', ']]],\n["') + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
