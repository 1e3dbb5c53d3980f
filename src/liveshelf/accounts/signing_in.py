"""Commands around signing in: sessions that can be seen and ended, passwords, and the second factor.

All of it follows wall time. Whenever somebody's means of signing in change, every other session of theirs ends and the
present one gets a new token: a stolen one is worth nothing from then on.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from liveshelf.accounts import _people_sql, queries, totp
from liveshelf.accounts.errors import (
    AccountInvalid,
    CodeNeeded,
    CodeRefused,
    CodeWrong,
    LinkUnknown,
    SecondFactorOff,
    SecondFactorOn,
    SessionUnknown,
)
from liveshelf.accounts.service import PASSWORD_MAX, PASSWORD_MIN
from liveshelf.accounts.types import Session
from liveshelf.kernel.ids import AccountId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.signing import Keys, digest
from liveshelf.trail.service import record

LINK_LIFE = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)  # how exact "last seen" is: a write a request would cost more than it tells
_SEAL = "account-totp"
_NOBODY = 0  # no session has this number


def check_password(password: str) -> None:
    """Raises `AccountInvalid` unless a password may be used."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountInvalid(field="password")


async def sessions(tx: ReadTx, account_id: AccountId) -> list[Session]:
    """Where the account is signed in, the latest seen first."""
    rows = await tx.all(_people_sql.SESSIONS, b_account=account_id, wall=wall_now())
    return [queries.session(row) for row in rows]


async def seen(tx: Tx, session_id: int, *, address: str) -> None:
    """The session was used just now."""
    await tx.execute(_people_sql.SEEN, b_session=session_id, b_wall=wall_now(), b_address=address)


async def end_session(tx: Tx, account_id: AccountId, session_id: int) -> None:
    """End one session of the account. Raises `SessionUnknown`."""
    if await tx.one(_people_sql.END_SESSION, b_account=account_id, b_session=session_id) is None:
        raise SessionUnknown
    record(tx, "accounts.end_session", f"account:{account_id}")


async def end_other_sessions(tx: Tx, account_id: AccountId, but: int = _NOBODY) -> None:
    """End every session of the account but one."""
    await tx.execute(_people_sql.END_SESSIONS, b_account=account_id, b_but=but)
    record(tx, "accounts.end_sessions", f"account:{account_id}")


async def secrets_of(tx: ReadTx, account_id: AccountId) -> tuple[str, str]:
    """User name and stored password, to be matched outside the transaction."""
    row = await tx.one(_people_sql.SECRETS, b_account=account_id)
    return (row.username, row.password_hash) if row is not None else ("", "")


async def set_password(tx: Tx, account_id: AccountId, *, stored: str, session_id: int = _NOBODY) -> str:
    """Keep a new password's hash. Returns the present session's new token; links for a new password are void."""
    await tx.execute(_people_sql.SET_PASSWORD, b_account=account_id, b_stored=stored)
    await tx.execute(_people_sql.FORGET_LINKS, b_account=account_id)
    record(tx, "accounts.set_password", f"account:{account_id}")
    return await turn(tx, account_id, session_id)


async def turn(tx: Tx, account_id: AccountId, session_id: int) -> str:
    """End the account's other sessions and give the present one a new token; an empty text when it has ended."""
    await tx.execute(_people_sql.END_SESSIONS, b_account=account_id, b_but=session_id)
    token = secrets.token_urlsafe(32)
    row = await tx.one(_people_sql.TURN_SESSION, b_account=account_id, b_session=session_id, b_hash=digest(token))
    return token if row is not None else ""


async def password_link(tx: Tx, account_id: AccountId) -> str:
    """A link's token by which the person sets a new password, once and within a day. Earlier ones are void."""
    token = secrets.token_urlsafe(32)
    await tx.execute(_people_sql.FORGET_LINKS, b_account=account_id)
    await tx.execute(
        _people_sql.INSERT_LINK.values(
            token_hash=digest(token),
            account_id=account_id,
            made_by=str(tx.actor),
            expires_at=wall_now() + LINK_LIFE,
        )
    )
    record(tx, "accounts.password_link", f"account:{account_id}")
    return token


async def link_leads_to(tx: ReadTx, token: str) -> AccountId:
    """Whose link it is. Raises `LinkUnknown`."""
    row = await tx.one(_people_sql.LINK, b_hash=digest(token), wall=wall_now())
    if row is None:
        raise LinkUnknown
    return AccountId(row.account_id)


async def use_link(tx: Tx, token: str, *, stored: str) -> AccountId:
    """Set the password that a link was made for; every session of the account ends. Raises `LinkUnknown`."""
    row = await tx.one(_people_sql.TAKE_LINK, b_hash=digest(token), wall=wall_now())
    if row is None:
        raise LinkUnknown
    account_id = AccountId(row.account_id)
    await set_password(tx, account_id, stored=stored)
    return account_id


async def prepare_second_factor(tx: Tx, keys: Keys, account_id: AccountId) -> str:
    """A new secret, which counts once a code of it was given. Raises `SecondFactorOn`."""
    secret = totp.new_secret()
    sealed = keys.encrypt(_SEAL, secret)
    if await tx.one(_people_sql.PREPARE_TOTP, b_account=account_id, b_sealed=sealed) is None:
        raise SecondFactorOn
    return secret


async def confirm_second_factor(
    tx: Tx, keys: Keys, account_id: AccountId, code: str, *, session_id: int
) -> tuple[list[str], str]:
    """The second factor is in force from now on. Returns the recovery codes, shown this once, and the new token.

    Raises `SecondFactorOff`, `CodeRefused`.
    """
    row = await tx.one(_people_sql.SECRETS, b_account=account_id)
    if row is None or row.totp_sealed is None or row.totp_at is not None:
        raise SecondFactorOff
    step = totp.matching_step(keys.decrypt(_SEAL, bytes(row.totp_sealed)), totp.plain_code(code), wall_now())
    if step is None:
        raise CodeRefused(field="code")
    if await tx.one(_people_sql.CONFIRM_TOTP, b_account=account_id, b_wall=wall_now(), b_step=step) is None:
        raise SecondFactorOff
    record(tx, "accounts.second_factor_on", f"account:{account_id}")
    return await _new_codes(tx, account_id), await turn(tx, account_id, session_id)


async def drop_second_factor(tx: Tx, account_id: AccountId, *, session_id: int = _NOBODY) -> str:
    """Turn the second factor off; the caller has checked a code. Returns the present session's new token."""
    await tx.execute(_people_sql.FORGET_TOTP, b_account=account_id)
    await tx.execute(_people_sql.FORGET_CODES, b_account=account_id)
    record(tx, "accounts.second_factor_off", f"account:{account_id}")
    return await turn(tx, account_id, session_id)


async def spend_code(tx: Tx, keys: Keys, account_id: AccountId, code: str) -> None:
    """Take a code of the second factor, or a recovery code, once. An account without a second factor needs none.

    Raises `CodeNeeded`, `CodeWrong`.
    """
    row = await tx.one(_people_sql.SECRETS, b_account=account_id)
    if row is None or row.totp_at is None:
        return
    plain = totp.plain_code(code)
    if not plain:
        raise CodeNeeded
    if totp.is_recovery_code(plain):
        if await tx.one(_people_sql.SPEND_CODE, b_account=account_id, b_hash=digest(plain)) is None:
            raise CodeWrong
        record(tx, "accounts.recovery_code", f"account:{account_id}")
        return
    step = totp.matching_step(keys.decrypt(_SEAL, bytes(row.totp_sealed)), plain, wall_now())
    if step is None or await tx.one(_people_sql.SPEND_STEP, b_account=account_id, b_step=step) is None:
        raise CodeWrong


async def codes_left(tx: ReadTx, account_id: AccountId) -> int:
    """How many recovery codes are unused."""
    return int(await tx.scalar(_people_sql.CODES_LEFT, b_account=account_id))


async def _new_codes(tx: Tx, account_id: AccountId) -> list[str]:
    codes = totp.new_recovery_codes()
    await tx.execute(_people_sql.FORGET_CODES, b_account=account_id)
    rows = [{"account_id": account_id, "code_hash": digest(totp.plain_code(code))} for code in codes]
    await tx.conn.execute(_people_sql.KEEP_CODES, rows)
    return codes
