"""Rows that wait for the end of their transaction, and the one statement that writes them all.

A batch of orders leaves rows in eight tables. A statement a table, or worse a row, costs more in the driver and on the
way than the inserting itself; here all tables are filled by one statement, column by column. Its text depends only on
which columns are filled how, so the driver has it prepared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias, cast

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
_WRITTEN = {*_NUMBERS, "text", "timestamptz"}
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
            arguments += [
                write(column) if write else column
                for write, column in zip(_writers(shape), zip(*rows, strict=True), strict=True)
            ]
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
    """How a column's values travel: numbers, texts and instants all in one text, which takes the driver a fraction of
    the time. JSON as text, since the driver's codec for it belongs to SQLAlchemy.
    """
    of = "text" if _is_json(table, name) else _type(table, name)
    return f"text::{of}[]" if of in _WRITTEN else f"{of}[]"


def _is_json(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, JSONB)


@lru_cache(maxsize=1_000)
def _writers(shape: Shape) -> tuple[Callable[[Sequence[Any]], object] | None, ...]:
    """How each of the columns that vary is written; `None` leaves it to the driver. Shared ones are never JSON."""
    table, shared, columns = shape
    if any(_is_json(table, name) for name in shared):
        raise TypeError(f"{table.name}: a JSON column can't be shared by rows")
    return tuple(_writer(table, name) for name in columns)


def _writer(table: Table, name: str) -> Callable[[Sequence[Any]], object] | None:
    of = _type(table, name)
    if of in _NUMBERS:
        return _numbers
    writers: dict[str, Callable[[Sequence[Any]], object]] = {"jsonb": _jsons, "text": texts, "timestamptz": _instants}
    return writers.get(of)


def _numbers(values: Sequence[int | None]) -> str:
    return "{" + ",".join(["NULL" if one is None else str(int(one)) for one in values]) + "}"


def _instants(values: Sequence[datetime | None]) -> str:
    written = {one: "NULL" if one is None else f'"{one.isoformat()}"' for one in set(values)}  # few are different
    return "{" + ",".join([written[one] for one in values]) + "}"


def texts(values: Sequence[str | None]) -> str:
    """An array as PostgreSQL reads one, all of it quoted at once. Between the texts stands what no column can hold."""
    if None not in values and values:
        together = "\0".join(cast("Sequence[str]", values))
        if together.count("\0") == len(values) - 1:
            return '{"' + _escaped(together).replace("\0", '","') + '"}'
    return "{" + ",".join(["NULL" if one is None else f'"{_escaped(one)}"' for one in values]) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _jsons(values: Sequence[object]) -> str:
    return texts([None if one is None else _encode(one).decode() for one in values])
