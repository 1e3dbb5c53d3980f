"""Who works in a shop because its enterprise's WeCom says so.

An enterprise binds its corp id; the list of its employees is read from WeCom every minute and on demand; the shop says
which account an employee has, and the employee passes the real-name check. Who has all of it may read the enterprise's
goods library and put its goods into rooms. The reach is read in the transaction that uses it, and held until its end:
who is not on the list any more is refused from the next transaction on. A list that was not read for an hour, or that
WeCom refuses, counts as none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from liveshelf.accounts import queries as accounts
from liveshelf.accounts import signing_in
from liveshelf.accounts.errors import NotPermitted, ShopUnknown
from liveshelf.accounts.types import Operator, Permission, SignedIn
from liveshelf.adapters.wecom.port import Corp, OnList
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AccountId, ShopId, new_number
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, page_of
from liveshelf.kernel.text import is_plain
from liveshelf.kernel.time import china_day
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.signing import Keys
from liveshelf.qualifications import _employees_sql as _sql
from liveshelf.qualifications import queries
from liveshelf.qualifications.errors import (
    EmployeeInvalid,
    EmployeeTaken,
    EmployeeUnknown,
    EmployeeUnnamed,
    EnterpriseInvalid,
    EnterpriseUnbound,
    PaperNumberInvalid,
    RealNameMismatch,
    RightMissing,
)
from liveshelf.qualifications.events import EmployeeLeft, EnterpriseListDue
from liveshelf.qualifications.numbers import is_identity
from liveshelf.qualifications.rights import Action, Mode, Right, right
from liveshelf.trail.service import record

# What an employee is there for: the goods of the enterprise, and broadcasts with them.
EMPLOYEE_PERMISSIONS: Final = frozenset(
    {
        Permission.GOODS_READ,
        Permission.GOODS_WRITE,
        Permission.ROOMS_READ,
        Permission.ROOMS_WRITE,
        Permission.ROOMS_LIVE,
    }
)
FRESH_FOR: Final = timedelta(hours=1)  # how long a list that could not be read again still counts
_CORP_ID: Final = re.compile(r"w[wx][0-9A-Za-z]{3,62}")
_SECRET: Final = re.compile(r"[0-9A-Za-z_\-]{16,128}")
_SEAL: Final = "wecom-secret"
_SEAL_EMPLOYEE: Final = "wecom-employee"
_USERID: Final = "wecom-userid"
_NUMBER: Final = "wecom-identity"


class _Known(msgspec.Struct, frozen=True):
    userid: str
    name: str


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A shop's enterprise at WeCom. `lapsed` says why it does not count now: "unbound", "unread", "refused"; empty when
    it does. `refused` is WeCom's code.
    """

    corp_id: str
    bound_at: datetime
    synced_at: datetime | None
    refused: str
    lapsed: str


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody on the list, with the account that the shop says they have."""

    employee_id: int
    userid: str
    name: str
    account_id: AccountId | None
    matched_at: datetime | None
    named_at: datetime | None


@dataclass(frozen=True, slots=True)
class Employment:
    """A shop that an account is an employee of. `lapsed` as the enterprise's."""

    shop: ShopId
    named_at: datetime | None
    lapsed: str


async def bind(tx: Tx, keys: Keys, corp: Corp) -> list[AccountId]:
    """Bind the shop to its enterprise at WeCom. Another enterprise's employees are forgotten: returns their accounts.

    Raises `EnterpriseInvalid`, `RightMissing` for what is no enterprise.
    """
    await must_be_enterprise(tx)
    check_corp(corp)
    row = await tx.one(_sql.ENTERPRISE_LOCKED)
    of_another = row is not None and row.corp_id != corp.corp_id
    gone = await _leave(tx, await tx.all(_sql.EVERYBODY)) if of_another else []
    await tx.execute(
        _sql.BIND.values(
            corp_id=corp.corp_id,
            sealed=keys.encrypt(_SEAL, corp.secret),
            bound_at=tx.now,
            bound_by=str(tx.actor),
            sync_at=tx.now + _sql.READ_EVERY,
        )
    )
    record(tx, "enterprise.bind", f"enterprise:{tx.shop}", corp_id=corp.corp_id)
    return gone


def check_corp(corp: Corp) -> None:
    """Raises `EnterpriseInvalid`."""
    if _CORP_ID.fullmatch(corp.corp_id) is None:
        raise EnterpriseInvalid(field="corp_id")
    if _SECRET.fullmatch(corp.secret) is None:
        raise EnterpriseInvalid(field="secret")


async def must_be_enterprise(tx: ReadTx) -> None:
    """Raises `RightMissing` unless the shop's subject works with WeCom."""
    subject = await queries.subject(tx)
    if right(subject, Mode.WECOM, Action.USE_LIBRARY) is Right.NO:
        who = None if subject is None else subject.value
        raise RightMissing(action=Action.USE_LIBRARY.value, mode=Mode.WECOM.value, subject=who)


async def unbind(tx: Tx) -> None:
    """The enterprise's employees reach the shop no more. Raises `EnterpriseUnbound`."""
    await tx.one(_sql.ENTERPRISE_LOCKED)
    corp_id = await tx.scalar(_sql.UNBIND, moment=tx.now)
    if corp_id is None:
        raise EnterpriseUnbound(reason="unbound")
    record(tx, "enterprise.unbind", f"enterprise:{tx.shop}", corp_id=corp_id)


async def corp_of(tx: ReadTx, keys: Keys) -> Corp:
    """Whom to ask for the list. Raises `EnterpriseUnbound`."""
    row = await tx.one(_sql.ENTERPRISE)
    if row is None or row.unbound_at is not None:
        raise EnterpriseUnbound(reason="unbound")
    return Corp(row.corp_id, keys.decrypt(_SEAL, row.sealed))


async def take_list(tx: Tx, keys: Keys, corp: Corp, found: Sequence[OnList]) -> list[AccountId]:
    """Write down who is on the list now. Returns the accounts of those who are not any more: their sessions have ended.
    Whose name has changed passes the real-name check anew.

    Raises `EnterpriseUnbound` when the shop is bound to another enterprise by now, or to none.
    """
    row = await tx.one(_sql.ENTERPRISE_LOCKED)
    if row is None or row.unbound_at is not None or row.corp_id != corp.corp_id:
        raise EnterpriseUnbound(reason="unbound")
    present = {_mac(keys, corp, one.userid): one for one in found}
    known = {bytes(one.userid_mac): one for one in await tx.all(_sql.EVERYBODY)}
    fresh = [
        {
            "shop_id": tx.shop,
            "employee_id": new_number(),
            "userid_mac": mac,
            "sealed": _sealed(keys, one),
            "seen_at": tx.now,
        }
        for mac, one in present.items()
        if mac not in known
    ]
    if fresh:
        await tx.conn.execute(_sql.INSERT_EMPLOYEES, fresh)
    for mac, one in present.items():
        if mac in known and _opened(keys, known[mac]).name != one.name:
            await tx.execute(_sql.RENAME, which=known[mac].employee_id, b_sealed=_sealed(keys, one), moment=tx.now)
    await tx.execute(_sql.SYNCED, moment=tx.now)
    return await _leave(tx, [one for mac, one in known.items() if mac not in present])


async def refuse(tx: Tx, corp: Corp, reason: str) -> None:
    """WeCom does not tell the list any more: nobody reaches the shop by it until it does."""
    if await tx.scalar(_sql.REFUSED, corp=corp.corp_id, b_reason=reason[:64]) is not None:
        record(tx, "enterprise.refused", f"enterprise:{tx.shop}", reason=reason[:64])


async def ask_again(tx: Tx, limit: int) -> int:  # noqa: ARG001 - a shop has one list
    """Ask for the list once more, when its minute is over."""
    later = tx.now + _sql.READ_EVERY
    if await tx.scalar(_sql.TAKE_TO_READ, moment=tx.now, later=later) is None:
        return 0
    tx.emit(EnterpriseListDue(), stream=f"enterprise:{tx.shop}")
    return 1


async def match(tx: Tx, employee_id: int, username: str) -> None:
    """Say which account an employee has. They pass the real-name check before it is of use.

    Raises `EmployeeUnknown`, `EmployeeInvalid`, `EmployeeTaken`.
    """
    await tx.one(_sql.ENTERPRISE_LOCKED)
    if await tx.one(_sql.EMPLOYEE_LOCKED, which=employee_id) is None:
        raise EmployeeUnknown(employee_id=str(employee_id))
    found = await accounts.by_username(tx, username.strip())
    if found is None or any(one.shop == tx.shop for one in await accounts.memberships(tx, found.account_id)):
        raise EmployeeInvalid(field="username")
    taken = await tx.scalar(_sql.ACCOUNT_TAKEN, account=found.account_id)
    if taken is not None and taken != employee_id:
        raise EmployeeTaken(field="username")
    await tx.execute(_sql.MATCH, which=employee_id, account=found.account_id, moment=tx.now)
    record(tx, "employees.match", f"employee:{employee_id}", account=str(found.account_id))


async def unmatch(tx: Tx, employee_id: int) -> AccountId | None:
    """Take an employee's account away, and its sessions. Raises `EmployeeUnknown`."""
    await tx.one(_sql.ENTERPRISE_LOCKED)
    row = await tx.one(_sql.EMPLOYEE_LOCKED, which=employee_id)
    if row is None:
        raise EmployeeUnknown(employee_id=str(employee_id))
    if row.account_id is None:
        return None
    await tx.execute(_sql.UNMATCH, which=employee_id)
    await signing_in.end_other_sessions(tx, AccountId(row.account_id))
    record(tx, "employees.unmatch", f"employee:{employee_id}", account=str(row.account_id))
    return AccountId(row.account_id)


async def pass_real_name(tx: Tx, keys: Keys, account_id: AccountId, *, name: str, number: str) -> None:
    """The employee's own word of who they are: the name that the enterprise's list has, and an identity number that can
    be one and is nobody else's here. The number is not kept, only what recognises it.

    Raises `ShopUnknown` to who is no employee, `RealNameMismatch`, `PaperNumberInvalid`, `EmployeeTaken`.
    """
    await tx.one(_sql.ENTERPRISE_LOCKED)
    row = await tx.one(_sql.REACH, account=account_id)
    if row is None:
        raise ShopUnknown
    employee = await tx.one(_sql.EMPLOYEE_LOCKED, which=row.employee_id)
    if employee is None:
        raise ShopUnknown  # gone while the list was waited for
    said = "".join(number.split()).upper()
    if not is_plain(name) or name.strip() != _opened(keys, employee).name:
        raise RealNameMismatch(field="name")
    if not is_identity(said, china_day(tx.now)):
        raise PaperNumberInvalid(field="number")
    mac = keys.mac(_NUMBER, said.encode())
    if await tx.scalar(_sql.NUMBER_TAKEN, mac=mac, which=row.employee_id) is not None:
        raise EmployeeTaken(field="number")
    await tx.execute(_sql.NAMED, which=row.employee_id, moment=tx.now, mac=mac)
    record(tx, "employees.real_name", f"employee:{row.employee_id}", account=str(account_id))


async def enterprise(tx: ReadTx) -> Enterprise | None:
    """The shop's enterprise, also one that was unbound."""
    row = await tx.one(_sql.ENTERPRISE)
    if row is None:
        return None
    return Enterprise(row.corp_id, row.bound_at, row.synced_at, row.refused, _lapsed(tx, row))


async def in_force(tx: ReadTx) -> bool:
    """Whether an enterprise is bound, and its list was read lately."""
    found = await enterprise(tx)
    return found is not None and not found.lapsed


async def page(
    tx: ReadTx, keys: Keys, *, matched: bool = False, cursor: str | None = None, limit: int | None = None
) -> Page[Employee]:
    """Who is on the list, in the order in which they were first seen; with `matched` only those with an account."""
    size = clamp_limit(limit)
    key = decode_cursor(cursor, int)
    rows = await tx.all(_sql.PAGE, after=key[0] if key else 0, matched=matched, most=size + 1)
    return page_of([_employee(keys, row) for row in rows], size, lambda one: (one.employee_id,))


async def of_account(tx: ReadTx, account_id: AccountId) -> list[Employment]:
    """Where an account is an employee, over all shops."""
    rows = await tx.all(_sql.OF_ACCOUNT, account=account_id)
    return [Employment(ShopId(row.shop_id), row.named_at, _lapsed(tx, row)) for row in rows]


async def must_reach(tx: Tx) -> None:
    """The employee who acts is on the list, with everything passed, and stays so until the commit.

    Raises `EnterpriseUnbound`, `EmployeeUnnamed`, `ShopUnknown`.
    """
    row = await tx.one(_sql.ENTERPRISE_HELD)
    if row is None or _lapsed(tx, row):
        raise EnterpriseUnbound(reason="unbound" if row is None else _lapsed(tx, row))
    employee = await tx.one(_sql.EMPLOYEE_HELD, account=int(tx.actor.id))
    if employee is None:
        raise ShopUnknown
    if employee.named_at is None:
        raise EmployeeUnnamed


async def operator(tx: ReadTx, who: SignedIn, shop: ShopId, needed: Permission | None = None) -> Operator:
    """An employee as the operator of a request. Raises `ShopUnknown` to everybody else, `EnterpriseUnbound`,
    `EmployeeUnnamed`, and `NotPermitted` where employees have no business.
    """
    account = who.account
    row = await tx.one(_sql.REACH, account=account.account_id)
    if row is None:
        raise ShopUnknown
    if lapsed := _lapsed(tx, row):
        raise EnterpriseUnbound(reason=lapsed)
    if row.named_at is None:
        raise EmployeeUnnamed
    if needed is not None and needed not in EMPLOYEE_PERMISSIONS:
        raise NotPermitted(permission=needed.value, role="employee")
    actor = Actor(ActorKind.EMPLOYEE, str(account.account_id))
    mine = (account.account_id, account.display_name, EMPLOYEE_PERMISSIONS)
    return Operator(actor, shop, *mine, session_id=who.session_id)


async def _leave(tx: Tx, gone: Sequence[Row[Any]]) -> list[AccountId]:
    if not gone:
        return []
    await tx.execute(_sql.LEAVE, which=[one.employee_id for one in gone])
    left = [AccountId(one.account_id) for one in gone if one.account_id is not None]
    for account_id in left:
        await signing_in.end_other_sessions(tx, account_id)
        tx.emit(EmployeeLeft(account_id=account_id), stream=f"account:{account_id}")
        record(tx, "employees.leave", f"account:{account_id}")
    return left


def _lapsed(tx: ReadTx, row: Row[Any]) -> str:
    if row.unbound_at is not None:
        return "unbound"
    if row.refused:
        return "refused"
    return "" if row.synced_at is not None and tx.now - row.synced_at < FRESH_FOR else "unread"


def _mac(keys: Keys, corp: Corp, userid: str) -> bytes:
    # WeCom's user ids are the same in capitals.
    return keys.mac(_USERID, f"{corp.corp_id}:{userid.lower()}".encode())


def _sealed(keys: Keys, one: OnList) -> bytes:
    return keys.encrypt(_SEAL_EMPLOYEE, msgspec.json.encode(_Known(one.userid, one.name)).decode())


def _opened(keys: Keys, row: Row[Any]) -> _Known:
    return msgspec.json.decode(keys.decrypt(_SEAL_EMPLOYEE, row.sealed), type=_Known)


def _employee(keys: Keys, row: Row[Any]) -> Employee:
    known = _opened(keys, row)
    account = None if row.account_id is None else AccountId(row.account_id)
    return Employee(row.employee_id, known.userid, known.name, account, row.matched_at, row.named_at)
