"""The queue: tier first, then what is left on the clock; a tier that changes moves its cases at once."""

import asyncio
from datetime import timedelta

from tests.complaints.building import Complaints, case, complaints
from tests.postgres import FreshDatabase

HOUR = timedelta(hours=1)


async def queue(service: Complaints, limit: int = 50) -> list[str]:
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await service.get("/queue", limit=limit, **cursor)).json()
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return ids
        cursor = {"cursor": page["next"]}


async def test_the_queue_goes_by_tier_then_by_what_is_left(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        store, vip = await service.customer("C"), await service.customer("A")
        unknown = await service.record()
        first_c = await service.record(store)
        service.clock.forward(HOUR)
        second_c = await service.record(store)
        first_a = await service.record(vip)
        paused_a = await service.record(vip)
        service.clock.forward(HOUR)
        second_a = await service.record(vip)
        answered = await service.record(vip)
        await service.move(answered["id"], "answer")
        await service.move(paused_a["id"], "pause")

        wanted = [case["id"] for case in (first_a, second_a, paused_a, first_c, second_c, unknown)]
        assert await queue(service) == wanted
        assert await queue(service, limit=1) == wanted
        page = (await service.get("/queue")).json()["items"]
        assert [item["paused"] for item in page] == [False, False, True, False, False, False]


async def test_a_rise_jumps_the_queue(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        small, middle = await service.customer("D"), await service.customer("B")
        waiting, ahead = await service.record(small), await service.record(middle)
        assert await queue(service) == [ahead["id"], waiting["id"]]

        await service.tier_moves(small, "A")

        assert await queue(service) == [waiting["id"], ahead["id"]]
        found = await service.read(waiting["id"])
        assert found["tier"] == "A"
        assert found["answer_due_at"] == waiting["answer_due_at"], "a running clock is not rewritten"


async def test_a_rise_during_recording_is_not_missed(fresh_database: FreshDatabase) -> None:
    """Whatever comes first, the case ends up in the customer's present tier."""
    async with complaints(fresh_database) as service:
        for version in range(3, 13):
            customer = await service.customer("D")

            answers, _ = await asyncio.gather(
                asyncio.gather(*(service.post("/complaints", case(customer)) for _ in range(8))),
                service.tier_moves(customer, "A", version=version),
            )

            for answer in answers:
                assert (await service.read(answer.json()["id"]))["tier"] == "A"


async def test_a_tier_heard_before_its_customer_is_kept(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer("D")
        await service.tier_moves(customer, "B", version=3)
        await service.tier_moves(customer, "C", version=2)

        assert (await service.record(customer))["tier"] == "B", "an older version is ignored"
