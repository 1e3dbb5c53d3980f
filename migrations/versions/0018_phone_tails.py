"""The last four digits of buyers' phones, as keyed hashes to be found by. They are filled in after the migration, by
who has the key.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for table in ("customers", "addresses"):
        op.add_column(table, sa.Column("phone_tail", sa.LargeBinary(), nullable=True))
    op.create_index(
        "customers_phone_tail_idx",
        "customers",
        ["shop_id", "phone_tail"],
        unique=False,
        postgresql_where=sa.text("phone_tail IS NOT NULL"),
    )
    op.create_index("addresses_phone_tail_idx", "addresses", ["shop_id", "phone_tail"], unique=False)
