"""deploy/postgres/databases.sh on a real server: four services, four roles, four databases, no way across."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg
import pytest

from deploy.embedded_postgres import EmbeddedPostgres
from deploy.postgres_account import installed_programs
from shared.migrations import upgrade
from shared.settings import SERVICES, ServiceName
from tests.architecture.source import ROOT
from tests.postgres import throwaway_folder

SCRIPT = ROOT / "deploy/postgres/databases.sh"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """host:port of a server on which the script has run, as the image of PostgreSQL runs it."""
    with throwaway_folder() as folder, EmbeddedPostgres(folder / "postgresql", durable=False) as postgres:
        admit_everybody(postgres, folder / "postgresql/data/pg_hba.conf")
        address = urlsplit(postgres.url()).netloc.rpartition("@")[2]
        until_the_superuser_may_come_in(address)
        run_script(address)
        yield address


def admit_everybody(postgres: EmbeddedPostgres, access: Path) -> None:
    """The superuser comes in as on the image's own socket, everybody else by password."""
    rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    access.write_text(f"{access.read_text()}\n{rules}")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGHUP)


def until_the_superuser_may_come_in(address: str) -> None:
    for _ in range(100):
        asked = subprocess.run(
            [installed_programs() / "psql", f"postgresql://postgres@{address}", "-c", ""], check=False
        )
        if asked.returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("the server did not read its access rules")


def run_script(address: str) -> None:
    host, _, port = address.partition(":")
    environment = {
        "PATH": f"{installed_programs()}{os.pathsep}{os.environ['PATH']}",
        "POSTGRES_USER": "postgres",
        "PGHOST": host,
        "PGPORT": port,
        **{f"{service.upper()}_PASSWORD": password_of(service) for service in SERVICES},
    }
    subprocess.run(["sh", SCRIPT], env=environment, check=True, timeout=60)


def password_of(service: str) -> str:
    return f"secret of '{service}'"


def address_of(server: str, role: str, database: str) -> str:
    return f"postgresql://{role}:{quote(password_of(role))}@{server}/{database}"


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_migrates_its_own_database_without_being_superuser(server: str, service: ServiceName) -> None:
    address = address_of(server, service, service)
    connection: asyncpg.Connection = await asyncpg.connect(address)
    assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    await connection.close()

    await upgrade(service, address)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_service_reaches_the_database_of_another(server: str, service: ServiceName) -> None:
    for other in set(SERVICES) - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(address_of(server, service, other))
