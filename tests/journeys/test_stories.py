"""The stories, end to end: in one process, there with each event delivered twice, and over real Kafka.

The stories of a stage share one network, as those of a company do: each has stores and people of its own, and says by
how much a common figure grows. Those that let much time pass come last.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.kafka.broker import KafkaBroker
from shared.bus.inbox import Inbox
from shared.bus.port import Record
from shared.db import Connection
from tests.journeys.stage import Distributed, Stage, distributed, one_process
from tests.journeys.stories import (
    care,
    complainant,
    complaints,
    ending,
    erasing,
    feeds,
    handling,
    leaving,
    live,
    main,
    merging,
    months,
    policies,
    safety,
    settling,
    strangers,
    twice,
)
from tests.postgres import Databases

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(420)]

STAGES = (
    "one process",
    "each event twice",
    pytest.param("distributed", marks=(pytest.mark.kafka, pytest.mark.stories)),
)


@pytest.fixture(scope="module", params=STAGES)
def way(request: pytest.FixtureRequest) -> str:
    """In which way the network runs."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def broker(way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker | None]:
    """A broker whose topics nobody else uses; None for one process."""
    if way != "distributed":
        yield None
        return
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stage")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def databases(postgres_url: str) -> AsyncIterator[Databases]:
    made = Databases(postgres_url)
    yield made
    await made.drop_made()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(way: str, broker: KafkaBroker | None, databases: Databases, folder: Path) -> AsyncIterator[Stage]:
    """The network in one process, or as eight processes over Kafka."""
    with pytest.MonkeyPatch.context() as patch:
        if way == "each event twice":
            patch.setattr(Inbox, "take", _twice(Inbox.take))
        if broker is None:
            async with one_process(databases.fresh, folder) as alone:
                yield alone
        else:
            async with distributed(databases.fresh, broker.bootstrap, folder) as apart:
                yield apart


Take = Callable[..., Awaitable[None]]


def _twice(take: Take) -> Take:
    """Takes every batch, and then every batch again in a transaction of its own, as after a lost acknowledgement."""

    async def take_twice(
        inbox: Inbox,
        records: Sequence[Record],
        *,
        advance: Callable[[Connection], Awaitable[None]] | None = None,
        generation: int | None = None,
    ) -> None:
        await take(inbox, records, generation=generation)
        await take(inbox, records, advance=advance, generation=generation)

    return take_twice


async def test_purchases_lift_a_store(stage: Stage) -> None:
    await main.purchases_lift_a_store(stage)


async def test_a_past_is_imported(stage: Stage) -> None:
    await months.a_past_is_imported(stage)


async def test_the_customer_is_asked_and_not_satisfied(stage: Stage) -> None:
    await complaints.the_customer_is_asked_and_not_satisfied(stage)


async def test_old_cases_are_taken_over(stage: Stage) -> None:
    await complaints.old_cases_are_taken_over(stage)


async def test_somebody_is_heard_and_follows(stage: Stage) -> None:
    await complainant.somebody_is_heard_and_follows(stage)


async def test_the_same_again_within_the_month(stage: Stage) -> None:
    await settling.the_same_again_within_the_month(stage)


async def test_a_penalty_is_paid_and_taken_back(stage: Stage) -> None:
    await settling.a_penalty_is_paid_and_taken_back(stage)


async def test_a_department_pays_into_its_fund(stage: Stage) -> None:
    await settling.a_department_pays_into_its_fund(stage)


async def test_more_than_one_may_give(stage: Stage) -> None:
    await settling.more_than_one_may_give(stage)


async def test_staff_add_evidence(stage: Stage) -> None:
    await settling.staff_add_evidence(stage)


async def test_an_alarmed_batch_is_warned_of(stage: Stage) -> None:
    await safety.an_alarmed_batch_is_warned_of(stage)


async def test_a_person_is_erased(stage: Stage) -> None:
    await erasing.a_person_is_erased(stage)


async def test_a_store_gives_up_its_brand(stage: Stage) -> None:
    await ending.a_store_gives_up_its_brand(stage)


async def test_a_duplicate_is_merged_and_split_again(stage: Stage) -> None:
    await merging.a_duplicate_is_merged_and_split_again(stage)


async def test_the_matrix_changes(stage: Stage) -> None:
    await care.the_matrix_changes(stage)


async def test_a_tier_policy_is_announced_and_starts(stage: Stage) -> None:
    await policies.a_tier_policy_is_announced_and_starts(stage)


async def test_somebody_follows(stage: Stage) -> None:
    await live.somebody_follows(stage)


async def test_nobody_understands(stage: Stage) -> None:
    if not isinstance(stage, Distributed):
        pytest.skip("in one process nobody else writes to the log")
    await strangers.nobody_understands(stage)


async def test_half_an_hour_passes(stage: Stage) -> None:
    await handling.half_an_hour_passes(stage)


async def test_nobody_answers(stage: Stage) -> None:
    await main.nobody_answers(stage)


async def test_a_visit_is_done_and_one_is_missed(stage: Stage) -> None:
    await care.a_visit_is_done_and_one_is_missed(stage)


async def test_a_store_falls_silent_and_is_won_back(stage: Stage) -> None:
    await leaving.a_store_falls_silent_and_is_won_back(stage)


async def test_moments_have_one_form_in_every_feed(stage: Stage) -> None:
    await feeds.moments_have_one_form_in_every_feed(stage)


async def test_no_version_is_without_its_event(stage: Stage) -> None:
    await feeds.no_version_is_without_its_event(stage)


async def test_everything_is_offered_again(stage: Stage) -> None:
    await main.purchases_lift_a_store(stage)
    await complaints.the_customer_is_asked_and_not_satisfied(stage)
    await twice.everything_is_offered_again(stage)
