"""The schema keeps the door to spread data open (decision 0003), and every statement can be compiled."""

from __future__ import annotations

import importlib
import re

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.dml import UpdateBase

from liveshelf.entry import registry
from liveshelf.platform.schema import APPEND_ONLY
from tests.tidy.tree import ROOT, module_name, places

# Platform-wide on purpose, each for its reason.
PLATFORM_WIDE = {
    "accounts": "people belong to no shop; a reference table on spread data",
    "memberships": "asked by account; a reference table",
    "account_sessions": "asked by token, before any shop is known",
    "account_recovery_codes": "a person's, whatever shops they belong to",
    "account_password_links": "asked by token, before any account is known",
    "shops": "the tenants themselves: its key is shop_id alone",
    "credentials": "an appid leads to its shop, so it is unique over all of them",
    "wire_tokens": "asked by appid",
    "policy": "one row for the installation",
    "qualification_numbers": "asked by number: which shops show the same one",
    "qualification_providers": "service providers work in many shops",
    "qualification_provider_people": "asked by account, like memberships",
    "clock_offset": "one row for the installation",
    "clock_rounds": "what the workers of the installation did last",
    "announcements": "told to everybody, whatever their shop",
    "announcement_reads": "by account, as above",
    "working_years": "the calendar is one for all shops",
    "lexicon_heads": "few rows, read with every text of every shop; a reference table",
    "lexicon_entries": "as above",
    "payment_merchants": "a merchant number leads to its shop, so it is unique over all of them",
    "payment_certificates": "public keys of providers, by merchant number",
    "simulator_keys": "one row: the simulator is one for all shops",
    "simulator_faults": "one row, as above",
    "simulator_employees": "of an enterprise at an outside system, by its number there",
}
# Statements that look over all shops on purpose; none is in the path of a request of a shop.
CROSS_SHOP = {
    "liveshelf.media._sql.STILL_NAMED": "the storage keeps equal bytes of all shops once",
    "liveshelf.reviews._sql.COUNT_WAITING": "the review desk is the platform's",
}
TABLES = registry.tables()
TENANT = [table for name, table in TABLES.tables.items() if name not in PLATFORM_WIDE]


@pytest.mark.parametrize("table", TENANT, ids=lambda table: table.name)
def test_a_tenant_tables_keys_begin_with_the_shop(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "shop_id"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint | ForeignKeyConstraint):
            names = [column.name for column in constraint.columns]
            assert names[0] == "shop_id", constraint.name
    for index in table.indexes:
        if index.unique:
            assert index.columns[0].name == "shop_id", index.name


def test_the_list_of_platform_wide_tables_is_true() -> None:
    assert set(PLATFORM_WIDE) <= set(TABLES.tables)


def test_nothing_is_generated_by_the_database() -> None:
    generated = [
        f"{table.name}.{column.name}"
        for table in TABLES.tables.values()
        for column in table.columns
        if column.server_default is not None or column.identity is not None or column.computed is not None
    ]
    assert generated == []


def test_append_only_tables_exist_with_the_columns_that_may_be_set() -> None:
    for name, settable in APPEND_ONLY.items():
        assert set(settable) <= set(TABLES.tables[name].columns.keys())


@pytest.mark.parametrize("path", sorted((ROOT / "migrations" / "versions").glob("*.py")), ids=lambda path: path.name)
def test_a_migration_makes_no_trigger_and_does_not_go_back(path) -> None:
    text = path.read_text()
    assert not re.search(r"\bcreate\s+(or\s+replace\s+)?(constraint\s+)?trigger\b", text, re.IGNORECASE)
    assert "def downgrade" not in text


def statements() -> list[tuple[str, Executable]]:
    """Every statement that stands as a constant in a private SQL module."""
    found = []
    for place in places():
        if place.endswith("_sql.py"):
            module = importlib.import_module(module_name(place))
            found += [
                (f"{module_name(place)}.{name}", value)
                for name, value in vars(module).items()
                if isinstance(value, Executable) and not name.startswith("_")  # those are parts of others
            ]
    return found


STATEMENTS = statements()


@pytest.mark.parametrize(("name", "statement"), STATEMENTS, ids=[name for name, _ in STATEMENTS])
def test_a_statement_compiles_and_names_its_shop(name: str, statement: Executable) -> None:
    # Compiling refuses a parameter that is called like a column that is being set.
    text = str(statement.compile(dialect=postgresql.dialect()))  # type: ignore[attr-defined]
    tables = {table for table in TENANT if re.search(rf"\b{table.name}\b", text)}
    if tables and name not in CROSS_SHOP:
        assert "shop_id" in text, f"{name} reads or writes {sorted(table.name for table in tables)} of any shop"


def test_there_are_statements() -> None:
    assert set(CROSS_SHOP) <= {name for name, _ in STATEMENTS}
    assert any(isinstance(statement, UpdateBase) for _, statement in STATEMENTS)
    assert len(STATEMENTS) > 100
