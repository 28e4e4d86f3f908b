"""A server of the oldest PostgreSQL that is supported, from where the system's packages put it."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.postgres_account import Account, account_for, give
from deploy.server_version import OLDEST

PROGRAMS = Path(f"/usr/lib/postgresql/{OLDEST}/bin")


@contextmanager
def oldest_server() -> Iterator[str]:
    """The address of its database `postgres`, on a socket alone."""
    with tempfile.TemporaryDirectory(prefix="crm-oldest-") as folder:
        home = Path(folder) / "cluster"
        account = account_for(home)
        home.mkdir()
        home.parent.chmod(0o711)
        give(home, account)
        _run(
            account, "initdb", "-D", f"{home}/data", "-U", "crm", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off -c timezone=UTC"
        _run(account, "pg_ctl", "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, "start")
        try:
            yield f"postgresql://crm@/postgres?host={home}"
        finally:
            _run(account, "pg_ctl", "-D", f"{home}/data", "-m", "immediate", "stop")


def _run(account: Account | None, program: str, *arguments: str) -> None:
    subprocess.run(
        [str(PROGRAMS / program), *arguments],
        user=account.uid if account else None,
        group=account.gid if account else None,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
