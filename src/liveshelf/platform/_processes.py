"""For the embedded PostgreSQL: the processes of one cluster, found, started, signalled and ended.

The server cannot outlive its owner: a small shell holds the read end of a pipe and stops the server when the owner is
gone, however it went. (``PR_SET_PDEATHSIG`` would fire when the *thread* that started the server ends.)
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from liveshelf.platform._engine import EmbeddedPostgresError, Identity, environment

# Crash recovery replays at most max_wal_size of log, some seconds; slow disks get the rest.
READY_LIMIT_S: Final = 120.0
# A fast stop writes one checkpoint of at most shared_buffers.
FAST_STOP_LIMIT_S: Final = 30.0
IMMEDIATE_STOP_LIMIT_S: Final = 5.0
POLL_S: Final = 0.01

# Lines of postmaster.pid, from 0 (PostgreSQL's own contract with pg_ctl, unchanged since version 10).
_PID_LINE, _PORT_LINE, _STATUS_LINE = 0, 3, 7
_READY: Final = "ready"

# Runs the server and waits for it, so that its exit is seen at once and leaves no zombie, whose number would make the
# next server believe that this one still runs. A second shell waits for the end of the owner's pipe.
_KEEPER: Final = """
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
( read -r _ <&3; kill -INT "$server" ) </dev/null >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$server"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
"""


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a running or dead server has written of itself."""

    pid: int
    port: int
    is_ready: bool


@dataclass(slots=True)
class Running:
    """A server that we started: its keeper, and the pipe whose end means stop."""

    keeper: subprocess.Popen[bytes]
    pipe: int | None = field(default=None)


def spawn(who: Identity, command: Sequence[str | Path], log_path: Path) -> Running:
    """Run the server's command as this user; its words go to the log, and it ends when we do."""
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    read_end, write_end = os.pipe()
    try:
        # Its own session: Ctrl-C at the terminal is for the owner, who stops the server last.
        keeper = subprocess.Popen(  # noqa: S603 - a fixed script; everything that varies is an argument
            ["/bin/sh", "-c", _KEEPER, "sh", *command],
            stdin=read_end,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment(),
            start_new_session=True,
            user=who.uid if who.switch else None,
            group=who.gid if who.switch else None,
            extra_groups=[] if who.switch else None,
        )
    except BaseException:
        os.close(write_end)
        raise
    finally:
        os.close(read_end)
        os.close(log)
    return Running(keeper, write_end)


class Processes:
    """The processes of the cluster in one folder, whoever started them."""

    def __init__(self, cluster: Path) -> None:
        self._cluster = cluster

    def alive(self) -> list[int]:
        """Every live process of this cluster: PostgreSQL's processes all work in the data folder."""
        cluster = os.path.realpath(self._cluster)
        found: list[int] = []
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                # Strangers' processes cannot be read by an ordinary user, dead ones by nobody.
                with contextlib.suppress(OSError):
                    if os.readlink(f"/proc/{entry.name}/cwd") == cluster:  # noqa: PTH115 - no Path per process
                        found.append(int(entry.name))
        return found

    def pid_file(self) -> PidFile | None:
        """What the server's pid file says now; None while there is no whole one."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = (self._cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return PidFile(
                pid=int(lines[_PID_LINE]),
                port=int(lines[_PORT_LINE]),
                is_ready=lines[_STATUS_LINE].strip() == _READY,
            )
        return None

    def ready_port(self) -> int | None:
        """The port at which a live server of this cluster accepts connections."""
        state = self.pid_file()
        return state.port if state is not None and state.is_ready and state.pid in self.alive() else None

    def _signal_postmaster(self, number: signal.Signals) -> None:
        state = self.pid_file()
        # Only a process that works in our folder: the number in the file may be somebody else's by now.
        if state is not None and state.pid in self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(state.pid, number)

    def kill_all(self) -> None:
        """End every process of the cluster by force, and wait until they are gone.

        A process that was killed still has its folder, and its pid file still says ready, until the kernel has taken
        it apart: who looked in between would find a running server.
        """
        began = time.monotonic()
        while (alive := self.alive()) and time.monotonic() - began < IMMEDIATE_STOP_LIMIT_S:
            # Again each time: a server that is being killed may have had a child in the making.
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(POLL_S)

    def _wait_gone(self, limit_s: float) -> bool:
        began = time.monotonic()
        while self.alive():
            if time.monotonic() - began > limit_s:
                return False
            time.sleep(POLL_S)
        return True

    def wait_ready(self, running: Running) -> bool:
        """Wait until the server accepts connections; False when it ended instead, or took too long."""
        began = time.monotonic()
        while time.monotonic() - began < READY_LIMIT_S:
            if running.keeper.poll() is not None:
                return False
            state = self.pid_file()
            # No stale file can be there: it was removed after the last process of this folder was gone.
            if state is not None and state.is_ready:
                return True
            time.sleep(POLL_S)
        return False

    def end(self, running: Running) -> None:
        """Stop the server that we started: fast, then at once, then by force."""
        if running.pipe is not None:
            os.close(running.pipe)
            running.pipe = None
        if not _wait(running.keeper, FAST_STOP_LIMIT_S):
            self._signal_postmaster(signal.SIGQUIT)
            if not _wait(running.keeper, IMMEDIATE_STOP_LIMIT_S):
                self.kill_all()
                _wait(running.keeper, IMMEDIATE_STOP_LIMIT_S)
        # The server's children leave with it, except after a kill: then they see it within moments.
        if not self._wait_gone(IMMEDIATE_STOP_LIMIT_S):
            self.kill_all()

    def stop_leftovers(self) -> None:
        """Stop what a killed owner left behind, and clear its pid file only when no process of this folder lives.

        A pid file alone proves nothing: after a restart of the machine its number may be anybody's, which PostgreSQL
        itself takes for a running server. The folder that a process works in tells the truth.
        """
        if self.alive():
            # A dying owner's watch may be stopping it already: a second SIGINT changes nothing.
            self._signal_postmaster(signal.SIGINT)
            if not self._wait_gone(FAST_STOP_LIMIT_S):
                self._signal_postmaster(signal.SIGQUIT)
                if not self._wait_gone(IMMEDIATE_STOP_LIMIT_S):
                    self.kill_all()
        if self.alive():
            raise EmbeddedPostgresError(f"processes of an older server in {self._cluster} do not end")
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> bool:
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return False
    return True
