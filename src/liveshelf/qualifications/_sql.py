"""Statements of the qualifications capability."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows
from liveshelf.qualifications._tables import applications, moves, numbers, papers

_NOW = bindparam("now", type_=Instant)
_MOMENT = bindparam("moment", type_=Instant)

# --- applications

_ours = and_(applications.c.shop_id == bindparam("shop"), applications.c.kind == bindparam("which"))
APPLICATION = select(applications).where(_ours)
APPLICATION_LOCKED = APPLICATION.with_for_update()  # of two moves exactly one happens
APPLICATION_HELD = APPLICATION.with_for_update(read=True)  # it is not submitted while a paper of it comes in
INSERT_APPLICATION = pg_insert(applications).on_conflict_do_nothing()
EDIT_APPLICATION = update(applications).where(_ours, applications.c.state.in_(("draft", "rejected")))
MOVE_APPLICATION = (
    update(applications).where(_ours, applications.c.state == bindparam("was")).returning(applications.c.shop_id)
)
MOVES = select(moves).where(moves.c.shop_id == bindparam("shop")).order_by(moves.c.move_id)

# The platform's queue looks over all shops on purpose: what is due first stands first.
QUEUE = (
    select(applications)
    .where(
        applications.c.state == bindparam("state"),
        or_(
            applications.c.shop_id > bindparam("after", type_=BigInteger),
            and_(
                applications.c.shop_id == bindparam("after", type_=BigInteger),
                applications.c.kind > bindparam("after_kind"),
            ),
        ),
    )
    .order_by(applications.c.shop_id, applications.c.kind)
    .limit(bindparam("most"))
)
PAPERS_WAITING = (
    select(papers)
    .where(papers.c.state == "waiting", papers.c.paper_id > bindparam("after", type_=BigInteger))
    .order_by(papers.c.paper_id)
    .limit(bindparam("most"))
)

# --- papers

_paper = and_(papers.c.shop_id == bindparam("shop"), papers.c.paper_id == bindparam("which"))
INSERT_PAPER = insert(papers)
PAPERS = select(papers).where(papers.c.shop_id == bindparam("shop")).order_by(papers.c.paper_id.desc())
PAPER = select(papers).where(_paper)
COUNT_PAPERS = select(func.count()).where(papers.c.shop_id == bindparam("shop"))
MOVE_PAPER = update(papers).where(_paper, papers.c.state == "waiting").returning(papers.c.paper_id)
REPLACE_WAITING = (
    update(papers)
    .where(papers.c.shop_id == bindparam("shop"), papers.c.kind == bindparam("which"), papers.c.state == "waiting")
    .values(state="replaced")
    .returning(papers.c.audit_id)
)
JUDGE_WITH = (
    update(papers).where(_paper, papers.c.state == "waiting").values(audit_id=bindparam("audit", type_=BigInteger))
)
REOPEN_PAPER = (
    update(papers)
    .where(_paper, papers.c.state == "rejected")
    .values(state="waiting", decided_at=None, decided_by="", reasons=[], note="")
    .returning(papers.c.paper_id)
)
NOTE_NUMBER = pg_insert(numbers).on_conflict_do_nothing()
# For however many papers a page shows.
SHOPS_WITH_NUMBERS = (
    select(numbers.c.number_mac, numbers.c.shop_id)
    .where(numbers.c.number_mac.in_(bindparam("macs", expanding=True)))
    .order_by(numbers.c.number_mac, numbers.c.shop_id)
    .limit(bindparam("most"))
)

_to_flag = and_(papers.c.state == "approved", papers.c.flagged_at.is_(None))
_to_expire = and_(papers.c.state == "approved", papers.c.expired_at.is_(None))
SHOPS_TO_FLAG = select(papers.c.shop_id).where(_to_flag, papers.c.flag_at <= _NOW).distinct()
SHOPS_TO_EXPIRE = select(papers.c.shop_id).where(_to_expire, papers.c.expires_at <= _NOW).distinct()


def _due(column: Column[Any], still: ColumnElement[bool]) -> ColumnElement[bool]:
    return papers.c.paper_id.in_(
        select(papers.c.paper_id)
        .where(papers.c.shop_id == bindparam("shop"), still, column <= _MOMENT)
        .order_by(column)
        .limit(bindparam("most"))
    )


TAKE_TO_FLAG = (
    update(papers)
    .where(papers.c.shop_id == bindparam("shop"), _due(papers.c.flag_at, _to_flag))
    .values(flagged_at=_MOMENT)
    .returning(papers.c.paper_id, papers.c.kind, papers.c.expires_at)
)
TAKE_TO_EXPIRE = (
    update(papers)
    .where(papers.c.shop_id == bindparam("shop"), _due(papers.c.expires_at, _to_expire))
    .values(expired_at=_MOMENT)
    .returning(papers.c.paper_id, papers.c.kind, papers.c.expires_at)
)
_of_shop = papers.c.shop_id == bindparam("shop")
FLAGS_PENDING = board_rows(
    "paper", papers.c.paper_id, papers.c.flag_at, _of_shop, _to_flag, papers.c.flag_at.is_not(None)
)
EXPIRES_PENDING = board_rows(
    "paper", papers.c.paper_id, papers.c.expires_at, _of_shop, _to_expire, papers.c.expires_at.is_not(None)
)
