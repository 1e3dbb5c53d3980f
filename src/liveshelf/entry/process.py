"""Runs one process of the product: `python -m liveshelf.entry.process http|gateway|worker|ingest`.

With `--handed`, the address of the database comes as a line on standard input: `serve` starts the processes while it
still prepares the database, so that they load their code meanwhile. With `--mortal=PID`, the process
does not outlive that one, which started it: for stages that are thrown away.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import sys

KINDS = ("http", "gateway", "worker", "ingest")
HANDED = "--handed"
MORTAL = "--mortal="
_PR_SET_PDEATHSIG = 1


def main(kind: str, *, handed: bool) -> None:
    """Import only what this kind needs, and run it until told to stop."""
    gc.disable()  # looking for cycles while everything is being made took a fifth of a start, and finds none
    module = importlib.import_module(f"liveshelf.entry.{kind}")
    gc.freeze()
    gc.enable()
    if handed:
        address = sys.stdin.readline().strip()
        if not address:
            return  # whoever started us ended before there was a database
        os.environ["LIVESHELF_APP_DATABASE_URL"] = address
    module.main()


def end_with(parent: int) -> None:
    """Be killed when the process that started this one ends, however it went."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()  # it ended before we said so


if __name__ == "__main__":
    for word in sys.argv[2:]:
        if word.startswith(MORTAL):
            end_with(int(word.removeprefix(MORTAL)))
    if sys.argv[1:] and sys.argv[1] in KINDS:
        main(sys.argv[1], handed=HANDED in sys.argv[2:])
    else:
        sys.exit(f"one of {', '.join(KINDS)}")
