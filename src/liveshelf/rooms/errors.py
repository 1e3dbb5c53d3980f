"""What can go wrong with rooms. The wire's number of each is in the facade."""

from __future__ import annotations

from liveshelf.kernel.errors import Busy, Conflict, Denied, Invalid, Missing


class RoomMissing(Missing):
    """No such room in this shop."""

    code = "rooms.missing"
    title = "There is no such room."


class RoomStateRefuses(Conflict):
    """The room's state does not allow this. `state` says which it is."""

    code = "rooms.state_refuses"
    title = "The room's present state does not allow this."


class SalesKept(Conflict):
    """The record of what a broadcast sold must be kept for longer. `until` says when it may be deleted."""

    code = "rooms.sales_kept"
    title = "What this broadcast sold must be kept for longer."


class RoomNotApproved(Conflict):
    """The room has not passed its review. `audit_state` says whether it waits or was rejected."""

    code = "rooms.not_approved"
    title = "This room has to pass its review before it can start."


class RoomNameInvalid(Invalid):
    """The room's name is too short or too long. `field` is `name`."""

    code = "rooms.name_invalid"
    title = "A room's name has 3 to 17 Chinese characters; a Latin letter counts half."


class AnchorNameInvalid(Invalid):
    """The anchor's name is too short or too long. `field` is `anchor_name`."""

    code = "rooms.anchor_name_invalid"
    title = "An anchor's name has 2 to 15 Chinese characters; a Latin letter counts half."


class RoomTextNotPlain(Invalid):
    """A name has characters that can't be shown, such as control characters. `field` says which name."""

    code = "rooms.text_not_plain"
    title = "Names may not contain control characters or other characters that can't be shown."


class RoomNameRefused(Invalid):
    """The room's name contains words that may not be shown. `field` is `name`, `text` the words."""

    code = "rooms.name_refused"
    title = "This name contains words that may not be used."


class AnchorNameRefused(Invalid):
    """The anchor's name contains words that may not be shown. `field` is `anchor_name`, `text` the words."""

    code = "rooms.anchor_name_refused"
    title = "This name contains words that may not be used."


class AnchorWechatInvalid(Invalid):
    """The anchor's WeChat id has a form that none has. `field` is `anchor_wechat`."""

    code = "rooms.anchor_wechat_invalid"
    title = "A WeChat id has 1 to 64 letters, digits, hyphens or underscores."


class SubAnchorWechatInvalid(Invalid):
    """The second anchor's WeChat id has a form that none has. `field` is `sub_anchor_wechat`."""

    code = "rooms.sub_anchor_wechat_invalid"
    title = "A WeChat id has 1 to 64 letters, digits, hyphens or underscores."


class CreatorWechatInvalid(Invalid):
    """The creator's WeChat id has a form that none has. `field` is `creator_wechat`."""

    code = "rooms.creator_wechat_invalid"
    title = "A WeChat id has 1 to 64 letters, digits, hyphens or underscores."


class RoomTimesInvalid(Invalid):
    """Start or end break the rules. `field` says which."""

    code = "rooms.times_invalid"
    title = "A broadcast lasts 30 minutes to 24 hours and starts within the next 6 months."


class CoverRefused(Invalid):
    """The cover is unknown, expired or larger than `bytes_max`. `field` is `cover_media_id`."""

    code = "rooms.cover_refused"
    title = "This cover is not available any more, or it is larger than 2 MB."


class ShareRefused(Invalid):
    """The share picture is unknown, expired or larger than `bytes_max`. `field` is `share_media_id`."""

    code = "rooms.share_refused"
    title = "This share picture is not available any more, or it is larger than 1 MB."


class FeedsRefused(Invalid):
    """The feed picture is unknown, expired or larger than `bytes_max`. `field` is `feeds_media_id`."""

    code = "rooms.feeds_refused"
    title = "This feed picture is not available any more, or it is larger than 100 KB."


class GoodsUnknown(Missing):
    """A live goods does not exist in this shop. `goods_id` names it."""

    code = "rooms.goods_unknown"
    title = "There is no such live goods."


class GoodsNotApproved(Conflict):
    """A live goods has not passed review. `goods_id` names it."""

    code = "rooms.goods_not_approved"
    title = "Only goods that passed review come onto a shelf."


class GoodsNotInRoom(Missing):
    """The goods is not on this room's shelf. `goods_id` names it."""

    code = "rooms.goods_not_in_room"
    title = "These goods are not on this room's shelf."


class GoodsOffSale(Conflict):
    """The goods is off sale in this room. `goods_id` names it."""

    code = "rooms.goods_off_sale"
    title = "Goods that are off sale can't be pushed. Put them on sale first."


class GoodsBeingPushed(Conflict):
    """The goods was pushed a moment ago. `retry_after_s` says when it may be taken off sale."""

    code = "rooms.goods_being_pushed"
    title = "These goods are being pushed right now. Take the push back first."


class PushRunning(Conflict):
    """Another push began a moment ago. `retry_after_s` says when the next may begin."""

    code = "rooms.push_running"
    title = "Another push is running."


class RoomFull(Conflict):
    """The shelf has no place for so many. `most` is the capacity."""

    code = "rooms.full"
    title = "The shelf is full."


class QuickBarFull(Conflict):
    """The quick bar has no place for so many. `most` is its capacity, counted in `unit`."""

    code = "rooms.quick_bar_full"
    title = "The quick bar is full."


class RoomSettingInvalid(Invalid):
    """A setting of the shop's rooms lies outside its bounds. `field` says which, `least` and `most` the bounds."""

    code = "rooms.setting_invalid"
    title = "This setting is not possible."


class PlanInvalid(Invalid):
    """What is planned for a goods can't be. `field` says which part."""

    code = "rooms.plan_invalid"
    title = "Pieces are 0 to 1,000,000, prices up to ¥100,000, and a script has at most 2,000 characters."


class PreflightBlocked(Conflict):
    """The check before the start found something that blocks it. `findings` names all of it."""

    code = "rooms.preflight_blocked"
    title = "The check before the broadcast found something that has to be settled first."


class OverrideInvalid(Invalid):
    """An override without a reason, or of what does not block or can't be overridden. `field` says which."""

    code = "rooms.override_invalid"
    title = "Give a reason of 5 to 200 characters, and name what blocks the start at present."


class LegalAbsent(Conflict):
    """The room is important and nobody of the legal role is at its desk."""

    code = "rooms.legal_absent"
    title = "An important broadcast starts only while somebody of the legal role is at its desk."


class ShelfSortedMeanwhile(Conflict):
    """Somebody else gave the shelf another order after the one that was seen."""

    code = "rooms.shelf_sorted_meanwhile"
    title = "Somebody else has just sorted the shelf. Look at their order and sort again."


class SortEmpty(Invalid):
    """A new order of the shelf names nothing."""

    code = "rooms.sort_empty"
    title = "The new order is empty."


class CommentInvalid(Invalid):
    """A comment is empty, too long or not plain text. `field` is `text`."""

    code = "rooms.comment_invalid"
    title = "A comment has 1 to 100 characters of plain text."


class CommentRefused(Invalid):
    """A comment contains words that may not be shown. `field` is `text`."""

    code = "rooms.comment_refused"
    title = "This comment contains words that may not be shown."


class CommentTooSoon(Busy):
    """The author commented less than a second ago."""

    code = "rooms.comment_too_soon"
    status = 429
    title = "One comment a second. Wait a moment."


class CommentsClosed(Conflict):
    """The room takes no comments: they are switched off, or nothing is on air."""

    code = "rooms.comments_closed"
    title = "This room takes no comments at the moment."


class CommentMissing(Missing):
    """No such comment in this room."""

    code = "rooms.comment_missing"
    title = "There is no such comment."


class QuestionAnswered(Conflict):
    """Somebody else answered this question. `by` says who."""

    code = "rooms.question_answered"
    title = "Somebody has answered this question already."


class Muted(Denied):
    """The author may not comment. `everywhere` says whether in the whole shop or in this room."""

    code = "rooms.muted"
    title = "You may not comment here. The shop has muted you."


class MuteMissing(Missing):
    """This buyer is not muted here."""

    code = "rooms.mute_missing"
    title = "This buyer is not muted."


class LikesClosed(Conflict):
    """The room takes no likes: they are switched off, or nothing is on air."""

    code = "rooms.likes_closed"
    title = "This room takes no likes at the moment."


class RoomMuted(Conflict):
    """Viewers of the room may not comment for now."""

    code = "rooms.all_muted"
    title = "Comments are muted in this room for now."


class ContactMissing(Conflict):
    """Buyers can't be led to customer service before the shop has said where that is. `field` is `close_kf`."""

    code = "rooms.contact_missing"
    title = "Say first where buyers reach your customer service."


class ContactInvalid(Invalid):
    """Where buyers reach customer service can't be right. `field` says what of it."""

    code = "rooms.contact_invalid"
    title = "Customer service needs an https address or a phone number, and plain text of at most 60 characters."


class LinkTooLong(Invalid):
    """Custom parameters make a link that no code can hold."""

    code = "rooms.link_too_long"
    title = "The parameters are too long for a code."


class TicketRefused(Denied):
    """A room ticket is false, expired, or of another room."""

    code = "rooms.ticket_refused"
    title = "This ticket does not open this room. Get a new one."


class ClaimRoundInvalid(Invalid):
    """What is to be claimed does not fit. `field` says which part; a number has `least` and `most`."""

    code = "rooms.claim_round_invalid"
    title = "This can't be claimed like that: check the word to say and the numbers."


class ClaimRoundOpen(Conflict):
    """The goods may be claimed already, or the word is another goods' at the moment."""

    code = "rooms.claim_round_open"
    title = "This goods may be claimed already, or its word means another goods at the moment."


class ClaimRoundsFull(Conflict):
    """As many goods as possible may be claimed at the same time. `most` says how many."""

    code = "rooms.claim_rounds_full"
    title = "No more goods can be claimed at the same time in this room."


class ClaimRoundMissing(Missing):
    """No such round of claims in this room."""

    code = "rooms.claim_round_missing"
    title = "There is no such round of claims."


class ClaimRoundClosed(Conflict):
    """The round is over."""

    code = "rooms.claim_round_closed"
    title = "This can't be claimed any more."


class ClaimOverMax(Conflict):
    """A buyer may claim `most` pieces in this round, and `left` of them still."""

    code = "rooms.claim_over_max"
    title = "You can't claim that many of this."


class ClaimUnpaidFull(Conflict):
    """The buyer has `most` claims that are not paid; what is held must be paid first."""

    code = "rooms.claim_unpaid_full"
    title = "Pay what is held for you first."


class ClaimSittingOut(Denied):
    """The buyer let claims run out `most` times in a day, and may claim again from `until` on."""

    code = "rooms.claim_sitting_out"
    title = "Too many of your claims ran out unpaid today. You may still buy from the shelf."


class ClaimQueueFull(Busy):
    """As many wait as may."""

    code = "rooms.claim_queue_full"
    title = "The waiting list is full."
