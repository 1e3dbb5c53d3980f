"""The page of the docs that lists every wire call; made from the route tables, so it can't be wrong about what
is served.
"""

from __future__ import annotations

from liveshelf.facades.wechat.calls import Route
from liveshelf.facades.wechat.errors import ERRORS, SPOKEN, text_of
from liveshelf.facades.wechat.router import ROUTES
from liveshelf.shops.types import QUOTAS, SUBMISSIONS

# The calls of the contract by their sections there: goods, rooms, goods in rooms, assistants, second anchors, roles,
# long-term subscribers, and asking to broadcast.
CONTRACT = tuple(
    f"{section}{number}"
    for section, count in (("G", 9), ("R", 10), ("RG", 6), ("A", 4), ("S", 4), ("M", 3), ("L", 2), ("X", 1))
    for number in range(1, count + 1)
)


def coverage_page() -> str:
    """The page as Markdown."""
    rows = [_row(route) for route in ROUTES]
    served = sum(route.anchor in CONTRACT for route in ROUTES)
    told = {(errcode, text if "{" not in text else "names the parameter") for errcode, text in ERRORS.values()}
    codes = sorted(told | {(errcode, text_of(errcode)) for errcode in SPOKEN})
    return "\n".join(
        [
            "# Wire coverage",
            "",
            "Every call of WeChat's live-goods protocol that this server answers. Paths match in any case.",
            "",
            f"{served} of the contract's {len(CONTRACT)} calls, and the seven beside them that any client needs first.",
            "",
            "| contract | method and path | name | calls a day | also at |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            f"Adding and resubmitting goods share {QUOTAS[SUBMISSIONS]} submissions a day.",
            "All numbers are settings of a shop.",
            "",
            "## Error codes",
            "",
            "| errcode | errmsg begins with |",
            "| --- | --- |",
            *(f"| {errcode} | {text} |" for errcode, text in codes),
            "",
        ]
    )


def _row(route: Route) -> str:
    path = f"`{' '.join(sorted(route.methods))}` `{route.path}`"
    return f"| {route.anchor} | {path} | `{route.name}` | {_quota(route.quota)} | {_aliases(route.aliases)} |"


def _quota(quota: str | None) -> str:
    return f"{QUOTAS[quota]:,}" if quota else "no limit"


def _aliases(aliases: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in aliases)
