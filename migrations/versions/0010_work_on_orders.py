"""Parcels, files of rows, abnormal orders, changes of price and address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('rehearsing', 'rehearsed', 'working', 'finished', 'stopped')",
            name=op.f(
                "batches_state_check",
            ),
        ),
        sa.CheckConstraint("rows >= 0", name=op.f("batches_rows_check")),
        sa.PrimaryKeyConstraint("shop_id", "batch_id", name=op.f("batches_pkey")),
    )
    op.create_index("batches_forget_idx", "batches", ["forget_at"], unique=False)
    op.create_index(
        "batches_wake_idx",
        "batches",
        ["wake_at"],
        unique=False,
        postgresql_where=sa.text(
            "wake_at IS NOT NULL",
        ),
    )
    op.create_table(
        "parcels",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_no", sa.Text(), nullable=False),
        sa.Column("label_void", sa.Boolean(), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("parcels_sent_check")),
        sa.CheckConstraint("NOT (state = 'sent' AND label_void)", name=op.f("parcels_label_check")),
        sa.CheckConstraint("state IN ('packed', 'sent', 'undone')", name=op.f("parcels_state_check")),
        sa.PrimaryKeyConstraint("shop_id", "parcel_id", name=op.f("parcels_pkey")),
    )
    op.create_index("parcels_order_id_idx", "parcels", ["shop_id", "order_id"], unique=False)
    op.create_index("parcels_tracking_no_idx", "parcels", ["shop_id", "tracking_no"], unique=False)
    op.create_table(
        "batch_files",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "batch_id"],
            ["batches.shop_id", "batches.batch_id"],
            name=op.f("batch_files_shop_id_batch_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "batch_id", name=op.f("batch_files_pkey")),
    )
    op.create_table(
        "batch_rows",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'unchanged', 'failed')",
            name=op.f("batch_rows_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "batch_id"],
            ["batches.shop_id", "batches.batch_id"],
            name=op.f("batch_rows_shop_id_batch_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "batch_id", "row_no", name=op.f("batch_rows_pkey")),
    )
    op.create_index(
        "batch_rows_state_idx",
        "batch_rows",
        ["shop_id", "batch_id", "state", "row_no"],
        unique=False,
    )
    op.create_table(
        "parcel_lines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("parcel_lines_quantity_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "parcel_id"],
            ["parcels.shop_id", "parcels.parcel_id"],
            name=op.f("parcel_lines_shop_id_parcel_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "parcel_id", "sku_id", name=op.f("parcel_lines_pkey")),
    )
    op.create_table(
        "abnormal_orders",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("flagged_by", sa.Text(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("abnormal_orders_ended_check")),
        sa.CheckConstraint(
            "(state = 'overdue') = (outcome IS NOT NULL)",
            name=op.f("abnormal_orders_outcome_check"),
        ),
        sa.CheckConstraint("outcome IN ('refund', 'keep')", name=op.f("abnormal_orders_outcome_known_check")),
        sa.CheckConstraint(
            "state IN ('open', 'settled', 'overdue')",
            name=op.f("abnormal_orders_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("abnormal_orders_shop_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "case_id", name=op.f("abnormal_orders_pkey")),
    )
    op.create_index(
        "abnormal_orders_due_idx",
        "abnormal_orders",
        ["shop_id", "due_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "abnormal_orders_open_key",
        "abnormal_orders",
        ["shop_id", "order_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("abnormal_orders_order_id_idx", "abnormal_orders", ["shop_id", "order_id"], unique=False)
    op.create_index(
        "abnormal_orders_remind_idx",
        "abnormal_orders",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "order_address_requests",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name=op.f("order_address_requests_answered_check")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'refused', 'withdrawn')",
            name=op.f(
                "order_address_requests_state_check",
            ),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("order_address_requests_shop_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "request_id", name=op.f("order_address_requests_pkey")),
    )
    op.create_index(
        "order_address_requests_due_idx",
        "order_address_requests",
        ["shop_id", "answer_due_at", "request_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "order_address_requests_open_key",
        "order_address_requests",
        ["shop_id", "order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "order_address_requests_order_id_idx", "order_address_requests", ["shop_id", "order_id"], unique=False
    )
    op.create_table(
        "order_price_changes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("was_fen", sa.BigInteger(), nullable=False),
        sa.Column("became_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("became_fen >= 0", name=op.f("order_price_changes_became_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id", "line_no"],
            ["order_lines.shop_id", "order_lines.order_id", "order_lines.line_no"],
            name=op.f("order_price_changes_shop_id_order_id_line_no_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "change_id", name=op.f("order_price_changes_pkey")),
    )
    op.create_index(
        "order_price_changes_order_id_idx",
        "order_price_changes",
        ["shop_id", "order_id", "line_no", "change_id"],
        unique=False,
    )
    op.add_column("orders", sa.Column("receipt_extended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("remark", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("flag", sa.Text(), nullable=True))
    op.create_index(
        "orders_late_idx",
        "orders",
        ["shop_id", "paid_at"],
        unique=False,
        postgresql_where=sa.text(
            "state = 'to_ship'",
        ),
    )
