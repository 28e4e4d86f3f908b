"""Clocks, people and customers in the same instant: each miss is told once."""

import asyncio

from shared.contracts.complaints import (
    ComplaintAccepted,
    ComplaintClockMissed,
    ComplaintOverdue,
)
from tests.complaints.building import complaints
from tests.complaints.test_clocks import CLOCKS, HALF_AN_HOUR, HOUR, accept
from tests.postgres import FreshDatabase


async def test_two_workers_share_the_clocks_and_tell_each_miss_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await asyncio.gather(*(service.record() for _ in range(600)))
        await service.hear_own()
        service.clock.forward(HALF_AN_HOUR)

        done = await asyncio.gather(*(service.run_loops(CLOCKS) for _ in range(3)))

        assert sum(done) == 600
        missed = [fact.complaint_id for fact in await service.facts(ComplaintClockMissed)]
        assert len(missed) == len(set(missed)) == 600


async def test_taking_a_case_in_the_same_instant_as_its_miss(fresh_database: FreshDatabase) -> None:
    """Whoever is quicker, the timer or the person: one miss, one acceptance, and it is late."""
    async with complaints(fresh_database) as service:
        cases = [(await service.record())["id"] for _ in range(20)]
        await service.hear_own()
        service.clock.forward(HALF_AN_HOUR)

        taken = await asyncio.gather(service.run_loops(), *(accept(service, id_) for id_ in cases), service.run_loops())
        await service.run_loops()

        assert [status for status, _ in (each for each in taken if isinstance(each, tuple))] == [200] * 20
        missed = [str(fact.complaint_id) for fact in await service.facts(ComplaintClockMissed)]
        assert sorted(missed) == sorted(cases)
        accepted = await service.facts(ComplaintAccepted)
        assert [fact.in_time for fact in accepted] == [False] * 20
        for id_ in cases:
            versions = [event.aggregate_version for event in await service.events() if str(event.aggregate_id) == id_]
            assert versions == sorted(versions)


async def test_a_tier_that_changes_in_the_same_instant_as_a_breach(fresh_database: FreshDatabase) -> None:
    """Each is done once and right: the miss is told, and what is open stands in its customer's new tier."""
    async with complaints(fresh_database) as service:
        customers = [await service.customer("D") for _ in range(5)]
        for customer in customers:
            for _ in range(8):
                await service.record(customer)
        await service.hear_own()
        service.clock.forward(4 * HOUR)

        await asyncio.gather(
            service.run_loops(), *(service.tier_moves(customer, "A") for customer in customers), service.run_loops()
        )
        await service.run_loops()

        overdue = [fact.complaint_id for fact in await service.facts(ComplaintOverdue)]
        assert len(overdue) == len(set(overdue)) == 40
        missed = [fact.complaint_id for fact in await service.facts(ComplaintClockMissed)]
        assert len(missed) == len(set(missed)) == 40
        queued = (await service.get("/queue", limit=50)).json()["items"]
        assert [(each["tier"], each["overdue"]) for each in queued] == [("A", True)] * 40
