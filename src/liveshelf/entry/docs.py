"""The reference pages of the docs, made from the code, so that they can't say what is not so.

`write_reference` writes them, `check_reference` tells which would change. The folder is `docs/reference` of a checkout:
the list of features is read from beside it, their tests from the checkout's `tests`.
"""

from __future__ import annotations

from pathlib import Path

from liveshelf.entry import registry
from liveshelf.entry.reference import openapi, pages, qualifications, states
from liveshelf.entry.reference.features import features_page
from liveshelf.facades.wechat.coverage import coverage_page

openapi_text = openapi.text


def write_reference(folder: Path) -> None:
    """Write every page, and delete those that are made no more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _contents(folder)
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for path in _left_over(folder, wanted):
        path.unlink()


def check_reference(folder: Path) -> list[str]:
    """The pages that are not as the code says: missing, different, or no longer made."""
    wanted = _contents(folder)
    stale = [
        name for name, text in wanted.items() if not (folder / name).exists() or (folder / name).read_text() != text
    ]
    return sorted([*stale, *(path.relative_to(folder).as_posix() for path in _left_over(folder, wanted))])


def _contents(folder: Path) -> dict[str, str]:
    registry.everything()
    document = openapi.document()
    return {
        "index.md": pages.index_page(),
        "settings.md": pages.settings_page(),
        "errors.md": pages.errors_page(),
        "events.md": pages.events_page(),
        "clocks.md": pages.clocks_page(),
        "states.md": states.states_page(),
        "categories.md": qualifications.categories_page(),
        "rights.md": qualifications.rights_page(),
        **{f"states/{name}.svg": picture for name, picture in states.pictures().items()},
        "wire.md": coverage_page(),
        "openapi.md": openapi.page(document),
        "openapi.json": openapi.text(),
        "features.md": features_page(folder.parent / "features.csv", folder.parents[1] / "tests"),
    }


def _left_over(folder: Path, wanted: dict[str, str]) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted
    ]
