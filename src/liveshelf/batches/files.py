"""Reading and writing the files that people work with: CSV as Excel writes it in China and elsewhere, and XLSX.

Everything is text: a cell that a spreadsheet kept as a number comes out as people would read it, and a number too long
for a spreadsheet in its rounded form, so that whoever expects an order's number can say what happened. Hostile files
are bounded before they are unpacked.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter
from python_calamine import CalamineWorkbook

from liveshelf.batches.errors import CellMissing, ColumnsMissing, FileEmpty, FileTooLarge, FileUnreadable, NumberRounded
from liveshelf.batches.types import Column, Table

BYTES_MAX = 2 << 20
ROWS_MAX = 5_000
COLUMNS_MAX = 40
CELL_MAX = 500  # characters; longer ones are cut, no field of ours is longer
_UNPACKED_MAX = 32 << 20  # an XLSX is a zip: judged by its own table of contents before it is unpacked
_WIDEST = 200  # columns that a sheet may reach to
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})""")
_EXACT = 2**53  # above this a spreadsheet's number is no longer exact
_ENCODINGS = ("utf-8-sig", "gb18030")  # Excel in China writes the second
_ROUNDED = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@")


def read_table(data: bytes) -> Table:
    """The first sheet of an XLSX, or a CSV. Raises `FileTooLarge`, `FileUnreadable`, `FileEmpty`. Takes CPU time."""
    if len(data) > BYTES_MAX:
        raise FileTooLarge(field="file", most=BYTES_MAX)
    lines = _xlsx(data) if data[:4] == b"PK\x03\x04" else _csv(data)
    numbered = [(at, line) for at, line in enumerate(lines, 1) if any(line)]
    if len(numbered) < 2:  # noqa: PLR2004 - headings and one row
        raise FileEmpty(field="file")
    if len(numbered) > ROWS_MAX + 1:
        raise FileTooLarge(field="file", most=ROWS_MAX)
    (_, headings), *rows = numbered
    return Table(tuple(headings), tuple((at, tuple(row)) for at, row in rows))


def cells_of(table: Table, columns: Sequence[Column]) -> list[tuple[int, dict[str, str]]]:
    """Each row's cells by the kind's keys. Headings may stand in any order. Raises `ColumnsMissing`."""
    places: dict[str, int] = {}
    for at, heading in enumerate(table.headings):
        name = _folded(heading)
        for column in columns:
            if name in {_folded(title) for title in (column.key, *column.titles)}:
                places.setdefault(column.key, at)
    if missing := [column.titles[0] for column in columns if column.required and column.key not in places]:
        raise ColumnsMissing(field="file", missing=missing)
    return [
        (number, {key: row[at] if at < len(row) else "" for key, at in places.items()}) for number, row in table.rows
    ]


def required(cells: Mapping[str, str], key: str) -> str:
    """The text of a cell. Raises `CellMissing` when it is empty."""
    if not (text := cells.get(key, "").strip()):
        raise CellMissing(column=key, field=key)
    return text


def whole_number(text: str) -> int | None:
    """The number of a cell, `None` when it is none. Raises `NumberRounded` for one that a spreadsheet shortened."""
    text = text.strip()
    if _ROUNDED.fullmatch(text):
        raise NumberRounded(f"The spreadsheet rounded this number to {text}. Format the column as text.", value=text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None  # noqa: PLR2004 - 63 bits


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV that Excel opens right: UTF-8 with its mark, and no cell that it would run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_safe(str(cell)) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


class Sheet:
    """An XLSX that is written row by row in constant memory. Texts stay texts, so long numbers keep their digits."""

    def __init__(self, headings: Sequence[str], widths: Sequence[int] = ()) -> None:
        self._out = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._out, {"constant_memory": True, "strings_to_formulas": False})
        self._sheet = self._book.add_worksheet()
        for at, width in enumerate(widths):
            self._sheet.set_column(at, at, width)
        bold = self._book.add_format({"bold": True, "bg_color": "#eef2f1"})
        self._sheet.write_row(0, 0, headings, bold)
        self._sheet.freeze_panes(1, 0)
        self._text = self._book.add_format({"num_format": "@"})
        self._money = self._book.add_format({"num_format": "0.00"})
        self._rows = 1

    def add(self, cells: Sequence[str | int | float]) -> None:
        """One more row. Floats are yuan; whole numbers are counts; everything else is text."""
        for at, cell in enumerate(cells):
            if isinstance(cell, float):
                self._sheet.write_number(self._rows, at, cell, self._money)
            elif isinstance(cell, int):
                self._sheet.write_number(self._rows, at, cell)
            else:
                self._sheet.write_string(self._rows, at, cell, self._text)
        self._rows += 1

    def close(self) -> bytes:
        """The finished file."""
        self._book.close()
        return self._out.getvalue()


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """A small XLSX at once."""
    sheet = Sheet(headings, [24] * len(headings))
    for row in rows:
        sheet.add(row)
    return sheet.close()


def _xlsx(data: bytes) -> list[list[str]]:
    try:
        _judge_package(data)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        return [[_shown(cell) for cell in row[:COLUMNS_MAX]] for row in sheet.to_python(skip_empty_area=False)]
    except FileTooLarge:
        raise
    # Readers fail in many ways on hostile bytes; each of them means the same to whoever sent them.
    except Exception as error:
        raise FileUnreadable(field="file") from error


def _judge_package(data: bytes) -> None:
    """A sheet is read as a full rectangle, so two cells far apart would take all memory there is."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _UNPACKED_MAX:
            raise FileTooLarge(field="file", most=_UNPACKED_MAX)
        for entry in packed.infolist():
            if "worksheets/" not in entry.filename:
                continue
            sheet = packed.read(entry)
            if b"\0" in sheet:  # XML in another encoding, whose places can't be seen here
                raise FileUnreadable(field="file")
            for letters, number in set(_PLACE.findall(sheet)):
                if int(number) > ROWS_MAX * 2 or _column_no(letters) > _WIDEST:
                    raise FileTooLarge(field="file", most=ROWS_MAX)


def _column_no(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _csv(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    head = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FileUnreadable(field="file") from error
    return [[_bare(cell) for cell in line[:COLUMNS_MAX]] for line in lines[: ROWS_MAX * 2]]


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileUnreadable(field="file")


def _bare(cell: str) -> str:
    # How people keep Excel from rounding: ="123", '123, or a tab in front.
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell.removeprefix("'").strip()[:CELL_MAX]


def _shown(cell: object) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _number(cell)
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return _bare(str(cell))


def _number(cell: float) -> str:
    if not math.isfinite(cell):
        return ""
    if abs(cell) >= _EXACT:
        return f"{cell:.2E}"
    return str(int(cell)) if cell == int(cell) else repr(cell)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _folded(heading: str) -> str:
    return "".join(heading.lower().split()).replace("_", "").rstrip("*：:")
