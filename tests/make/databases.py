"""Databases for tests: copies of one template, each used again as long as it is as good as a fresh copy."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from liveshelf.platform.embedded import EmbeddedPostgres

USES = 50  # of one copy: what was deleted stays in its files
_LARGEST = 512 * 1024  # bytes of a table; one that grew more is copied sooner than emptied
KEPT = "liveshelf kept"  # whose connections stay open from test to test
_FULL = ["alembic_version", "simulator_keys"]  # what the template has rows of

# Whoever is still connected goes first, and whoever was broken off in the middle. Every row goes, so no foreign key is
# looked at.
_EMPTY = """
DO $$
DECLARE name regclass; number record;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND NOT (application_name = {kept} AND state = 'idle');
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '2s';
    FOR name IN SELECT oid FROM pg_class
        WHERE relkind = 'r' AND oid >= 16384 AND relname <> ALL ({full}) AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$
"""
# Changes with everything but rows: a table, a column, a right; and with the rows that stay.
_STATE = """
SELECT (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_class),
       (SELECT array_agg(xmin::text) FROM simulator_keys),
       (SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid >= 16384) > {largest}
"""


@dataclass
class _Copy:
    name: str
    line: psycopg.Connection[Any]
    state: object
    uses: int = 0


@dataclass
class Databases:
    """A worker's. `taken` lends one that is empty and nobody else's."""

    server: EmbeddedPostgres
    template: str
    admin: psycopg.Connection[Any]
    free: list[_Copy] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextlib.contextmanager
    def taken(self) -> Iterator[str]:
        """A migrated, empty database; the superuser's address."""
        copy = self.free.pop() if self.free else self._made()
        try:
            yield self.server.superuser_dsn(copy.name)
        finally:
            if self._is_as_new(copy):
                self.free.append(copy)
            else:
                copy.line.close()
                self.admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(copy.name)))

    def _made(self) -> _Copy:
        name = f"t{next(self._numbers)}"
        # Copying files is several times faster than logging every page of the copy, which would only serve a replica.
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.admin.execute(made.format(sql.Identifier(name), sql.Identifier(self.template)))
        line = psycopg.connect(self.server.superuser_dsn(name), autocommit=True)
        return _Copy(name, line, self._state(line))

    def _is_as_new(self, copy: _Copy) -> bool:
        copy.uses += 1
        try:
            copy.line.execute(sql.SQL(_EMPTY).format(full=_FULL, kept=KEPT))
            return self._state(copy.line) == copy.state and copy.uses < USES
        except psycopg.Error:
            return False

    @staticmethod
    def _state(line: psycopg.Connection[Any]) -> object:
        return line.execute(sql.SQL(_STATE).format(largest=_LARGEST)).fetchone()


@contextlib.contextmanager
def databases(server: EmbeddedPostgres, template: str) -> Iterator[Databases]:
    """Copies of a template, as many as are needed at a time; they end with their server."""
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as admin:
        found = Databases(server, template, admin)
        try:
            yield found
        finally:
            for copy in found.free:
                copy.line.close()
