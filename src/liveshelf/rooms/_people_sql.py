"""Statements about people of rooms: members and their roles, assistants, customer service."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    BindParameter,
    SmallInteger,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.rooms._tables import room_assistants, room_contacts, room_member_roles, room_members, rooms
from liveshelf.rooms.types import OPEN

_SHOP: BindParameter[int] = bindparam("shop")
_MEMBER = and_(room_members.c.shop_id == _SHOP, room_members.c.wechat_id == bindparam("who"))
_ROLES = and_(room_member_roles.c.shop_id == _SHOP, room_member_roles.c.wechat_id == bindparam("who"))
_ROOM = and_(room_assistants.c.shop_id == _SHOP, room_assistants.c.room_id == bindparam("room"))
_ASSISTANT = and_(_ROOM, room_assistants.c.wechat_id == bindparam("who"))

CONTACT = select(room_contacts).where(room_contacts.c.shop_id == _SHOP)
_CONTACT = pg_insert(room_contacts)
PUT_CONTACT = _CONTACT.on_conflict_do_update(
    index_elements=[room_contacts.c.shop_id],
    set_={name: _CONTACT.excluded[name] for name in ("url", "phone", "hours", "changed_by", "changed_at")},
)

# Roles are counted and given in one line a shop, or two grants at the same moment would pass the limit together.
LOCK_ROLES = select(func.pg_advisory_xact_lock(bindparam("space"), bindparam("key")))

MEMBER = select(room_members).where(_MEMBER)
LOCK_MEMBER = MEMBER.with_for_update()
INSERT_MEMBER = pg_insert(room_members).on_conflict_do_nothing()
UPDATE_MEMBER = update(room_members).where(
    room_members.c.shop_id == bindparam("b_shop"), room_members.c.wechat_id == bindparam("b_who")
)
DELETE_MEMBER = delete(room_members).where(_MEMBER)
LINKED = select(room_members.c.wechat_id).where(
    room_members.c.shop_id == _SHOP, room_members.c.account_id == bindparam("account")
)

INSERT_ROLE = pg_insert(room_member_roles).on_conflict_do_nothing().returning(room_member_roles.c.role)
DELETE_ROLE = (
    delete(room_member_roles)
    .where(_ROLES, room_member_roles.c.role == bindparam("which"))
    .returning(room_member_roles.c.role)
)
ROLES_OF = select(room_member_roles.c.role).where(_ROLES).order_by(room_member_roles.c.role)
COUNT_ROLE = select(func.count()).where(
    room_member_roles.c.shop_id == _SHOP, room_member_roles.c.role == bindparam("which")
)
# Rooms whose plan, or whose broadcast, needs the person.
ROOMS_OF_ANCHOR = select(rooms.c.room_id).where(
    rooms.c.shop_id == _SHOP,
    or_(rooms.c.anchor_wechat == bindparam("who"), rooms.c.sub_anchor_wechat == bindparam("who")),
    rooms.c.state.in_(sorted(OPEN)),
    rooms.c.deleted_at.is_(None),
)

_HAS_ROLE = exists().where(
    room_member_roles.c.shop_id == room_members.c.shop_id, room_member_roles.c.wechat_id == room_members.c.wechat_id
)
_ROLE_LIST = (
    select(func.array_agg(aggregate_order_by(room_member_roles.c.role, room_member_roles.c.role)))
    .where(
        room_member_roles.c.shop_id == room_members.c.shop_id,
        room_member_roles.c.wechat_id == room_members.c.wechat_id,
    )
    .scalar_subquery()
    .label("roles")
)
_owners = bindparam("owners", type_=ARRAY(BigInteger))
_which = bindparam("which", type_=SmallInteger)
_keyword = bindparam("keyword", type_=Text)
_HAS_THIS = exists().where(
    room_member_roles.c.shop_id == room_members.c.shop_id,
    room_member_roles.c.wechat_id == room_members.c.wechat_id,
    room_member_roles.c.role == _which,
)
_OWNS = room_members.c.account_id == func.any(_owners)
# A role's number, 0 for owners, or -1 for whoever has any.
_LISTED = and_(
    room_members.c.shop_id == _SHOP,
    or_(and_(_which == -1, or_(_HAS_ROLE, _OWNS)), and_(_which == 0, _OWNS), and_(_which > 0, _HAS_THIS)),
    or_(
        _keyword == "",
        room_members.c.wechat_id == _keyword,
        func.strpos(func.lower(room_members.c.nickname), func.lower(_keyword)) > 0,
    ),
)
COUNT_LISTED = select(func.count()).select_from(room_members).where(_LISTED)
LISTED = (
    select(room_members, _ROLE_LIST)
    .where(_LISTED)
    .order_by(room_members.c.created_at, room_members.c.wechat_id)
    .offset(bindparam("first"))
    .limit(bindparam("most"))
)
EVERYBODY = (
    select(room_members, _ROLE_LIST)
    .where(room_members.c.shop_id == _SHOP)
    .order_by(room_members.c.created_at, room_members.c.wechat_id)
    .limit(bindparam("most"))
)
ROLES_OF_ACCOUNT = (
    select(room_member_roles.c.role)
    .join(
        room_members,
        and_(
            room_members.c.shop_id == room_member_roles.c.shop_id,
            room_members.c.wechat_id == room_member_roles.c.wechat_id,
        ),
    )
    .where(room_members.c.shop_id == _SHOP, room_members.c.account_id == bindparam("account"))
)

ASSISTANTS = (
    select(room_assistants, room_members.c.openid)
    .join(
        room_members,
        and_(
            room_members.c.shop_id == room_assistants.c.shop_id, room_members.c.wechat_id == room_assistants.c.wechat_id
        ),
    )
    .where(_ROOM)
    .order_by(room_assistants.c.added_at, room_assistants.c.wechat_id)
)
INSERT_ASSISTANT = insert(room_assistants)
SET_ASSISTANT = update(room_assistants).where(
    room_assistants.c.shop_id == bindparam("b_shop"),
    room_assistants.c.room_id == bindparam("b_room"),
    room_assistants.c.wechat_id == bindparam("b_who"),
)
DELETE_ASSISTANT = delete(room_assistants).where(_ASSISTANT).returning(room_assistants.c.wechat_id)
ASSISTS = exists().where(room_assistants.c.shop_id == _SHOP, room_assistants.c.wechat_id == bindparam("who")).select()
ASSISTS_IN = (
    exists()
    .where(
        _ROOM,
        room_members.c.shop_id == room_assistants.c.shop_id,
        room_members.c.wechat_id == room_assistants.c.wechat_id,
        room_members.c.account_id == bindparam("account"),
    )
    .select()
)
