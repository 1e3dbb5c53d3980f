"""Statements of the messages capability."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.messages._tables import notices
from liveshelf.messages.types import KEPT, UNREAD_SHOWN
from liveshelf.platform.schema import Instant

_of_shop = notices.c.shop_id == bindparam("shop")
_theirs = (_of_shop, notices.c.reader == bindparam("who"))
_unread = notices.c.read_at.is_(None)

# The relay carries an event at least once: the second time finds the key taken.
TELL = pg_insert(notices).on_conflict_do_nothing().returning(notices.c.notice_id)

PAGE = (
    select(notices)
    .where(*_theirs, notices.c.notice_id < bindparam("before", type_=BigInteger))
    .order_by(notices.c.notice_id.desc())
    .limit(bindparam("most"))
)
UNREAD = PAGE.where(_unread)
COUNT_UNREAD = select(func.count()).select_from(
    select(notices.c.notice_id).where(*_theirs, _unread).limit(UNREAD_SHOWN).subquery()
)

_read = update(notices).where(*_theirs, _unread).values(read_at=bindparam("moment", type_=Instant))
MARK_READ = _read.where(notices.c.notice_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
# Only what the reader can have seen: what arrived since the page was read stays unread.
MARK_ALL_READ = _read.where(notices.c.notice_id <= bindparam("up_to", type_=BigInteger))

# A guest's notices have keys of the guest's own events, so none is the member's already.
MOVE = update(notices).where(*_theirs).values(reader=bindparam("becomes"))
ERASE = delete(notices).where(*_theirs)

SHOPS_OLD = select(notices.c.shop_id).where(notices.c.created_at < bindparam("now", type_=Instant) - KEPT).distinct()
_old = (
    select(notices.c.notice_id)
    .where(_of_shop, notices.c.created_at < bindparam("before", type_=Instant))
    .order_by(notices.c.created_at)
    .limit(bindparam("most"))
)
DELETE_OLD = delete(notices).where(_of_shop, notices.c.notice_id.in_(_old)).returning(notices.c.notice_id)
