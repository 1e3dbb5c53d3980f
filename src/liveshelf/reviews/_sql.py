"""Statements of the reviews capability."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Text, and_, bindparam, func, insert, or_, select, tuple_, update

from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows
from liveshelf.reviews._tables import review_cases, review_verdicts

MACHINE_PATIENCE = timedelta(minutes=1)  # the stage takes a second; after this its job counts as lost

_case = and_(review_cases.c.shop_id == bindparam("shop"), review_cases.c.audit_id == bindparam("which"))
_undecided = review_cases.c.state.in_(["machine", "waiting"])

INSERT_CASE = insert(review_cases)
CASE = select(review_cases).where(_case)
CASE_ANYWHERE = select(review_cases).where(review_cases.c.audit_id == bindparam("which"))
_named = review_cases.c.audit_id.in_(bindparam("ids", expanding=True))
CASES = select(review_cases).where(review_cases.c.shop_id == bindparam("shop"), _named)
CASES_ANYWHERE = select(review_cases).where(_named)  # of however many shops a page of the desk shows

# A case moves from exactly the state that its verdict is about, with the passes and the worker that were seen: of two
# racing verdicts, or of a verdict and a withdrawal, one wins.
MOVE = (
    update(review_cases)
    .where(
        _case,
        review_cases.c.state == bindparam("was"),
        review_cases.c.first_pass_by.is_not_distinct_from(bindparam("first", type_=Text)),
        or_(review_cases.c.taken_by.is_(None), review_cases.c.taken_by == bindparam("who", type_=Text)),
    )
    .returning(review_cases.c.audit_id)
)
WITHDRAW = (
    update(review_cases)
    .where(_case, _undecided)
    .values(state="withdrawn", decided_at=bindparam("moment", type_=Instant), taken_by=None, taken_at=None)
    .returning(review_cases.c.audit_id, review_cases.c.missed_at)
)
LAST_DECIDED = (
    select(review_cases.c.audit_id, review_cases.c.submitted)
    .where(
        review_cases.c.shop_id == bindparam("shop"),
        review_cases.c.subject == bindparam("about"),
        review_cases.c.state.in_(["approved", "rejected"]),
    )
    .order_by(review_cases.c.audit_id.desc())
    .limit(1)
)
LAST_APPROVED = LAST_DECIDED.where(review_cases.c.state == "approved")

# Nobody takes what another works on: the row's condition decides between two who press at once. `holder` is who may
# lose it, which is nobody for a plain take.
TAKE = (
    update(review_cases)
    .where(
        _case,
        review_cases.c.state == "waiting",
        or_(
            review_cases.c.taken_by.is_(None),
            review_cases.c.taken_by == bindparam("who", type_=Text),
            review_cases.c.taken_by == bindparam("holder", type_=Text),
        ),
    )
    .values(taken_by=bindparam("who", type_=Text), taken_at=bindparam("moment", type_=Instant))
    .returning(review_cases.c.audit_id)
)
RELEASE = (
    update(review_cases)
    .where(_case, review_cases.c.state == "waiting", review_cases.c.taken_by == bindparam("holder", type_=Text))
    .values(taken_by=None, taken_at=None)
    .returning(review_cases.c.audit_id)
)
RELEASE_ALL = (
    update(review_cases)
    .where(
        review_cases.c.shop_id == bindparam("shop"),
        review_cases.c.state == "waiting",
        review_cases.c.taken_by == bindparam("holder", type_=Text),
    )
    .values(taken_by=None, taken_at=None)
    .returning(review_cases.c.audit_id)
)
SHOPS_HELD = (
    select(review_cases.c.shop_id)
    .where(review_cases.c.state == "waiting", review_cases.c.taken_by == bindparam("holder", type_=Text))
    .distinct()
)
# Once, in time: a second appeal finds no row.
APPEAL = (
    update(review_cases)
    .where(
        _case,
        review_cases.c.state == "rejected",
        review_cases.c.appealed_at.is_(None),
        review_cases.c.decided_at > bindparam("since", type_=Instant),
    )
    .values(
        state="waiting",
        appeal=bindparam("words", type_=Text),
        appealed_at=bindparam("moment", type_=Instant),
        waiting_since=bindparam("moment", type_=Instant),
        due_at=bindparam("due", type_=Instant),
        missed_at=None,
        decided_at=None,
        first_pass_by=None,
        persons=bindparam("needed"),
    )
    .returning(review_cases.c.audit_id)
)
# The desk reads over all shops: it belongs to the platform.
_wanted = and_(
    review_cases.c.kind.in_(bindparam("kinds", expanding=True)),
    or_(bindparam("holder", type_=Text).is_(None), review_cases.c.taken_by == bindparam("holder", type_=Text)),
)
WAITING = (
    select(review_cases)
    .where(
        review_cases.c.state == "waiting",
        _wanted,
        or_(
            bindparam("after_at", type_=Instant).is_(None),
            tuple_(review_cases.c.waiting_since, review_cases.c.audit_id)
            > tuple_(bindparam("after_at", type_=Instant), bindparam("after")),
        ),
    )
    .order_by(review_cases.c.waiting_since, review_cases.c.audit_id)
    .limit(bindparam("most"))
)
COUNT_WAITING = select(func.count()).where(review_cases.c.state == "waiting", _wanted)
DECIDED = (
    select(review_cases)
    .where(
        review_cases.c.state.in_(["approved", "rejected"]),
        review_cases.c.decided_at.is_not(None),
        review_cases.c.kind.in_(bindparam("kinds", expanding=True)),
        or_(
            bindparam("after_at", type_=Instant).is_(None),
            tuple_(review_cases.c.decided_at, review_cases.c.audit_id)
            < tuple_(bindparam("after_at", type_=Instant), bindparam("after")),
        ),
    )
    .order_by(review_cases.c.decided_at.desc(), review_cases.c.audit_id.desc())
    .limit(bindparam("most"))
)
OF_SHOP = (
    select(review_cases)
    .where(
        review_cases.c.shop_id == bindparam("shop"),
        review_cases.c.audit_id < bindparam("before", type_=BigInteger),
        or_(bindparam("only", type_=Text).is_(None), review_cases.c.kind == bindparam("only", type_=Text)),
        or_(bindparam("about", type_=Text).is_(None), review_cases.c.subject == bindparam("about", type_=Text)),
    )
    .order_by(review_cases.c.audit_id.desc())
    .limit(bindparam("most"))
)

VERDICTS = (
    select(review_verdicts)
    .where(
        review_verdicts.c.shop_id == bindparam("shop"),
        review_verdicts.c.audit_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(review_verdicts.c.verdict_id)
)

# Approvals that only development mode gave.
DEVELOPMENT_APPROVED = (
    select(review_cases.c.audit_id, review_cases.c.subject)
    .where(
        review_cases.c.shop_id == bindparam("shop"),
        review_cases.c.kind == bindparam("only", type_=Text),
        review_cases.c.state == "approved",
        select(review_verdicts.c.verdict_id)
        .where(
            review_verdicts.c.shop_id == review_cases.c.shop_id,
            review_verdicts.c.audit_id == review_cases.c.audit_id,
            review_verdicts.c.development,
        )
        .exists(),
        ~select(review_verdicts.c.verdict_id)
        .where(
            review_verdicts.c.shop_id == review_cases.c.shop_id,
            review_verdicts.c.audit_id == review_cases.c.audit_id,
            review_verdicts.c.stage == bindparam("person", type_=Text),
            review_verdicts.c.passed,
        )
        .exists(),
    )
    .order_by(review_cases.c.subject)
)

PENDING = board_rows(
    "review",
    review_cases.c.audit_id,
    review_cases.c.machine_due_at,
    review_cases.c.shop_id == bindparam("shop"),
    review_cases.c.state == "machine",
)
SHOPS_OVERDUE = (
    select(review_cases.c.shop_id)
    .where(review_cases.c.state == "machine", review_cases.c.machine_due_at <= bindparam("now", type_=Instant))
    .distinct()
)
_OVERDUE = (
    select(review_cases.c.audit_id)
    .where(
        review_cases.c.shop_id == bindparam("shop"),
        review_cases.c.state == "machine",
        review_cases.c.machine_due_at <= bindparam("moment", type_=Instant),
    )
    .order_by(review_cases.c.machine_due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
POSTPONE_OVERDUE = (
    update(review_cases)
    .where(review_cases.c.shop_id == bindparam("shop"), review_cases.c.audit_id.in_(_OVERDUE))
    .values(machine_due_at=bindparam("later", type_=Instant))
    .returning(review_cases.c.audit_id)
)

DUE = board_rows(
    "review",
    review_cases.c.audit_id,
    review_cases.c.due_at,
    review_cases.c.shop_id == bindparam("shop"),
    _undecided,
    review_cases.c.missed_at.is_(None),
    review_cases.c.due_at.is_not(None),
)
SHOPS_DUE = (
    select(review_cases.c.shop_id)
    .where(_undecided, review_cases.c.missed_at.is_(None), review_cases.c.due_at <= bindparam("now", type_=Instant))
    .distinct()
)
_DUE = (
    select(review_cases.c.audit_id)
    .where(
        review_cases.c.shop_id == bindparam("shop"),
        _undecided,
        review_cases.c.missed_at.is_(None),
        review_cases.c.due_at <= bindparam("moment", type_=Instant),
    )
    .order_by(review_cases.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
MARK_MISSED = (
    update(review_cases)
    .where(review_cases.c.shop_id == bindparam("shop"), review_cases.c.audit_id.in_(_DUE))
    .values(missed_at=bindparam("moment", type_=Instant))
    .returning(review_cases.c.audit_id, review_cases.c.due_at)
)
