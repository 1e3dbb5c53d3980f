"""Statements of the aftersales capability. Every move is one conditional update; its log row goes with it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Select, Text, and_, bindparam, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.aftersales._tables import (
    aftersale_arbitrations,
    aftersale_cases,
    aftersale_flows,
    aftersale_lines,
    aftersale_log,
    aftersale_reasons,
    return_addresses,
)
from liveshelf.aftersales.types import CLAIMING, CaseState, Side
from liveshelf.platform.schema import Instant

_c, _a = aftersale_cases.c, aftersale_arbitrations.c
OF_SHOP = _of_shop = _c.shop_id == bindparam("shop")
_this = (_of_shop, _c.case_id == bindparam("which"))
_ids = bindparam("ids", type_=ARRAY(BigInteger))
_moment = bindparam("moment", type_=Instant)

INSERT_CASE = insert(aftersale_cases)
BY_IDS = select(aftersale_cases).where(_of_shop, _c.case_id == func.any(_ids))
# The platform asks before it knows whose case it is.
SHOP_OF_CASE = select(_a.shop_id).where(_a.case_id == bindparam("which"))
LINES = (
    select(aftersale_lines)
    .where(aftersale_lines.c.shop_id == bindparam("shop"), aftersale_lines.c.case_id == func.any(_ids))
    .order_by(aftersale_lines.c.case_id, aftersale_lines.c.line_no)
)
ARBITRATIONS = select(aftersale_arbitrations).where(_a.shop_id == bindparam("shop"), _a.case_id == func.any(_ids))
LOG = (
    select(aftersale_log)
    .where(aftersale_log.c.shop_id == bindparam("shop"), aftersale_log.c.case_id == bindparam("which"))
    .order_by(aftersale_log.c.entry_id)
)
LOGS = (
    select(aftersale_log)
    .where(aftersale_log.c.shop_id == bindparam("shop"), aftersale_log.c.case_id == func.any(_ids))
    .order_by(aftersale_log.c.entry_id)
)

# What other cases of an order hold. Read under the order's lock, so a hundred applications see each other. A refusal
# that the platform looks at holds its pieces too: it may still be granted.
CLAIMS = (
    select(
        aftersale_lines.c.line_no,
        _c.shipped,
        func.sum(aftersale_lines.c.quantity).label("quantity"),
        func.sum(aftersale_lines.c.most_fen).label("most_fen"),
    )
    .select_from(aftersale_lines)
    .join(
        aftersale_cases,
        and_(_c.shop_id == aftersale_lines.c.shop_id, _c.case_id == aftersale_lines.c.case_id),
    )
    .outerjoin(aftersale_arbitrations, and_(_a.shop_id == _c.shop_id, _a.case_id == _c.case_id))
    .where(
        aftersale_lines.c.shop_id == bindparam("shop"),
        aftersale_lines.c.order_id == bindparam("order"),
        _c.case_id != bindparam("but"),
        or_(
            _c.state.in_(sorted(CLAIMING)),
            and_(_c.state == CaseState.REFUSED, _a.called_at.is_not(None), _a.decided_at.is_(None)),
        ),
    )
    .group_by(aftersale_lines.c.line_no, _c.shipped)
)

COUNT_OF_ORDER = select(func.count()).where(_of_shop, _c.order_id == bindparam("order"))
COUNT_LOG = select(func.count()).where(
    aftersale_log.c.shop_id == bindparam("shop"), aftersale_log.c.case_id == bindparam("which")
)

# From exactly the state and step that was read: of two who decide at once, one does.
MOVE = (
    update(aftersale_cases)
    .where(*_this, _c.state == bindparam("was"), _c.step == bindparam("at_step"))
    .returning(_c.case_id)
)
CHANGE = update(aftersale_cases).where(*_this).returning(_c.case_id)
MOVE_CUSTOMER = (
    update(aftersale_cases)
    .where(_of_shop, _c.customer_id == bindparam("guest"))
    .values(customer_id=bindparam("member"))
)

OF_ORDERS = select(_c.case_id).where(_of_shop, _c.order_id == func.any(_ids)).order_by(_c.case_id)
OF_CUSTOMER = (
    select(_c.case_id)
    .where(_of_shop, _c.customer_id == bindparam("customer"), _c.case_id < bindparam("before"))
    .order_by(_c.case_id.desc())
    .limit(bindparam("most"))
)
IN_STATES = (
    select(_c.case_id)
    .where(
        _of_shop,
        _c.case_id < bindparam("before"),
        _c.state == func.any(bindparam("states", type_=ARRAY(Text))),
    )
    .order_by(_c.case_id.desc())
    .limit(bindparam("most"))
)
# By what runs out first. A case whose limit was missed has no clock any more and stands in front.
_next_at = func.coalesce(func.least(_c.answer_due_at, _c.promised_at, _c.due_at), _c.created_at, type_=Instant)
BY_CLOCK = (
    select(_c.case_id, _next_at.label("next_at"))
    .where(
        _of_shop,
        _c.state == func.any(bindparam("states", type_=ARRAY(Text))),
        or_(
            bindparam("after_at", type_=Instant).is_(None),
            tuple_(_next_at, _c.case_id) > tuple_(bindparam("after_at", type_=Instant), bindparam("after")),
        ),
    )
    .order_by(_next_at, _c.case_id)
    .limit(bindparam("most"))
)
COUNTS = (
    select(_c.state, func.count().label("many"), func.count().filter(_c.breached).label("breached"))
    .where(_of_shop)
    .group_by(_c.state)
)

CALL_ARBITER = pg_insert(aftersale_arbitrations).on_conflict_do_nothing().returning(_a.case_id)
END_ARBITRATION = (
    update(aftersale_arbitrations)
    .where(_a.shop_id == bindparam("shop"), _a.case_id == bindparam("which"), _a.decided_at.is_(None))
    .returning(_a.case_id)
)
_after = or_(
    bindparam("after_at", type_=Instant).is_(None),
    tuple_(_a.called_at, _a.case_id) > tuple_(bindparam("after_at", type_=Instant), bindparam("after")),
)
# The desk reads over all shops: it belongs to the platform.
ARBITRATIONS_WAITING = (
    select(_a.shop_id, _a.case_id, _a.called_at.label("at"))
    .where(_a.decided_at.is_(None), _after)
    .order_by(_a.called_at, _a.case_id)
    .limit(bindparam("most"))
)
ARBITRATIONS_DECIDED = (
    select(_a.shop_id, _a.case_id, _a.decided_at.label("at"))
    .where(
        _a.decided_at.is_not(None),
        or_(
            bindparam("after_at", type_=Instant).is_(None),
            tuple_(_a.decided_at, _a.case_id) < tuple_(bindparam("after_at", type_=Instant), bindparam("after")),
        ),
    )
    .order_by(_a.decided_at.desc(), _a.case_id.desc())
    .limit(bindparam("most"))
)

# What erasing a customer takes out: their own words and pictures, also those from before they were a member.
_theirs = select(_c.case_id).where(_of_shop, _c.customer_id == bindparam("customer"))
FORGET_WORDS = (
    update(aftersale_log)
    .where(
        aftersale_log.c.shop_id == bindparam("shop"),
        aftersale_log.c.side == literal(Side.BUYER.value),
        aftersale_log.c.case_id.in_(_theirs),
    )
    .values(text="", pictures=[])
)
FORGET_APPEALS = (
    update(aftersale_arbitrations).where(_a.shop_id == bindparam("shop"), _a.case_id.in_(_theirs)).values(why="")
)

REASONS = (
    select(aftersale_reasons)
    .where(aftersale_reasons.c.shop_id == bindparam("shop"))
    .order_by(aftersale_reasons.c.position)
)
_put_reason = pg_insert(aftersale_reasons)
PUT_REASONS = _put_reason.on_conflict_do_update(
    index_elements=[aftersale_reasons.c.shop_id, aftersale_reasons.c.code],
    set_={
        name: _put_reason.excluded[name]
        for name in ("position", "zh", "en", "responsibility", "pictures", "freight_by", "active")
    },
)
FLOW_LATEST = (
    select(aftersale_flows)
    .where(aftersale_flows.c.shop_id == bindparam("shop"))
    .order_by(aftersale_flows.c.version.desc())
    .limit(1)
)
FLOWS = select(aftersale_flows).where(
    aftersale_flows.c.shop_id == bindparam("shop"),
    aftersale_flows.c.version == func.any(bindparam("versions", type_=ARRAY(BigInteger))),
)
# Two who save at once: the version's key lets one through, the other is told.
INSERT_FLOW = pg_insert(aftersale_flows).on_conflict_do_nothing().returning(aftersale_flows.c.version)

ADDRESSES = (
    select(return_addresses)
    .where(return_addresses.c.shop_id == bindparam("shop"))
    .order_by(return_addresses.c.standard.desc(), return_addresses.c.address_id)
)
# All of them, in order: one is the standard, and who chooses it must not meet somebody who does the same.
LOCK_ADDRESSES = (
    select(return_addresses.c.address_id)
    .where(return_addresses.c.shop_id == bindparam("shop"))
    .order_by(return_addresses.c.address_id)
    .with_for_update()
)
INSERT_ADDRESS = insert(return_addresses)
_address = (return_addresses.c.shop_id == bindparam("shop"), return_addresses.c.address_id == bindparam("which"))
DELETE_ADDRESS = return_addresses.delete().where(*_address).returning(return_addresses.c.standard)
NO_STANDARD = (
    update(return_addresses)
    .where(return_addresses.c.shop_id == bindparam("shop"), return_addresses.c.standard)
    .values(standard=False)
)
MAKE_STANDARD = update(return_addresses).where(*_address).values(standard=True).returning(return_addresses.c.address_id)

# Clocks. Each selects the shops with something due; its rows are taken one by one under their order's lock, sorted so
# that two workers can't wait for each other in a circle.
SHOPS_UNANSWERED = select(_c.shop_id).where(_c.answer_due_at <= bindparam("now", type_=Instant)).distinct()
UNANSWERED = (
    select(_c.case_id, _c.order_id)
    .where(_of_shop, _c.answer_due_at <= _moment)
    .order_by(_c.order_id)
    .limit(bindparam("most"))
)
SHOPS_PROMISED = select(_c.shop_id).where(_c.promised_at <= bindparam("now", type_=Instant)).distinct()
PROMISED = (
    select(_c.case_id, _c.order_id)
    .where(_of_shop, _c.promised_at <= _moment)
    .order_by(_c.order_id)
    .limit(bindparam("most"))
)


def _shops_due(state: CaseState) -> Select[tuple[int]]:
    return select(_c.shop_id).where(_c.due_at <= bindparam("now", type_=Instant), _c.state == state).distinct()


def _due(state: CaseState) -> Select[tuple[int, int]]:
    return (
        select(_c.case_id, _c.order_id)
        .where(_of_shop, _c.due_at <= _moment, _c.state == state)
        .order_by(_c.order_id)
        .limit(bindparam("most"))
    )


SHOPS_NOT_SENT_BACK, NOT_SENT_BACK = _shops_due(CaseState.AWAITING_RETURN), _due(CaseState.AWAITING_RETURN)
SHOPS_NOT_INSPECTED, NOT_INSPECTED = _shops_due(CaseState.INSPECTING), _due(CaseState.INSPECTING)
SHOPS_NOT_RESENT, NOT_RESENT = _shops_due(CaseState.RESENDING), _due(CaseState.RESENDING)
SHOPS_UNDECIDED = select(_a.shop_id).where(_a.due_at <= bindparam("now", type_=Instant)).distinct()
UNDECIDED = (
    select(_a.case_id, _c.order_id)
    .join(aftersale_cases, and_(_c.shop_id == _a.shop_id, _c.case_id == _a.case_id))
    .where(_a.shop_id == bindparam("shop"), _a.due_at <= _moment)
    .order_by(_c.order_id)
    .limit(bindparam("most"))
)
END_ARBITER_CLOCK = (
    update(aftersale_arbitrations)
    .where(_a.shop_id == bindparam("shop"), _a.case_id == bindparam("which"))
    .values(due_at=None)
)
