"""Trail rows and their seals."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

trail = Table(
    "trail",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("trail_id", Id, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Json),  # null once erased
    Column("commitment", LargeBinary),  # keyed hash of the detail, all that the chain holds of it; set with the seal
    Column("trace", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("seal_no", BigInteger),
    PrimaryKeyConstraint("shop_id", "trail_id"),
)
Index("trail_unsealed_idx", trail.c.shop_id, trail.c.trail_id, postgresql_where=text("seal_no IS NULL"))
Index("trail_seal_no_idx", trail.c.shop_id, trail.c.seal_no)
# Set by the sealer, which has the keys; only erasure ever touches `detail`, and only to empty it.
append_only("trail", "detail", "commitment", "seal_no")

trail_seals = Table(
    "trail_seals",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("seal_no", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # of the previous hash and the rows' canonical bytes, by trail_id
    Column("signature", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "seal_no"),
)
append_only("trail_seals")
