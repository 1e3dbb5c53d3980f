"""The house: every table of the main job, from listing to sale."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("platform_role", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("platform_role IN ('reviewer')", name=op.f("accounts_platform_role_check")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("accounts_pkey")),
        sa.UniqueConstraint("username", name=op.f("accounts_username_key")),
    )
    op.create_table(
        "clock_offset",
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("row_no = 1", name=op.f("clock_offset_only_one_check")),
        sa.CheckConstraint("seconds >= 0", name=op.f("clock_offset_forward_check")),
        sa.PrimaryKeyConstraint("row_no", name=op.f("clock_offset_pkey")),
    )
    op.create_table(
        "counters",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "kind", name=op.f("counters_pkey")),
    )
    op.create_table(
        "credentials",
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("original_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("secret_hint", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("appid", name=op.f("credentials_pkey")),
        sa.UniqueConstraint("original_id", name=op.f("credentials_original_id_key")),
    )
    op.create_index("credentials_shop_id_idx", "credentials", ["shop_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('guest', 'member')", name=op.f("customers_kind_check")),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", name=op.f("customers_pkey")),
        sa.UniqueConstraint("shop_id", "openid", name=op.f("customers_shop_id_openid_key")),
        sa.UniqueConstraint("shop_id", "phone_hash", name=op.f("customers_shop_id_phone_hash_key")),
    )
    op.create_table(
        "events",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "event_id", name=op.f("events_pkey")),
    )
    op.create_index(
        "events_stream_seq_key",
        "events",
        ["shop_id", "stream", "seq"],
        unique=True,
        postgresql_where=sa.text("seq IS NOT NULL"),
    )
    op.create_index(
        "events_unrelayed_idx",
        "events",
        ["shop_id", "event_id"],
        unique=False,
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.create_table(
        "idempotency",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "actor", "operation", "key", name=op.f("idempotency_pkey")),
    )
    op.create_index("idempotency_created_at_idx", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "libraries",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unaudited", sa.Integer(), nullable=False),
        sa.Column("in_audit", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("unaudited_left", sa.BigInteger(), nullable=False),
        sa.Column("in_audit_left", sa.BigInteger(), nullable=False),
        sa.Column("approved_left", sa.BigInteger(), nullable=False),
        sa.Column("rejected_left", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "unaudited >= 0 AND in_audit >= 0 AND approved >= 0 AND rejected >= 0", name=op.f("libraries_counts_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("libraries_pkey")),
    )
    op.create_table(
        "live_goods_history",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "entry_id", name=op.f("live_goods_history_pkey")),
    )
    op.create_index(
        "live_goods_history_goods_id_idx", "live_goods_history", ["shop_id", "goods_id", "entry_id"], unique=False
    )
    op.create_table(
        "media",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('image', 'thumb')", name=op.f("media_kind_check")),
        sa.PrimaryKeyConstraint("shop_id", "media_id", name=op.f("media_pkey")),
    )
    op.create_index(
        "media_expires_at_idx",
        "media",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("media_sha256_idx", "media", ["sha256", "shop_id"], unique=False)
    op.create_table(
        "payment_callbacks",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("callback_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "callback_id", name=op.f("payment_callbacks_pkey")),
        sa.UniqueConstraint(
            "shop_id", "provider", "notice_id", name=op.f("payment_callbacks_shop_id_provider_notice_id_key")
        ),
    )
    op.create_index(
        "payment_callbacks_try_idx",
        "payment_callbacks",
        ["try_at"],
        unique=False,
        postgresql_where=sa.text("try_at IS NOT NULL"),
    )
    op.create_table(
        "payments",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('paid', 'refunding', 'refunded')) = (paid_at IS NOT NULL)", name=op.f("payments_paid_check")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'paid', 'closed', 'refunding', 'refunded')", name=op.f("payments_state_check")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("payments_amount_check")),
        sa.PrimaryKeyConstraint("shop_id", "payment_id", name=op.f("payments_pkey")),
    )
    op.create_index(
        "payments_open_key",
        "payments",
        ["shop_id", "order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("payments_order_id_idx", "payments", ["shop_id", "order_id"], unique=False)
    op.create_index(
        "payments_poll_idx", "payments", ["poll_at"], unique=False, postgresql_where=sa.text("poll_at IS NOT NULL")
    )
    op.create_index(
        "payments_refund_due_idx",
        "payments",
        ["refund_due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'refunding'"),
    )
    op.create_table(
        "products",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("pictures", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("tags", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "product_id", name=op.f("products_pkey")),
    )
    op.create_table(
        "quota_limits",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.Text(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.CheckConstraint("per_day >= 0", name=op.f("quota_limits_per_day_check")),
        sa.PrimaryKeyConstraint("shop_id", "quota", name=op.f("quota_limits_pkey")),
    )
    op.create_table(
        "quota_use",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.CheckConstraint("granted >= 0", name=op.f("quota_use_granted_check")),
        sa.PrimaryKeyConstraint("shop_id", "quota", "day", name=op.f("quota_use_pkey")),
    )
    op.create_table(
        "room_presence",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("viewers", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "gateway", name=op.f("room_presence_pkey")),
    )
    op.create_table(
        "rooms",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("anchor_name", sa.Text(), nullable=False),
        sa.Column("anchor_wechat", sa.Text(), nullable=False),
        sa.Column("sub_anchor_wechat", sa.Text(), nullable=False),
        sa.Column("creator_wechat", sa.Text(), nullable=False),
        sa.Column("cover_media_id", sa.Text(), nullable=True),
        sa.Column("share_media_id", sa.Text(), nullable=True),
        sa.Column("feeds_media_id", sa.Text(), nullable=True),
        sa.Column("live_type", sa.SmallInteger(), nullable=False),
        sa.Column("is_feeds_public", sa.Boolean(), nullable=False),
        sa.Column("close_like", sa.Boolean(), nullable=False),
        sa.Column("close_goods", sa.Boolean(), nullable=False),
        sa.Column("close_comment", sa.Boolean(), nullable=False),
        sa.Column("close_replay", sa.Boolean(), nullable=False),
        sa.Column("close_share", sa.Boolean(), nullable=False),
        sa.Column("close_kf", sa.Boolean(), nullable=False),
        sa.Column("pushed_goods_id", sa.BigInteger(), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('scheduled', 'live', 'paused', 'abnormal', 'ended', 'expired', 'banned')",
            name=op.f("rooms_state_check"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("rooms_span_check")),
        sa.CheckConstraint("live_type IN (0, 1)", name=op.f("rooms_live_type_check")),
        sa.PrimaryKeyConstraint("shop_id", "room_id", name=op.f("rooms_pkey")),
    )
    op.create_index(
        "rooms_open_idx",
        "rooms",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('scheduled', 'live', 'paused', 'abnormal') AND deleted_at IS NULL"),
    )
    op.create_index("rooms_starts_at_idx", "rooms", ["shop_id", "starts_at", "room_id"], unique=False)
    op.create_table(
        "shops",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("pages", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("widget_key", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("wire_stock", sa.Integer(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("wire_stock >= 0", name=op.f("shops_wire_stock_check")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("shops_pkey")),
    )
    op.create_table(
        "simulator_payments",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notify_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('paid', 'refunded')) = (paid_at IS NOT NULL)", name=op.f("simulator_payments_paid_check")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'paid', 'closed', 'refunded')", name=op.f("simulator_payments_state_check")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("simulator_payments_amount_check")),
        sa.CheckConstraint(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen", name=op.f("simulator_payments_refunded_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", "payment_id", name=op.f("simulator_payments_pkey")),
    )
    op.create_index(
        "simulator_payments_notify_idx",
        "simulator_payments",
        ["notify_at"],
        unique=False,
        postgresql_where=sa.text("notify_at IS NOT NULL"),
    )
    op.create_table(
        "stock_moves",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("move_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_hand_change", sa.Integer(), nullable=False),
        sa.Column("held_change", sa.Integer(), nullable=False),
        sa.Column("on_hand_after", sa.Integer(), nullable=False),
        sa.Column("held_after", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "move_id", name=op.f("stock_moves_pkey")),
    )
    op.create_index("stock_moves_sku_id_idx", "stock_moves", ["shop_id", "sku_id", "move_id"], unique=False)
    op.create_table(
        "trail",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("trail_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "trail_id", name=op.f("trail_pkey")),
    )
    op.create_index("trail_seal_no_idx", "trail", ["shop_id", "seal_no"], unique=False)
    op.create_index(
        "trail_unsealed_idx",
        "trail",
        ["shop_id", "trail_id"],
        unique=False,
        postgresql_where=sa.text("seal_no IS NULL"),
    )
    op.create_table(
        "trail_seals",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "seal_no", name=op.f("trail_seals_pkey")),
    )
    op.create_table(
        "wire_calls",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("api", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "call_id", name=op.f("wire_calls_pkey")),
    )
    op.create_index("wire_calls_at_idx", "wire_calls", ["at"], unique=False)
    op.create_index("wire_calls_rid_idx", "wire_calls", ["shop_id", "rid"], unique=False)
    op.create_table(
        "wire_faults",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("fault_id", sa.BigInteger(), nullable=False),
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("api", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("delay_ms", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('errcode', 'delay', 'lost')", name=op.f("wire_faults_kind_check")),
        sa.CheckConstraint(
            "(remaining IS NULL) <> (until IS NULL) AND COALESCE(remaining, 0) >= 0",
            name=op.f("wire_faults_bounded_check"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "fault_id", name=op.f("wire_faults_pkey")),
    )
    op.create_table(
        "account_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("account_sessions_account_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("account_sessions_pkey")),
    )
    op.create_index("account_sessions_account_id_idx", "account_sessions", ["account_id"], unique=False)
    op.create_index("account_sessions_expires_at_idx", "account_sessions", ["expires_at"], unique=False)
    op.create_table(
        "customer_sessions",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("customer_sessions_shop_id_customer_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "token_hash", name=op.f("customer_sessions_pkey")),
    )
    op.create_index("customer_sessions_customer_id_idx", "customer_sessions", ["shop_id", "customer_id"], unique=False)
    op.create_index("customer_sessions_expires_at_idx", "customer_sessions", ["expires_at"], unique=False)
    op.create_table(
        "live_goods",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cover_media_id", sa.Text(), nullable=False),
        sa.Column("price_type", sa.SmallInteger(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("price2_fen", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("third_party_appid", sa.Text(), nullable=False),
        sa.Column("goods_key", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("audit_state", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=True),
        sa.Column("state_entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audit_state IN ('unaudited', 'in_audit', 'approved', 'rejected')",
            name=op.f("live_goods_audit_state_check"),
        ),
        sa.CheckConstraint("origin IN ('api', 'console')", name=op.f("live_goods_origin_check")),
        sa.CheckConstraint(
            "price_fen > 0 AND COALESCE(price2_fen, 1) > 0 AND (price_type = 1) = (price2_fen IS NULL)",
            name=op.f("live_goods_prices_check"),
        ),
        sa.CheckConstraint("price_type IN (1, 2, 3)", name=op.f("live_goods_price_type_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "product_id"],
            ["products.shop_id", "products.product_id"],
            name=op.f("live_goods_shop_id_product_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "goods_id", name=op.f("live_goods_pkey")),
    )
    op.create_index("live_goods_product_id_idx", "live_goods", ["shop_id", "product_id"], unique=False)
    op.create_index(
        "live_goods_state_idx",
        "live_goods",
        ["shop_id", "audit_state", "state_entered_at", "goods_id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "login_codes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("login_codes_shop_id_customer_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "code_hash", name=op.f("login_codes_pkey")),
    )
    op.create_index("login_codes_expires_at_idx", "login_codes", ["expires_at"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'operator', 'anchor', 'support', 'developer')", name=op.f("memberships_role_check")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("memberships_account_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", "shop_id", name=op.f("memberships_pkey")),
    )
    op.create_index("memberships_shop_id_idx", "memberships", ["shop_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'to_ship') = (paid_at IS NOT NULL)", name=op.f("orders_paid_check")),
        sa.CheckConstraint("currency = 'CNY'", name=op.f("orders_currency_check")),
        sa.CheckConstraint("state IN ('to_pay', 'to_ship', 'closed')", name=op.f("orders_state_check")),
        sa.CheckConstraint("total_fen > 0", name=op.f("orders_total_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("orders_shop_id_customer_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "order_id", name=op.f("orders_pkey")),
    )
    op.create_index("orders_customer_id_idx", "orders", ["shop_id", "customer_id", "order_id"], unique=False)
    op.create_index("orders_room_id_idx", "orders", ["shop_id", "room_id"], unique=False)
    op.create_index("orders_state_idx", "orders", ["shop_id", "state", "order_id"], unique=False)
    op.create_index(
        "orders_unpaid_idx", "orders", ["expires_at"], unique=False, postgresql_where=sa.text("state = 'to_pay'")
    )
    op.create_table(
        "room_comments",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(customer_id IS NULL) <> (account_id IS NULL)", name=op.f("room_comments_author_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"], name=op.f("room_comments_shop_id_room_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "comment_id", name=op.f("room_comments_pkey")),
    )
    op.create_index(
        "room_comments_customer_id_idx", "room_comments", ["shop_id", "customer_id", "comment_id"], unique=False
    )
    op.create_index(
        "room_comments_hidden_idx",
        "room_comments",
        ["shop_id", "room_id", "hidden_at"],
        unique=False,
        postgresql_where=sa.text("hidden_at IS NOT NULL"),
    )
    op.create_index("room_comments_room_id_idx", "room_comments", ["shop_id", "room_id", "comment_id"], unique=False)
    op.create_table(
        "skus",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("specs", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("list_price_fen >= price_fen", name=op.f("skus_list_price_check")),
        sa.CheckConstraint("price_fen > 0", name=op.f("skus_price_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "product_id"],
            ["products.shop_id", "products.product_id"],
            name=op.f("skus_shop_id_product_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "sku_id", name=op.f("skus_pkey")),
    )
    op.create_index("skus_product_id_idx", "skus", ["shop_id", "product_id"], unique=False)
    op.create_table(
        "wire_tokens",
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forced_count", sa.Integer(), nullable=False),
        sa.Column("forced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('plain', 'stable')", name=op.f("wire_tokens_kind_check")),
        sa.ForeignKeyConstraint(["appid"], ["credentials.appid"], name=op.f("wire_tokens_appid_fkey")),
        sa.PrimaryKeyConstraint("appid", "kind", name=op.f("wire_tokens_pkey")),
    )
    op.create_table(
        "order_history",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("order_history_shop_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "entry_id", name=op.f("order_history_pkey")),
    )
    op.create_index("order_history_order_id_idx", "order_history", ["shop_id", "order_id", "entry_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("specs", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("picture_media_id", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND amount_fen = price_fen * quantity", name=op.f("order_lines_amount_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("order_lines_shop_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"], name=op.f("order_lines_shop_id_sku_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "line_no", name=op.f("order_lines_pkey")),
    )
    op.create_table(
        "review_cases",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("previous", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("machine_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('machine', 'waiting', 'approved', 'rejected', 'withdrawn')",
            name=op.f("review_cases_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "goods_id"],
            ["live_goods.shop_id", "live_goods.goods_id"],
            name=op.f("review_cases_shop_id_goods_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "audit_id", name=op.f("review_cases_pkey")),
    )
    op.create_index("review_cases_goods_id_idx", "review_cases", ["shop_id", "goods_id", "audit_id"], unique=False)
    op.create_index(
        "review_cases_decided_idx",
        "review_cases",
        ["decided_at", "audit_id"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    op.create_index(
        "review_cases_machine_idx",
        "review_cases",
        ["machine_due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'machine'"),
    )
    op.create_index(
        "review_cases_waiting_idx",
        "review_cases",
        ["waiting_since", "audit_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "room_shelf",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "goods_id"],
            ["live_goods.shop_id", "live_goods.goods_id"],
            name=op.f("room_shelf_shop_id_goods_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"], name=op.f("room_shelf_shop_id_room_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "goods_id", name=op.f("room_shelf_pkey")),
    )
    op.create_index("room_shelf_goods_id_idx", "room_shelf", ["shop_id", "goods_id"], unique=False)
    op.create_table(
        "stock",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pool IN ('general')", name=op.f("stock_pool_check")),
        sa.CheckConstraint("held >= 0 AND held <= on_hand", name=op.f("stock_held_check")),
        sa.CheckConstraint("on_hand >= 0", name=op.f("stock_on_hand_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"], name=op.f("stock_shop_id_sku_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "sku_id", "pool", name=op.f("stock_pkey")),
    )
    op.create_table(
        "review_verdicts",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("development", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IN ('machine', 'person')", name=op.f("review_verdicts_stage_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "audit_id"],
            ["review_cases.shop_id", "review_cases.audit_id"],
            name=op.f("review_verdicts_shop_id_audit_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "verdict_id", name=op.f("review_verdicts_pkey")),
    )
    op.create_index("review_verdicts_audit_id_idx", "review_verdicts", ["shop_id", "audit_id"], unique=False)
    op.create_table(
        "stock_holds",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'held') = (resolved_at IS NULL)", name=op.f("stock_holds_resolved_check")),
        sa.CheckConstraint(
            "state IN ('held', 'committed', 'released', 'expired')", name=op.f("stock_holds_state_check")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("stock_holds_quantity_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "sku_id", "pool"],
            ["stock.shop_id", "stock.sku_id", "stock.pool"],
            name=op.f("stock_holds_shop_id_sku_id_pool_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "sku_id", "pool", "attempt", name=op.f("stock_holds_pkey")),
    )
    op.create_index("stock_holds_sku_id_idx", "stock_holds", ["shop_id", "sku_id"], unique=False)

    # Empties a sandbox shop, and only one: the app role may not delete history, so this runs as the tables' owner.
    # Name, members, credential, tokens, limits and the trail stay. The library's version goes on, so no cache can take
    # new goods for old ones.
    op.execute("""
    CREATE FUNCTION reset_sandbox(shop bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM FROM shops WHERE shop_id = shop AND sandbox FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'shop % is not a sandbox', shop USING ERRCODE = 'insufficient_privilege';
        END IF;
        DELETE FROM stock_holds WHERE shop_id = shop;
        DELETE FROM stock_moves WHERE shop_id = shop;
        DELETE FROM stock WHERE shop_id = shop;
        DELETE FROM review_verdicts WHERE shop_id = shop;
        DELETE FROM review_cases WHERE shop_id = shop;
        DELETE FROM room_presence WHERE shop_id = shop;
        DELETE FROM room_comments WHERE shop_id = shop;
        DELETE FROM room_shelf WHERE shop_id = shop;
        DELETE FROM rooms WHERE shop_id = shop;
        DELETE FROM simulator_payments WHERE shop_id = shop;
        DELETE FROM payment_callbacks WHERE shop_id = shop;
        DELETE FROM payments WHERE shop_id = shop;
        DELETE FROM order_history WHERE shop_id = shop;
        DELETE FROM order_lines WHERE shop_id = shop;
        DELETE FROM orders WHERE shop_id = shop;
        DELETE FROM live_goods_history WHERE shop_id = shop;
        DELETE FROM live_goods WHERE shop_id = shop;
        DELETE FROM skus WHERE shop_id = shop;
        DELETE FROM products WHERE shop_id = shop;
        DELETE FROM login_codes WHERE shop_id = shop;
        DELETE FROM customer_sessions WHERE shop_id = shop;
        DELETE FROM customers WHERE shop_id = shop;
        DELETE FROM media WHERE shop_id = shop;
        DELETE FROM events WHERE shop_id = shop;
        DELETE FROM idempotency WHERE shop_id = shop;
        DELETE FROM counters WHERE shop_id = shop;
        DELETE FROM quota_use WHERE shop_id = shop;
        DELETE FROM wire_faults WHERE shop_id = shop;
        DELETE FROM wire_calls WHERE shop_id = shop;
        UPDATE libraries SET version = version + 1, unaudited = 0, in_audit = 0, approved = 0, rejected = 0,
            unaudited_left = version + 1, in_audit_left = version + 1,
            approved_left = version + 1, rejected_left = version + 1
            WHERE shop_id = shop;
        UPDATE shops SET pages = '[]', widget_key = NULL, blocked_at = NULL WHERE shop_id = shop;
    END $$
    """)
    op.execute("REVOKE ALL ON FUNCTION reset_sandbox(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION reset_sandbox(bigint) TO liveshelf_app")
