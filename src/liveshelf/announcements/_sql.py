"""Statements of the announcements capability."""

from __future__ import annotations

from sqlalchemy import BigInteger, Date, Text, and_, bindparam, func, insert, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.announcements._tables import announcement_reads, announcements

INSERT = insert(announcements)
ONE = select(announcements).where(announcements.c.announcement_id == bindparam("which"))
# Whoever publishes a version of a pack waits for who is at it.
ONE_PUBLISHER = select(func.pg_advisory_xact_lock(bindparam("space"), func.hashtext(bindparam("pack", type_=Text))))
LAST_VERSION = select(func.max(announcements.c.version)).where(announcements.c.pack == bindparam("pack"))
PAGE = (
    select(announcements)
    .where(
        announcements.c.announcement_id < bindparam("before", type_=BigInteger),
        or_(bindparam("kind", type_=Text).is_(None), announcements.c.kind == bindparam("kind", type_=Text)),
        or_(bindparam("pack", type_=Text).is_(None), announcements.c.pack == bindparam("pack", type_=Text)),
    )
    .order_by(announcements.c.announcement_id.desc())
    .limit(bindparam("most"))
)
# Of each pack the version that binds on a day: the latest whose date has come.
IN_FORCE = (
    select(announcements)
    .ext(distinct_on(announcements.c.pack))
    .where(announcements.c.kind == "rules", announcements.c.effective_on <= bindparam("day", type_=Date))
    .order_by(announcements.c.pack, announcements.c.effective_on.desc(), announcements.c.version.desc())
)
_read_by = and_(
    announcement_reads.c.announcement_id == announcements.c.announcement_id,
    announcement_reads.c.account_id == bindparam("account"),
)
PENDING = (
    select(announcements)
    .where(announcements.c.must_acknowledge, ~select(announcement_reads.c.account_id).where(_read_by).exists())
    .order_by(announcements.c.announcement_id)
    .limit(bindparam("most"))
)
READ = pg_insert(announcement_reads).on_conflict_do_nothing()
READ_BY = select(announcement_reads.c.announcement_id).where(
    announcement_reads.c.account_id == bindparam("account"),
    announcement_reads.c.announcement_id.in_(bindparam("ids", expanding=True)),
)
READERS = (
    select(announcement_reads.c.announcement_id, func.count().label("readers"))
    .where(announcement_reads.c.announcement_id.in_(bindparam("ids", expanding=True)))
    .group_by(announcement_reads.c.announcement_id)
)
