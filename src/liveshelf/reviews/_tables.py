"""Cases and verdicts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

review_cases = Table(
    "review_cases",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # "goods:1001"; what it names may be gone
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("submitted", Json, nullable=False),  # the content as submitted: what the verdict is about
    Column("previous", Json),  # the content that was decided about before, for the desk's comparison
    Column("follows", BigInteger),  # the case of that content
    Column("submitted_by", Text, nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("machine_due_at", Instant),  # when the machine stage is asked for again, if it has not come
    Column("waiting_since", Instant),
    Column("due_at", Instant),
    Column("missed_at", Instant),  # when it was written down that `due_at` was missed
    Column("decided_at", Instant),
    Column("persons", SmallInteger, nullable=False),  # how many must pass it
    Column("barred", Json),  # reviewers who may not judge it, because it is about what they did
    Column("first_pass_by", Text),
    Column("taken_by", Text),
    Column("taken_at", Instant),
    Column("appeal", Text),  # why the shop thinks that the rejection was wrong
    Column("appealed_at", Instant),
    PrimaryKeyConstraint("shop_id", "audit_id"),
    CheckConstraint("state IN ('machine', 'waiting', 'approved', 'rejected', 'withdrawn')", name="state"),
    CheckConstraint(
        "kind IN ('goods', 'shop', 'paper', 'permission', 'room', 'comment', 'replay', 'frame', 'appeal')", name="kind"
    ),
    CheckConstraint("persons IN (1, 2)", name="persons"),
    CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", name="taken"),
    CheckConstraint("(appeal IS NULL) = (appealed_at IS NULL)", name="appeal"),
    Index("review_cases_subject_idx", "shop_id", "subject", "audit_id"),
)
Index(
    "review_cases_waiting_idx",
    review_cases.c.waiting_since,
    review_cases.c.audit_id,
    postgresql_where=text("state = 'waiting'"),
)
# The desk's list of what is done, newest first.
Index(
    "review_cases_decided_idx",
    review_cases.c.decided_at,
    review_cases.c.audit_id,
    postgresql_where=text("decided_at IS NOT NULL"),
)
Index("review_cases_machine_idx", review_cases.c.machine_due_at, postgresql_where=text("state = 'machine'"))
Index(
    "review_cases_due_idx",
    review_cases.c.due_at,
    postgresql_where=text("state IN ('machine', 'waiting') AND missed_at IS NULL"),
)

review_verdicts = Table(
    "review_verdicts",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("verdict_id", Id, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("findings", Json, nullable=False),  # of the machine
    Column("reasons", Json, nullable=False),  # codes chosen by the reviewer
    Column("note", Text, nullable=False),
    Column("development", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "verdict_id"),
    ForeignKeyConstraint(["shop_id", "audit_id"], ["review_cases.shop_id", "review_cases.audit_id"]),
    CheckConstraint("stage IN ('machine', 'person')", name="stage"),
    Index("review_verdicts_audit_id_idx", "shop_id", "audit_id"),
)
append_only("review_verdicts")
