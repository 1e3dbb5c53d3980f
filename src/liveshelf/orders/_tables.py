"""Orders, lines and history."""

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
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

orders = Table(
    "orders",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("room_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),  # when it closes if it is still unpaid
    Column("paid_at", Instant),
    Column("ship_due_at", Instant),  # as the shop promised when it was paid
    Column("receive_days", SmallInteger),  # likewise
    Column("closed_at", Instant),
    Column("close_reason", Text),
    Column("shipped_at", Instant),  # when the last piece left
    Column("receive_due_at", Instant),  # when it counts as received
    Column("done_at", Instant),
    Column("receipt_extended_at", Instant),
    Column("reminded_at", Instant),  # when the buyer was reminded to pay
    Column("remark", Text),  # the merchant's own
    Column("flag", Text),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id"),
    ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"]),
    CheckConstraint(
        "state IN ('to_pay', 'to_ship', 'partly_shipped', 'to_receive', 'done', 'closed')",
        name="state",
    ),
    CheckConstraint("total_fen > 0", name="total"),
    CheckConstraint("currency = 'CNY'", name="currency"),
    CheckConstraint("state = 'closed' OR (state = 'to_pay') = (paid_at IS NULL)", name="paid"),
    CheckConstraint("(state = 'closed') = (close_reason IS NOT NULL)", name="closed"),
    CheckConstraint(
        "close_reason IS NULL OR paid_at IS NULL AND close_reason IN ('unpaid', 'cancelled', 'oversold')"
        " OR paid_at IS NOT NULL AND close_reason IN ('oversold', 'abnormal', 'refunded')",
        name="close_reason",
    ),
    CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
    Index("orders_customer_id_idx", "shop_id", "customer_id", "order_id"),
    Index("orders_state_idx", "shop_id", "state", "order_id"),
    # Of few orders' rooms and of nothing else: on tables that were just made any index will do for the planner.
    Index("orders_room_id_idx", "shop_id", "room_id", postgresql_where=text("room_id IS NOT NULL")),
)
Index("orders_unpaid_idx", orders.c.expires_at, postgresql_where=text("state = 'to_pay'"))
Index("orders_late_idx", orders.c.shop_id, orders.c.ship_due_at, postgresql_where=text("state = 'to_ship'"))
Index("orders_receive_due_idx", orders.c.receive_due_at, postgresql_where=text("state = 'to_receive'"))

order_lines = Table(
    "order_lines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("product_id", Id, nullable=False),
    Column("goods_id", Id),
    Column("title", Text, nullable=False),
    Column("specs", Json, nullable=False),
    Column("picture_media_id", Text, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("delivery", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id", "line_no"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
    # No key leads to the SKU: a line says itself what was bought, and in a rush every line would lock the same row.
    CheckConstraint("quantity > 0 AND amount_fen = price_fen * quantity", name="amount"),
    CheckConstraint("delivery IN ('shipped', 'virtual')", name="delivery"),
)
append_only("order_lines")

order_history = Table(
    "order_history",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("entry_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("was", Text),
    Column("became", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("facts", Json),  # what a reader of the timeline needs besides: numbers and codes, no personal data
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id", "entry_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
)
append_only("order_history")

# The order's own copy of where it goes, one row a version: the newest counts, the others stay for whoever asks later.
# Only erasing its customer takes what a row says away: at once, or, marked with `forget`, when the order is over.
order_addresses = Table(
    "order_addresses",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("why", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("forget", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id", "version"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"], ondelete="CASCADE"),
    CheckConstraint("why IN ('placed', 'chosen', 'changed')", name="why"),
)
Index(
    "order_addresses_forget_idx",
    order_addresses.c.shop_id,
    order_addresses.c.order_id,
    postgresql_where=text("forget AND sealed IS NOT NULL"),
)
append_only("order_addresses", "sealed", "forget")

# What the buyer sent along: a note, and what the invoice is to say. There is a row only where there is something.
order_papers = Table(
    "order_papers",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("sealed", LargeBinary),
    Column("forget", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"], ondelete="CASCADE"),
)
Index(
    "order_papers_forget_idx",
    order_papers.c.shop_id,
    order_papers.c.order_id,
    postgresql_where=text("forget AND sealed IS NOT NULL"),
)
append_only("order_papers", "sealed", "forget")

cart_lines = Table(
    "cart_lines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("selected", Boolean, nullable=False),
    Column("seen_fen", BigInteger, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("room_id", Id),  # where it was put in last; none outside of rooms
    PrimaryKeyConstraint("shop_id", "customer_id", "sku_id"),
    ForeignKeyConstraint(
        ["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"], ondelete="CASCADE"),
    CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
)

# What a buyer's invoices say, for the next order; an order keeps its own copy. The hash knows the same title again.
invoice_titles = Table(
    "invoice_titles",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("title_id", BigInteger, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("used_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "title_id"),
    UniqueConstraint("shop_id", "customer_id", "hash"),
    ForeignKeyConstraint(
        ["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"], ondelete="CASCADE"
    ),
)

# What a line costs after the merchant changed it; the latest counts. Lines themselves stay as they were bought.
order_price_changes = Table(
    "order_price_changes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("change_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("was_fen", BigInteger, nullable=False),
    Column("became_fen", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "change_id"),
    ForeignKeyConstraint(
        ["shop_id", "order_id", "line_no"], ["order_lines.shop_id", "order_lines.order_id", "order_lines.line_no"]
    ),
    CheckConstraint("became_fen >= 0", name="became"),
    Index("order_price_changes_order_id_idx", "shop_id", "order_id", "line_no", "change_id"),
)
append_only("order_price_changes")

abnormal_orders = Table(
    "abnormal_orders",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("flagged_by", Text, nullable=False),
    Column("flagged_at", Instant, nullable=False),
    Column("remind_at", Instant),
    Column("due_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Text),
    Column("answer", Text, nullable=False),
    Column("outcome", Text),  # what the clock did
    PrimaryKeyConstraint("shop_id", "case_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
    CheckConstraint("state IN ('open', 'settled', 'overdue')", name="state"),
    CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
    CheckConstraint("(state = 'overdue') = (outcome IS NOT NULL)", name="outcome"),
    CheckConstraint("outcome IN ('refund', 'keep')", name="outcome_known"),
    Index("abnormal_orders_order_id_idx", "shop_id", "order_id"),
)
Index(
    "abnormal_orders_open_key",
    abnormal_orders.c.shop_id,
    abnormal_orders.c.order_id,
    abnormal_orders.c.kind,
    unique=True,
    postgresql_where=text("state = 'open'"),
)
Index(
    "abnormal_orders_due_idx",
    abnormal_orders.c.shop_id,
    abnormal_orders.c.due_at,
    abnormal_orders.c.case_id,
    postgresql_where=text("state = 'open'"),
)
Index("abnormal_orders_remind_idx", abnormal_orders.c.remind_at, postgresql_where=text("state = 'open'"))

order_address_requests = Table(
    "order_address_requests",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("request_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("address", LargeBinary),  # sealed; gone once the buyer was erased
    Column("asked_at", Instant, nullable=False),
    Column("answer_due_at", Instant, nullable=False),
    Column("escalated_at", Instant),
    Column("answered_at", Instant),
    Column("answered_by", Text),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "request_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
    CheckConstraint("state IN ('open', 'approved', 'refused', 'withdrawn')", name="state"),
    CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
    Index("order_address_requests_order_id_idx", "shop_id", "order_id"),
)
Index(
    "order_address_requests_open_key",
    order_address_requests.c.shop_id,
    order_address_requests.c.order_id,
    unique=True,
    postgresql_where=text("state = 'open'"),
)
Index(
    "order_address_requests_due_idx",
    order_address_requests.c.shop_id,
    order_address_requests.c.answer_due_at,
    order_address_requests.c.request_id,
    postgresql_where=text("state = 'open'"),
)

# Pieces that somebody has asked their money back for: until that is decided, packing leaves them out.
order_stops = Table(
    "order_stops",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("claim", BigInteger, nullable=False),  # whose stop it is: a number of who asked
    Column("sku_id", Id, nullable=False),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id", "claim", "sku_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
    CheckConstraint("quantity > 0", name="quantity"),
)
