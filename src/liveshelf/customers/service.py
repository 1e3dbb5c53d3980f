"""Commands: make guests, recognise, register, sign in and out, erase, and login codes. Sessions and codes follow
wall time.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from liveshelf.customers import _sql, queries, rules
from liveshelf.customers._tables import customer_sessions
from liveshelf.customers._tables import customers as customer_table
from liveshelf.customers.errors import AlreadyMember, BuyerUnknown, CodeInvalid, CodeUsed, NoDemoBuyers, PhoneTaken
from liveshelf.customers.types import Customer, CustomerKind, LoginCode, SealedPhone
from liveshelf.kernel.ids import CustomerId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx, constraint
from liveshelf.platform.signing import digest

SESSION_LIFE = timedelta(days=180)
CODE_LIFE = timedelta(minutes=5)
SESSION_KEY_BYTES = 16

recognise = queries.recognise


async def make_guest(tx: Tx) -> tuple[Customer, str]:
    """A new guest and the token of its session, shown once."""
    customer_id = CustomerId(await tx.next_number("customer"))
    guest = Customer(customer_id, rules.new_openid(), CustomerKind.GUEST, rules.guest_name(customer_id), demo=False)
    await tx.conn.execute(_sql.INSERT, [_row(tx, guest)])
    return guest, await start_session(tx, customer_id)


async def make_guests(tx: Tx, many: int) -> list[tuple[Customer, str]]:
    """Many new guests with their sessions' tokens, with two statements."""
    first = await tx.next_number("customer", many=many)
    wall = wall_now()
    made = []
    for customer_id in map(CustomerId, range(first, first + many)):
        guest = Customer(customer_id, rules.new_openid(), CustomerKind.GUEST, rules.guest_name(customer_id), demo=False)
        made.append((guest, secrets.token_urlsafe(32)))
    tx.append_many(
        customer_table,
        {"kind": CustomerKind.GUEST, "demo": False, "created_at": tx.now},
        ("customer_id", "openid", "name"),
        [(guest.customer_id, guest.openid, guest.name) for guest, _ in made],
    )
    tx.append_many(
        customer_sessions,
        {"created_at": wall, "expires_at": wall + SESSION_LIFE},
        ("token_hash", "customer_id"),
        [(digest(token), guest.customer_id) for guest, token in made],
    )
    return made


async def make_member(
    tx: Tx, *, name: str, phone: SealedPhone | None, password_hash: str | None, demo: bool = False
) -> Customer:
    """A member from nothing, for demo data and imports. Raises `PhoneTaken`, `CustomerInvalid`."""
    customer_id = CustomerId(await tx.next_number("customer"))
    member = Customer(customer_id, rules.new_openid(), CustomerKind.MEMBER, rules.clean_name(name), demo)
    made = await tx.scalar(_sql.INSERT_MEMBER.values(**_row(tx, member, phone, password_hash)))
    if made is None:
        raise PhoneTaken(field="phone")
    return member


async def start_session(tx: Tx, customer_id: CustomerId) -> str:
    """A new session's token, shown once; 256 random bits, valid for `SESSION_LIFE` of wall time."""
    token = secrets.token_urlsafe(32)
    wall = wall_now()
    await tx.execute(
        _sql.INSERT_SESSION.values(
            shop_id=tx.shop,
            token_hash=digest(token),
            customer_id=customer_id,
            created_at=wall,
            expires_at=wall + SESSION_LIFE,
        )
    )
    return token


async def end_session(tx: Tx, token: str) -> None:
    """Sign out. An unknown token is no error."""
    await tx.execute(_sql.DELETE_SESSION, token=digest(token))


async def register(tx: Tx, customer_id: CustomerId, *, name: str, phone: SealedPhone, password_hash: str) -> Customer:
    """Make the guest a member, with all that is theirs already. Raises `PhoneTaken`, `AlreadyMember`,
    `CustomerInvalid`.
    """
    name = rules.clean_name(name)
    if await tx.scalar(_sql.PHONE_TAKEN, phone=phone.hash) is not None:
        raise PhoneTaken(field="phone")
    try:
        row = await tx.one(
            _sql.PROMOTE,
            customer=customer_id,
            b_name=name,
            cipher=phone.cipher,
            hash=phone.hash,
            tail=phone.tail,
            password=password_hash,
        )
    except IntegrityError as error:
        if "phone_hash" not in constraint(error):
            raise
        raise PhoneTaken(field="phone") from error
    if row is None:
        raise AlreadyMember
    return queries.customer(row)


async def merge(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> bool:
    """The guest is this member from now on: its sessions end. False when it is no guest (any more).

    Locks the guest's row alone, so orders under way are committed before their new owner is written by the caller.
    """
    row = await tx.one(_sql.LOCK_ALONE, customer=guest_id)
    if row is None or row.kind != CustomerKind.GUEST or guest_id == member_id:
        return False
    await tx.execute(_sql.MERGE, customer=guest_id, member=member_id)
    await tx.execute(_sql.DELETE_SESSIONS, customer=guest_id)
    await tx.execute(_sql.DELETE_CODES, customer=guest_id)
    await _take_addresses(tx, guest_id, member_id)
    return True


async def present(tx: Tx, customer_ids: Iterable[CustomerId]) -> dict[CustomerId, CustomerId]:
    """Who acts now, by who asked: a merged guest leads to its member; who was erased is absent. Holds until the
    commit.
    """
    rows = await tx.quick(_sql.PRESENT, ids=sorted(set(customer_ids)))
    return {
        CustomerId(row.customer_id): CustomerId(row.merged_into or row.customer_id)
        for row in rows
        if row.erased_at is None
    }


async def lock(tx: Tx, customer_id: CustomerId) -> None:
    """Nobody else changes what is this customer's own until the commit; their orders under way go on. Raises
    `BuyerUnknown`.
    """
    if await tx.scalar(_sql.LOCK_BOOK, customer=customer_id) is None:
        raise BuyerUnknown


async def rename(tx: Tx, customer_id: CustomerId, name: str) -> Customer:
    """Another name. Raises `CustomerInvalid`, `BuyerUnknown`."""
    row = await tx.one(_sql.RENAME, customer=customer_id, b_name=rules.clean_name(name))
    if row is None:
        raise BuyerUnknown
    return queries.customer(row)


async def erase(tx: Tx, customer_id: CustomerId) -> None:
    """Forget name, phone, password and addresses, end every session; what was bought stays, without them."""
    await tx.execute(_sql.ERASE, customer=customer_id, b_name=rules.NAME_ERASED, now_=tx.now)
    await tx.execute(_sql.DELETE_SESSIONS, customer=customer_id)
    await tx.execute(_sql.DELETE_CODES, customer=customer_id)
    await tx.execute(_sql.DELETE_ADDRESSES, customer=customer_id)


async def become_demo_buyer(tx: Tx, customer_id: CustomerId) -> tuple[Customer, str]:
    """A session of a demo buyer, whoever asks. Raises `NoDemoBuyers`: the caller checks that demo data is on."""
    found = next((one for one in await queries.demo_buyers(tx) if one.customer_id == customer_id), None)
    if found is None:
        raise NoDemoBuyers
    return found, await start_session(tx, customer_id)


async def mint_code(tx: Tx, customer_id: CustomerId) -> LoginCode:
    """A login code for a signed-in buyer: 32 random characters, for one use within `CODE_LIFE`. Only its hash is
    kept.
    """
    code, expires_at = rules.new_code(), wall_now() + CODE_LIFE
    await tx.execute(
        _sql.INSERT_CODE.values(
            shop_id=tx.shop, code_hash=digest(code), customer_id=customer_id, expires_at=expires_at, used_at=None
        )
    )
    return LoginCode(code, expires_at)


async def use_code(tx: Tx, code: str) -> tuple[str, str]:
    """The openid behind a code and a fresh session key (16 random bytes, base64). Raises `CodeInvalid`, `CodeUsed`.

    The session key encrypts nothing here yet; software only stores it.
    """
    customer_id = await tx.scalar(_sql.USE_CODE, code=digest(code), wall=wall_now())
    if customer_id is None:
        known = await tx.one(_sql.CODE, code=digest(code))
        raise CodeUsed if known is not None and known.used_at is not None else CodeInvalid
    found = (await queries.customers(tx, [customer_id]))[customer_id]
    return found.openid, base64.b64encode(secrets.token_bytes(SESSION_KEY_BYTES)).decode()


async def _take_addresses(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> None:
    await tx.scalar(_sql.LOCK_BOOK, customer=member_id)
    await tx.execute(_sql.MOVE_ADDRESSES, guest=guest_id, member=member_id)
    newest = await tx.one(_sql.ADDRESSES.limit(1), customer=member_id)
    if newest is not None and not newest.is_default:
        await tx.execute(_sql.SET_DEFAULT, customer=member_id, address=newest.address_id)


def _row(
    tx: Tx, customer: Customer, phone: SealedPhone | None = None, password_hash: str | None = None
) -> dict[str, object]:
    return {
        "shop_id": tx.shop,
        "customer_id": customer.customer_id,
        "openid": customer.openid,
        "kind": customer.kind,
        "name": customer.name,
        "phone": phone.cipher if phone else None,
        "phone_hash": phone.hash if phone else None,
        "phone_tail": phone.tail if phone else None,
        "password_hash": password_hash,
        "demo": customer.demo,
        "merged_into": None,
        "created_at": tx.now,
        "erased_at": None,
    }
