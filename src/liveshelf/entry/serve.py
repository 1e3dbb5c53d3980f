"""`liveshelf serve`: everything that one machine needs, under one command.

Starts PostgreSQL (unless another one is named), prepares it in a child process, then runs the HTTP, gateway and
worker processes and starts again whichever dies. This process itself stays small: what is heavy is imported in the
children. Children end when it ends, however it went.
"""

from __future__ import annotations

import ctypes
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from liveshelf.adapters.ffmpeg import found
from liveshelf.platform.embedded import EmbeddedPostgres, EmbeddedPostgresError
from liveshelf.platform.settings import ENV_PREFIX, RTMP_PORT, Settings

READY_LIMIT_S = 60.0
STOP_LIMIT_S = 12.0
DATABASE = "liveshelf"  # of the embedded server
_RESTART_PAUSE_S = 1.0
_GATEWAY_PORTS = 50  # how far above its usual port a free one is looked for
_PR_SET_PDEATHSIG = 1


class ServeRefusedError(Exception):
    """The product can't or must not start like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line asked for."""

    settings: Settings
    demo: bool = True
    movable_clock: bool = False
    profile: str = "demo"
    exposed_on_purpose: bool = False


def serve(options: ServeOptions) -> None:
    """Run until Ctrl-C or SIGTERM. Raises `ServeRefusedError`; whatever was started by then is stopped."""
    began = time.monotonic()
    folder = options.settings.data_dir
    installation = _installation(folder, options)
    settings = replace(
        options.settings,
        demo=options.demo,
        simulated_payment=options.settings.simulated_payment or options.demo,
        movable_clock=installation["clock"] == "movable",
    )
    _refuse_what_is_unsafe(settings, exposed_on_purpose=options.exposed_on_purpose)
    settings = _with_ports(settings)
    stop = _StopSignal()
    with ExitStack() as stack:
        postgres = None
        if not settings.database_url:
            _say("starting PostgreSQL")
            postgres = stack.enter_context(_embedded(folder))
            settings = replace(settings, database_url=postgres.superuser_dsn(DATABASE))
        environment = {**os.environ, **settings.environment(), "LIVESHELF_PROFILE": options.profile}
        # What serves the world is never told how to be the database's superuser.
        confined = {**environment, f"{ENV_PREFIX}DATABASE_URL": ""}
        family = stack.enter_context(_family(confined, settings, postgres))
        _say("preparing the database")
        prepared = subprocess.run([sys.executable, "-m", "liveshelf.entry.prepare"], env=environment, check=False)
        if stop.asked:
            return
        if prepared.returncode:
            raise ServeRefusedError("the database could not be prepared; the lines above say why")
        family.hand((folder / "app-database").read_text().strip())
        _wait_until_ready(family, settings, stop)
        if not stop.asked:
            _say(_welcome(settings, folder, time.monotonic() - began))
        family.watch(stop)
        _say("stopping")


@dataclass
class _StopSignal:
    asked: bool = False

    def __post_init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


@dataclass
class _Child:
    kind: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


@dataclass
class _Family:
    """The children, and the one rule about them: who dies is born again, until we are asked to stop."""

    environment: Mapping[str, str]
    postgres: EmbeddedPostgres | None
    children: list[_Child] = field(default_factory=list)
    address: str = ""

    def hand(self, address: str) -> None:
        """Tell the children where the database is: now they may work."""
        self.address = address
        for child in self.children:
            _tell(child.process, address)

    def start(self, kind: str) -> None:
        command = [sys.executable, "-m", "liveshelf.entry.process", kind, "--handed"]
        self.children.append(_Child(kind, command, self._spawn(command)))

    def watch(self, stop: _StopSignal) -> None:
        while not stop.asked:
            self.revive()
            time.sleep(0.2)

    def revive(self) -> None:
        if self.postgres is not None and not self.postgres.is_running:
            _say("PostgreSQL ended; starting it again")
            self.postgres.start()
        for child in self.children:
            code = child.process.poll()
            if code is not None and time.monotonic() - child.started > _RESTART_PAUSE_S:
                _say(f"the {child.kind} process ended ({code}); starting it again")
                child.process = self._spawn(child.command)
                child.started = time.monotonic()

    def stop(self) -> None:
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        end = time.monotonic() + STOP_LIMIT_S
        for child in self.children:
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        # Its own session: Ctrl-C reaches us alone, and we stop the children in order.
        process = subprocess.Popen(  # noqa: S603 - our own modules
            command,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
        )
        if self.address:
            _tell(process, self.address)
        return process


def _tell(process: subprocess.Popen[bytes], address: str) -> None:
    if process.stdin is None:
        return
    # A child that ended meanwhile is started again, and told then.
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(f"{address}\n".encode())


@contextmanager
def _family(environment: Mapping[str, str], settings: Settings, postgres: EmbeddedPostgres | None) -> Iterator[_Family]:
    family = _Family(environment, postgres)
    try:
        for _ in range(settings.http_workers):
            family.start("http")
        family.start("gateway")
        family.start("worker")
        if _takes_pictures(settings):
            family.start("ingest")
        yield family
    finally:
        family.stop()


@contextmanager
def _embedded(folder: Path) -> Iterator[EmbeddedPostgres]:
    try:
        with EmbeddedPostgres(folder / "postgres") as server:
            if not server.is_owner:
                raise ServeRefusedError(
                    f"another liveshelf is running on {folder}: stop it first, or use another --data"
                )
            yield server
    except EmbeddedPostgresError as error:
        raise ServeRefusedError(str(error)) from error


_LIBC = ctypes.CDLL(None)


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _installation(folder: Path, options: ServeOptions) -> dict[str, str]:
    """What was decided when the folder was made. Raises `ServeRefusedError` when the options contradict it."""
    path = folder / "installation.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            made: dict[str, str] = json.loads(path.read_text())
        else:
            made = {"made_at": datetime.now(UTC).isoformat(), "clock": "movable" if options.movable_clock else "wall"}
            draft = path.with_suffix(".new")
            draft.write_text(json.dumps(made))
            draft.rename(path)
    except (OSError, ValueError) as error:
        raise ServeRefusedError(
            f"the data folder {folder} can't be used: {error}. Choose another with --data."
        ) from error
    if options.movable_clock and made["clock"] != "movable":
        raise ServeRefusedError(
            f"{folder} was made with a clock that can't be moved, and its orders rely on it. "
            "Use another folder for --clock movable."
        )
    return made


def _refuse_what_is_unsafe(settings: Settings, *, exposed_on_purpose: bool) -> None:
    if settings.development_review and not settings.simulated_payment:
        raise ServeRefusedError(
            "development review is refused with real payments: goods would be sold that no person has seen"
        )
    modes = {
        "demo accounts": settings.demo,
        "simulated payment": settings.simulated_payment,
        "development review": settings.development_review,
        "the movable clock": settings.movable_clock,
    }
    active = [name for name, on in modes.items() if on]
    if active and not _is_loopback(settings.host) and not exposed_on_purpose:
        raise ServeRefusedError(
            f"{settings.host} can be reached from other machines while {', '.join(active)} are on. "
            "Start with --no-demo and real settings, or say --expose-test-modes if everybody there may use them."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _with_ports(settings: Settings) -> Settings:
    if not _is_free(settings.host, settings.port):
        raise ServeRefusedError(f"port {settings.port} is taken by another program. Choose another with --port.")
    gateway = settings.gateway_port or _free_port(settings.host, settings.port + 1)
    if not gateway:
        raise ServeRefusedError(
            f"no free port for the gateway above {settings.port}. Choose one with LIVESHELF_GATEWAY_PORT."
        )
    shown = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return replace(
        settings,
        gateway_port=gateway,
        rtmp_port=settings.rtmp_port or _free_port(settings.host, RTMP_PORT),
        base_url=settings.base_url or f"http://{shown}:{settings.port}",
        gateway_url=settings.gateway_url or f"http://{shown}:{gateway}",
    )


def _free_port(host: str, first: int) -> int:
    """The first free port from a number on, 0 when there is none near it."""
    return next((port for port in range(first, first + _GATEWAY_PORTS) if _is_free(host, port)), 0)


def _takes_pictures(settings: Settings) -> bool:
    return settings.video and found.ffmpeg(settings) is not None


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _wait_until_ready(family: _Family, settings: Settings, stop: _StopSignal) -> None:
    shown = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    end = time.monotonic() + READY_LIMIT_S
    for url in (f"http://{shown}:{settings.port}/readyz", f"http://{shown}:{settings.gateway_port_used}/healthz"):
        while not stop.asked and not _answers(url):
            if time.monotonic() > end:
                raise ServeRefusedError(f"{url} did not answer within {READY_LIMIT_S:.0f} s; the lines above say why")
            family.revive()
            time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _welcome(settings: Settings, folder: Path, seconds: float) -> str:
    lines = [f"ready in {seconds:.1f} s", ""]
    demo = folder / "demo.json"
    if settings.demo and demo.exists():
        told = json.loads(demo.read_text())
        owner = next(account for account in told["console"]["accounts"] if account["role"] == "owner")
        lines += [
            f"  buyers      买家      {told['buyer']['room_url']}",
            f"  console     控制台    {told['console']['url']}   ({owner['username']} / {owner['password']})",
            f"  wire        接口      {settings.public_url}   appid {told['wechat']['appid']}",
            f"  everything  全部账号  {demo}",
        ]
    else:
        lines += [f"  console     控制台    {settings.public_url}/console/", "  a shop: liveshelf shop create --help"]
    if _takes_pictures(settings):
        lines.append(f"  pictures    推流      {settings.public_rtmp_url}/live")
    elif settings.video:
        lines.append("  pictures    推流      none: ffmpeg is not here; install it, or the extra liveshelf[video]")
    active = [
        name
        for name, on in (
            ("demo 演示", settings.demo),
            ("simulated payment 模拟支付", settings.simulated_payment),
            ("development review 开发审核", settings.development_review),
            ("movable clock 可拨时钟", settings.movable_clock),
        )
        if on
    ]
    if active:
        lines += ["", f"  test modes on 测试模式: {', '.join(active)}"]
    return "\n".join([*lines, "", "  Ctrl-C stops it 停止"])


def _say(text: str) -> None:
    sys.stdout.write(f"liveshelf: {text}\n")
    sys.stdout.flush()
