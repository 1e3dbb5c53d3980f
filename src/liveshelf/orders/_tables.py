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
    Table,
    Text,
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
    Column("closed_at", Instant),
    Column("close_reason", Text),
    Column("shipped_at", Instant),  # when the last piece left
    Column("receive_due_at", Instant),  # when it counts as received
    Column("done_at", Instant),
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
        "close_reason IS NULL OR paid_at IS NULL AND close_reason IN ('unpaid', 'cancelled')"
        " OR paid_at IS NOT NULL AND close_reason IN ('oversold', 'abnormal', 'refunded')",
        name="close_reason",
    ),
    CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
    Index("orders_customer_id_idx", "shop_id", "customer_id", "order_id"),
    Index("orders_state_idx", "shop_id", "state", "order_id"),
    Index("orders_room_id_idx", "shop_id", "room_id"),
)
Index("orders_unpaid_idx", orders.c.expires_at, postgresql_where=text("state = 'to_pay'"))
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
    ForeignKeyConstraint(["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"]),
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
    PrimaryKeyConstraint("shop_id", "entry_id"),
    ForeignKeyConstraint(["shop_id", "order_id"], ["orders.shop_id", "orders.order_id"]),
    Index("order_history_order_id_idx", "shop_id", "order_id", "entry_id"),
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
    PrimaryKeyConstraint("shop_id", "customer_id", "sku_id"),
    ForeignKeyConstraint(
        ["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"], ondelete="CASCADE"),
    CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
)
