"""Files as people send them: Excel's encodings and its rounding, odd forms, and hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from liveshelf.batches.errors import ColumnsMissing, FileEmpty, FileTooLarge, FileUnreadable, NumberRounded
from liveshelf.batches.files import ROWS_MAX, cells_of, read_table, whole_number, write_csv, write_xlsx
from liveshelf.flows.ship_file import COLUMNS

HEADINGS = ["订单编号", "快递公司", "运单号"]
ORDER = "251234567890123456"
CSV = f"订单编号,快递公司,运单号\n{ORDER},顺丰速运,SF1234567890123\n"


def xlsx(*rows: Sequence[object]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        b"\xef\xbb\xbf" + CSV.encode(),
        CSV.encode("gb18030"),
        CSV.encode("utf-16"),
        CSV.replace(",", "\t").encode("utf-16"),
        CSV.replace(",", ";").encode(),
        CSV.replace("\n", "\r\n").encode("gbk"),
        f'订单号,物流公司,快递单号\n="{ORDER}",顺丰速运,\'SF1234567890123\n'.encode(),
        f"\n\n运单号,订单编号,快递公司\nSF1234567890123,{ORDER},顺丰速运\n".encode(),
        xlsx(HEADINGS, [ORDER, "顺丰速运", "SF1234567890123"]),
        write_xlsx(HEADINGS, [[ORDER, "顺丰速运", "SF1234567890123"]]),
        write_csv(HEADINGS, [[ORDER, "顺丰速运", "SF1234567890123"]]),
    ],
)
def test_one_file_in_many_forms(data: bytes):
    ((_, cells),) = cells_of(read_table(data), COLUMNS)
    assert cells == {"order_id": ORDER, "carrier": "顺丰速运", "tracking_no": "SF1234567890123"}


@pytest.mark.parametrize("text", ["2.02E+18", "2.02e18", "2E+18", " 2.51234567890123E+17 "])
def test_a_number_that_excel_rounded_is_named_as_such(text: str):
    with pytest.raises(NumberRounded):
        whole_number(text)


def test_a_number_cell_of_an_order_is_seen_to_be_rounded():
    ((_, cells),) = cells_of(read_table(xlsx(HEADINGS, [float(ORDER), "顺丰", "SF1"])), COLUMNS)
    with pytest.raises(NumberRounded):
        whole_number(cells["order_id"])


@pytest.mark.parametrize("text", ["", "-1", "1.5", "１２３", "9" * 20, "abc", "1e308", "0x10"])
def test_what_is_no_number_is_none(text: str):
    try:
        assert whole_number(text) is None
    except NumberRounded:
        assert text == "1e308"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", FileEmpty),
        (b"\xff\xff\xff\x00", FileUnreadable),
        (b"PK\x03\x04 but no zip", FileUnreadable),
        ("订单编号,快递公司,运单号\n".encode(), FileEmpty),
        (b"a\0b\n1\n", FileUnreadable),
        (b"x" * ((2 << 20) + 1), FileTooLarge),
        (("订单编号\n" + "1\n" * (ROWS_MAX + 1)).encode(), FileTooLarge),
    ],
)
def test_what_is_no_file_of_rows_is_refused(data: bytes, error: type[Exception]):
    with pytest.raises(error):
        read_table(data)


def test_a_heading_that_is_missing_is_named():
    with pytest.raises(ColumnsMissing) as caught:
        cells_of(read_table("订单编号,快递公司\n1,2\n".encode()), COLUMNS)
    assert caught.value.context["missing"] == ["运单号"]


def test_a_sheet_that_reaches_far_out_is_refused_before_it_is_unrolled():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "订单编号")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    with pytest.raises(FileTooLarge):
        read_table(out.getvalue())


def test_a_zip_that_unpacks_without_end_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (40 << 20))
    with pytest.raises(FileTooLarge):
        read_table(out.getvalue())


def test_what_is_written_is_text_and_never_a_formula():
    rows = [["=1+1", ORDER, "+86"], ["@x", "-1", "a"]]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx(["a", "b", "c"], rows))).get_sheet_by_index(0)
    assert sheet.to_python()[1:] == rows
    assert b"'=1+1" in write_csv(["a", "b", "c"], rows)
