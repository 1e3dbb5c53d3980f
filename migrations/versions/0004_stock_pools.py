"""Stock in four pools, and how much of what was sold came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_constraint(op.f("stock_pool_check"), "stock", type_="check")
    op.create_check_constraint(op.f("stock_pool_check"), "stock", "pool IN ('general', 'activity', 'store', 'presale')")
    op.create_check_constraint(op.f("stock_sold_check"), "stock", "sold >= 0")
    op.add_column("stock_holds", sa.Column("returned", sa.Integer(), nullable=True))
    op.execute("UPDATE stock_holds SET returned = 0")
    op.alter_column("stock_holds", "returned", nullable=False)
    op.create_check_constraint(
        op.f("stock_holds_returned_check"), "stock_holds", "returned >= 0 AND returned <= quantity"
    )
    op.create_check_constraint(
        op.f("stock_holds_returned_committed_check"), "stock_holds", "returned = 0 OR state = 'committed'"
    )
