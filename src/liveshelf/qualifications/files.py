"""Files of papers: pictures, which are encoded again, and PDFs, which are judged and kept as they are.

What can't be read by the people who judge it is refused, and so is whatever could do more than be read: two formats in
one file, scripts, attachments, forms. All of it takes CPU time: call it in a thread.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from liveshelf.media.rules import read_picture
from liveshelf.qualifications.errors import PaperActive, PaperLocked, PaperTooLarge, PaperTooLong, PaperUnreadable

PDF_BYTES_MAX: Final = 20 * 1024 * 1024
PAGES_MAX: Final = 50
_TAIL: Final = re.compile(rb"%%EOF[\r\n \t]{0,16}\Z")
_OTHERS: Final = (b"<html", b"<script", b"<?php", b"<svg", b"<!doctype")
_HEAD: Final = 1024  # bytes in which a browser looks for what a file is
_ACTIVE: Final = ("/JavaScript", "/EmbeddedFiles", "/XFA")


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file as it is kept."""

    data: bytes
    content_type: str
    pages: int


def read_file(data: bytes) -> PaperFile:
    """Check a file, and encode pictures again.

    Raises `PaperTooLarge`, `PaperTooLong`, `PaperLocked`, `PaperActive`, `PaperUnreadable`, and for pictures as
    `media.rules.read_picture`.
    """
    if not data.startswith(b"%PDF-"):
        picture = read_picture(data)
        return PaperFile(picture.data, picture.content_type, 1)
    if len(data) > PDF_BYTES_MAX:
        raise PaperTooLarge(field="file", bytes=len(data), bytes_max=PDF_BYTES_MAX)
    if _TAIL.search(data[-64:]) is None or zipfile.is_zipfile(io.BytesIO(data)) or _has_another_head(data):
        raise PaperActive(field="file")
    return PaperFile(data, "application/pdf", _pages(data))


def _pages(data: bytes) -> int:
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        locked = reader.is_encrypted
        count = 0 if locked else len(reader.pages)
        active = not locked and _is_active(reader)
        whole = locked or count > PAGES_MAX or all(page.mediabox for page in reader.pages)
    # Readers fail in many ways on hostile bytes; each of them means the same to whoever sent them.
    except Exception as error:
        raise PaperUnreadable(field="file") from error
    if locked:
        raise PaperLocked(field="file")
    if count > PAGES_MAX:
        raise PaperTooLong(field="file", pages=count, pages_max=PAGES_MAX)
    if count == 0 or not whole:
        raise PaperUnreadable(field="file")
    if active:
        raise PaperActive(field="file")
    return count


def _is_active(reader: PdfReader) -> bool:
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject):
        return True
    opened: Any = root.get("/OpenAction")
    acts = opened is not None and isinstance(opened.get_object(), DictionaryObject)
    return acts or "/AA" in root or any(name in _ACTIVE for name in _named(root))


def _named(root: DictionaryObject) -> Iterator[str]:
    for key in ("/Names", "/AcroForm"):
        part: Any = root.get(key)
        inside = None if part is None else part.get_object()
        if isinstance(inside, DictionaryObject):
            yield from inside


def _has_another_head(data: bytes) -> bool:
    head = data[:_HEAD].lower()
    return any(mark in head for mark in _OTHERS)
