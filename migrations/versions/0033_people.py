"""People: posts with what they need, invitations, sessions that can be seen, the second factor, links for passwords."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

_ROLES = "'owner', 'admin', 'operator', 'goods', 'content', 'anchor', 'service', 'analyst', 'legal', 'developer'"


def upgrade() -> None:
    _roles()
    _sessions()
    op.add_column("accounts", sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("accounts", sa.Column("totp_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("accounts", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.create_table(
        "account_recovery_codes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("account_recovery_codes_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("account_recovery_codes_pkey")),
    )
    op.create_table(
        "account_password_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("account_password_links_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("account_password_links_pkey")),
    )
    op.create_index("account_password_links_account_id_idx", "account_password_links", ["account_id"], unique=False)
    op.create_table(
        "account_invites",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("invite_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "invite_id", name=op.f("account_invites_pkey")),
        sa.UniqueConstraint("shop_id", "token_hash", name=op.f("account_invites_shop_id_token_hash_key")),
    )


def _roles() -> None:
    op.drop_constraint("memberships_role_check", "memberships")
    # One word per thing: the post is called service everywhere now.
    op.execute("UPDATE memberships SET role = 'service' WHERE role = 'support'")
    op.execute(
        """UPDATE aftersale_flows SET bands = replace(bands::text, '"support"', '"service"')::jsonb
        WHERE bands::text LIKE '%"support"%'"""
    )
    op.create_check_constraint(op.f("memberships_role_check"), "memberships", f"role IN ({_ROLES})")


def _sessions() -> None:
    # Where people are signed in was not known before: everybody signs in once more.
    op.execute("DELETE FROM account_sessions")
    op.add_column("account_sessions", sa.Column("session_id", sa.BigInteger(), nullable=False))
    op.add_column("account_sessions", sa.Column("device", sa.Text(), nullable=False))
    op.add_column("account_sessions", sa.Column("address", sa.Text(), nullable=False))
    op.add_column("account_sessions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False))
    op.create_unique_constraint(op.f("account_sessions_session_id_key"), "account_sessions", ["session_id"])
