"""Papers judged by themselves: numbers with check digits, files that are read, rights of subjects and modes."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.entry.reference.qualifications import rights_page
from liveshelf.media.errors import MediaBroken, MediaTypeRefused
from liveshelf.qualifications import files, numbers, rights
from liveshelf.qualifications.errors import (
    PaperActive,
    PaperLocked,
    PaperNumberInvalid,
    PaperTooLarge,
    PaperTooLong,
    PaperUnreadable,
)
from liveshelf.qualifications.rights import RIGHTS, SUBJECT_PAPERS, SUBJECT_WINDOWS, Action, Mode, Right
from liveshelf.qualifications.types import PaperKind, Subject, Window
from tests.make import pictures
from tests.make.papers import TODAY, card, credit_code, identity, pdf

P, S, E = Subject.PERSON, Subject.SOLE_TRADER, Subject.ENTERPRISE
NO, ALL, AUTH = Right.NO, Right.ALL, Right.AUTHORISED

# Written out by hand from the guides: subject, then self-run, provider, WeCom.
EXPECTED: dict[Action, dict[Subject, tuple[Right, Right, Right]]] = {
    Action.LIST_ORDINARY: {P: (ALL, AUTH, NO), S: (ALL, AUTH, NO), E: (ALL, AUTH, ALL)},
    Action.LIST_CROSS_BORDER: {P: (ALL, AUTH, NO), S: (ALL, AUTH, NO), E: (ALL, AUTH, ALL)},
    Action.LIST_VIRTUAL: {P: (NO, NO, NO), S: (NO, NO, NO), E: (ALL, AUTH, ALL)},
    Action.USE_LIBRARY: {P: (ALL, AUTH, NO), S: (ALL, AUTH, NO), E: (ALL, AUTH, ALL)},
    Action.GO_LIVE: {P: (NO, AUTH, NO), S: (NO, AUTH, NO), E: (ALL, AUTH, ALL)},
    Action.MARKETING: {P: (NO, NO, NO), S: (ALL, NO, NO), E: (ALL, NO, NO)},
    Action.API: {P: (NO, NO, NO), S: (NO, NO, NO), E: (ALL, NO, NO)},
}


@pytest.mark.feature("S-103", half=True)
@pytest.mark.feature("L-108", half=True)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("subject", Subject)
def test_the_table_of_rights_is_the_guides(subject: Subject, action: Action) -> None:
    for mode, expected in zip(Mode, EXPECTED[action][subject], strict=True):
        assert RIGHTS[subject, mode, action] is expected
        assert rights.right(subject, mode, action) is expected


def test_the_docs_show_the_same_table() -> None:
    page = rights_page()
    words = {NO: "—", ALL: "all", AUTH: "authorised"}
    for action in Action:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{action}` |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        assert cells == [words[RIGHTS[subject, mode, action]] for subject in Subject for mode in Mode]


def test_a_subject_has_at_least_the_rights_of_those_below_it() -> None:
    for below, above in ((P, S), (S, E)):
        for mode in Mode:
            for action in Action:
                assert RIGHTS[above, mode, action] is not NO or RIGHTS[below, mode, action] is NO


@pytest.mark.parametrize(
    ("subject", "papers", "window"),
    [
        (P, {PaperKind.IDENTITY_CARD, PaperKind.BANK_CARD}, Window(1, 3)),
        (S, {PaperKind.BUSINESS_LICENCE, PaperKind.CORPORATE_ACCOUNT}, Window(3, 5)),
        (E, {PaperKind.BUSINESS_LICENCE, PaperKind.ACCOUNT_PERMIT}, Window(5, 7)),
    ],
)
def test_each_subject_has_its_papers_and_its_window(subject: Subject, papers: set[PaperKind], window: Window) -> None:
    assert set(SUBJECT_PAPERS[subject]) == papers
    assert SUBJECT_WINDOWS[subject] == window


def test_known_numbers_are_right() -> None:
    # Published examples: GB 11643's own, and two companies' codes from their public registration.
    assert numbers.is_identity("11010519491231002X", TODAY)
    assert numbers.is_identity("440524188001010014", TODAY)
    assert numbers.is_credit_code("91440300708461136T", TODAY)
    assert numbers.is_card("4111111111111111", TODAY)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_seen(at: int, by: int) -> None:
    right = identity(7)
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    assert not numbers.is_identity(wrong, TODAY)


@given(st.integers(2, 7), st.integers(1, 9))
def test_one_wrong_digit_of_a_licence_is_seen(at: int, by: int) -> None:
    right = credit_code(7)
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    assert not numbers.is_credit_code(wrong, TODAY)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (PaperKind.IDENTITY_CARD, "330106199001010000"),
        (PaperKind.IDENTITY_CARD, "330106199013450011"),
        (PaperKind.IDENTITY_CARD, "33010619900101"),
        (PaperKind.IDENTITY_CARD, ""),
        (PaperKind.BUSINESS_LICENCE, "91330106MA00000000"[:-1] + "I"),
        (PaperKind.BUSINESS_LICENCE, "330106199001010000"),
        (PaperKind.BANK_CARD, "4111111111111112"),
        (PaperKind.BANK_CARD, "not a number"),
        (PaperKind.FOOD_LICENCE, ""),
        (PaperKind.FOOD_LICENCE, "x" * 65),
        (PaperKind.FOOD_LICENCE, "a\x00b"),
    ],
)
def test_numbers_that_can_not_be_right_are_refused(kind: PaperKind, text: str) -> None:
    with pytest.raises(PaperNumberInvalid):
        numbers.checked_number(kind, text, today=TODAY)


def test_numbers_are_taken_with_spaces_and_small_letters_and_shown_by_their_end() -> None:
    spaced = f" {identity(3)[:6]} {identity(3)[6:].lower()} "
    assert numbers.checked_number(PaperKind.IDENTITY_CARD, spaced, today=TODAY) == identity(3)
    assert numbers.checked_number(PaperKind.BANK_CARD, card(), today=TODAY) == card()
    assert numbers.masked("1234567890") == "******7890"
    assert numbers.masked("1234567") == "*******"


def test_nobody_is_born_tomorrow() -> None:
    assert not numbers.is_identity(identity(), date(1990, 1, 1))


def test_a_plain_pdf_is_kept_as_it_is() -> None:
    data = pdf(50)
    assert files.read_file(data) == files.PaperFile(data, "application/pdf", 50)


@pytest.mark.parametrize("pages", [51, 200])
def test_a_pdf_of_too_many_pages_is_refused(pages: int) -> None:
    with pytest.raises(PaperTooLong) as refused:
        files.read_file(pdf(pages))
    assert refused.value.context["pages"] == pages


def test_a_pdf_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(PaperTooLarge):
        files.read_file(b"%PDF-1.7\n" + b" " * files.PDF_BYTES_MAX)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pdf() + zipped(),
        zipped() + pdf(),
        pdf(script="app.alert(1)"),
        pdf(attachment=b"MZ"),
        pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%<script>alert(1)</script>\n", 1),
        pdf() + b"<?php phpinfo();",
    ],
    ids=["zip behind", "zip before", "script", "attachment", "page inside", "program behind"],
)
def test_two_things_in_one_file_and_things_that_act_are_refused(data: bytes) -> None:
    with pytest.raises((PaperActive, MediaTypeRefused)):
        files.read_file(data)


def test_a_protected_pdf_is_refused() -> None:
    with pytest.raises(PaperLocked):
        files.read_file(pdf(password="secret"))


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing\n%%EOF", b"%PDF-\n%%EOF", pdf()[:200] + b"\n%%EOF\n"])
def test_a_pdf_that_can_not_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(PaperUnreadable):
        files.read_file(data)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"GIF", b"<html>", zipped()])
def test_what_is_neither_picture_nor_pdf_is_refused(data: bytes) -> None:
    with pytest.raises((MediaTypeRefused, MediaBroken)):
        files.read_file(data)


def test_a_picture_is_encoded_again_so_that_nothing_hides_in_it() -> None:
    hidden = pictures.jpeg(300, 200) + zipped()
    kept = files.read_file(hidden)
    assert (kept.content_type, kept.pages) == ("image/jpeg", 1)
    assert not zipfile.is_zipfile(io.BytesIO(kept.data))
