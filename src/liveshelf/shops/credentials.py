"""Commands on what a shop's software signs in with: made, changed for another secret, bound to addresses.

Whether a shop may have a credential at all is the caller's to ask (`flows.credentials`). Secrets follow wall time.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import timedelta

from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.signing import digest
from liveshelf.shops import _sql, queries
from liveshelf.shops.errors import (
    AddressesInvalid,
    AddressNotAllowed,
    CredentialUnknown,
    OverlapInvalid,
    SecretWrong,
)
from liveshelf.shops.tokens import is_appid
from liveshelf.shops.types import Credential
from liveshelf.trail.service import record

OVERLAP_MAX = timedelta(hours=72)  # for software that is rolled out over a weekend
ADDRESSES_MAX = 50
USED_EVERY = timedelta(minutes=1)  # how exact "last used" is
_HINT_CHARS = 4
_NOW = timedelta()


async def make_credential(tx: Tx) -> tuple[Credential, str]:
    """A new appid for the transaction's shop with its secret, which is shown this once."""
    secret = secrets.token_hex(16)
    made = Credential(f"wx{secrets.token_hex(8)}", tx.shop, f"gh_{secrets.token_hex(6)}", secret[-_HINT_CHARS:], tx.now)
    await tx.execute(
        _sql.INSERT_CREDENTIAL.values(
            appid=made.appid,
            shop_id=tx.shop,
            original_id=made.original_id,
            secret_hash=digest(secret),
            secret_hint=made.secret_hint,
            addresses=[],
            created_at=tx.now,
        )
    )
    record(tx, "shop.make_credential", f"credential:{made.appid}")
    return made, secret


async def rotate_secret(tx: Tx, appid: str, *, overlap: timedelta = _NOW) -> str:
    """A new secret for an appid of the transaction's shop.

    Without an overlap the old one and every token are worth nothing at once, as after a leak; with one, the old secret
    stays good beside the new one for so long. Raises `CredentialUnknown`, `OverlapInvalid`.
    """
    if not _NOW <= overlap <= OVERLAP_MAX:
        raise OverlapInvalid(field="overlap_hours")
    secret = secrets.token_hex(16)
    until = wall_now() + overlap if overlap else None
    changed = await tx.execute(
        _sql.SET_SECRET, b_appid=appid, b_hash=digest(secret), b_hint=secret[-_HINT_CHARS:], b_until=until
    )
    if not changed.rowcount:
        raise CredentialUnknown
    if not overlap:
        await tx.execute(_sql.END_TOKENS, b_appid=appid, b_wall=wall_now())
    hours = int(overlap.total_seconds() // 3600)
    record(tx, "shop.rotate_secret", f"credential:{appid}", overlap_hours=hours)
    return secret


async def end_previous(tx: Tx, appid: str) -> None:
    """The secret before the present one is worth nothing from now on. Raises `CredentialUnknown`."""
    if not (await tx.execute(_sql.END_PREVIOUS, b_appid=appid)).rowcount:
        raise CredentialUnknown
    record(tx, "shop.end_previous_secret", f"credential:{appid}")


async def set_addresses(tx: Tx, appid: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """The networks from which the credential may sign in; none means any. Raises `AddressesInvalid`."""
    checked = checked_addresses(addresses)
    if not (await tx.execute(_sql.SET_ADDRESSES, b_appid=appid, b_addresses=list(checked))).rowcount:
        raise CredentialUnknown
    record(tx, "shop.set_addresses", f"credential:{appid}", count=len(checked))
    return checked


async def authenticate(tx: ReadTx, appid: str, secret: str) -> Credential:
    """The credential of an appid and its secret. Raises `CredentialUnknown` and `SecretWrong`."""
    row = await tx.one(_sql.CREDENTIAL, b_appid=appid) if is_appid(appid) else None
    if row is None:
        raise CredentialUnknown
    given = digest(secret)
    present = hmac.compare_digest(row.secret_hash, given)
    before = hmac.compare_digest(row.previous_hash or bytes(len(given)), given)
    if not present and not (before and row.previous_until is not None and row.previous_until > wall_now()):
        raise SecretWrong
    return queries.credential_of(row)


def check_address(credential: Credential, address: str) -> None:
    """Raises `AddressNotAllowed` when the credential has a list, and the caller's address is not on it."""
    if credential.addresses and not _is_within(address, credential.addresses):
        raise AddressNotAllowed(address=address)


async def used(tx: Tx, credential: Credential, *, address: str) -> None:
    """The credential signed in just now. `address` is masked. Written once a minute at most."""
    wall = wall_now()
    if credential.used_at is None or wall - credential.used_at > USED_EVERY or credential.used_from != address:
        await tx.execute(_sql.USED, b_appid=credential.appid, b_wall=wall, b_from=address)


def checked_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """The list as it is kept: networks in their usual form, each once. Raises `AddressesInvalid`."""
    if len(addresses) > ADDRESSES_MAX:
        raise AddressesInvalid(field="addresses")
    found: dict[str, None] = {}
    for at, text in enumerate(addresses):
        try:
            found[str(ipaddress.ip_network(text.strip(), strict=False))] = None
        except ValueError as error:
            raise AddressesInvalid(field=f"addresses.{at}") from error
    return tuple(found)


def _is_within(address: str, networks: Sequence[str]) -> bool:
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(asked, ipaddress.IPv6Address) and asked.ipv4_mapped is not None:
        asked = asked.ipv4_mapped  # how a socket for both kinds shows an IPv4 caller
    return any(asked in ipaddress.ip_network(one) for one in networks)
