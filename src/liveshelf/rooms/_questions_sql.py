"""Statements of questions."""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, func, select, update

from liveshelf.platform.schema import Instant
from liveshelf.rooms._tables import room_comments

_SHOP: BindParameter[int] = bindparam("shop")
_ASKED = and_(
    room_comments.c.shop_id == _SHOP,
    room_comments.c.room_id == bindparam("room"),
    room_comments.c.asks,
    room_comments.c.hidden_at.is_(None),
    room_comments.c.held_at.is_(None),
)
_OPEN = and_(_ASKED, room_comments.c.answered_at.is_(None))

# The newest: who asked an hour ago and was passed over has left, and must not hide who asks now.
OPEN = select(room_comments).where(_OPEN).order_by(room_comments.c.comment_id.desc()).limit(bindparam("most"))
COUNT_OPEN = select(func.count()).select_from(room_comments).where(_OPEN)
ANSWERED = (
    select(room_comments)
    .where(_ASKED, room_comments.c.answered_at.is_not(None))
    .order_by(room_comments.c.answered_at.desc(), room_comments.c.comment_id.desc())
    .limit(bindparam("most"))
)
# Of two at the same moment the second waits for the first here, and then finds it answered.
ANSWER = (
    update(room_comments)
    .where(_OPEN, room_comments.c.comment_id == bindparam("comment"))
    .values(answered_at=bindparam("moment", type_=Instant), answered_by=bindparam("actor"))
    .returning(room_comments.c.comment_id)
)
