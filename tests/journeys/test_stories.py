"""The main job, end to end, in one process and over real Kafka."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.kafka.broker import KafkaBroker
from tests.journeys import stories
from tests.journeys.stage import Stage, distributed, one_process
from tests.postgres import FreshDatabase


@pytest.fixture(params=["one process", pytest.param("distributed", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> KafkaBroker | None:
    """None for one process, else a broker whose topics nobody else uses."""
    if request.param == "one process":
        return None
    started: KafkaBroker = request.getfixturevalue("own_broker")
    return started


@pytest.fixture
async def stage(broker: KafkaBroker | None, fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    """The network in one process, or as eight processes over Kafka."""
    if broker is None:
        async with one_process(fresh_database, tmp_path) as alone:
            yield alone
    else:
        async with distributed(fresh_database, broker.bootstrap, tmp_path) as apart:
            yield apart


@pytest.mark.timeout(300)
async def test_purchases_lift_a_store(stage: Stage) -> None:
    await stories.purchases_lift_a_store(stage)


@pytest.mark.timeout(420)
async def test_nobody_answers(stage: Stage) -> None:
    await stories.nobody_answers(stage)
