"""What an administrator does from the command line, distributed or on the data of the all-in-one mode."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.all_in_one import settings_for_all_in_one
from deploy.configuration import configured, databases
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.keys import Keys
from deploy.network import build_service
from deploy.process import runtime_on
from deploy.server_version import check_schema, check_servers
from services.reporting.schema import PROJECTIONS
from shared.audit_chain import Head, Heads
from shared.audit_chain import renew_head as renew_audit_head
from shared.audit_verification import Verified, verify
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.bus import parking
from shared.bus.discard import discard as discard_parked
from shared.bus.parking import Parked
from shared.bus.replay import Replayed, release_relay, replay
from shared.clock import Clock
from shared.db import Database
from shared.rebuild import Rebuilt
from shared.rebuild import rebuild as rebuild_projections
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import ServiceName
from shared.storage.registry import storage_of
from shared.telemetry import configure_logging


async def migrate() -> list[ServiceName]:
    """Brings every database that the environment names to the newest migration; returns which.

    Raises NotConfigured when it names none, or one on a server that is too old: then nothing is migrated.
    """
    from shared.migrations import upgrade  # no other command needs it

    named = databases()
    await check_servers(named.values())
    for service, url in named.items():
        await upgrade(service, url)
    return list(named)


@asynccontextmanager
async def service_at(name: ServiceName, folder: Path) -> AsyncIterator[Service]:
    """The service on its database: the environment's, else the embedded one in `folder` (running or not).

    Raises NotConfigured when the database's schema is older than this code or serves it no longer.
    """
    configure_logging(
        service=name
    )  # without it a log would go to where the answer is printed, and show what a fault holds
    async with AsyncExitStack() as stack:
        if f"CRM_DATABASE_URL_{name.upper()}" in os.environ:
            configuration = configured(name, needs_keys=False)
            pool = configuration.settings.database_pool
            runtime = runtime_on(configuration, await Database.connect(configuration.database_url, pool_size=pool))
        else:
            postgres = stack.enter_context(EmbeddedPostgres(folder / "postgresql"))
            runtime = await _embedded_runtime(name, postgres, folder)
        stack.push_async_callback(runtime.database.close)
        await check_schema(runtime.database, name)
        yield build_service(name, runtime)


async def _embedded_runtime(name: ServiceName, postgres: EmbeddedPostgres, folder: Path) -> Runtime:
    settings, keys = settings_for_all_in_one(folder), Keys.kept_in(folder)
    verifier = TokenVerifier(settings, EmbeddedIssuer(settings, keys.signing).public_keys)
    database = await Database.connect(postgres.socket_url(name), pool_size=2)
    return Runtime(settings, database, Clock(), verifier, keys.master)


async def parked(service: ServiceName, folder: Path) -> list[dict[str, object]]:
    """What waits in a service's parking; never a body."""
    async with service_at(service, folder) as built:
        return await parking.waiting(built.runtime.database)


async def replay_parked(service: ServiceName, folder: Path, by: str, key: str | None) -> tuple[list[Replayed], int]:
    """Gives parked events their effect, in order per key, and lets the relay try its own again, told by their number.

    A key asks for that key alone.
    """
    async with service_at(service, folder) as built:
        replayed = await replay(built.inbox(), by, key)
        return replayed, await release_relay(built.runtime.database, by) if key is None else 0


async def discard(
    service: ServiceName, folder: Path, by: str, reason: str, numbers: Sequence[int], key: str | None
) -> list[Parked]:
    """Discards parked events by their numbers or their key, audited; returns them."""
    async with service_at(service, folder) as built:
        return await discard_parked(built.runtime.database, by, reason, numbers=numbers, key=key)


async def tell_contacts_again(folder: Path) -> int:
    """Has customers tell every contact again, of customers and staff, sealed under the present key; how many."""
    from services.customers.archive import handlers as archive  # no other command needs them
    from services.customers.organisation import handlers as organisation

    async with service_at("customers", folder) as built:
        told = await archive.tell_contacts_again(built.context)
        return told + await organisation.tell_contacts_again(built.context)


async def rotate_keys(folder: Path) -> tuple[int, dict[str, int]]:
    """Wraps the keys of persons by the present master key, and gives one to whom older releases registered without.

    Returns how many were given one, and how many keys each master key has wrapped now. Raises UnknownMasterKey.
    """
    from services.customers.archive import handlers as archive  # no other command needs them
    from services.customers.personal_keys import handlers as keys

    async with service_at("customers", folder) as built:
        await keys.wrap_anew(built.context)
        return await archive.give_keys(built.context), await _wrapped_by(built.context)


async def wrapped_keys(folder: Path) -> dict[str, int]:
    """How many keys of persons each master key has wrapped, by its id; the present one is named in any case."""
    async with service_at("customers", folder) as built:
        return await _wrapped_by(built.context)


async def _wrapped_by(context: Any) -> dict[str, int]:
    from services.customers.personal_keys import store

    return {context.personal.ring.present: 0, **await store.counts(context.database)}


async def rebuild(folder: Path, by: str) -> Rebuilt:
    """Empties the projections of reporting; they fill again from the log, at once where it runs, else at its start."""
    async with service_at("reporting", folder) as built:
        return await rebuild_projections(built.runtime.database, "reporting", PROJECTIONS, by)


async def verify_audit(service: ServiceName, folder: Path) -> Verified:
    """Whether a service's audit is what was chained; raises StorageFault when the head outside cannot be read."""
    async with service_at(service, folder) as built:
        return await verify(built.runtime.database, _heads(built))


async def renew_audit(service: ServiceName, folder: Path, by: str, reason: str) -> Head | None:
    """Keeps the present head of the audit outside where the kept one holds no longer; returns the latter."""
    async with service_at(service, folder) as built:
        return await renew_audit_head(built.runtime.database, _heads(built), by, reason)


def _heads(service: Service) -> Heads:
    return Heads(service.name, storage_of(service.runtime.settings))


async def read_again(service: ServiceName, folder: Path) -> None:
    """Offers a service every event of the log again: what it has done stays done, what it missed is made good."""
    async with service_at(service, folder) as built:
        await start_over(built.runtime.database, service)


async def start_over(database: Database, consumer: ServiceName) -> None:
    """Sets a consumer back to the beginning of what it reads; its inbox stays."""
    async with database.transaction() as transaction:
        await transaction.execute(
            """INSERT INTO consumer_generation AS g (consumer, generation) VALUES ($1, 1)
               ON CONFLICT (consumer) DO UPDATE SET generation = g.generation + 1""",
            consumer,
        )
        await transaction.execute("UPDATE consumer_position SET position = 0 WHERE consumer = $1", consumer)
