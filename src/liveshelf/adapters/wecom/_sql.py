"""Statements of the simulated WeCom."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.adapters.wecom._tables import simulator_employees as employees

_of_corp = employees.c.corp_id == bindparam("corp")
OF_CORP = select(employees).where(_of_corp).order_by(employees.c.userid)
FORGET = delete(employees).where(_of_corp)
KEEP = pg_insert(employees)
