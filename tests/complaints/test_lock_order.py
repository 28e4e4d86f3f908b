"""Nobody waits in a circle: customers first, then cases by their ids, then what hangs on them."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.complaints.repeats import handlers as repeats
from tests.complaints.building import SALESPERSON, complaints
from tests.postgres import FreshDatabase

LI = {"type": "person", "id": str(SALESPERSON)}
A_MOMENT = 0.3
"""Until whoever was sent off waits for what is held; a circle is broken by the database after a second."""


async def test_a_tier_that_changes_while_a_case_is_opened_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        id_ = (await service.record(customer))["id"]
        await service.move(id_, "resolve")

        async with service.database.transaction() as tier_change:
            await tier_change.execute("UPDATE customer_ref SET tier_rank = 1 WHERE id = $1", customer)
            reopening = asyncio.ensure_future(service.post(f"/complaints/{id_}/reopen", {}))
            await asyncio.sleep(A_MOMENT)
            await tier_change.execute("UPDATE complaint SET tier_rank = 1 WHERE id = $1", UUID(id_))

        assert (await reopening).json()["tier"] == "A"


async def test_a_tier_that_changes_while_two_cases_of_the_customer_are_linked(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer("D")
        first, second = sorted([(await service.record(customer))["id"] for _ in range(2)])
        await service.database.execute("UPDATE complaint SET tier_rank = 4 WHERE id = $1", UUID(first))

        async with service.database.transaction() as linking:
            await linking.execute("SELECT FROM complaint WHERE id = $1 FOR UPDATE", UUID(first))
            moving = asyncio.ensure_future(service.tier_moves(customer, "A"))
            await asyncio.sleep(A_MOMENT)
            await linking.execute("SELECT FROM complaint WHERE id = $1 FOR UPDATE", UUID(second))

        await moving
        assert [(await service.read(id_))["tier"] for id_ in (first, second)] == ["A", "A"]


async def test_news_of_a_case_that_moves_an_earlier_one_while_both_are_linked(fresh_database: FreshDatabase) -> None:
    """What is taken over stands before the earlier case in its group, so that the count moves both."""
    async with complaints(fresh_database) as service:
        first = (await service.record(subject="attitude", against=LI))["id"]
        await service.hear_own()
        past = (service.clock.now() - timedelta(hours=1)).isoformat()
        second = (await service.record(subject="attitude", against=LI, recorded_at=past))["id"]
        context = service.service.context

        async def hear() -> None:
            async with context.database.transaction() as hearing:
                await repeats.regroup(hearing, context, [UUID(second)])

        async with service.database.transaction() as linking:
            await linking.execute("SELECT FROM complaint WHERE id = $1 FOR UPDATE", UUID(first))
            hearing = asyncio.ensure_future(hear())
            await asyncio.sleep(A_MOMENT)
            await linking.execute("SELECT FROM complaint WHERE id = $1 FOR UPDATE", UUID(second))

        await hearing
        assert [(await service.read(id_))["repeat"]["count"] for id_ in (second, first)] == [1, 2]
