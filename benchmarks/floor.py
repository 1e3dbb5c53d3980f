"""The floor: a hand-written SQL transaction an order, driven by pgbench on the same server in a database of its own.

A conditional stock update, the order, its line; a commit each, as safe as ours (fsync on). What a programmer writes who
has nothing else to think of: no foreign key, no idempotency, no hold, no history, no ledger, no event.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

CLIENTS = 32
SKUS = 1_000
_SCHEMA = """
CREATE TABLE stock (sku_id int PRIMARY KEY, on_hand int NOT NULL CHECK (on_hand >= 0));
CREATE TABLE orders (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, buyer_id int NOT NULL, total_fen bigint NOT NULL,
    state text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE order_lines (
    order_id bigint NOT NULL, line_no int NOT NULL, sku_id int NOT NULL,
    quantity int NOT NULL, price_fen bigint NOT NULL, PRIMARY KEY (order_id, line_no)
);
"""
_ORDER = """
\\set sku random(1, {skus})
\\set buyer random(1, 100000)
BEGIN;
UPDATE stock SET on_hand = on_hand - 1 WHERE sku_id = :sku AND on_hand >= 1;
INSERT INTO orders (buyer_id, total_fen, state) VALUES (:buyer, 12800, 'to_pay') RETURNING order_id \\gset
INSERT INTO order_lines VALUES (:order_id, 1, :sku, 1, 12800);
COMMIT;
"""


@dataclass(frozen=True)
class Floor:
    """A database for pgbench on a running server."""

    programs: Path
    dsn: str

    async def prepare(self) -> None:
        """Make its tables, with stock that no run can sell out."""
        admin = await asyncpg.connect(self.dsn)
        await admin.execute(_SCHEMA)
        await admin.execute("INSERT INTO stock SELECT n, 2000000000 FROM generate_series(1, $1::int) n", SKUS)
        await admin.execute("VACUUM ANALYZE")
        await admin.close()

    def rate(self, *, skus: int, seconds: float, protocol: str = "prepared") -> float:
        """Orders a second over so many SKUs."""
        parts = urlsplit(self.dsn)
        environ = {**os.environ, "PGPASSWORD": parts.password or ""}
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(_ORDER.format(skus=skus))
            script.flush()
            command: list[str | Path] = [
                *(self.programs / "pgbench", "-n", "-M", protocol, "-c", str(CLIENTS), "-j", "2"),
                *("-T", str(max(1, round(seconds))), "-f", script.name),
                *("-h", str(parts.hostname), "-p", str(parts.port), "-U", str(parts.username), parts.path[1:]),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
        found = re.search(r"tps = ([\d.]+) \(without initial connection time\)", done.stdout)
        assert found is not None, done.stderr
        return float(found.group(1))
