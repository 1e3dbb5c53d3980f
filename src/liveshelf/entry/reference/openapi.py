"""The native API's OpenAPI document, made without a database: nothing is asked while it is described."""

from __future__ import annotations

import json
from typing import Any

from liveshelf.entry.reference.tables import page as markdown_page
from liveshelf.entry.reference.tables import table
from liveshelf.facades.native.app import native_app

_METHODS = ("get", "post", "put", "patch", "delete")


def document() -> dict[str, Any]:
    """The document as plain values."""
    schema: dict[str, Any] = native_app().openapi_schema.to_schema()
    return schema


def text() -> str:
    """The document as it is committed: sorted, so that a change shows as that change alone."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def page(of: dict[str, Any]) -> str:
    """Every call by tag."""
    by_tag: dict[str, list[tuple[str, str, str]]] = {}
    for path, operations in sorted(of["paths"].items()):
        for method in _METHODS:
            if operation := operations.get(method):
                tag = (operation.get("tags") or ["other"])[0]
                said = operation.get("description") or operation.get("summary") or ""
                by_tag.setdefault(tag, []).append((f"`{method.upper()}`", f"`{path}`", said))
    parts = [
        part
        for tag, rows in sorted(by_tag.items())
        for part in (f"## {tag}", table(("method", "path", "what it does"), rows))
    ]
    intro = (
        "The whole document is [openapi.json](openapi.json). Names are snake_case; amounts are integers in fen and end "
        "in `_fen`; instants are ISO 8601 in UTC; ids of more than 32 bits are strings; a write that creates or costs "
        "money carries a `request_id` made by the caller, and the same id has its effect once. Refusals are "
        "problem+json, see [errors](errors.md)."
    )
    return markdown_page("Native API", intro, *parts)
