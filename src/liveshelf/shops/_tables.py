"""Shops and what their software needs."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

shops = Table(
    "shops",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("sandbox", Boolean, nullable=False),  # may be reset to its seed; never with a real payment provider
    Column("pages", Json, nullable=False),  # page paths of app.json; empty = any well-formed path
    Column("widget_key", Json),  # the default goodsKey (setkey)
    Column("wire_stock", Integer, nullable=False),  # stock that goods added over the wire begin with
    Column("blocked_at", Instant),  # goods and rooms may not be created or changed (300001)
    Column("created_at", Instant, nullable=False),
    Column("opened_at", Instant),  # empty until the shop may sell
    Column("opened_under_waiver", Boolean, nullable=False),  # counts only while the policy lets waivers count
    CheckConstraint("wire_stock >= 0", name="wire_stock"),
)

# One row for the installation, none while nobody has set it.
policy = Table(
    "policy",
    metadata,
    Column("policy_id", Integer, primary_key=True, autoincrement=False),
    Column("profile", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("policy_id = 1", name="one"),
    CheckConstraint("profile IN ('own_house', 'marketplace')", name="profile"),
)

waivers = Table(
    "waivers",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("waiver_id", Id, nullable=False),
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "waiver_id"),
)
append_only("waivers")

# One row a shop, none while everything is as it was. What began keeps what it began with.
time_limits = Table(
    "shop_time_limits",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("receive_days", SmallInteger, nullable=False),
    Column("ship_hours", SmallInteger, nullable=False),
    Column("answer_hours", SmallInteger, nullable=False),
    Column("sales_days", SmallInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint(
        "receive_days BETWEEN 7 AND 30 AND ship_hours BETWEEN 12 AND 168 AND answer_hours BETWEEN 2 AND 6"
        " AND sales_days BETWEEN 30 AND 3650",
        name="bounds",
    ),
)

# Unique over the whole platform, so local and not spread: an appid leads to its shop.
credentials = Table(
    "credentials",
    metadata,
    Column("appid", Text, primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("original_id", Text, nullable=False, unique=True),  # gh_…, the ToUserName of pushed messages
    Column("secret_hash", LargeBinary, nullable=False),
    Column("secret_hint", Text, nullable=False),
    Column("previous_hash", LargeBinary),  # the secret before, good beside the present one until …
    Column("previous_until", Instant),
    Column("addresses", Json, nullable=False),  # networks from which it may sign in; empty = any
    Column("used_at", Instant),
    Column("used_from", Text),  # masked before it comes here
    Column("created_at", Instant, nullable=False),
    CheckConstraint("(previous_hash IS NULL) = (previous_until IS NULL)", name="previous"),
    Index("credentials_shop_id_idx", "shop_id"),
)

# One row a credential and kind. A token is an HMAC of (appid, kind, generation): only its generation is kept.
wire_tokens = Table(
    "wire_tokens",
    metadata,
    Column("appid", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("shop_id", Id, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("previous_until", Instant, nullable=False),  # the generation before stays valid until then
    Column("forced_count", Integer, nullable=False),
    Column("forced_at", Instant),
    PrimaryKeyConstraint("appid", "kind"),
    ForeignKeyConstraint(["appid"], ["credentials.appid"]),
    CheckConstraint("kind IN ('plain', 'stable')", name="kind"),
)

quota_limits = Table(
    "quota_limits",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("quota", Text, nullable=False),
    Column("per_day", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "quota"),
    CheckConstraint("per_day >= 0", name="per_day"),
)

# `granted` counts what was given out, in blocks for large quotas; it never passes the limit. `used` is what was spent
# of it.
quota_use = Table(
    "quota_use",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("quota", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("granted", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "quota", "day"),
    CheckConstraint("granted >= 0", name="granted"),
)

wire_faults = Table(
    "wire_faults",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("fault_id", Id, nullable=False),
    Column("appid", Text, nullable=False),
    Column("api", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("errcode", Integer),
    Column("delay_ms", Integer),
    Column("remaining", Integer),
    Column("until", Instant),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "fault_id"),
    CheckConstraint("kind IN ('errcode', 'delay', 'lost')", name="kind"),
    CheckConstraint("(remaining IS NULL) <> (until IS NULL) AND COALESCE(remaining, 0) >= 0", name="bounded"),
)

wire_calls = Table(
    "wire_calls",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("call_id", Id, nullable=False),
    Column("rid", Text, nullable=False),
    Column("appid", Text, nullable=False),
    Column("api", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("errcode", Integer, nullable=False),
    Column("ms", Integer, nullable=False),
    Column("request", Text, nullable=False),
    Column("response", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "call_id"),
    Index("wire_calls_rid_idx", "shop_id", "rid"),
    Index("wire_calls_at_idx", "at"),
)
