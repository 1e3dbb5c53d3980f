"""The embedded PostgreSQL, with real processes: killed owners, killed servers, reused process numbers, two at once."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from liveshelf.platform import _engine, embedded
from liveshelf.platform._processes import Processes
from liveshelf.platform.embedded import EmbeddedPostgres, EmbeddedPostgresError
from tests.make.scratch import scratch

# Starts a server, says so, and stays: the owner that the tests kill.
OWNER = """
import pathlib, sys, time
from liveshelf.platform.embedded import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
server.start()
print(server.superuser_dsn(), flush=True)
time.sleep(600)
"""
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch() as made:
        yield made


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder / "pg") as running:
        yield running


def ask(server: EmbeddedPostgres, sql: str) -> object:
    with psycopg.connect(server.superuser_dsn(), autocommit=True, connect_timeout=5) as connection:
        row = connection.execute(sql).fetchone()
        return row and row[0]


def execute(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
        connection.execute(sql)


def processes(folder: Path) -> list[int]:
    return Processes(folder / "cluster").alive()


def postmaster(folder: Path) -> int:
    state = Processes(folder / "cluster").pid_file()
    assert state is not None
    return state.pid


def wait_until_gone(folder: Path, limit_s: float = 20) -> None:
    began = time.monotonic()
    while processes(folder):
        assert time.monotonic() - began < limit_s, "the server outlived its owner"
        time.sleep(0.02)


def start_owner(folder: Path) -> tuple[subprocess.Popen[str], str]:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    dsn = owner.stdout.readline().strip()
    assert dsn, "the owner did not start its server"
    return owner, dsn


def test_safe_settings_are_untouched_and_text_is_text(server: EmbeddedPostgres):
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert ask(server, f"show {name}") == "on"
    assert ask(server, "show listen_addresses") == "127.0.0.1"
    assert ask(server, "show timezone") == "UTC"
    assert ask(server, "select upper('ä') || length('直播带货')") == "Ä4"
    execute(server.superuser_dsn(), "create extension pg_trgm")
    assert ask(server, "select array_length(show_trgm('直播带货'), 1)") == 5


def test_only_the_password_opens_it(server: EmbeddedPostgres):
    for wrong in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match=r"password"):
            psycopg.connect(host="127.0.0.1", port=server.port, user="postgres", password=wrong, dbname="postgres")
    assert (server.cluster_dir.parent / "superuser.password").stat().st_mode & 0o777 == 0o600
    assert server.cluster_dir.stat().st_mode & 0o777 == 0o700
    assert ask(server, "select count(*) from pg_hba_file_rules where auth_method = 'trust'") == 0


def test_a_second_start_has_the_same_port_password_and_data(folder: Path):
    with EmbeddedPostgres(folder / "pg") as first:
        execute(first.superuser_dsn(), "create table kept (n int); insert into kept values (7)")
        dsn = first.superuser_dsn()
    assert not processes(folder / "pg")
    with EmbeddedPostgres(folder / "pg") as second:
        assert second.superuser_dsn() == dsn
        assert ask(second, "select n from kept") == 7


def test_start_and_stop_may_be_repeated(folder: Path):
    server = EmbeddedPostgres(folder / "pg")
    server.stop()
    server.start()
    server.start()
    assert server.is_running
    server.stop()
    server.stop()
    assert not server.is_running


def test_stop_ends_open_transactions_quickly(server: EmbeddedPostgres):
    open_transaction = psycopg.connect(server.superuser_dsn())
    open_transaction.execute("select 1")
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10
    open_transaction.close()
    assert not processes(server.cluster_dir.parent)


def test_a_killed_server_loses_nothing_that_was_committed(server: EmbeddedPostgres):
    execute(server.superuser_dsn(), "create table kept (n int)")
    for number in range(50):
        execute(server.superuser_dsn(), f"insert into kept values ({number})")
    os.kill(postmaster(server.cluster_dir.parent), signal.SIGKILL)
    began = time.monotonic()
    while server.is_running:
        assert time.monotonic() - began < 5
    server.start()
    assert ask(server, "select count(*) from kept") == 50


def test_every_process_of_the_server_killed_at_once(server: EmbeddedPostgres):
    execute(server.superuser_dsn(), "create table kept (n int); insert into kept values (7)")
    Processes(server.cluster_dir).kill_all()
    server.start()
    assert ask(server, "select n from kept") == 7


def test_the_server_goes_with_its_killed_owner_and_the_next_one_finds_all(folder: Path):
    owner, dsn = start_owner(folder / "pg")
    execute(dsn, "create table kept (n int); insert into kept values (7)")
    owner.kill()
    owner.wait()
    with EmbeddedPostgres(folder / "pg") as next_owner:  # at once, while the old server is going down
        assert next_owner.is_owner
        assert ask(next_owner, "select n from kept") == 7
    owner, _ = start_owner(folder / "pg")
    owner.kill()
    owner.wait()
    wait_until_gone(folder / "pg")


def test_owner_and_server_killed_together(folder: Path):
    owner, dsn = start_owner(folder / "pg")
    execute(dsn, "create table kept (n int); insert into kept values (7)")
    os.kill(postmaster(folder / "pg"), signal.SIGKILL)
    owner.kill()
    owner.wait()
    with EmbeddedPostgres(folder / "pg") as next_owner:
        assert ask(next_owner, "select n from kept") == 7


def test_a_server_without_owner_and_watch_is_replaced(folder: Path):
    owner, dsn = start_owner(folder / "pg")
    execute(dsn, "create table kept (n int); insert into kept values (7)")
    orphan = postmaster(folder / "pg")
    keeper = int(Path(f"/proc/{orphan}/stat").read_text().rsplit(")", 1)[1].split()[1])
    watch = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
    for pid in [keeper, *(int(pid) for pid in watch if int(pid) != orphan), owner.pid]:
        os.kill(pid, signal.SIGKILL)
    owner.wait()
    time.sleep(0.3)
    assert orphan in processes(folder / "pg"), "the test wants an orphan"
    with EmbeddedPostgres(folder / "pg") as next_owner:
        assert postmaster(folder / "pg") != orphan
        assert ask(next_owner, "select n from kept") == 7


def test_others_join_and_leave_it_running(server: EmbeddedPostgres):
    other = EmbeddedPostgres(server.cluster_dir.parent)
    other.start()
    assert other.is_running
    assert not other.is_owner
    assert other.superuser_dsn() == server.superuser_dsn()
    other.stop()
    assert not other.is_running
    assert ask(server, "select 1") == 1


def test_two_first_starts_at_once_make_one_server(folder: Path):
    starts = [
        subprocess.Popen([sys.executable, "-c", OWNER, str(folder / "pg")], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        dsns = {start.stdout.readline() for start in starts if start.stdout}
        assert len(dsns) == 1
        assert "" not in dsns
    finally:
        for start in starts:
            start.kill()
            start.wait()
    wait_until_gone(folder / "pg")


def test_a_pid_file_whose_number_is_somebody_elses_now(folder: Path):
    with EmbeddedPostgres(folder / "pg") as server:
        pid_file = server.cluster_dir / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        owner = pid_file.stat()
    innocent = subprocess.Popen(["/bin/sleep", "600"], cwd="/")
    try:
        # As after a restart of the machine, or in a container, where small numbers come again.
        pid_file.write_text("\n".join([str(innocent.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with EmbeddedPostgres(folder / "pg") as server:
            assert ask(server, "select 1") == 1
        assert innocent.poll() is None, "a stranger was stopped"
    finally:
        innocent.kill()
        innocent.wait()


def test_half_a_cluster_is_made_again(folder: Path):
    half = folder / "pg" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder / "pg") as server:
        assert ask(server, "select 1") == 1


def test_another_port_when_the_kept_one_is_taken(folder: Path):
    with EmbeddedPostgres(folder / "pg") as server:
        port = server.port
    with socket.create_server(("127.0.0.1", port)), EmbeddedPostgres(folder / "pg") as server:
        assert server.port != port
        assert ask(server, "select 1") == 1


def test_a_fixed_port_that_is_taken_is_an_error_with_the_log(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = EmbeddedPostgres(folder / "pg", port=taken.getsockname()[1])
        with pytest.raises(EmbeddedPostgresError, match="could not bind"):
            server.start()
    assert not server.is_owner
    assert not processes(folder / "pg")


def test_a_cluster_of_another_version_is_refused(folder: Path):
    with EmbeddedPostgres(folder / "pg") as server:
        version = server.cluster_dir / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(EmbeddedPostgresError, match="is of PostgreSQL 17, the programs are 18"):
        EmbeddedPostgres(folder / "pg").start()


def test_extra_settings_win_and_tests_may_skip_fsync(folder: Path):
    with EmbeddedPostgres(folder / "pg", fsync=False, extra_settings={"work_mem": "9MB"}) as server:
        assert ask(server, "show work_mem") == "9MB"
        assert ask(server, "show fsync") == "off"


@pytest.mark.skipif(not (DEBIAN_15 / "postgres").exists(), reason="needs Debian's postgresql-15")
def test_debians_postgresql_15(folder: Path):
    with EmbeddedPostgres.with_binaries(DEBIAN_15, folder / "pg", fsync=False) as server:
        assert str(ask(server, "show server_version")).startswith("15.")
        assert ask(server, "select length('直播带货')") == 4
        assert server.bin_dir() == DEBIAN_15


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the user")
def test_root_names_the_folder_that_is_closed(folder: Path):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedPostgresError, match=f"may not enter {closed}"):
        EmbeddedPostgres(closed / "pg").start()
    assert closed.stat().st_mode & 0o777 == 0o700, "no folder above ours is ever opened"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the user")
def test_root_copies_binaries_that_the_service_user_cannot_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    # An environment below root's own home: package and libraries side by side, closed to others.
    home = folder / "home"
    package = _engine.wheel_bin_dir().parent.parent
    shutil.copytree(package / "pginstall", home / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), home / f"{package.name}.libs", symlinks=True)
    home.chmod(0o700)
    monkeypatch.setattr(embedded, "wheel_bin_dir", lambda: home / package.name / "pginstall" / "bin")
    with EmbeddedPostgres(folder / "pg", fsync=False) as server:
        assert server.bin_dir().is_relative_to(folder / "pg" / "engine")
        assert ask(server, "select 1") == 1
        assert not (folder / "pg" / "engine").stat().st_mode & 0o022
    assert home.stat().st_mode & 0o777 == 0o700
