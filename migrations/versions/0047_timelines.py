"""The signed timelines of broadcasts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "timelines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("links", sa.BigInteger(), nullable=False),
        sa.Column("marks", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"], name=op.f("timelines_shop_id_room_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "room_id", name=op.f("timelines_pkey")),
    )
    op.create_index(
        "timelines_open_idx",
        "timelines",
        ["shop_id", "room_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "timeline_links",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("timeline_links_number_check")),
        _of_timeline("timeline_links"),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "number", name=op.f("timeline_links_pkey")),
    )
    op.create_index(
        "timeline_links_subject_key",
        "timeline_links",
        ["shop_id", "room_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("subject IS NOT NULL"),
    )
    op.create_table(
        "timeline_seals",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _of_timeline("timeline_seals"),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "last", name=op.f("timeline_seals_pkey")),
    )
    # What is on air already is written down from now on.
    op.execute(
        "INSERT INTO timelines (shop_id, room_id, began_at, links, marks)"
        " SELECT shop_id, room_id, coalesce(started_at, starts_at), 0, '{}' FROM rooms"
        " WHERE state IN ('live', 'paused', 'abnormal') AND deleted_at IS NULL"
    )


def _of_timeline(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", "room_id"],
        ["timelines.shop_id", "timelines.room_id"],
        name=op.f(f"{table}_shop_id_room_id_fkey"),
    )
