"""What the simulated WeCom remembers. It stands for an outside system, so nothing else reads or writes this."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, SmallInteger, Table, Text

from liveshelf.platform.schema import metadata

simulator_employees = Table(
    "simulator_employees",
    metadata,
    Column("corp_id", Text, nullable=False),
    Column("userid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    PrimaryKeyConstraint("corp_id", "userid"),
    CheckConstraint("status IN (1, 2, 4, 5)", name="status"),
)
