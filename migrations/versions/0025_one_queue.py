"""Review cases about anything, with a limit, who works on them, a second person and an appeal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name, kind in (
        ("kind", sa.Text()),
        ("subject", sa.Text()),
        ("title", sa.Text()),
        ("follows", sa.BigInteger()),
        ("submitted_by", sa.Text()),
        ("due_at", _INSTANT),
        ("missed_at", _INSTANT),
        ("persons", sa.SmallInteger()),
        ("first_pass_by", sa.Text()),
        ("taken_by", sa.Text()),
        ("taken_at", _INSTANT),
        ("appeal", sa.Text()),
        ("appealed_at", _INSTANT),
    ):
        op.add_column("review_cases", sa.Column(name, kind, nullable=True))
    op.alter_column("review_cases", "machine_due_at", existing_type=_INSTANT, nullable=True)
    _fill()
    for name, kind in (
        ("kind", sa.Text()),
        ("subject", sa.Text()),
        ("title", sa.Text()),
        ("submitted_by", sa.Text()),
        ("persons", sa.SmallInteger()),
    ):
        op.alter_column("review_cases", name, existing_type=kind, nullable=False)
    op.drop_index("review_cases_goods_id_idx", table_name="review_cases")
    op.drop_constraint("review_cases_shop_id_goods_id_fkey", "review_cases", type_="foreignkey")
    op.drop_column("review_cases", "goods_id")
    kinds = "'goods', 'shop', 'paper', 'permission', 'room', 'comment', 'replay', 'frame', 'appeal'"
    for name, condition in (
        ("kind", f"kind IN ({kinds})"),
        ("persons", "persons IN (1, 2)"),
        ("taken", "(taken_by IS NULL) = (taken_at IS NULL)"),
        ("appeal", "(appeal IS NULL) = (appealed_at IS NULL)"),
    ):
        op.create_check_constraint(op.f(f"review_cases_{name}_check"), "review_cases", condition)
    op.create_index("review_cases_subject_idx", "review_cases", ["shop_id", "subject", "audit_id"], unique=False)
    op.create_index(
        "review_cases_due_idx",
        "review_cases",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('machine', 'waiting') AND missed_at IS NULL"),
    )


def _fill() -> None:
    # A card becomes the content of a case as every other: texts, pictures, facts.
    for statement in (_SUBMITTED, _PREVIOUS, _REST):
        op.execute(statement)


_SUBMITTED = """
UPDATE review_cases SET submitted = jsonb_build_object(
    'texts', jsonb_build_object('name', submitted->'name', 'url', submitted->'url'),
    'pictures', jsonb_build_array(submitted->'cover_media_id'),
    'facts', jsonb_build_object('goods_id', submitted->'goods_id', 'price_type', submitted->'price_type',
        'price_fen', submitted->'price_fen', 'price2_fen', submitted->'price2_fen'))
"""
_PREVIOUS = """
UPDATE review_cases SET previous = jsonb_build_object(
    'texts', jsonb_build_object('name', previous->'name', 'url', previous->'url'),
    'pictures', jsonb_build_array(previous->'cover_media_id'),
    'facts', jsonb_build_object('goods_id', previous->'goods_id', 'price_type', previous->'price_type',
        'price_fen', previous->'price_fen', 'price2_fen', previous->'price2_fen'))
WHERE previous IS NOT NULL
"""
_REST = """
UPDATE review_cases c SET
    kind = 'goods', subject = 'goods:' || c.goods_id, title = c.submitted->'texts'->>'name', persons = 1,
    follows = (
        SELECT max(b.audit_id) FROM review_cases b
        WHERE b.shop_id = c.shop_id AND b.goods_id = c.goods_id AND b.audit_id < c.audit_id
            AND b.state IN ('approved', 'rejected')
    ),
    submitted_by = COALESCE((
        SELECT h.actor FROM live_goods_history h
        WHERE h.shop_id = c.shop_id AND h.goods_id = c.goods_id AND h.audit_id = c.audit_id
            AND h.became = 'in_audit'
        ORDER BY h.entry_id LIMIT 1
    ), 'system:liveshelf')
"""
