"""The whole network under faults, while clients go on: every process is killed once, broker and database go away.

Nothing that was acknowledged is lost or there twice, the services agree with each other, and all of it without help.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.embedded_postgres import EmbeddedPostgres
from deploy.kafka.broker import KafkaBroker
from shared.months import Month
from shared.settings import SERVICES, ServiceName, Settings
from tests.faults.recording import AMOUNT, Recorder, Store
from tests.journeys import looks
from tests.journeys.network import company, get
from tests.journeys.reading import differences, listed, read_everything
from tests.journeys.stage import ROLES, Distributed, distributed
from tests.ports import free_port
from tests.postgres import Databases, throwaway_folder

STORES = 4
AWAY = 1.0
"""Seconds for which broker and database are away."""
TIERS: dict[ServiceName, str] = {
    "customers": "SELECT tier FROM customer WHERE id = $1",
    "complaints": "SELECT substr('ABCD', tier_rank, 1) FROM customer_ref WHERE id = $1",
    "care": "SELECT tier FROM account WHERE id = $1",
    "reporting": "SELECT tier FROM customer WHERE id = $1",
}


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of the test's own, which may go away; what it has acknowledged, it keeps."""
    with throwaway_folder() as folder, EmbeddedPostgres(folder / "postgresql", port=free_port()) as server:
        yield server


@pytest.fixture
async def stage(own_server: EmbeddedPostgres, own_broker: KafkaBroker, tmp_path: Path) -> AsyncIterator[Distributed]:
    databases = Databases(own_server.url())
    async with distributed(databases.fresh, own_broker.bootstrap, tmp_path) as stage:
        yield stage


@pytest.mark.kafka
@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_done_twice_whatever_dies(
    stage: Distributed, own_broker: KafkaBroker, own_server: EmbeddedPostgres
) -> None:
    brand_company = await company(stage.http)
    recorder = Recorder(brand_company, [await brand_company.store() for _ in range(STORES)])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(recorder.run())
        for service, role in itertools.product(SERVICES, ROLES):
            await stage.kill(f"{service}-{role}")
            await stage.start_one(service, role)
            await stage.ready(service, role)
        await _goes_away_and_returns(own_broker.kill, own_broker.start)
        await _goes_away_and_returns(own_server.stop, own_server.start)
        recorder.stop()
    assert recorder.outcomes["unknown"] > 0, recorder.outcomes
    assert [name for name, process in stage.processes.items() if process.returncode is not None] == []

    await stage.quiet()
    for store in recorder.stores:
        await _is_whole(stage, store)
    await _is_rebuilt_the_same(stage)

    await asyncio.to_thread(own_server.stop)
    await stage.stop()  # in good order all the same


async def _goes_away_and_returns(go: Callable[[], None], come: Callable[[], None]) -> None:
    """Clients go on meanwhile, and for a moment afterwards."""
    await asyncio.to_thread(go)
    await asyncio.sleep(AWAY)
    await asyncio.to_thread(come)
    await asyncio.sleep(AWAY)


async def _is_whole(stage: Distributed, store: Store) -> None:
    """Each acknowledged entry is there once, where it was recorded and in reporting, and every service has the tier."""
    cases = await listed(stage.http, "/complaints/v1/complaints", customer_id=store.id)
    assert sorted(case["id"] for case in cases) == sorted(store.complaints)
    purchases = await listed(stage.http, "/customers/v1/purchases", customer_id=store.id)
    assert sorted(purchase["id"] for purchase in purchases) == sorted(store.purchases)

    reported = await looks.customer_360(stage, store.id)
    assert sorted(case["id"] for case in reported["complaints"]) == sorted(store.complaints)
    bought = len(store.purchases)
    assert (reported["purchases"]["count"], reported["purchases"]["sum"]) == (bought, str(Decimal(AMOUNT) * bought))

    tiers = {service: await stage.flow.ask(service, query, store.id) for service, query in TIERS.items()}
    assert set(tiers.values()) == {_tier(Decimal(AMOUNT) * bought)}, tiers
    history = (await get(stage.http, f"/customers/v1/customers/{store.id}/tier-history"))["items"]
    await stage.until(looks.greeted(stage, store.id, len(history)), "each rise is greeted once")


async def _is_rebuilt_the_same(stage: Distributed) -> None:
    running = Month.of(await stage.now(), Settings().zone)
    before = await read_everything(stage.http, running)
    await stage.rebuild_reporting()

    async def same() -> bool:
        return differences(before, await read_everything(stage.http, running)) == {}

    await stage.quiet()
    await stage.until(same, "the rebuilt reports are the same")


def _tier(total: Decimal) -> str:
    """By the policy that the network comes with (domain 2.4)."""
    thresholds = {"A": 10_000, "B": 3_000, "C": 1_000}
    return next((tier for tier, least in thresholds.items() if total >= least), "D")
