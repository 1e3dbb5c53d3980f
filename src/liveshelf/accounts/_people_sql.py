"""Statements about a shop's people, and about what a person signs in with besides a password."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from liveshelf.accounts._tables import (
    account_invites,
    account_password_links,
    account_recovery_codes,
    account_sessions,
    accounts,
    memberships,
)

_OURS = memberships.c.shop_id == bindparam("shop")
_ONE = memberships.c.account_id == bindparam("b_account")

_SEEN = (
    select(func.max(account_sessions.c.seen_at))
    .where(account_sessions.c.account_id == memberships.c.account_id)
    .scalar_subquery()
)
MEMBERS = (
    select(
        memberships.c.account_id,
        memberships.c.role,
        memberships.c.created_at,
        accounts.c.username,
        accounts.c.display_name,
        accounts.c.totp_at,
        _SEEN.label("seen_at"),
    )
    .join(accounts, accounts.c.account_id == memberships.c.account_id)
    .where(_OURS)
    .order_by(memberships.c.created_at, memberships.c.account_id)
)
# The rows of all owners are locked together and in one order: of two who leave at the same moment, one stays.
OWNERS_LOCKED = (
    select(memberships.c.account_id)
    .where(_OURS, memberships.c.role == "owner")
    .order_by(memberships.c.account_id)
    .with_for_update()
)
MEMBER = select(memberships.c.role).where(_OURS, _ONE)
MEMBER_LOCKED = MEMBER.with_for_update()
COUNT_MEMBERS = select(func.count()).where(_OURS)
SET_ROLE = update(memberships).where(_OURS, _ONE).values(role=bindparam("b_role"))
REMOVE = delete(memberships).where(_OURS, _ONE)
# Where else somebody belongs: whoever they are more than ours is not ours to let in again.
ELSEWHERE = select(
    select(memberships.c.shop_id).where(_ONE, memberships.c.shop_id != bindparam("shop")).exists()
    | select(accounts.c.account_id)
    .where(accounts.c.account_id == bindparam("b_account"), accounts.c.platform_role.is_not(None))
    .exists()
)
LEAVE_PLATFORM = (
    update(accounts)
    .where(accounts.c.account_id == bindparam("b_account"), accounts.c.platform_role.is_not(None))
    .values(platform_role=None)
    .returning(accounts.c.account_id)
)

INSERT_INVITE = insert(account_invites)
_INVITES = account_invites.c.shop_id == bindparam("shop")
INVITES = (
    select(account_invites)
    .where(_INVITES, account_invites.c.expires_at > bindparam("wall"))
    .order_by(account_invites.c.invite_id.desc())
)
COUNT_INVITES = select(func.count()).where(_INVITES, account_invites.c.expires_at > bindparam("wall"))
INVITE = select(account_invites).where(
    _INVITES, account_invites.c.token_hash == bindparam("b_hash"), account_invites.c.expires_at > bindparam("wall")
)
# Taking is deleting: of two who use a link at the same moment, one finds it.
TAKE_INVITE = (
    delete(account_invites)
    .where(
        _INVITES, account_invites.c.token_hash == bindparam("b_hash"), account_invites.c.expires_at > bindparam("wall")
    )
    .returning(account_invites)
)
REVOKE_INVITE = (
    delete(account_invites)
    .where(_INVITES, account_invites.c.invite_id == bindparam("b_invite"))
    .returning(account_invites.c.invite_id)
)
DELETE_OLD_INVITES = delete(account_invites).where(_INVITES, account_invites.c.expires_at <= bindparam("wall"))

_MINE = account_sessions.c.account_id == bindparam("b_account")
SESSIONS = (
    select(account_sessions)
    .where(_MINE, account_sessions.c.expires_at > bindparam("wall"))
    .order_by(account_sessions.c.seen_at.desc(), account_sessions.c.session_id)
)
END_SESSION = (
    delete(account_sessions)
    .where(_MINE, account_sessions.c.session_id == bindparam("b_session"))
    .returning(account_sessions.c.session_id)
)
END_SESSIONS = delete(account_sessions).where(_MINE, account_sessions.c.session_id != bindparam("b_but"))
TURN_SESSION = (
    update(account_sessions)
    .where(_MINE, account_sessions.c.session_id == bindparam("b_session"))
    .values(token_hash=bindparam("b_hash"))
    .returning(account_sessions.c.session_id)
)
# Once in a while, and not with every request.
SEEN = (
    update(account_sessions)
    .where(account_sessions.c.session_id == bindparam("b_session"))
    .values(seen_at=bindparam("b_wall"), address=bindparam("b_address"))
)

_ACCOUNT = accounts.c.account_id == bindparam("b_account")
SECRETS = select(accounts.c.password_hash, accounts.c.totp_sealed, accounts.c.totp_at, accounts.c.username).where(
    _ACCOUNT
)
SET_PASSWORD = update(accounts).where(_ACCOUNT).values(password_hash=bindparam("b_stored"))
# A second factor that is in force is not replaced unseen: it is turned off first, with a code.
PREPARE_TOTP = (
    update(accounts)
    .where(_ACCOUNT, accounts.c.totp_at.is_(None))
    .values(totp_sealed=bindparam("b_sealed"), totp_step=None)
    .returning(accounts.c.account_id)
)
CONFIRM_TOTP = (
    update(accounts)
    .where(_ACCOUNT, accounts.c.totp_at.is_(None), accounts.c.totp_sealed.is_not(None))
    .values(totp_at=bindparam("b_wall"), totp_step=bindparam("b_step"))
    .returning(accounts.c.account_id)
)
# A code is taken once, whoever is first: the condition is read under the row's lock.
SPEND_STEP = (
    update(accounts)
    .where(_ACCOUNT, or_(accounts.c.totp_step.is_(None), accounts.c.totp_step < bindparam("b_step")))
    .values(totp_step=bindparam("b_step"))
    .returning(accounts.c.account_id)
)
FORGET_TOTP = update(accounts).where(_ACCOUNT).values(totp_sealed=None, totp_at=None, totp_step=None)
KEEP_CODES = insert(account_recovery_codes)
SPEND_CODE = (
    delete(account_recovery_codes)
    .where(
        account_recovery_codes.c.account_id == bindparam("b_account"),
        account_recovery_codes.c.code_hash == bindparam("b_hash"),
    )
    .returning(account_recovery_codes.c.account_id)
)
FORGET_CODES = delete(account_recovery_codes).where(account_recovery_codes.c.account_id == bindparam("b_account"))
CODES_LEFT = select(func.count()).where(account_recovery_codes.c.account_id == bindparam("b_account"))

INSERT_LINK = insert(account_password_links)
FORGET_LINKS = delete(account_password_links).where(account_password_links.c.account_id == bindparam("b_account"))
TAKE_LINK = (
    delete(account_password_links)
    .where(
        account_password_links.c.token_hash == bindparam("b_hash"),
        account_password_links.c.expires_at > bindparam("wall"),
    )
    .returning(account_password_links.c.account_id)
)
LINK = select(account_password_links.c.account_id).where(
    account_password_links.c.token_hash == bindparam("b_hash"),
    account_password_links.c.expires_at > bindparam("wall"),
)
