"""After-sales: cases with their lines and logs, arbitration, and what a shop sets up for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.drop_constraint(op.f("accounts_platform_role_check"), "accounts")
    op.create_check_constraint(
        op.f("accounts_platform_role_check"), "accounts", "platform_role IN ('reviewer', 'arbiter')"
    )
    op.create_table(
        "aftersale_flows",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("bands", JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "version", name=op.f("aftersale_flows_pkey")),
    )
    op.create_table(
        "aftersale_reasons",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("responsibility", sa.Text(), nullable=False),
        sa.Column("pictures", sa.Boolean(), nullable=False),
        sa.Column("freight_by", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("freight_by IN ('merchant', 'buyer')", name=op.f("aftersale_reasons_freight_by_check")),
        sa.CheckConstraint(
            "responsibility IN ('merchant', 'buyer', 'carrier', 'none')",
            name=op.f("aftersale_reasons_responsibility_check"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "code", name=op.f("aftersale_reasons_pkey")),
    )
    op.create_table(
        "return_addresses",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "address_id", name=op.f("return_addresses_pkey")),
    )
    op.create_index(
        "return_addresses_standard_key",
        "return_addresses",
        ["shop_id"],
        unique=True,
        postgresql_where=sa.text("standard"),
    )
    op.create_table(
        "aftersale_cases",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("reason", JSONB(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("flow_version", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("offer_fen", sa.BigInteger(), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promises", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached", sa.Boolean(), nullable=False),
        sa.Column("return_address", sa.LargeBinary(), nullable=True),
        sa.Column("sent_back", JSONB(), nullable=True),
        sa.Column("resent", JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('refunded', 'exchanged', 'refused', 'withdrawn', 'closed')) = (ended_at IS NOT NULL)",
            name=op.f("aftersale_cases_ended_check"),
        ),
        sa.CheckConstraint("kind IN ('refund', 'return', 'exchange')", name=op.f("aftersale_cases_kind_check")),
        sa.CheckConstraint("shipped OR kind = 'refund'", name=op.f("aftersale_cases_shipped_check")),
        sa.CheckConstraint(
            "state IN ('applied', 'awaiting_return', 'inspecting', 'resending', 'refunding', 'refunded', 'exchanged', "
            "'refused', 'withdrawn', 'closed')",
            name=op.f("aftersale_cases_state_check"),
        ),
        sa.CheckConstraint(
            "amount_fen >= 0 AND (offer_fen IS NULL OR offer_fen > 0)", name=op.f("aftersale_cases_amount_check")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("aftersale_cases_shop_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "case_id", name=op.f("aftersale_cases_pkey")),
    )
    op.create_index(
        "aftersale_cases_answer_idx",
        "aftersale_cases",
        ["answer_due_at"],
        unique=False,
        postgresql_where=sa.text("answer_due_at IS NOT NULL"),
    )
    op.create_index(
        "aftersale_cases_customer_id_idx", "aftersale_cases", ["shop_id", "customer_id", "case_id"], unique=False
    )
    op.create_index(
        "aftersale_cases_due_idx",
        "aftersale_cases",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("aftersale_cases_order_id_idx", "aftersale_cases", ["shop_id", "order_id"], unique=False)
    op.create_index(
        "aftersale_cases_promise_idx",
        "aftersale_cases",
        ["promised_at"],
        unique=False,
        postgresql_where=sa.text("promised_at IS NOT NULL"),
    )
    op.create_index("aftersale_cases_state_idx", "aftersale_cases", ["shop_id", "state", "case_id"], unique=False)
    op.create_table(
        "aftersale_arbitrations",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "amount_fen IS NULL OR (amount_fen >= 0 AND decided_at IS NOT NULL)",
            name=op.f("aftersale_arbitrations_decided_check"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "case_id"],
            ["aftersale_cases.shop_id", "aftersale_cases.case_id"],
            name=op.f("aftersale_arbitrations_shop_id_case_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "case_id", name=op.f("aftersale_arbitrations_pkey")),
    )
    op.create_index(
        "aftersale_arbitrations_decided_idx",
        "aftersale_arbitrations",
        ["decided_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    op.create_index(
        "aftersale_arbitrations_waiting_idx",
        "aftersale_arbitrations",
        ["called_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "aftersale_lines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("most_fen", sa.BigInteger(), nullable=False),
        sa.Column("want_sku_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("quantity > 0 AND most_fen >= 0", name=op.f("aftersale_lines_quantity_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "case_id"],
            ["aftersale_cases.shop_id", "aftersale_cases.case_id"],
            name=op.f("aftersale_lines_shop_id_case_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "case_id", "line_no", name=op.f("aftersale_lines_pkey")),
    )
    op.create_index("aftersale_lines_order_id_idx", "aftersale_lines", ["shop_id", "order_id"], unique=False)
    op.create_table(
        "aftersale_log",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("became", sa.Text(), nullable=True),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pictures", JSONB(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('buyer', 'staff', 'platform', 'system')", name=op.f("aftersale_log_side_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "case_id"],
            ["aftersale_cases.shop_id", "aftersale_cases.case_id"],
            name=op.f("aftersale_log_shop_id_case_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "entry_id", name=op.f("aftersale_log_pkey")),
    )
    op.create_index("aftersale_log_case_id_idx", "aftersale_log", ["shop_id", "case_id", "entry_id"], unique=False)
