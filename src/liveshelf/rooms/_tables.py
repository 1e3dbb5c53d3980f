"""Rooms, shelves, comments, presence."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

rooms = Table(
    "rooms",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the last numbered event
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("anchor_name", Text, nullable=False),
    Column("anchor_wechat", Text, nullable=False),
    Column("sub_anchor_wechat", Text, nullable=False),
    Column("creator_wechat", Text, nullable=False),
    Column("cover_media_id", Text),
    Column("share_media_id", Text),
    Column("feeds_media_id", Text),
    Column("live_type", SmallInteger, nullable=False),  # 1 push stream, 0 phone
    Column("is_feeds_public", Boolean, nullable=False),
    Column("close_like", Boolean, nullable=False),
    Column("close_goods", Boolean, nullable=False),
    Column("close_comment", Boolean, nullable=False),
    Column("close_replay", Boolean, nullable=False),
    Column("close_share", Boolean, nullable=False),
    Column("close_kf", Boolean, nullable=False),
    Column("has_picture", Boolean, nullable=False),  # a moving one was sent in this broadcast
    Column("is_paused_by_picture", Boolean, nullable=False),  # and not by a person
    Column("pushed_goods_id", Id),
    Column("pushed_at", Instant),
    Column("likes", BigInteger, nullable=False),
    Column("notice", Text, nullable=False),  # the pinned comment; empty while there is none
    Column("created_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("sales_purged_at", Instant),  # when the record of what the broadcast sold was deleted
    Column("muted_at", Instant),  # viewers may not comment; staff may
    Column("is_ad", Boolean, nullable=False),
    Column("audit_state", Text, nullable=False),
    Column("audit_id", BigInteger),  # of the submission that the room shows
    PrimaryKeyConstraint("shop_id", "room_id"),
    CheckConstraint("state IN ('scheduled', 'live', 'paused', 'abnormal', 'ended', 'expired', 'banned')", name="state"),
    CheckConstraint("audit_state IN ('in_audit', 'approved', 'rejected')", name="audit_state"),
    CheckConstraint("ends_at > starts_at", name="span"),
    CheckConstraint("live_type IN (0, 1)", name="live_type"),
    Index("rooms_starts_at_idx", "shop_id", "starts_at", "room_id"),
)
# What the clocks look at: rooms that are still to expire or to end.
Index(
    "rooms_open_idx",
    rooms.c.ends_at,
    postgresql_where=text("state IN ('scheduled', 'live', 'paused', 'abnormal') AND deleted_at IS NULL"),
)

# Where buyers of a room reach somebody; one row a shop, none while nobody has said it.
room_contacts = Table(
    "room_contacts",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("hours", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("url <> '' OR phone <> ''", name="reachable"),
)

# People known by their WeChat ids. Who has an account here is linked to it, and may then do what their role says.
room_members = Table(
    "room_members",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("wechat_id", Text, nullable=False),
    Column("nickname", Text, nullable=False),
    Column("openid", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("account_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "wechat_id"),
    UniqueConstraint("shop_id", "account_id"),
    CheckConstraint("identity IN ('unknown', 'verified', 'unverified')", name="identity"),
)

room_member_roles = Table(
    "room_member_roles",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("wechat_id", Text, nullable=False),
    Column("role", SmallInteger, nullable=False),  # the wire's number
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "wechat_id", "role"),
    ForeignKeyConstraint(["shop_id", "wechat_id"], ["room_members.shop_id", "room_members.wechat_id"]),
    CheckConstraint("role IN (1, 2, 3)", name="role"),
)

room_assistants = Table(
    "room_assistants",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("wechat_id", Text, nullable=False),
    Column("nickname", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "wechat_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    ForeignKeyConstraint(["shop_id", "wechat_id"], ["room_members.shop_id", "room_members.wechat_id"]),
)

# A change of an approved room that waits for its review, or was rejected.
room_versions = Table(
    "room_versions",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("rejected", Boolean, nullable=False),
    Column("shown", Json, nullable=False),  # names, pictures and mark, as they are to be
    Column("submitted_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
)

room_shelf = Table(
    "room_shelf",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("position", Integer, nullable=False),
    Column("on_sale", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("number", SmallInteger, nullable=False),  # as the host says it; keeps still while on air
    Column("quick_place", SmallInteger),  # in the quick bar; none while it is not there
    Column("pinned_seq", BigInteger),  # the room's number at which it was pushed; the highest stands in front
    PrimaryKeyConstraint("shop_id", "room_id", "goods_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    ForeignKeyConstraint(["shop_id", "goods_id"], ["live_goods.shop_id", "live_goods.goods_id"]),
    CheckConstraint("number BETWEEN 1 AND 200", name="number"),
    Index("room_shelf_goods_id_idx", "shop_id", "goods_id"),
)

# One row a shop, none while everything is as the house has it.
room_settings = Table(
    "room_settings",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("quick_bar_unit", Text, nullable=False),
    Column("stock_factor", SmallInteger, nullable=False),  # stock to hold, in times of what is expected to sell
    Column("legal_gap_s", SmallInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("quick_bar_unit IN ('goods', 'sku')", name="quick_bar_unit"),
    CheckConstraint("stock_factor BETWEEN 1 AND 20 AND legal_gap_s BETWEEN 10 AND 300", name="bounds"),
)

# Who wants to hear when the shop goes on air. `follow_no` counts up in a shop, and is how lists go on.
room_followers = Table(
    "room_followers",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("follow_no", Integer, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("room_state", Text, nullable=False),
    Column("followed_at", Instant, nullable=False),
    Column("told_on", Date),  # the day in China on which they were told last
    PrimaryKeyConstraint("shop_id", "customer_id"),
    UniqueConstraint("shop_id", "follow_no"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"]),
)

room_mass_notices = Table(
    "room_mass_notices",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("day", Date, nullable=False),
    Column("openids", Json),  # until it is sent
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("total", Integer, nullable=False),
    Column("success", Integer),
    Column("openid_errors", Integer),
    Column("relation_errors", Integer),
    Column("over_limit", Integer),
    Column("done_at", Instant),
    PrimaryKeyConstraint("shop_id", "message_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("(done_at IS NULL) = (openids IS NOT NULL)", name="openids"),
    Index("room_mass_notices_day_idx", "shop_id", "day", "room_id"),
)

room_comments = Table(
    "room_comments",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("comment_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("customer_id", Id),
    Column("account_id", Id),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("hidden_at", Instant),
    Column("held_at", Instant),  # waits for a person, and stands on no page until then
    Column("asks", Boolean, nullable=False),  # a question of a buyer
    Column("answered_at", Instant),
    Column("answered_by", Text),
    PrimaryKeyConstraint("shop_id", "comment_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("(customer_id IS NULL) <> (account_id IS NULL)", name="author"),
    CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered"),
    Index("room_comments_room_id_idx", "shop_id", "room_id", "comment_id"),
    Index("room_comments_customer_id_idx", "shop_id", "customer_id", "comment_id"),
)
# What gateways must take back from pages.
Index(
    "room_comments_hidden_idx",
    room_comments.c.shop_id,
    room_comments.c.room_id,
    room_comments.c.hidden_at,
    postgresql_where=text("hidden_at IS NOT NULL"),
)
# What the desk's queue shows: a few of all comments.
Index(
    "room_comments_asks_idx",
    room_comments.c.shop_id,
    room_comments.c.room_id,
    room_comments.c.comment_id,
    postgresql_where=text("asks"),
)

# What each gateway process sees, refreshed once a second; a row that is not refreshed counts no more.
room_presence = Table(
    "room_presence",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("viewers", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "gateway"),
)

# What the people of a room plan for goods, whether these stand on its shelf at the moment or not.
room_goods_plans = Table(
    "room_goods_plans",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("expected", Integer),  # pieces that will probably sell
    Column("planned_fen", BigInteger),  # the price that was decided for the broadcast
    Column("label_fen", BigInteger),  # the price printed on the label or the poster
    Column("script", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "goods_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("expected >= 0 AND planned_fen > 0 AND label_fen > 0", name="amounts"),
)

# Who let a room start although a check speaks against it, and why.
room_overrides = Table(
    "room_overrides",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("override_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("findings", Json, nullable=False),  # keys of what was overridden
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "override_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    Index("room_overrides_room_id_idx", "shop_id", "room_id"),
)
append_only("room_overrides")

# Who has the desk of a room open, refreshed every few seconds.
room_desks = Table(
    "room_desks",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("place", Text, nullable=False),  # the part of the desk where they are at work
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "account_id"),
)

# One row for a room that was marked important. `due_at`: when the alarm goes, unless the legal role is seen before.
room_watches = Table(
    "room_watches",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("due_at", Instant),
    PrimaryKeyConstraint("shop_id", "room_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
)
Index("room_watches_due_at_idx", room_watches.c.due_at, postgresql_where=text("due_at IS NOT NULL"))

# From when to when somebody of the legal role was there without a gap.
room_watch_spans = Table(
    "room_watch_spans",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("span_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "span_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
)

# Buyers who may not comment: in one room, or, with room 0, anywhere in the shop.
room_mutes = Table(
    "room_mutes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "customer_id", "room_id"),
    Index("room_mutes_room_id_idx", "shop_id", "room_id"),
)
