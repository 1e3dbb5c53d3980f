"""What can go wrong with people of rooms: members, roles, assistants, second anchors, and those who follow."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class WechatIdInvalid(Invalid):
    """A person's WeChat id has a form that none has. `field` is `wechat_id`."""

    code = "rooms.wechat_id_invalid"
    title = "A WeChat id has 1 to 64 letters, digits, hyphens or underscores."


class NicknameInvalid(Invalid):
    """A person's nickname is empty, too long or not plain. `field` is `nickname`."""

    code = "rooms.nickname_invalid"
    title = "A nickname has 1 to 30 characters of plain text."


class MemberMissing(Missing):
    """Nobody with this WeChat id is known in the shop."""

    code = "rooms.member_missing"
    title = "There is nobody with this WeChat id."


class MemberLinked(Conflict):
    """The account is linked to another WeChat id already."""

    code = "rooms.member_linked"
    title = "This account belongs to another WeChat id."


class MemberRefused(Conflict):
    """The person may not be forgotten while they have a role or assist in a room."""

    code = "rooms.member_in_use"
    title = "Take this person's roles and rooms away first."


class IdentityUnverified(Conflict):
    """The person's real name has not been checked, and only who was checked may be an anchor."""

    code = "rooms.identity_unverified"
    title = "This person's real name has not been checked."


class AnchorUnverified(Conflict):
    """The anchor's real name has not been checked. `field` is `anchor_wechat`."""

    code = "rooms.anchor_unverified"
    title = "The anchor's real name has not been checked."


class RoleTaken(Conflict):
    """The person has this role already."""

    code = "rooms.role_taken"
    title = "This person has this role already."


class RoleMissing(Missing):
    """The person does not have this role."""

    code = "rooms.role_missing"
    title = "This person does not have this role."


class RolesFull(Conflict):
    """As many people have this role as may. `most` says how many."""

    code = "rooms.roles_full"
    title = "As many people have this role as may have it."


class RoleBusy(Conflict):
    """The anchor still has a room that is planned or on air."""

    code = "rooms.role_busy"
    title = "This anchor still has a room that is planned or on air."


class AssistantTaken(Conflict):
    """The person assists in this room already."""

    code = "rooms.assistant_taken"
    title = "This person assists in this room already."


class AssistantMissing(Missing):
    """Nobody with this WeChat id assists in this room, or none has such an id."""

    code = "rooms.assistant_missing"
    title = "There is no such assistant."


class AssistantsFull(Conflict):
    """The room has as many assistants as it may. `most` says how many."""

    code = "rooms.assistants_full"
    title = "A room has at most 10 assistants."


class SubAnchorRefused(Invalid):
    """The second anchor's WeChat id has a form that none has. `field` is `wechat_id`."""

    code = "rooms.sub_anchor_refused"
    title = "This can't be a second anchor."


class SubAnchorUnverified(Conflict):
    """The second anchor's real name has not been checked."""

    code = "rooms.sub_anchor_unverified"
    title = "The second anchor's real name has not been checked."


class SubAnchorSet(Conflict):
    """The room has a second anchor already: change it instead."""

    code = "rooms.sub_anchor_set"
    title = "The room has a second anchor already."


class SubAnchorSame(Conflict):
    """This is the second anchor already."""

    code = "rooms.sub_anchor_same"
    title = "This is the second anchor already."


class SubAnchorIsAnchor(Conflict):
    """The second anchor is another person than the anchor."""

    code = "rooms.sub_anchor_is_anchor"
    title = "The second anchor is another person than the anchor."


class NoticeEmpty(Invalid):
    """A start notice names nobody, or more people than one may. `most` says how many."""

    code = "rooms.notice_readers_invalid"
    title = "A start notice goes to 1 to 2000 people."


class NoticeNotLive(Conflict):
    """Only a room that is live right now is announced."""

    code = "rooms.notice_not_live"
    title = "Only a room that is live can be announced."


class NoticeOfAnother(Conflict):
    """Another room of the shop was announced today already."""

    code = "rooms.notice_of_another"
    title = "Another room was announced today already."
