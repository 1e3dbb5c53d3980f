"""A reset finds the tables it empties by itself: every one with a shop's rows, those that point at others first."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Name, members, credential, tokens, limits and the trail stay. The library's version goes on, so no cache can take
    # new goods for old ones.
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
                        'trail', 'trail_seals', 'libraries')
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
