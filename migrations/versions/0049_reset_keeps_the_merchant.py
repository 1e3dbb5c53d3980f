"""A reset keeps under which merchant a shop is paid: 0020 wrote the function anew and had lost it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    bind = op.get_bind()
    made = str(bind.scalar(sa.text("SELECT pg_get_functiondef('reset_sandbox(bigint)'::regprocedure)")))
    if "'payment_merchants'" not in made:
        bind.exec_driver_sql(made.replace("'trail_seals', ", "'trail_seals', 'payment_merchants', "))
