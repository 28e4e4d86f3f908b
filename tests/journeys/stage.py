"""Where a journey is played: in one process on a still clock, or as eight processes on a real Kafka."""

import asyncio
import math
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

import httpx

from deploy.administration import start_over
from deploy.keys import Keys
from deploy.process import Role
from deploy.topics import ensure_topics
from services.reporting.schema import PROJECTIONS
from shared.auth.principal import ADMIN
from shared.auth.tokens import EmbeddedIssuer
from shared.clock import real_time
from shared.rebuild import rebuild
from shared.settings import SERVICES, ServiceName, Settings
from tests.journeys.flow import LISTENERS, Flow
from tests.ports import free_port
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, WholeNetwork, bearer, database_of, served, whole_network

MOMENTS = timedelta(seconds=10)
"""So much business time passes by itself where the clock runs: no need to move it."""

PATIENCE = 30.0
"""Real seconds within which an effect must be seen in another process; usually milliseconds."""

READY_WITHIN = 150.0
"""Real seconds for eight processes to start on two cores."""

ROLES: tuple[Role, ...] = ("api", "worker")

Check = Callable[[], Awaitable[bool]]


class Stage(Protocol):
    """The network as its users see it."""

    http: httpx.AsyncClient

    def signed(self, role: str, staff_id: str) -> dict[str, str]:
        """The headers with which somebody of the staff calls in a role, instead of the administrator."""

    async def now(self) -> datetime:
        """Business time."""

    async def forward(self, duration: timedelta) -> None:
        """Lets business time pass."""

    async def until(self, check: Check, what: str) -> None:
        """Returns when `check` holds; fails naming `what` when it does not come true."""

    async def quiet(self) -> None:
        """Returns when every event that was recorded has had its effect everywhere."""

    async def offer_again(self) -> None:
        """`crm replay` of every service that listens: each event is delivered once more, from the first one on."""

    async def rebuild_reporting(self) -> None:
        """`crm rebuild reporting`: empties the projections; they fill again from the log."""

    def connection(self) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A client over a connection that stays open, for what streams."""


class OneProcess:
    """All four services on the in-process bus; time stands still and `drain` replaces waiting."""

    def __init__(self, network: WholeNetwork) -> None:
        self._network = network
        self.http = httpx.AsyncClient(
            transport=_Drained(network), base_url="http://network", headers=network.http.headers
        )

    def signed(self, role: str, staff_id: str) -> dict[str, str]:
        return bearer(role, UUID(staff_id))

    async def now(self) -> datetime:
        return self._network.clock.now()

    async def forward(self, duration: timedelta) -> None:
        await self._network.drain()
        self._network.clock.forward(duration)
        await self._network.drain()

    async def until(self, check: Check, what: str) -> None:
        await self._network.drain()
        assert await check(), f"did not happen: {what}"

    async def quiet(self) -> None:
        await self._network.drain()

    async def offer_again(self) -> None:
        for service in LISTENERS:
            await start_over(self._network.database(service), service)
        await self._network.drain()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[httpx.AsyncClient]:
        async with (
            served(self._network.network) as url,
            httpx.AsyncClient(base_url=url, headers=self.http.headers, timeout=PATIENCE) as http,
        ):
            yield http

    async def rebuild_reporting(self) -> None:
        reporting = self._network.network.members["reporting"].service
        await rebuild(reporting.runtime.database, "reporting", PROJECTIONS, "a person")


class _Drained(httpx.AsyncBaseTransport):
    """Lets every event have its effect before each request: what distributed takes moments is at once here."""

    def __init__(self, network: WholeNetwork) -> None:
        self._network = network
        self._app = httpx.ASGITransport(app=network.network, raise_app_exceptions=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._network.drain()
        return await self._app.handle_async_request(request)


@asynccontextmanager
async def one_process(fresh_database: FreshDatabase, outbox: Path) -> AsyncIterator[OneProcess]:
    settings = Settings(
        requests_per_second_per_token=1_000_000,
        requests_per_second_per_address=1_000_000,
        database_pool=4,
        outbox_directory=outbox,
        files_directory=outbox / "files",
    )
    async with whole_network(fresh_database, settings=settings) as network:
        yield OneProcess(network)


class Distributed:
    """Every service as `api` and `worker` processes, started by the commands of the compose file."""

    def __init__(self, environment: Mapping[str, str], folder: Path, issuer: EmbeddedIssuer) -> None:
        self._environment = dict(environment)
        self._issuer = issuer
        self.bootstrap = environment["CRM_KAFKA_BOOTSTRAP"]
        databases = {service: environment[f"CRM_DATABASE_URL_{service.upper()}"] for service in SERVICES}
        self.flow = Flow(databases, self.bootstrap)
        self._folder = folder
        self._offset = timedelta()
        self._ports = {(service, role): free_port() for service in SERVICES for role in ROLES}
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.http = httpx.AsyncClient(
            transport=_Gateway({service: self._ports[service, "api"] for service in SERVICES}),
            base_url="http://gateway",
            headers=self.signed(ADMIN, str(ADMIN_ID)),
        )
        self._probe = httpx.AsyncClient()

    def signed(self, role: str, staff_id: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._issuer.issue(UUID(staff_id), [role])}"}

    async def now(self) -> datetime:
        return real_time() + self._offset

    async def forward(self, duration: timedelta) -> None:
        """Stops every process and starts it with a later CRM_CLOCK_OFFSET, the same everywhere.

        What was recorded has had its effect before, or it would begin later than the story says: a case whose event
        was still under way would be offered after the leap. A few seconds pass by themselves while the story waits for
        what comes of them.
        """
        if duration <= MOMENTS:
            return
        await self.quiet()
        await self.stop()
        self._offset += timedelta(seconds=math.ceil(duration.total_seconds()))
        await self.start()

    async def until(self, check: Check, what: str, within: float = PATIENCE) -> None:
        deadline = time.monotonic() + within
        while not await check():
            assert time.monotonic() < deadline, f"did not happen within {within} s: {what}"
            await asyncio.sleep(0.05)

    async def start(self) -> None:
        await asyncio.gather(*(self.start_one(service, role) for service, role in self._ports))
        await asyncio.gather(*(self.ready(service, role) for service, role in self._ports))

    async def start_one(self, service: ServiceName, role: Role) -> None:
        port = str(self._ports[service, role])
        arguments = [sys.executable, "-m", "crm", "serve", service, role, "--port", port]
        environment = {
            **self._environment,
            "CRM_CLOCK_OFFSET": f"PT{int(self._offset.total_seconds())}S",
            "CRM_MEMBER": f"{service}-worker-0",
        }
        with (self._folder / f"{service}-{role}.log").open("ab") as output:
            self.processes[f"{service}-{role}"] = await asyncio.create_subprocess_exec(
                *arguments, env=environment, stdout=output, stderr=output
            )

    async def quiet(self) -> None:
        await self.until(self.flow.is_quiet, "every event has been published and taken")

    async def offer_again(self) -> None:
        await asyncio.gather(*(self.crm("replay", service) for service in LISTENERS))
        await self.quiet()

    async def rebuild_reporting(self) -> None:
        await self.crm("rebuild", "reporting")

    async def crm(self, *arguments: str) -> str:
        """What a command of the command line prints; it must succeed."""
        command = [sys.executable, "-m", "crm", *arguments]
        process = await asyncio.create_subprocess_exec(*command, env=self._environment, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        assert process.returncode == 0, f"crm {' '.join(arguments)}: {printed.decode()}"
        return printed.decode()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[httpx.AsyncClient]:
        yield self.http

    async def kill(self, name: str) -> None:
        """kill -9 of one process, such as `care-worker`."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def close(self) -> None:
        await asyncio.gather(self.http.aclose(), self._probe.aclose())

    async def stop(self) -> None:
        """Stops every process in good order; fails, with none of them left, when one did not end so."""
        running, self.processes = self.processes, {}
        for process in running.values():
            if process.returncode is None:
                process.terminate()
        ended = await asyncio.gather(*map(_end, running.values()))
        assert set(ended) <= {0}, f"a process did not stop cleanly: {dict(zip(running, ended, strict=True))}"

    async def ready(self, service: ServiceName, role: Role) -> None:
        """Returns when the process says that it is ready; a signal before that would kill it half started."""

        async def answers() -> bool:
            ended = self.processes[f"{service}-{role}"].returncode
            assert ended is None, f"{service} {role} ended with {ended} instead of starting"
            try:
                return (await self._probe.get(self._address(service, role) + f"/{service}/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await self.until(answers, f"{service} {role} is ready", within=READY_WITHIN)

    def _address(self, service: ServiceName, role: Role) -> str:
        return f"http://127.0.0.1:{self._ports[service, role]}"


class _Gateway(httpx.AsyncBaseTransport):
    """Sends a path to its service's port, as the gateway's configuration does."""

    def __init__(self, ports: Mapping[ServiceName, int]) -> None:
        self._ports: dict[str, int] = {str(service): port for service, port in ports.items()}
        self._http = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service = request.url.path.split("/", 2)[1]
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._ports[service])
        return await self._http.handle_async_request(request)

    async def aclose(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def distributed(fresh_database: FreshDatabase, bootstrap: str, folder: Path) -> AsyncIterator[Distributed]:
    """Eight processes on fresh databases and the run's broker; consumers of its own read from the beginning."""
    keys = Keys.kept_in(folder)
    issuer = EmbeddedIssuer(Settings(), keys.signing)
    jwks = folder / "jwks.json"
    jwks.write_bytes(httpx.Response(200, json=issuer.public_keys.as_dict(private=False)).content)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRM_")},
        **{f"CRM_DATABASE_URL_{service.upper()}": await database_of(fresh_database, service) for service in SERVICES},
        "CRM_KAFKA_BOOTSTRAP": bootstrap,
        "CRM_JWKS_URL": f"file:{jwks}",
        "CRM_MASTER_KEY": keys.master.hex(),
        "CRM_OUTBOX_DIRECTORY": str(folder / "outbox"),
        "CRM_FILES_DIRECTORY": str(folder / "files"),
        "CRM_DATABASE_POOL": "4",
        "CRM_REQUESTS_PER_SECOND_PER_ADDRESS": "1000",
        "CRM_REQUESTS_PER_SECOND_PER_TOKEN": "1000",
        "CRM_LOG_LEVEL": "WARNING",
        "PYTHONFAULTHANDLER": "1",
    }
    await ensure_topics(bootstrap)
    stage = Distributed(environment, folder, issuer)
    try:
        await stage.start()
        yield stage
    finally:
        try:
            await stage.stop()
        finally:
            await stage.close()


async def _end(process: asyncio.subprocess.Process) -> int:
    """Its exit code; a process that does not heed the signal is aborted, and its log says what it was doing."""
    with suppress(TimeoutError):
        return await asyncio.wait_for(process.wait(), 20)
    process.send_signal(signal.SIGABRT)
    return await process.wait()
