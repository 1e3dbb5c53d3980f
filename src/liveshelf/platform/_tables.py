"""Tables of the runtime itself."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

events = Table(
    "events",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("stream", Text, nullable=False),
    Column("seq", BigInteger),
    Column("name", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("actor", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("relayed_at", Instant),
    PrimaryKeyConstraint("shop_id", "event_id"),
)
# What the relay still has to carry; small, whatever the history's length.
Index("events_unrelayed_idx", events.c.shop_id, events.c.event_id, postgresql_where=text("relayed_at IS NULL"))
# A stream's numbered tail: what a viewer missed.
Index(
    "events_stream_seq_key",
    events.c.shop_id,
    events.c.stream,
    events.c.seq,
    unique=True,
    postgresql_where=text("seq IS NOT NULL"),
)
append_only("events", "relayed_at")

counters = Table(
    "counters",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id", "kind"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("actor", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("result", Json),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "actor", "operation", "key"),
    Index("idempotency_created_at_idx", "created_at", postgresql_using="brin"),  # rows lie in this order anyway
)

# Limits that were missed: history, for the report. What was late in the end is set when it came.
clock_breaches = Table(
    "clock_breaches",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("breach_id", Id, nullable=False),
    Column("clock", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("noticed_at", Instant, nullable=False),
    Column("settled_at", Instant),
    PrimaryKeyConstraint("shop_id", "breach_id"),
    UniqueConstraint("shop_id", "clock", "subject", "due_at"),
)
append_only("clock_breaches", "settled_at")

# Limits that were told of before they ran out, so that each is told of once.
clock_warnings = Table(
    "clock_warnings",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("clock", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "clock", "subject", "due_at"),
    Index("clock_warnings_at_idx", "at"),
)

# What the workers did last, clock by clock: wall time, written every few seconds.
clock_rounds = Table(
    "clock_rounds",
    metadata,
    Column("clock", Text, primary_key=True),
    Column("looked_at", Instant, nullable=False),
    Column("fired", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("failed_at", Instant),
    Column("failed_shop_id", Id),
)

clock_offset = Table(
    "clock_offset",
    metadata,
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, nullable=False),
    CheckConstraint("row_no = 1", name="only_one"),
    CheckConstraint("seconds >= 0", name="forward"),
)

# Official holidays and make-up days of a year, as the platform's people have entered them.
working_years = Table(
    "working_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("off", Json, nullable=False),  # ISO dates
    Column("on", Json, nullable=False),  # weekend days that are worked
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
