"""China's administrative divisions (行政区划) as data: provinces, cities, districts, each with its code of GB/T 2260.

Read when first asked for: most processes never need it. What the data is made from stands in `tools/divisions.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from liveshelf.customers.types import Division

DIRECT = "直辖县级行政区划"  # ends the name of a group that is no city: what a province governs without one


@dataclass(frozen=True, slots=True)
class Divisions:
    """All districts by code. `text` is the data as it was published, for pages that let a buyer choose."""

    version: str
    text: str
    districts: dict[str, Division]


@lru_cache(maxsize=1)
def divisions() -> Divisions:
    """The packaged divisions."""
    text = (files("liveshelf.customers") / "data" / "divisions.json").read_text("utf-8")
    stored = json.loads(text)
    return Divisions(
        stored["version"],
        text,
        {
            code: Division(code, province, city, district)
            for _, province, cities in stored["provinces"]
            for _, city, districts in cities
            for code, district in districts
        },
    )
