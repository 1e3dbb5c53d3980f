"""Rows that wait for the end of their transaction, and the one statement that writes them all.

A batch of orders leaves rows in eight tables. A statement a table, or worse a row, costs more in the driver and on the
way than the inserting itself; here all tables are filled by one statement, column by column. Its text depends only on
which columns are filled how, so the driver has it prepared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import msgspec
from sqlalchemy import BigInteger, Boolean, DateTime, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

Shape: TypeAlias = tuple[
    Table, tuple[str, ...], tuple[str, ...]
]  # table, columns shared by all rows, columns that vary

_TYPES = {
    BigInteger: "bigint",
    Integer: "integer",
    SmallInteger: "smallint",
    Text: "text",
    DateTime: "timestamptz",
    LargeBinary: "bytea",
    Boolean: "boolean",
    JSONB: "jsonb",
}
_NUMBERS = {"bigint", "integer", "smallint"}
_NUMBERED = re.compile(r"\$(\d+)")
_encode = msgspec.json.Encoder().encode


class Rows:
    """What was appended so far, by shape. Rows of one shape keep their order."""

    __slots__ = ("_changes", "_kept")

    def __init__(self) -> None:
        self._changes: list[tuple[str, list[object], int]] = []
        self._kept: dict[Shape, tuple[list[object], list[tuple[object, ...]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._kept or self._changes)

    def add(self, table: Table, row: Mapping[str, object]) -> None:
        """One row; columns that it does not name stay empty."""
        _, rows = self._kept.setdefault((table, (), tuple(row)), ([], []))
        rows.append(tuple(row.values()))

    def add_many(
        self, table: Table, shared: Mapping[str, object], columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Rows that have the `shared` values in common and differ in `columns`. One set of shared values a shape and
        transaction: another one is kept apart as ordinary rows.
        """
        if not rows:
            return
        values, kept = self._kept.setdefault((table, tuple(shared), columns), (list(shared.values()), []))
        if values == list(shared.values()):
            kept.extend(rows)
            return
        for row in rows:
            self.add(table, {**shared, **dict(zip(columns, row, strict=True))})

    def add_change(self, text: str, arguments: list[object], rows: int) -> None:
        """A statement that changes rows and returns each: exactly so many."""
        self._changes.append((text, arguments, rows))

    def statement(self) -> tuple[str, list[object], list[int]]:
        """The statement that writes everything, its arguments, and how many rows each change in it is to return;
        empties what was kept.
        """
        kept, self._kept = self._kept, {}
        changes, self._changes = self._changes, []
        arguments = [argument for _, given, _ in changes for argument in given]
        for shape, (values, rows) in kept.items():
            arguments += values
            by_column: list[Sequence[object]] = list(zip(*rows, strict=True))
            json_columns, number_columns = _columns(shape)
            for at in json_columns:
                by_column[at] = [_as_json(value) for value in by_column[at]]
            arguments += (_as_literal(c) if at in number_columns else c for at, c in enumerate(by_column))
        before = tuple((text, len(given)) for text, given, _ in changes)
        return _text(before, tuple(kept)), arguments, [rows for _, _, rows in changes]


@lru_cache(maxsize=1_000)
def _text(changes: tuple[tuple[str, int], ...], shapes: tuple[Shape, ...]) -> str:
    number, parts = 1, []
    for text, many in changes:
        first = number
        parts.append(_NUMBERED.sub(lambda found: f"${int(found[1]) + first - 1}", text))  # noqa: B023 - used at once
        number += many
    for table, shared, columns in shapes:
        scalars = [f"${number + at}::{_type(table, name)}" for at, name in enumerate(shared)]
        number += len(shared)
        arrays = [f"${number + at}::{_sent_type(table, name)}" for at, name in enumerate(columns)]
        number += len(columns)
        names = ", ".join(f'"{name}"' for name in (*shared, *columns))
        values = [*scalars, *(f'v."{name}"::{_type(table, name)}' for name in columns)]
        of = ", ".join(f'"{name}"' for name in columns)
        parts.append(
            f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)}"  # noqa: S608 - names of our own tables
            f" FROM unnest({', '.join(arrays)}) AS v({of})"
        )
    counts = ", ".join(f"(SELECT count(*) FROM w{at})" for at in range(len(changes)))  # noqa: S608 - numbers
    return "WITH " + ", ".join(f"w{at} AS ({one})" for at, one in enumerate(parts)) + f" SELECT {counts}"


def _type(table: Table, name: str) -> str:
    return _TYPES[type(table.c[name].type)]


def _sent_type(table: Table, name: str) -> str:
    """How a column's values travel. JSON as text, since the driver's codec for it belongs to SQLAlchemy; many numbers
    as one text, which takes the driver a third of the time.
    """
    if _is_json(table, name):
        return "text[]"
    of = _type(table, name)
    return f"text::{of}[]" if of in _NUMBERS else f"{of}[]"


def _is_json(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, JSONB)


@lru_cache(maxsize=1_000)
def _columns(shape: Shape) -> tuple[tuple[int, ...], frozenset[int]]:
    """Which of the columns that vary are JSON, and which are numbers. Shared ones are never JSON."""
    table, shared, columns = shape
    if any(_is_json(table, name) for name in shared):
        raise TypeError(f"{table.name}: a JSON column can't be shared by rows")
    return (
        tuple(at for at, name in enumerate(columns) if _is_json(table, name)),
        frozenset(at for at, name in enumerate(columns) if _type(table, name) in _NUMBERS),
    )


def _as_literal(numbers: Sequence[object]) -> str:
    return "{" + ",".join(["NULL" if one is None else str(int(one)) for one in numbers]) + "}"  # type: ignore[call-overload]


def _as_json(value: object) -> str | None:
    return None if value is None else _encode(value).decode()
