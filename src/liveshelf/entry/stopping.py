"""How a process is told to stop, and that it does."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

LIMIT_S = 8.0  # below what `serve` waits for its children


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets.

    A process that has not ended `LIMIT_S` later is ended: closing connections to a database that is gone can take as
    long as it likes, and what was answered is committed.
    """
    stop = asyncio.Event()

    def ask() -> None:
        stop.set()
        late = threading.Timer(LIMIT_S, os._exit, [1])
        late.daemon = True
        late.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ask)
    return stop
