"""Everything in one process behind one port: four services, a real PostgreSQL, the bus inside (`make run`)."""

import asyncio
import fcntl
import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import httpx
import typer
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.configuration import general_settings
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.keys import Keys, write_private
from deploy.network import Network
from deploy.refusals import AlreadyRunning, NotConfigured
from deploy.rehearsal import PATH as REHEARSAL
from deploy.rehearsal import RehearsalClock
from deploy.seed import ADMIN_ID, ready_tokens, seed_staff
from deploy.serving import bound, listening, stop_signals
from shared.auth.principal import ADMIN
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.bus.relay import ensure_partitions
from shared.db import Database
from shared.http.middleware import Observed
from shared.limits import RateLimits
from shared.revisions import newest
from shared.runtime import Runtime
from shared.settings import SERVICES, ServiceName, Settings
from shared.standing import standing_of
from shared.telemetry import Stopwatch, configure_logging, configure_tracing, log


class AllInOne:
    """The network on an embedded PostgreSQL in `folder`."""

    def __init__(self, network: Network, rehearsal: RehearsalClock, issuer: EmbeddedIssuer, folder: Path) -> None:
        self.network = network
        self._rehearsal = Observed(rehearsal, "rehearsal")
        self._issuer = issuer
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == REHEARSAL:
            await self._rehearsal(scope, receive, send)
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
    settings = general_settings()
    if settings.production:
        raise NotConfigured("all in one is not for production: run the services distributed (docs/operating.md)")
    given = settings.model_fields_set
    update: dict[str, object] = {"rate_limits_admin": False, "kafka_bootstrap": "", "jwks_url": ""}
    if "outbox_directory" not in given:
        update["outbox_directory"] = folder / "outbox"
    if "files_directory" not in given:
        update["files_directory"] = folder / "files"
    if "log_level" not in given:
        update["log_level"] = "WARNING"  # the terminal is for people
    return settings.model_copy(update=update)


@asynccontextmanager
async def all_in_one(folder: Path, settings: Settings) -> AsyncIterator[AllInOne]:
    """Starts PostgreSQL, brings the four databases to the newest migration and builds the network.

    Raises SchemaTooNew when a newer release has worked on the folder and the schema serves this one no longer.
    """
    keys = Keys.kept_in(folder)
    issuer = EmbeddedIssuer(settings, keys.signing)
    verifier = TokenVerifier(settings, issuer.public_keys)
    limits = RateLimits(settings)
    rehearsal = RehearsalClock(folder, verifier, limits, settings.clock_offset)
    with EmbeddedPostgres(folder / "postgresql") as postgres:
        postgres.ensure_databases(SERVICES)
        async with AsyncExitStack() as stack:
            databases = {
                name: await stack.enter_async_context(_database(name, postgres, settings)) for name in SERVICES
            }
            runtimes = {
                name: Runtime(settings, database, rehearsal.clock, verifier, keys.master)
                for name, database in databases.items()
            }
            yield AllInOne(Network(runtimes, limits), rehearsal, issuer, folder)


@asynccontextmanager
async def _database(service: ServiceName, postgres: EmbeddedPostgres, settings: Settings) -> AsyncIterator[Database]:
    url = postgres.socket_url(service)
    database = await Database.connect(url, pool_size=settings.database_pool)
    try:
        async with database.connection() as connection:
            there = await standing_of(connection)
        if there.reason(newest(service)):
            from shared.migrations import upgrade  # loaded only when there is something to migrate

            await upgrade(service, url)
        await ensure_partitions(database)
        yield database
    finally:
        await database.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"another process works on {folder}: stop it first, or name another folder") from None
        yield


async def run(folder: Path, host: str, port: int) -> None:
    """Serves until Ctrl-C or SIGTERM, then lets what is under way end. Raises what the command line reports."""
    settings = settings_for_all_in_one(folder)
    configure_logging(settings.log_level, role="all-in-one")
    configure_tracing(settings, "all-in-one")
    says = log("process")
    revisions = {service: newest(service) for service in SERVICES}
    says.info("starting", version=version("crm"), revisions=revisions, address=f"http://{host}:{port}")
    stop = stop_signals()
    serving = asyncio.create_task(_serve(folder, settings, host, port))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set() and not serving.done():
        typer.echo("  Stopping …")
        says.info("stopping")
        serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        typer.echo("  Stopped; everything is kept.")
    finally:
        says.info("stopped")
        stopping.cancel()
        gc.freeze()  # the end is near: collecting everything once more would cost seconds


async def _serve(folder: Path, settings: Settings, host: str, port: int) -> None:
    watch = Stopwatch()
    with _alone(folder), bound(host, port) as held:
        url = f"http://{host}:{held.getsockname()[1]}"
        for service in ("CARE", "COMPLAINTS"):
            os.environ.setdefault(f"CRM_{service}_PUBLIC_URL", url)  # where the links in messages lead
        async with all_in_one(folder, settings) as everything:
            tokens = await everything.tokens()
            async with (
                _at_work(everything.network) as work,
                listening(everything, held, settings.trusted_proxies) as serving,
            ):
                _say(url, folder, tokens, watch.seconds)
                await asyncio.wait([serving, work], return_when=asyncio.FIRST_COMPLETED)
        raise RuntimeError("the server ended by itself")


@asynccontextmanager
async def _at_work(network: Network) -> AsyncIterator["asyncio.Task[None]"]:
    """Relays, subscriptions and loops inside the block; raises what ended them."""
    work = asyncio.create_task(network.run())
    try:
        yield work
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def _say(url: str, folder: Path, tokens: dict[str, str], seconds: float) -> None:
    lines = [
        "",
        f"  A token per role, good for 30 days (also in {folder / 'tokens.json'});",
        "  those with a link sign in to the operations page by it:",
        "",
        *(f"  {role}\n{_signing_in(url, role, token)}\n" for role, token in tokens.items()),
        f"  The customer-care backend is ready at {url} ({seconds:.1f} s)",
        "",
        f"    {url}/ops: the queue and its clocks, live; sign in with a link from above",
        *(f"    {url}/{name}/docs" for name in SERVICES),
        "",
        f"  Data, keys, database and sent messages lie under {folder}/",
        f"  Next, in a second terminal: {_demo(url, folder)}",
        "  Ctrl-C stops everything.",
        "",
    ]
    typer.echo("\n".join(lines))


def _signing_in(url: str, role: str, token: str) -> str:
    """A link for those whom the page admits, the token alone for others. What follows # never reaches a server."""
    return f"{url}/ops#token={token}" if role in (ADMIN, *SEE_EVERY_CUSTOMER) else token


def _demo(url: str, folder: Path) -> str:
    port = url.rpartition(":")[2]
    if folder != Path(".data"):
        return f"{os.path.relpath(sys.executable)} -m crm demo --url {url} --data {folder}"
    return "make demo" if port == "8000" else f"make demo PORT={port}"
