"""Merchants, and what the simulated provider remembers. The simulator stands for an outside system, so nothing else
reads or writes its tables.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, metadata

payment_merchants = Table(
    "payment_merchants",
    metadata,
    Column("mchid", Text, nullable=False),
    Column("shop_id", Id, nullable=False),
    Column("appid", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # private key and APIv3 key
    Column("public_key_id", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("active", Boolean, nullable=False),  # an earlier one stays for its refunds
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("mchid"),
)
Index("payment_merchants_active_key", payment_merchants.c.shop_id, unique=True, postgresql_where=text("active"))

# Public knowledge, kept so that a process which has just started believes a notification although the provider can't be
# asked at that moment.
payment_certificates = Table(
    "payment_certificates",
    metadata,
    Column("mchid", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("mchid", "serial"),
)

simulator_keys = Table(
    "simulator_keys",
    metadata,
    Column("row_no", Integer, nullable=False, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("row_no"),
    CheckConstraint("row_no = 1", name="only_one"),
)

simulator_faults = Table(
    "simulator_faults",
    metadata,
    Column("row_no", Integer, nullable=False, autoincrement=False),
    Column("faults", Json, nullable=False),
    PrimaryKeyConstraint("row_no"),
    CheckConstraint("row_no = 1", name="only_one"),
)

simulator_payments = Table(
    "simulator_payments",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("scene", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("notify_url", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("paid_at", Instant),
    Column("refunded_fen", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id", "payment_id"),
    CheckConstraint("state IN ('waiting', 'paid', 'closed', 'refunded')", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("refunded_fen >= 0 AND refunded_fen <= amount_fen", name="refunded"),
    CheckConstraint("(state IN ('paid', 'refunded')) = (paid_at IS NOT NULL)", name="paid"),
)

simulator_refunds = Table(
    "simulator_refunds",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("refund_no", Text, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("becomes", Text, nullable=False),  # how it ends once its time has come
    Column("ends_at", Instant, nullable=False),  # wall time
    PrimaryKeyConstraint("shop_id", "refund_no"),
    CheckConstraint("state IN ('processing', 'success', 'closed', 'abnormal')", name="state"),
    CheckConstraint("becomes IN ('success', 'closed', 'abnormal')", name="becomes"),
    CheckConstraint("amount_fen > 0", name="amount"),
)

simulator_notices = Table(
    "simulator_notices",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("notice_id", Id, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("refund_no", Text, nullable=False),  # of a notice about a refund
    Column("url", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("send_at", Instant),  # wall time of the next try; empty once it was acknowledged
    Column("tries", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "notice_id"),
)
Index("simulator_notices_send_idx", simulator_notices.c.send_at, postgresql_where=text("send_at IS NOT NULL"))
