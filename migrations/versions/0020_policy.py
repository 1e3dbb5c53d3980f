"""The policy of the house, waivers, and when a shop opened. Shops that are there were opened by their operator."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("policy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("policy_id = 1", name=op.f("policy_one_check")),
        sa.CheckConstraint("profile IN ('own_house', 'marketplace')", name=op.f("policy_profile_check")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("policy_pkey")),
    )
    op.create_table(
        "waivers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("waiver_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "waiver_id", name=op.f("waivers_pkey")),
    )
    op.add_column("shops", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("shops", sa.Column("opened_under_waiver", sa.Boolean(), nullable=True))
    op.execute("UPDATE shops SET opened_at = created_at, opened_under_waiver = true")
    op.alter_column("shops", "opened_under_waiver", nullable=False)
    op.execute("""
    INSERT INTO waivers (shop_id, waiver_id, rule, subject, reason, actor, at)
    SELECT shop_id, 1, 'everything', 'shop', 'it was there before the house had a policy', 'system:liveshelf',
        created_at
    FROM shops
    """)
    op.drop_constraint(op.f("accounts_platform_role_check"), "accounts")
    op.create_check_constraint(
        op.f("accounts_platform_role_check"), "accounts", "platform_role IN ('reviewer', 'arbiter', 'steward')"
    )
    # Whether a shop may sell is not a part of what it has gathered.
    op.execute("""
    CREATE OR REPLACE FUNCTION reset_sandbox(shop bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        emptied regclass;
    BEGIN
        PERFORM FROM shops WHERE shop_id = shop AND sandbox FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'shop % is not a sandbox', shop USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOR emptied IN
            WITH RECURSIVE pointing AS (
                SELECT t.oid AS place, 0 AS depth
                FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attname = 'shop_id'
                WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
                    AND t.relname NOT IN ('shops', 'credentials', 'wire_tokens', 'quota_limits', 'memberships',
                        'trail', 'trail_seals', 'libraries', 'waivers')
                    AND t.relname NOT LIKE 'qualification\\_%'
                UNION
                SELECT f.conrelid, p.depth + 1
                FROM pointing p JOIN pg_constraint f
                    ON f.contype = 'f' AND f.confrelid = p.place AND f.conrelid <> f.confrelid
                WHERE p.depth < 30
            )
            SELECT place::regclass FROM pointing GROUP BY place ORDER BY max(depth) DESC, place
        LOOP
            EXECUTE format('DELETE FROM %s WHERE shop_id = $1', emptied) USING shop;
        END LOOP;
        UPDATE libraries SET version = version + 1, unaudited = 0, in_audit = 0, approved = 0, rejected = 0,
            unaudited_left = version + 1, in_audit_left = version + 1,
            approved_left = version + 1, rejected_left = version + 1
            WHERE shop_id = shop;
        UPDATE shops SET pages = '[]', widget_key = NULL, blocked_at = NULL WHERE shop_id = shop;
    END $$
    """)
