"""Statements of changes of rooms that wait for their review. They run under the room's lock."""

from __future__ import annotations

from sqlalchemy import BigInteger, and_, bindparam, delete, insert, select, update

from liveshelf.rooms._tables import room_versions

_VERSION = and_(room_versions.c.shop_id == bindparam("shop"), room_versions.c.room_id == bindparam("which"))

INSERT = insert(room_versions)
VERSIONS = select(room_versions).where(
    room_versions.c.shop_id == bindparam("shop"), room_versions.c.room_id.in_(bindparam("ids", expanding=True))
)
DROP = delete(room_versions).where(_VERSION).returning(room_versions.c.audit_id, room_versions.c.rejected)
# Only the version that the case is about: a newer one has a case of its own.
MARK = (
    update(room_versions)
    .where(_VERSION, room_versions.c.audit_id == bindparam("audit", type_=BigInteger))
    .values(rejected=bindparam("b_rejected"))
    .returning(room_versions.c.audit_id)
)
