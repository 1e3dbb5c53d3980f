"""Rooms, shelves, comments, presence."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, metadata

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
    Column("pushed_goods_id", Id),
    Column("pushed_at", Instant),
    Column("likes", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("sales_purged_at", Instant),  # when the record of what the broadcast sold was deleted
    PrimaryKeyConstraint("shop_id", "room_id"),
    CheckConstraint("state IN ('scheduled', 'live', 'paused', 'abnormal', 'ended', 'expired', 'banned')", name="state"),
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

room_shelf = Table(
    "room_shelf",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("position", Integer, nullable=False),
    Column("on_sale", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "goods_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    ForeignKeyConstraint(["shop_id", "goods_id"], ["live_goods.shop_id", "live_goods.goods_id"]),
    Index("room_shelf_goods_id_idx", "shop_id", "goods_id"),
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
    PrimaryKeyConstraint("shop_id", "comment_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("(customer_id IS NULL) <> (account_id IS NULL)", name="author"),
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
