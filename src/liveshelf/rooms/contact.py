"""Where buyers of a broadcast reach somebody: the shop's customer service (客服)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _people_sql
from liveshelf.rooms.errors import ContactInvalid
from liveshelf.trail import service as trail

URL_MAX = 500
HOURS_MAX = 60
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,23}")


@dataclass(frozen=True, slots=True)
class Contact:
    """An address that opens a chat, a phone number, or both; and when somebody is there, in the shop's words."""

    url: str
    phone: str
    hours: str


async def read(tx: ReadTx) -> Contact | None:
    """The shop's customer service, or `None` while it has said nothing."""
    row = await tx.one(_people_sql.CONTACT)
    return None if row is None else Contact(row.url, row.phone, row.hours)


async def set_contact(tx: Tx, wanted: Contact) -> Contact:
    """Say where customer service is. Rooms whose entrance is open lead there from now on. Raises `ContactInvalid`."""
    found = checked(wanted)
    await tx.execute(
        _people_sql.PUT_CONTACT,
        url=found.url,
        phone=found.phone,
        hours=found.hours,
        changed_by=str(tx.actor),
        changed_at=tx.now,
        shop_id=tx.shop,
    )
    trail.record(tx, "rooms.set_contact", f"shop:{tx.shop}")
    return found


def checked(wanted: Contact) -> Contact:
    """The contact as it is kept. Raises `ContactInvalid`."""
    url, phone, hours = wanted.url.strip(), wanted.phone.strip(), wanted.hours.strip()
    if not url and not phone:
        raise ContactInvalid(field="url")
    if url and not _is_address(url):
        raise ContactInvalid(field="url")
    if phone and not _PHONE.fullmatch(phone):
        raise ContactInvalid(field="phone")
    if len(hours) > HOURS_MAX or not is_plain(hours):
        raise ContactInvalid(field="hours")
    return Contact(url, phone, hours)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        len(url) <= URL_MAX
        and is_plain(url)
        and " " not in url
        and parts.scheme == "https"
        and bool(parts.hostname)
        and not parts.username
    )
