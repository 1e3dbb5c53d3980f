"""Cases, their lines and logs, and what a shop has set up for them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

aftersale_cases = Table(
    "aftersale_cases",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("shipped", Boolean, nullable=False),  # whether its pieces had been sent when it began
    Column("reason", Json, nullable=False),  # as it was offered: later edits change no running case
    Column("amount_fen", BigInteger, nullable=False),
    Column("flow_version", Integer, nullable=False),
    Column("step", Integer, nullable=False),  # steps of the review that are behind it
    Column("offer_fen", BigInteger),
    Column("answer_hours", SmallInteger, nullable=False),  # as the shop promised when it was opened
    Column("answer_due_at", Instant),
    Column("promised_at", Instant),  # until when a decision was promised
    Column("promises", Integer, nullable=False),
    Column("due_at", Instant),  # the limit of the state
    Column("breached", Boolean, nullable=False),
    Column("return_address", LargeBinary),  # sealed; as it was told to the buyer
    Column("sent_back", Json),  # carrier and number
    Column("resent", Json),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("shop_id", "case_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
    CheckConstraint("kind IN ('refund', 'return', 'exchange')", name="kind"),
    CheckConstraint(
        "state IN ('applied', 'awaiting_return', 'inspecting', 'resending', 'refunding', 'refunded', 'exchanged', "
        "'refused', 'withdrawn', 'closed')",
        name="state",
    ),
    CheckConstraint("amount_fen >= 0 AND (offer_fen IS NULL OR offer_fen > 0)", name="amount"),
    CheckConstraint("shipped OR kind = 'refund'", name="shipped"),
    CheckConstraint(
        "(state IN ('refunded', 'exchanged', 'refused', 'withdrawn', 'closed')) = (ended_at IS NOT NULL)", name="ended"
    ),
    Index("aftersale_cases_order_id_idx", "shop_id", "order_id"),
    Index("aftersale_cases_customer_id_idx", "shop_id", "customer_id", "case_id"),
    Index("aftersale_cases_state_idx", "shop_id", "state", "case_id"),
)
Index(
    "aftersale_cases_answer_idx",
    aftersale_cases.c.answer_due_at,
    postgresql_where=text("answer_due_at IS NOT NULL"),
)
Index("aftersale_cases_promise_idx", aftersale_cases.c.promised_at, postgresql_where=text("promised_at IS NOT NULL"))
Index("aftersale_cases_due_idx", aftersale_cases.c.due_at, postgresql_where=text("due_at IS NOT NULL"))

aftersale_lines = Table(
    "aftersale_lines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("most_fen", BigInteger, nullable=False),  # what its pieces can give back
    Column("want_sku_id", Id),  # what an exchange brings
    PrimaryKeyConstraint("shop_id", "case_id", "line_no"),
    ForeignKeyConstraint(["shop_id", "case_id"], ["aftersale_cases.shop_id", "aftersale_cases.case_id"]),
    CheckConstraint("quantity > 0 AND most_fen >= 0", name="quantity"),
    Index("aftersale_lines_order_id_idx", "shop_id", "order_id"),
)
append_only("aftersale_lines")

aftersale_log = Table(
    "aftersale_log",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("entry_id", Id, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
    Column("was", Text),  # with `became`: this row moved the case
    Column("became", Text),
    Column("side", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("text", Text, nullable=False),  # emptied when its writer is erased
    Column("pictures", Json, nullable=False),
    Column("amount_fen", BigInteger),
    Column("until", Instant),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "entry_id"),
    ForeignKeyConstraint(["shop_id", "case_id"], ["aftersale_cases.shop_id", "aftersale_cases.case_id"]),
    CheckConstraint("side IN ('buyer', 'staff', 'platform', 'system')", name="side"),
    Index("aftersale_log_case_id_idx", "shop_id", "case_id", "entry_id"),
)
append_only("aftersale_log", "text", "pictures")

aftersale_arbitrations = Table(
    "aftersale_arbitrations",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("called_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("due_at", Instant),  # when the platform must have decided; empty once it has, or once that was missed
    Column("decided_at", Instant),
    Column("amount_fen", BigInteger),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "case_id"),
    ForeignKeyConstraint(["shop_id", "case_id"], ["aftersale_cases.shop_id", "aftersale_cases.case_id"]),
    CheckConstraint("amount_fen IS NULL OR (amount_fen >= 0 AND decided_at IS NOT NULL)", name="decided"),
)
# The platform's desk: what waits over all shops, the longest wait first.
Index(
    "aftersale_arbitrations_waiting_idx",
    aftersale_arbitrations.c.called_at,
    aftersale_arbitrations.c.case_id,
    postgresql_where=text("decided_at IS NULL"),
)
Index(
    "aftersale_arbitrations_decided_idx",
    aftersale_arbitrations.c.decided_at,
    aftersale_arbitrations.c.case_id,
    postgresql_where=text("decided_at IS NOT NULL"),
)

aftersale_reasons = Table(
    "aftersale_reasons",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("code", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("responsibility", Text, nullable=False),
    Column("pictures", Boolean, nullable=False),
    Column("freight_by", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "code"),
    CheckConstraint("responsibility IN ('merchant', 'buyer', 'carrier', 'none')", name="responsibility"),
    CheckConstraint("freight_by IN ('merchant', 'buyer')", name="freight_by"),
)

aftersale_flows = Table(
    "aftersale_flows",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("bands", Json, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "version"),
)
append_only("aftersale_flows")

return_addresses = Table(
    "return_addresses",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("address_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("standard", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "address_id"),
)
Index(
    "return_addresses_standard_key",
    return_addresses.c.shop_id,
    unique=True,
    postgresql_where=text("standard"),
)
