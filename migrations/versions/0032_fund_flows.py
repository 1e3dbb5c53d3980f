"""What moved on a merchant's account at the provider, by the provider's fund-flow bill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    for name in ("funds_in_fen", "funds_out_fen", "funds_paid_out_fen", "funds_balance_fen"):
        op.add_column("billing_days", sa.Column(name, sa.BigInteger(), nullable=True))
