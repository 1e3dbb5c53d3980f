"""The checkout as a stranger gets it: nothing of the machine it was written on, nothing unfinished."""

from __future__ import annotations

import re

from tests.tidy.tree import ROOT, tracked

# Written in pieces, so that this file does not find itself.
MACHINE = re.compile(
    r"(^|[^a-z.])/" + "work/" + r"|/tmp/" + "bash_" + r"jobs|/home/(?!user\b|liveshelf\b)\w+/|/Users/\w+/"
)
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|X" + "XX)" + r"\b")
BINARY = {".png", ".jpg", ".ico", ".woff2", ".gif"}
TEXT = [path for path in tracked() if path.suffix not in BINARY and path.name != "LICENSE"]
LOCKS = (*(path.name for path in sorted(ROOT.glob("requirements*.lock"))), "web/package-lock.json")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEXT
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert lines_with(MACHINE) == []


def test_nothing_is_left_to_be_finished() -> None:
    assert lines_with(UNFINISHED) == []


def test_locks_have_hashes_and_no_addresses() -> None:
    assert len(LOCKS) > 5
    for name in LOCKS:
        text = (ROOT / name).read_text()
        assert "sha256:" in text or '"integrity"' in text, name
        assert not re.search(r"https?://[^\"\s]*(/simple|/packages/|/-/)", text), name


def test_the_readme_begins_with_the_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        head = (ROOT / name).read_text().splitlines()[:8]
        assert any(line.startswith("script/server") for line in head), name
        assert any(line.startswith("script/test") for line in head), name
