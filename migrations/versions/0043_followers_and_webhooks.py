"""Who follows a shop's broadcasts, and what the shop's own server is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0043"
down_revision = "0042"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "room_followers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("follow_no", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("room_state", sa.Text(), nullable=False),
        sa.Column("followed_at", _INSTANT, nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("room_followers_shop_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"],
            ["rooms.shop_id", "rooms.room_id"],
            name=op.f("room_followers_shop_id_room_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", name=op.f("room_followers_pkey")),
        sa.UniqueConstraint("shop_id", "follow_no", name=op.f("room_followers_shop_id_follow_no_key")),
    )
    op.create_table(
        "room_mass_notices",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("openids", JSONB(none_as_null=True), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("success", sa.Integer(), nullable=True),
        sa.Column("openid_errors", sa.Integer(), nullable=True),
        sa.Column("relation_errors", sa.Integer(), nullable=True),
        sa.Column("over_limit", sa.Integer(), nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (openids IS NOT NULL)", name=op.f("room_mass_notices_openids_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"],
            ["rooms.shop_id", "rooms.room_id"],
            name=op.f("room_mass_notices_shop_id_room_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "message_id", name=op.f("room_mass_notices_pkey")),
    )
    op.create_index("room_mass_notices_day_idx", "room_mass_notices", ["shop_id", "day", "room_id"], unique=False)
    _webhooks()


def _webhooks() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("backup_url", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token_hint", sa.Text(), nullable=False),
        sa.Column("key_hint", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("verified_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("mode IN ('plain', 'compatible', 'safe')", name=op.f("webhook_endpoints_mode_check")),
        sa.CheckConstraint("form IN ('xml', 'json')", name=op.f("webhook_endpoints_form_check")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("webhook_endpoints_pkey")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("message", JSONB(none_as_null=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("send_at", _INSTANT, nullable=True),
        sa.Column("busy_until", _INSTANT, nullable=True),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up')", name=op.f("webhook_deliveries_state_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", "delivery_id", name=op.f("webhook_deliveries_pkey")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("webhook_deliveries_shop_id_key_key")),
    )
    op.create_index("webhook_deliveries_made_at_idx", "webhook_deliveries", ["made_at"], unique=False)
    op.create_index(
        "webhook_deliveries_send_at_idx",
        "webhook_deliveries",
        ["send_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "webhook_deliveries_customer_id_idx",
        "webhook_deliveries",
        ["shop_id", "customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_table(
        "webhook_tries",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("try_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("backup", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "delivery_id"],
            ["webhook_deliveries.shop_id", "webhook_deliveries.delivery_id"],
            name=op.f("webhook_tries_shop_id_delivery_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "delivery_id", "try_id", name=op.f("webhook_tries_pkey")),
    )
    # A reset keeps where the shop's software listens, as it keeps what it signs in with.
    bind = op.get_bind()
    made = str(bind.scalar(sa.text("SELECT pg_get_functiondef('reset_sandbox(bigint)'::regprocedure)")))
    bind.exec_driver_sql(made.replace("'trail_seals', ", "'trail_seals', 'webhook_endpoints', "))
