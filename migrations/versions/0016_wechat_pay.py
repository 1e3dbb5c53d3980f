"""WeChat Pay's protocol: merchants and their keys, and a simulator that speaks it with books and keys of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "payment_merchants",
        sa.Column("mchid", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mchid", name=op.f("payment_merchants_pkey")),
    )
    op.create_index(
        "payment_merchants_active_key",
        "payment_merchants",
        ["shop_id"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "payment_certificates",
        sa.Column("mchid", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mchid", "serial", name=op.f("payment_certificates_pkey")),
    )
    for name, column in (
        ("simulator_keys", sa.Column("sealed", sa.LargeBinary(), nullable=False)),
        (
            "simulator_faults",
            sa.Column("faults", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        ),
    ):
        op.create_table(
            name,
            sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
            column,
            sa.CheckConstraint("row_no = 1", name=op.f(f"{name}_only_one_check")),
            sa.PrimaryKeyConstraint("row_no", name=op.f(f"{name}_pkey")),
        )
    # What was paid so far was paid at the simulator, under the number that it gives a shop.
    for table in ("payments", "payment_callbacks"):
        op.add_column(table, sa.Column("merchant", sa.Text(), nullable=True))
        op.execute(f"UPDATE {table} SET merchant = '9' || lpad(shop_id::text, 9, '0')")  # noqa: S608 - our tables' names
        op.alter_column(table, "merchant", nullable=False)
    # Notifications of the old kind can't be read any more; asking the provider finds out what they said.
    op.execute("UPDATE payment_callbacks SET try_at = NULL WHERE try_at IS NOT NULL")
    for name, value in (("scene", "h5"), ("payer", ""), ("notify_url", "")):
        op.add_column("simulator_payments", sa.Column(name, sa.Text(), nullable=True))
        op.execute(f"UPDATE simulator_payments SET {name} = '{value}'")  # noqa: S608 - as above
        op.alter_column("simulator_payments", name, nullable=False)
    op.drop_index("simulator_payments_notify_idx", table_name="simulator_payments")
    for name in ("return_url", "notify_at", "notified_at"):
        op.drop_column("simulator_payments", name)
    op.add_column("simulator_refunds", sa.Column("becomes", sa.Text(), nullable=True))
    op.add_column("simulator_refunds", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE simulator_refunds SET becomes = 'success', ends_at = made_at")
    op.alter_column("simulator_refunds", "becomes", nullable=False)
    op.alter_column("simulator_refunds", "ends_at", nullable=False)
    op.create_check_constraint(
        op.f("simulator_refunds_becomes_check"), "simulator_refunds", "becomes IN ('success', 'closed', 'abnormal')"
    )
    op.create_table(
        "simulator_notices",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_no", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "notice_id", name=op.f("simulator_notices_pkey")),
    )
    op.create_index(
        "simulator_notices_send_idx",
        "simulator_notices",
        ["send_at"],
        unique=False,
        postgresql_where=sa.text("send_at IS NOT NULL"),
    )
    # A reset keeps under which merchant a shop is paid, as it keeps what its software signs in with.
    bind = op.get_bind()
    made = str(bind.scalar(sa.text("SELECT pg_get_functiondef('reset_sandbox(bigint)'::regprocedure)")))
    bind.exec_driver_sql(made.replace("'trail_seals', ", "'trail_seals', 'payment_merchants', "))
