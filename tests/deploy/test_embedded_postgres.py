"""The embedded server: starts, stops, keeps what it has, and goes with whoever started it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from deploy import postgres_account
from deploy.embedded_postgres import CannotStart, EmbeddedPostgres
from deploy.postgres_account import account_for, installed_programs
from tests.architecture.source import ROOT
from tests.eventually import eventually
from tests.postgres import throwaway_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")

OWNER = """
import os, sys, time
from pathlib import Path
from deploy.embedded_postgres import EmbeddedPostgres

postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
postgres.start()
if sys.argv[2] == "forked" and os.fork() == 0:
    time.sleep(60)
    os._exit(0)
print(postgres.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the server's account can reach."""
    with throwaway_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def made(place: Path) -> Path:
    """A cluster with a database `care`, made once; not running."""
    with EmbeddedPostgres(place / "made", durable=False) as postgres:
        postgres.ensure_databases(["care"])
    return place / "made"


@pytest.fixture
def bystander(made: Path) -> Iterator[psutil.Popen]:
    """A process of the server's account, because of which PostgreSQL itself refuses to start."""
    account = account_for(made)
    with psutil.Popen(["sleep", "60"], user=account.uid if account else None) as process:
        yield process
        process.kill()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def ask(url: str, query: str) -> object:
    async with connected(url) as connection:
        return await connection.fetchval(query)


def living_pid(postgres: EmbeddedPostgres) -> int:
    assert postgres.pid is not None
    return postgres.pid


def port_of(postgres: EmbeddedPostgres) -> int:
    port = urlsplit(postgres.url()).port
    assert port is not None
    return port


def gone(pid: int) -> bool:
    """Whether the process has ended; it may wait for its parent's attention."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@dataclass(frozen=True)
class Owner:
    """Another process that started the server."""

    process: subprocess.Popen[str]
    postmaster: int

    @property
    def guardian(self) -> int:
        return psutil.Process(self.postmaster).ppid()


@contextmanager
def owner_of(folder: Path, *, forked: bool = False) -> Iterator[Owner]:
    command = [sys.executable, "-c", OWNER, str(folder), "forked" if forked else "alone"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            yield Owner(process, int(process.stdout.readline()))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the forked child too


async def test_a_new_server_takes_connections_over_loopback_and_socket(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        assert await ask(postgres.url("care"), "SELECT host(inet_server_addr())") == "127.0.0.1"
        assert await ask(postgres.socket_url("care"), "SELECT inet_server_addr()") is None


async def test_rows_outlive_a_restart(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        await ask(postgres.url("care"), "CREATE TABLE kept AS SELECT 'written before' AS what")
    with EmbeddedPostgres(made) as postgres:
        assert await ask(postgres.url("care"), "SELECT what FROM kept") == "written before"
        await ask(postgres.url("care"), "DROP TABLE kept")


def test_stop_leaves_no_process(made: Path) -> None:
    postgres = EmbeddedPostgres(made)
    postgres.start()
    family = [living_pid(postgres), psutil.Process(living_pid(postgres)).ppid()]
    postgres.stop()
    assert [pid for pid in family if psutil.pid_exists(pid)] == []
    assert postgres.pid is None


async def test_durable_by_default_and_quick_for_tests(made: Path) -> None:
    settings = """SELECT string_agg(setting, ' ') FROM pg_settings
        WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"""
    with EmbeddedPostgres(made) as postgres:
        assert await ask(postgres.url(), settings) == "on on on"
    with EmbeddedPostgres(made, durable=False) as postgres:
        assert await ask(postgres.url(), settings) == "off off off"


async def test_the_port_can_be_chosen(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        free = port_of(postgres)
    with EmbeddedPostgres(made, port=free) as postgres:
        assert f":{free}/" in postgres.url()
        assert await ask(postgres.url(), "SELECT inet_server_port()") == free


async def test_databases_are_created_once_and_belong_to_the_role(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        postgres.ensure_databases(["customers", "care"])
        postgres.ensure_databases(["customers", "care"])
        owners = "SELECT count(*) FROM pg_database WHERE datdba = 'crm'::regrole"
        assert await ask(postgres.url("customers"), owners) == 2


def test_a_database_name_is_no_sql(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres, pytest.raises(ValueError, match="plain database name"):
        postgres.ensure_databases(["care'; DROP DATABASE care; --"])


async def test_chinese_has_trigrams_and_sorts_by_code_point(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        url = postgres.url("care")
        await ask(url, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert await ask(url, "SELECT show_trgm('美容院')")
        assert await ask(url, "SELECT similarity('美容院连锁', '美容院') > 0.3")
        assert await ask(url, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{a,B,é,院}'::text[]) x") == "Baé院"


@pytest.mark.parametrize("user", ["postgres", "crm"])
async def test_nobody_enters_without_the_password(made: Path, user: str) -> None:
    with EmbeddedPostgres(made) as postgres:
        for url in (postgres.url(), postgres.socket_url()):
            stranger = url.replace(url.split("@")[0], f"postgresql://{user}:guess")
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await ask(stranger, "SELECT 1")


def test_only_the_owner_reads_the_password(made: Path) -> None:
    assert stat.S_IMODE((made / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(made.stat().st_mode) & 0o007 == 0


async def test_the_log_tells_no_values(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres, pytest.raises(asyncpg.PostgresError):
        await ask(postgres.url(), "SELECT 'Ms Wang, 13800000000'::int")
    assert "13800000000" not in (made / "server.log").read_text()


def test_start_again_does_nothing(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        before = (postgres.pid, postgres.url())
        postgres.start()
        assert (postgres.pid, postgres.url()) == before


async def test_a_second_start_joins_the_server_and_leaves_it_running(made: Path) -> None:
    with EmbeddedPostgres(made) as first:
        with EmbeddedPostgres(made) as second:
            assert (second.pid, second.url()) == (first.pid, first.url())
        assert await ask(first.url(), "SELECT 1") == 1


def test_two_first_starts_at_once_share_one_server(place: Path) -> None:
    both = [EmbeddedPostgres(place / "shared", durable=False) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        list(threads.map(EmbeddedPostgres.start, both))
    try:
        assert both[0].pid == both[1].pid is not None
    finally:
        for postgres in both:
            postgres.stop()


@pytest.mark.parametrize("forked", [False, True], ids=["alone", "with a child that holds the pipe"])
async def test_killing_the_owner_ends_the_server(made: Path, forked: bool) -> None:
    with owner_of(made, forked=forked) as owner:
        owner.process.kill()
        await eventually(lambda: gone(owner.postmaster))
    with EmbeddedPostgres(made) as postgres:
        assert await ask(postgres.url(), "SELECT 1") == 1


async def test_a_start_right_after_the_owner_was_killed_gets_a_server_of_its_own(made: Path) -> None:
    with owner_of(made) as owner:
        owner.process.kill()
        owner.process.wait()
        with EmbeddedPostgres(made) as postgres:
            assert postgres.pid != owner.postmaster
            assert await ask(postgres.url(), "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's")
async def test_killing_the_guardian_ends_the_server(made: Path) -> None:
    with owner_of(made) as owner:
        psutil.Process(owner.guardian).kill()
        await eventually(lambda: gone(owner.postmaster))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT, signal.SIGTERM])
async def test_a_stopped_server_comes_back_by_itself_at_the_same_address(made: Path, how: signal.Signals) -> None:
    """Killed, or told to shut down by somebody else than its owner: it then ends with status 0."""
    with EmbeddedPostgres(made) as postgres:
        await ask(postgres.url("care"), "CREATE TABLE survived AS SELECT 42 AS answer")
        killed = living_pid(postgres)
        psutil.Process(killed).send_signal(how)

        async def answers() -> bool:
            try:
                return await ask(postgres.url("care"), "SELECT answer FROM survived") == 42
            except (OSError, asyncpg.PostgresError):
                return False

        await eventually(lambda: gone(killed))
        await eventually(answers)
        assert living_pid(postgres) != killed
        await ask(postgres.url("care"), "DROP TABLE survived")


async def test_stale_pids_of_another_process_stop_nothing(made: Path, bystander: psutil.Popen) -> None:
    with EmbeddedPostgres(made) as postgres:
        port = port_of(postgres)
        pid_file = made / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    stale = "\n".join([str(bystander.pid), *lines[1:], ""])
    pid_file.write_text(stale)
    (made / "socket" / f".s.PGSQL.{port}.lock").write_text(stale)
    with EmbeddedPostgres(made, port=port) as postgres:
        assert postgres.pid != bystander.pid
        assert await ask(postgres.url(), "SELECT 1") == 1
    assert bystander.is_running()


@pytest.mark.parametrize("torn", ["", "12345\n"], ids=["empty", "half written"])
async def test_a_torn_pid_file_is_forgotten(made: Path, torn: str) -> None:
    (made / "data" / "postmaster.pid").write_text(torn)
    with EmbeddedPostgres(made) as postgres:
        assert await ask(postgres.url(), "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(place: Path, made: Path) -> None:
    broken = place / "broken"
    shutil.copytree(made, broken, ignore=shutil.ignore_patterns("socket"))
    (broken / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(CannotStart, match="initialized by PostgreSQL version 12"):
        EmbeddedPostgres(broken).start()


async def test_a_copy_restored_by_another_user_starts(place: Path, made: Path) -> None:
    restored = place / 'restored, with "odd" signs'
    shutil.copytree(made, restored, ignore=shutil.ignore_patterns("socket"))
    with EmbeddedPostgres(restored) as postgres:
        assert await ask(postgres.url("care"), "SELECT 1") == 1


async def test_an_unfinished_first_start_is_begun_anew(place: Path) -> None:
    (place / "torn" / "initdb-left").mkdir(parents=True)
    (place / "torn" / "initdb-left" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(place / "torn", durable=False) as postgres:
        assert await ask(postgres.url(), "SELECT 1") == 1
    assert list((place / "torn").glob("initdb-*")) == []


@as_root
def test_root_is_never_who_runs_the_server(made: Path) -> None:
    with EmbeddedPostgres(made) as postgres:
        assert psutil.Process(living_pid(postgres)).uids().effective != 0
        assert psutil.Process(living_pid(postgres)).gids().effective != 0


@as_root
async def test_where_no_user_postgres_exists_it_is_nobody(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_account, "ACCOUNTS", ("a-user-that-is-not", "nobody"))
    with EmbeddedPostgres(place / "nobody's", durable=False) as postgres:
        assert psutil.Process(living_pid(postgres)).username() == "nobody"
        assert await ask(postgres.socket_url(), "SELECT 1") == 1


@as_root
def test_where_root_has_nobody_to_run_as_it_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_account, "ACCOUNTS", ())
    with pytest.raises(CannotStart, match="refuses to run as root"):
        EmbeddedPostgres(place / "homeless").start()


async def test_a_path_too_long_for_a_socket_leaves_loopback(place: Path) -> None:
    with EmbeddedPostgres(place / ("long" * 30), durable=False) as postgres:
        assert postgres.socket_url() == postgres.url()
        assert await ask(postgres.url(), "SELECT 1") == 1


@as_root
async def test_below_a_closed_folder_data_and_programs_go_to_the_shelter(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    packages = installed_programs().parents[2]
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / part, closed / part)
    programs = closed / installed_programs().relative_to(packages)
    monkeypatch.setattr(postgres_account, "installed_programs", lambda: programs)
    monkeypatch.setattr(postgres_account, "SHELTER", place / "shelter")

    for _ in range(2):
        with EmbeddedPostgres(closed / ".data" / "postgresql", durable=False) as postgres:
            assert await ask(postgres.url(), "SELECT 1") == 1
            program = Path(psutil.Process(living_pid(postgres)).exe())
            assert program.is_relative_to(place / "shelter")

    home = closed / ".data" / "postgresql"
    assert home.is_symlink()
    assert home.resolve().parent == place / "shelter"
    assert len(list((place / "shelter").iterdir())) == 2
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_a_link_to_lost_data_is_not_taken_for_a_first_start(place: Path) -> None:
    (place / "lost").symlink_to(place / "nowhere")
    with pytest.raises(CannotStart, match="is gone"):
        EmbeddedPostgres(place / "lost").start()
