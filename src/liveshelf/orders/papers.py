"""What a buyer sends along with an order: a note (买家留言), and what the invoice is to say (发票抬头).

Pure: the rules, and how both are sealed together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

from liveshelf.kernel.text import is_plain, mask
from liveshelf.orders.errors import InvoiceInvalid, NoteInvalid

NOTE_MAX = 200
TITLE_MAX = 100
EMAIL_MAX = 100
TAX_NO_LEN = 18
PURPOSE = "order-papers"

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
# GB 32100: 17 characters and a check character, all of an alphabet that leaves out I, O, S, V and Z.
_TAX_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_TAX_WEIGHTS = tuple(pow(3, place, 31) for place in range(TAX_NO_LEN - 1))


class InvoiceKind(StrEnum):
    """Whom the invoice is made out to."""

    PERSONAL = "personal"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Invoice:
    """What the invoice is to say. A company has a tax number, a person none; `email` may be empty."""

    kind: InvoiceKind
    title: str
    tax_no: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """Note and invoice of one order; at least one of them is there."""

    note: str
    invoice: Invoice | None


@dataclass(frozen=True, slots=True)
class SealedPapers:
    """Papers as they are kept, and a keyed hash by which the same request is known again."""

    cipher: bytes
    hash: bytes


class Sealer(Protocol):
    """The part of the installation's keys that keeps papers."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        """A keyed hash."""
        ...

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """An authenticated cipher text."""
        ...


class Opener(Protocol):
    """The part of the installation's keys that reads papers."""

    def decrypt(self, purpose: str, sealed: bytes) -> str:
        """What was encrypted."""
        ...


def check_papers(note: str, invoice: Invoice | None) -> Papers | None:
    """Note and invoice as they are kept, or `None` when there is neither. Raises `NoteInvalid`, `InvoiceInvalid`."""
    note = note.strip()
    if len(note) > NOTE_MAX or not is_plain(note.replace("\n", "")):
        raise NoteInvalid(field="note")
    checked = None if invoice is None else check_invoice(invoice)
    return Papers(note, checked) if note or checked else None


def check_invoice(invoice: Invoice) -> Invoice:
    """The invoice as it is kept. Raises `InvoiceInvalid`."""
    title, tax_no, email = invoice.title.strip(), invoice.tax_no.strip().upper(), invoice.email.strip()
    if not 1 <= len(title) <= TITLE_MAX or not is_plain(title):
        raise InvoiceInvalid(f"A title has 1 to {TITLE_MAX} characters.", field="invoice.title")
    if invoice.kind is InvoiceKind.PERSONAL and tax_no:
        raise InvoiceInvalid("A person's invoice has no tax number.", field="invoice.tax_no")
    if invoice.kind is InvoiceKind.COMPANY and not is_tax_no(tax_no):
        raise InvoiceInvalid("This is no unified social credit code.", field="invoice.tax_no")
    if email and (len(email) > EMAIL_MAX or _EMAIL.fullmatch(email) is None):
        raise InvoiceInvalid("This is no e-mail address.", field="invoice.email")
    return Invoice(invoice.kind, title, tax_no, email)


def is_tax_no(text: str) -> bool:
    """Whether the text is a unified social credit code (统一社会信用代码): its last character checks the others."""
    if len(text) != TAX_NO_LEN or any(char not in _TAX_ALPHABET for char in text):
        return False
    worth = sum(_TAX_ALPHABET.index(char) * weight for char, weight in zip(text[:-1], _TAX_WEIGHTS, strict=True))
    return _TAX_ALPHABET[-worth % 31] == text[-1]


def masked(invoice: Invoice) -> Invoice:
    """The invoice for who need not know all of it: a person's name, tax number and address are cut short."""
    title = mask(invoice.title, shown=1) if invoice.kind is InvoiceKind.PERSONAL else invoice.title
    return Invoice(invoice.kind, title, mask(invoice.tax_no), mask(invoice.email))


def seal_papers(keys: Sealer, papers: Papers) -> SealedPapers:
    """Papers as they are stored."""
    plain = msgspec.json.encode(papers)
    return SealedPapers(keys.encrypt(PURPOSE, plain.decode()), keys.mac(PURPOSE, plain))


def open_papers(keys: Opener, sealed: bytes) -> Papers:
    """The papers of their stored form. Raises `SealBrokenError` when that was changed."""
    return msgspec.json.decode(keys.decrypt(PURPOSE, sealed), type=Papers)
