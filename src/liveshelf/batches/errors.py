"""What can go wrong with files and batches."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class BatchUnknown(Missing):
    """No such batch in this shop, or its time is over."""

    code = "batches.unknown"
    title = "There is no such batch."


class BatchKindUnknown(Missing):
    """Nothing is done with files of this kind."""

    code = "batches.kind_unknown"
    title = "There is no such kind of batch."


class FileUnreadable(Invalid):
    """The file is neither a CSV nor an XLSX that can be read."""

    code = "batches.file_unreadable"
    title = "The file can't be read. Save it as XLSX or CSV and try again."


class FileTooLarge(Invalid):
    """The file is above what one batch takes. `most` says how much that is."""

    code = "batches.file_too_large"
    title = "The file is too large. A batch takes 5,000 rows and 2 MB."


class FileEmpty(Invalid):
    """There is no row below the headings."""

    code = "batches.file_empty"
    title = "The file has no rows."


class ColumnsMissing(Invalid):
    """A heading that the kind needs is not there. `missing` names them."""

    code = "batches.columns_missing"
    title = "Columns are missing. Take the template's headings."


class CellMissing(Invalid):
    """A cell that must be filled is empty. `column` names it."""

    code = "batches.cell_missing"
    title = "A cell that is needed is empty."


class NumberRounded(Invalid):
    """A long number went through a spreadsheet as a number and lost its last digits."""

    code = "batches.number_rounded"
    title = "The spreadsheet rounded this number. Format the column as text, then paste it again."


class RowRepeated(Invalid):
    """An earlier row of the same file asks for the same. `row_no` says which."""

    code = "batches.row_repeated"
    title = "An earlier row of this file is the same."


class BatchNotReady(Conflict):
    """The batch is in another state than this needs. `state` says which."""

    code = "batches.not_ready"
    title = "This can't be done with the batch now."
