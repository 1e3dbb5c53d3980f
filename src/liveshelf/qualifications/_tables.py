"""Papers, applications and their history; which shops show a number; service providers, and employees known to WeCom,
with their reach.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
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

applications = Table(
    "qualification_applications",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("subject", Text),
    Column("mode", Text, nullable=False),
    Column("categories", Json, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the holder's name
    Column("submissions", Integer, nullable=False),
    Column("submitted_at", Instant),
    Column("audit_id", BigInteger),  # the case of what was submitted last, as long as that was not changed
    Column("expected_on", Date),  # the earliest day to expect an answer; never a wait
    Column("decided_at", Instant),
    Column("decided_by", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "kind"),
    CheckConstraint("kind IN ('opening', 'live')", name="kind"),
    CheckConstraint("state IN ('draft', 'submitted', 'approved', 'rejected')", name="state"),
    CheckConstraint("subject IN ('person', 'sole_trader', 'enterprise')", name="subject"),
)

moves = Table(
    "qualification_moves",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("move_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("became", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "move_id"),
)
append_only("qualification_moves")

papers = Table(
    "qualification_papers",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("paper_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # number and file name
    Column("number_tail", Text, nullable=False),
    Column("number_mac", LargeBinary, nullable=False),
    Column("valid_until", Date),
    Column("file_sha256", Text, nullable=False),  # of the sealed bytes in the storage
    Column("content_type", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("audit_id", BigInteger),  # the case that judges it: its own, or that of the application it belongs to
    Column("expected_on", Date, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("flag_at", Instant),  # when people are told that it will expire
    Column("flagged_at", Instant),
    Column("expires_at", Instant),  # the end of its last day
    Column("expired_at", Instant),  # when people were told that it has
    PrimaryKeyConstraint("shop_id", "paper_id"),
    CheckConstraint("state IN ('waiting', 'approved', 'rejected', 'replaced')", name="state"),
)
Index(
    "qualification_papers_flag_idx",
    papers.c.flag_at,
    postgresql_where=text("state = 'approved' AND flagged_at IS NULL"),
)
Index(
    "qualification_papers_expires_idx",
    papers.c.expires_at,
    postgresql_where=text("state = 'approved' AND expired_at IS NULL"),
)

# Asked by number, before any shop is known: whether another shop shows the same one. Holds keyed hashes, no numbers.
numbers = Table(
    "qualification_numbers",
    metadata,
    Column("number_mac", LargeBinary, nullable=False),
    Column("shop_id", Id, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("number_mac", "shop_id"),
)

providers = Table(
    "qualification_providers",
    metadata,
    Column("provider_id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("official", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

people = Table(
    "qualification_provider_people",
    metadata,
    Column("account_id", Id, nullable=False),
    Column("provider_id", Id, ForeignKey("qualification_providers.provider_id"), nullable=False),
    Column("joined_at", Instant, nullable=False),
    PrimaryKeyConstraint("account_id", "provider_id"),
    Index("qualification_provider_people_provider_id_idx", "provider_id"),
)

grants = Table(
    "qualification_grants",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("provider_id", Id, nullable=False),
    Column("categories", Json, nullable=False),  # codes of top categories
    Column("granted_at", Instant, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("revoked_at", Instant),
    PrimaryKeyConstraint("shop_id", "provider_id"),
    Index("qualification_grants_provider_id_idx", "provider_id"),
)

# A shop's enterprise at WeCom. `sync_at` is when its list is asked for again; empty once it is unbound.
enterprises = Table(
    "qualification_enterprises",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("corp_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the secret by which the list is read
    Column("bound_at", Instant, nullable=False),
    Column("bound_by", Text, nullable=False),
    Column("unbound_at", Instant),
    Column("synced_at", Instant),  # when the list was last read whole
    Column("sync_at", Instant),
    Column("refused", Text, nullable=False),  # WeCom's code, when it said no the last time
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("(sync_at IS NULL) = (unbound_at IS NOT NULL)", name="sync"),
)
Index("qualification_enterprises_sync_idx", enterprises.c.sync_at, postgresql_where=text("sync_at IS NOT NULL"))

# Who is on the list now, and no one else: who leaves is deleted, and with them whatever is known of them.
employees = Table(
    "qualification_employees",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("employee_id", Id, nullable=False),
    Column("userid_mac", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # userid and name
    Column("seen_at", Instant, nullable=False),
    Column("account_id", Id),
    Column("matched_at", Instant),
    Column("named_at", Instant),  # when the real-name check was passed
    Column("number_mac", LargeBinary),  # of the identity number that was checked; the number is not kept
    PrimaryKeyConstraint("shop_id", "employee_id"),
    ForeignKeyConstraint(["shop_id"], ["qualification_enterprises.shop_id"]),
    UniqueConstraint("shop_id", "userid_mac"),
    UniqueConstraint("shop_id", "account_id"),
    UniqueConstraint("shop_id", "number_mac"),
    CheckConstraint("(account_id IS NULL) = (matched_at IS NULL)", name="matched"),
    CheckConstraint("(named_at IS NULL) = (number_mac IS NULL)", name="named"),
    CheckConstraint("named_at IS NULL OR account_id IS NOT NULL", name="named_account"),
)
# In which shops somebody works is asked at sign-in, over all of them, like memberships.
Index("qualification_employees_account_idx", employees.c.account_id, postgresql_where=text("account_id IS NOT NULL"))
