"""People of rooms, customer service, and rooms that are muted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("rooms", sa.Column("muted_at", _INSTANT, nullable=True))
    op.create_table(
        "room_contacts",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("url <> '' OR phone <> ''", name=op.f("room_contacts_reachable_check")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("room_contacts_pkey")),
    )
    op.create_table(
        "room_members",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("wechat_id", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "identity IN ('unknown', 'verified', 'unverified')", name=op.f("room_members_identity_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", "wechat_id", name=op.f("room_members_pkey")),
        sa.UniqueConstraint("shop_id", "account_id", name=op.f("room_members_shop_id_account_id_key")),
    )
    op.create_table(
        "room_member_roles",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("wechat_id", sa.Text(), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", _INSTANT, nullable=False),
        sa.CheckConstraint("role IN (1, 2, 3)", name=op.f("room_member_roles_role_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "wechat_id"],
            ["room_members.shop_id", "room_members.wechat_id"],
            name=op.f("room_member_roles_shop_id_wechat_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "wechat_id", "role", name=op.f("room_member_roles_pkey")),
    )
    op.create_table(
        "room_assistants",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("wechat_id", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"],
            ["rooms.shop_id", "rooms.room_id"],
            name=op.f("room_assistants_shop_id_room_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "wechat_id"],
            ["room_members.shop_id", "room_members.wechat_id"],
            name=op.f("room_assistants_shop_id_wechat_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "wechat_id", name=op.f("room_assistants_pkey")),
    )
