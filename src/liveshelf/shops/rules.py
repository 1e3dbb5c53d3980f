"""Decisions of the shops capability that need nothing but their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from liveshelf.kernel.text import is_plain
from liveshelf.shops.errors import FaultInvalid, PagesInvalid, ShopInvalid, WidgetKeyInvalid
from liveshelf.shops.types import LARGE_QUOTA, PAGES_MAX, WIDGET_KEY_MAX, FaultDraft, FaultKind

NAME_MAX = 60
DELAY_MAX_MS = 30_000  # SDKs give up between 10 and 60 s
CALLS_MAX = 10_000  # calls that one fault may meet
BLOCK_MAX = 500  # shares of a large quota that one process takes ahead of need
_PAGE = re.compile(r"[A-Za-z0-9_\-][A-Za-z0-9_\-./]{0,199}")
_PARAMETER = re.compile(r"[^\s&=#?]{1,64}")


def checked_name(name: str) -> str:
    """A shop's name without surrounding space. Raises `ShopInvalid`."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or not is_plain(name):
        raise ShopInvalid(field="name")
    return name


def pages_of_app_json(document: object) -> tuple[str, ...]:
    """Every page path that an app.json names: main package and subpackages, in order, each once.

    Raises `PagesInvalid` when it is not an object with `pages`, a path is not one, or there are more than `PAGES_MAX`.
    """
    if not isinstance(document, Mapping):
        raise PagesInvalid(field="file")
    paths = list(_texts(document.get("pages"), "pages"))
    packages: Any = document.get("subPackages") or document.get("subpackages") or ()
    if not isinstance(packages, Sequence) or isinstance(packages, str):
        raise PagesInvalid(field="subPackages")
    for package in packages:
        root = package.get("root") if isinstance(package, Mapping) else None
        if not isinstance(root, str):
            raise PagesInvalid(field="subPackages")
        paths += [f"{root.strip('/')}/{page}" for page in _texts(package.get("pages"), "subPackages")]
    return checked_pages(paths)


def checked_pages(paths: Sequence[str]) -> tuple[str, ...]:
    """Page paths, each once and without a leading slash. Raises `PagesInvalid`."""
    pages = tuple(dict.fromkeys(path.strip().lstrip("/") for path in paths))
    if len(pages) > PAGES_MAX:
        raise PagesInvalid(f"An app has at most {PAGES_MAX} pages.", field="pages")
    for page in pages:
        if _PAGE.fullmatch(page) is None:
            raise PagesInvalid(f"{page[:80]!r} is not a page path.", field="pages")
    return pages


def checked_widget_key(names: object) -> tuple[str, ...]:
    """The names of path parameters that identify a goods. Raises `WidgetKeyInvalid`."""
    if not isinstance(names, list) or not 0 < len(names) <= WIDGET_KEY_MAX:
        raise WidgetKeyInvalid(field="goodsKey")
    if not all(isinstance(name, str) and is_plain(name) and _PARAMETER.fullmatch(name) for name in names):
        raise WidgetKeyInvalid(field="goodsKey")
    return tuple(names)


def checked_fault(draft: FaultDraft) -> FaultDraft:
    """A fault whose parts fit together. Raises `FaultInvalid` naming the part that does not."""
    wants_code, wants_delay = draft.kind is FaultKind.ERRCODE, draft.kind is FaultKind.DELAY
    if (draft.errcode is not None) != wants_code or draft.errcode == 0:
        raise FaultInvalid("An errcode fault names a code other than 0, and no other fault does.", field="errcode")
    if (draft.delay_ms is not None) != wants_delay or not 1 <= (draft.delay_ms or 1) <= DELAY_MAX_MS:
        raise FaultInvalid(f"A delay is 1 to {DELAY_MAX_MS} ms, and no other fault has one.", field="delay_ms")
    if (draft.remaining is None) == (draft.until is None):
        raise FaultInvalid("A fault lasts for a number of calls or until a time.", field="remaining")
    if draft.remaining is not None and not 1 <= draft.remaining <= CALLS_MAX:
        raise FaultInvalid(f"A fault meets 1 to {CALLS_MAX} calls.", field="remaining")
    return draft


def shares_ahead(limit: int, granted: int) -> int:
    """How many shares of a quota to take beyond those needed now: none of a small one, ever fewer near the limit."""
    return 0 if limit <= LARGE_QUOTA else max(0, min(BLOCK_MAX, (limit - granted) // 100))


def _texts(value: object, field: str) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise PagesInvalid(field=field)
    return value
