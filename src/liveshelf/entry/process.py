"""Runs one process of the product: `python -m liveshelf.entry.process http|gateway|worker`."""

from __future__ import annotations

import importlib
import sys

KINDS = ("http", "gateway", "worker")


def main(kind: str) -> None:
    """Import only what this kind needs, and run it until told to stop."""
    importlib.import_module(f"liveshelf.entry.{kind}").main()


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in KINDS:
        main(sys.argv[1])
    else:
        sys.exit(f"one of {', '.join(KINDS)}")
