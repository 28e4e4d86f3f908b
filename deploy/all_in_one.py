"""Everything in one process behind one port: four services, a real PostgreSQL, the bus inside (`make run`)."""

import asyncio
import fcntl
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import typer
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.embedded_postgres import EmbeddedPostgres
from deploy.keys import Keys, write_private
from deploy.network import Network
from deploy.process import NotConfigured, http_server
from deploy.rehearsal import PATH as REHEARSAL
from deploy.rehearsal import RehearsalClock
from deploy.seed import ADMIN_ID, ready_tokens, seed_staff
from shared.auth.principal import ADMIN
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.bus import parking
from shared.bus.relay import ensure_partitions
from shared.db import Database
from shared.migrations import head, upgrade
from shared.personal import Vault
from shared.service import Runtime
from shared.settings import SERVICES, ServiceName, Settings
from shared.telemetry import configure_logging, configure_tracing


class AlreadyRunning(Exception):
    """Another process works on the same data."""


class AllInOne:
    """The network on an embedded PostgreSQL in `folder`."""

    def __init__(self, network: Network, rehearsal: RehearsalClock, issuer: EmbeddedIssuer, folder: Path) -> None:
        self.network = network
        self._rehearsal = rehearsal
        self._issuer = issuer
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == REHEARSAL:
            answer = await self._rehearsal.answer(Request(scope, receive))
            await answer(scope, receive, send)
        else:
            await self.network(scope, receive, send)

    async def tokens(self) -> dict[str, str]:
        """Role -> ready token, bound to seeded staff; also written to tokens.json, readable by the owner alone."""
        admin = {"Authorization": f"Bearer {self._issuer.issue(ADMIN_ID, [ADMIN], seconds=300)}"}
        app: ASGIApp = self.network
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://seed", headers=admin
        ) as http:
            staff = await seed_staff(http, self._folder / "staff.json")
        tokens = ready_tokens(self._issuer, staff)
        write_private(self._folder / "tokens.json", json.dumps(tokens, indent=2))
        return tokens


def settings_for_all_in_one(folder: Path) -> Settings:
    """The environment's settings with what the mode brings along; refuses production mode."""
    settings = Settings()
    if settings.production:
        raise NotConfigured("all in one is not for production: run the services distributed (docs/operating.md)")
    given = settings.model_fields_set
    update: dict[str, object] = {"rate_limits_admin": False, "kafka_bootstrap": "", "jwks_url": ""}
    if "outbox_directory" not in given:
        update["outbox_directory"] = folder / "outbox"
    return settings.model_copy(update=update)


@asynccontextmanager
async def all_in_one(folder: Path) -> AsyncIterator[AllInOne]:
    """Starts PostgreSQL, brings the four databases to the newest migration and builds the network."""
    settings = settings_for_all_in_one(folder)
    keys = Keys.kept_in(folder)
    issuer = EmbeddedIssuer(settings, keys.signing)
    verifier = TokenVerifier(settings, issuer.public_keys)
    rehearsal = RehearsalClock(folder, verifier)
    parking.seal_contacts_with(Vault(keys.master, "bus:parking"))
    with _alone(folder), EmbeddedPostgres(folder / "postgresql") as postgres:
        postgres.ensure_databases(SERVICES)
        async with AsyncExitStack() as stack:
            databases = {
                name: await stack.enter_async_context(_database(name, postgres, settings)) for name in SERVICES
            }
            runtimes = {
                name: Runtime(settings, database, rehearsal.clock, verifier, keys.master)
                for name, database in databases.items()
            }
            yield AllInOne(Network(runtimes), rehearsal, issuer, folder)


@asynccontextmanager
async def _database(service: ServiceName, postgres: EmbeddedPostgres, settings: Settings) -> AsyncIterator[Database]:
    url = postgres.socket_url(service)
    database = await Database.connect(url, pool_size=settings.database_pool)
    try:
        if await _migration(database) != head(service):
            await upgrade(service, url)
        await ensure_partitions(database)
        yield database
    finally:
        await database.close()


async def _migration(database: Database) -> str | None:
    if await database.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    version: str | None = await database.fetchval("SELECT version_num FROM alembic_version")
    return version


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"another process works on {folder}: stop it first, or name another folder") from None
        yield


def check_port(host: str, port: int) -> None:
    """Raises NotConfigured when somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise NotConfigured(f"port {port} is taken: choose another one, such as make run PORT={port + 1}") from None


async def run(folder: Path, host: str, port: int) -> None:
    """Serves until Ctrl-C."""
    settings = Settings()
    configure_logging(settings.log_level)
    configure_tracing(settings, "all-in-one")
    check_port(host, port)
    async with all_in_one(folder) as everything:
        tokens = await everything.tokens()
        work = asyncio.create_task(everything.network.run())
        server = http_server(everything, host, port)
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn tells in no other way
            await asyncio.sleep(0.02)
        if server.started:
            _say(f"http://{host}:{port}", folder, tokens)
        await asyncio.wait([serving, work], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def _say(url: str, folder: Path, tokens: dict[str, str]) -> None:
    lines = [
        "",
        f"  The customer-care backend is ready at {url}",
        "",
        *(f"    {url}/{name}/docs" for name in SERVICES),
        f"    {url}/ops" + " " * 24 + "the operations page",
        "",
        f"  A token per role (also in {folder / 'tokens.json'}):",
        "",
        *(f"    {role:<18} {token}" for role, token in tokens.items()),
        "",
        "  Next, in a second terminal: make demo.  Ctrl-C stops everything.",
        "",
    ]
    typer.echo("\n".join(lines))
