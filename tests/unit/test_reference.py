"""The generator of the reference pages."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from liveshelf.entry import registry
from liveshelf.entry.docs import check_reference, write_reference
from liveshelf.entry.reference import openapi, states
from liveshelf.entry.reference.features import features_page, marks
from liveshelf.entry.reference.tables import table

LIST = """id,owner,seed,area,kind,rule,check
A-1,house,seed,area,E,One thing,check
A-2,house,seed,area,E,Another thing,check
B-1,room,seed,area,E,A third thing,check
"""
TESTS = """
import pytest

ROWS = [pytest.param(1, marks=pytest.mark.feature("A-2"))]


@pytest.mark.feature("A-1")
def test_one(): ...


class TestSome:
    @pytest.mark.feature("B-1", half=True)
    async def test_two(self): ...
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The docs folder of a small checkout."""
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    (tmp_path / "tests" / "unit" / "test_it.py").write_text(TESTS)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "features.csv").write_text(LIST)
    return tmp_path / "docs"


def test_markers_are_found_at_tests_methods_and_tables(docs: Path) -> None:
    found = {(mark.feature, mark.test, mark.half) for mark in marks(docs.parent / "tests")}
    assert found == {
        ("A-1", "tests/unit/test_it.py::test_one", False),
        ("A-2", "tests/unit/test_it.py::ROWS", False),
        ("B-1", "tests/unit/test_it.py::TestSome::test_two", True),
    }


def test_features_are_counted_by_owner(docs: Path) -> None:
    page = features_page(docs / "features.csv", docs.parent / "tests")
    assert "**2 done, 1 half, 0 not done, of 3.**" in page
    assert "| house | 2 | 0 | 0 | 2 |" in page
    assert "| room | 0 | 1 | 0 | 1 |" in page


def test_a_feature_without_a_test_is_not_done(docs: Path) -> None:
    (docs.parent / "tests" / "unit" / "test_it.py").write_text("")
    assert "**0 done, 0 half, 3 not done, of 3.**" in features_page(docs / "features.csv", docs.parent / "tests")


def test_what_was_written_is_up_to_date_until_something_changes(docs: Path) -> None:
    folder = docs / "reference"
    write_reference(folder)
    assert check_reference(folder) == []
    (folder / "errors.md").write_text("something else")
    (folder / "clocks.md").unlink()
    (folder / "old.md").write_text("no longer made")
    assert check_reference(folder) == ["clocks.md", "errors.md", "old.md"]
    write_reference(folder)
    assert check_reference(folder) == []


def test_every_state_machine_is_drawn_whole() -> None:
    registry.everything()
    assert {"live goods audit", "room", "order", "payment", "review case", "stock hold"} <= set(states.machines())
    for name, machine in states.machines().items():
        drawn = ET.fromstring(states.pictures()[name.replace(" ", "-")])  # noqa: S314 - our own
        texts = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
        edges = [path for path in drawn.iter("{http://www.w3.org/2000/svg}path") if path.get("marker-end")]
        assert texts == {state.value for state in type(next(iter(machine.initial)))}
        assert len(edges) == sum(len(nexts) for nexts in machine.edges.values())


def test_the_openapi_document_needs_no_database() -> None:
    document = json.loads(openapi.text())
    assert document["openapi"].startswith("3.1")
    assert "/v1/session" in document["paths"]


def test_a_table_cell_can_hold_anything() -> None:
    assert table(["a"], [["one | two\nthree"]]) == "| a |\n| --- |\n| one \\| two three |"
