"""Rows that wait for the end of their transaction, and the one statement that writes them all.

A batch of orders leaves rows in eight tables. A statement a table, or worse a row, costs more in the driver and on the
way than the inserting itself; here all tables are filled by one statement, column by column. Its text depends only on
which columns are filled how, so the driver has it prepared.
"""

from __future__ import annotations

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
_encode = msgspec.json.Encoder().encode


class Rows:
    """What was appended so far, by shape. Rows of one shape keep their order."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[Shape, tuple[list[object], list[tuple[object, ...]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._kept)

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

    def statement(self) -> tuple[str, list[object]]:
        """The statement that writes everything, and its arguments; empties what was kept."""
        kept, self._kept = self._kept, {}
        arguments: list[object] = []
        for shape, (values, rows) in kept.items():
            arguments += values
            by_column: list[Sequence[object]] = list(zip(*rows, strict=True))
            for at in _json_columns(shape):
                by_column[at] = [_as_json(value) for value in by_column[at]]
            arguments += by_column
        return _text(tuple(kept)), arguments


@lru_cache(maxsize=1_000)
def _text(shapes: tuple[Shape, ...]) -> str:
    number, inserts = 1, []
    for table, shared, columns in shapes:
        scalars = [f"${number + at}::{_sent_type(table, name)}::{_type(table, name)}" for at, name in enumerate(shared)]
        number += len(shared)
        # JSON travels as text: the driver's own codec for it belongs to SQLAlchemy.
        arrays = [f"${number + at}::{_sent_type(table, name)}[]" for at, name in enumerate(columns)]
        number += len(columns)
        names = ", ".join(f'"{name}"' for name in (*shared, *columns))
        values = [*scalars, *(f'v."{name}"::{_type(table, name)}' for name in columns)]
        of = ", ".join(f'"{name}"' for name in columns)
        inserts.append(
            f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)}"  # noqa: S608 - names of our own tables
            f" FROM unnest({', '.join(arrays)}) AS v({of})"
        )
    *others, last = inserts
    if not others:
        return last
    return "WITH " + ", ".join(f"w{at} AS ({one})" for at, one in enumerate(others)) + " " + last


def _type(table: Table, name: str) -> str:
    return _TYPES[type(table.c[name].type)]


def _sent_type(table: Table, name: str) -> str:
    return "text" if _is_json(table, name) else _type(table, name)


def _is_json(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, JSONB)


@lru_cache(maxsize=1_000)
def _json_columns(shape: Shape) -> tuple[int, ...]:
    """Which of the columns that vary are JSON. Shared ones never are."""
    table, shared, columns = shape
    if any(_is_json(table, name) for name in shared):
        raise TypeError(f"{table.name}: a JSON column can't be shared by rows")
    return tuple(at for at, name in enumerate(columns) if _is_json(table, name))


def _as_json(value: object) -> str | None:
    return None if value is None else _encode(value).decode()
