"""Accepting a case: within half an hour, once, by customer service (domain 3.3)."""

import asyncio
from decimal import Decimal

import pytest

from shared.contracts.complaints import (
    ComplaintAccepted,
    ComplaintClockMissed,
    ComplaintOpened,
)
from shared.contracts.customers import AccountTeamChanged
from shared.contracts.responsibility import PenaltyProposed
from tests.complaints.building import CS_MANAGER, SALESPERSON, SPECIALIST, as_role, case, complaints
from tests.complaints.test_clocks import CLOCKS, HALF_AN_HOUR, HOUR, MINUTE, SECOND, accept, by_web, moment
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, START


@pytest.mark.example(3)
async def test_a_case_that_is_taken_within_half_an_hour_is_taken_in_time(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)

        service.clock.forward(HALF_AN_HOUR - SECOND)  # 09:29:59
        status, state = await accept(service, opened["id"])
        service.clock.forward(HOUR)
        await service.run_loops()

        await service.hear_own()

        assert (status, state["state"]) == (200, "open")
        assert await service.facts(PenaltyProposed) == []
        [accepted] = await service.facts(ComplaintAccepted)
        assert (accepted.staff_id, accepted.in_time, accepted.at) == (SPECIALIST, True, START + HALF_AN_HOUR - SECOND)
        assert await service.facts(ComplaintClockMissed) == []
        clock = (await service.clocks(opened["id"]))["accept"]
        assert (clock["allowed"], clock["missed_at"], clock["policy_version"]) == ("PT30M", None, 0)
        assert moment(clock["stopped_at"]) == START + HALF_AN_HOUR - SECOND
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [(entry["what"], entry["entered_by"]) for entry in history] == [
            ("opened", str(ADMIN_ID)),
            ("accepted", str(SPECIALIST)),
        ]


@pytest.mark.example(3)
async def test_a_case_that_nobody_takes_within_half_an_hour_is_told_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)

        service.clock.forward(HALF_AN_HOUR - SECOND)
        assert await service.run_loops(CLOCKS) == 0
        service.clock.forward(SECOND)
        assert await service.run_loops(CLOCKS) == 1
        service.clock.forward(MINUTE)
        assert await service.run_loops(CLOCKS) == 0
        status, _ = await accept(service, opened["id"])
        for _ in range(2):
            await service.hear_own()
            await service.run_loops()

        assert status == 200
        [penalty] = await service.facts(PenaltyProposed)
        assert (penalty.rule, penalty.amount, penalty.person_id) == ("not_accepted", Decimal("50.00"), CS_MANAGER)
        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.due_at, missed.at) == ("accept", START + HALF_AN_HOUR, START + HALF_AN_HOUR)
        assert (missed.staff_id, missed.number) == (CS_MANAGER, opened["number"])
        [accepted] = await service.facts(ComplaintAccepted)
        assert not accepted.in_time
        clock = (await service.clocks(opened["id"]))["accept"]
        assert moment(clock["missed_at"]) == moment(clock["noticed_at"]) == START + HALF_AN_HOUR
        assert moment(clock["stopped_at"]) == START + HALF_AN_HOUR + MINUTE


async def test_who_answers_for_it_is_the_manager_of_then(fresh_database: FreshDatabase) -> None:
    """The team gets another manager between the miss and the reading of it."""
    async with complaints(fresh_database) as service:
        then, since = await service.colleague("cs_manager"), await service.colleague("cs_manager")
        team = {"cs_specialist": SPECIALIST, "cs_manager": then}
        customer = await service.customer(team=team)
        await service.record(customer, channel="web")
        await service.hear_own()
        service.clock.forward(HALF_AN_HOUR)
        await service.run_loops(CLOCKS)
        handed_on = AccountTeamChanged(customer_id=customer, team={**team, "cs_manager": since})
        await service.given(handed_on, version=3)

        await service.hear_own()

        [penalty] = await service.facts(PenaltyProposed)
        assert (penalty.rule, penalty.person_id) == ("not_accepted", then)


async def test_after_an_outage_a_miss_has_its_moment_and_when_it_was_noticed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)
        service.clock.forward(2 * HOUR)

        before = (await service.clocks(opened["id"]))["accept"]
        await service.run_loops()
        after = (await service.clocks(opened["id"]))["accept"]

        assert (moment(before["missed_at"]), before["noticed_at"]) == (START + HALF_AN_HOUR, None), "no timer is needed"
        assert moment(after["missed_at"]) == START + HALF_AN_HOUR
        assert moment(after["noticed_at"]) == START + 2 * HOUR
        [event] = await service.events(ComplaintClockMissed)
        assert (event.time, event.historical) == (START + 2 * HOUR, False)


async def test_who_takes_a_case_late_records_the_miss_that_no_timer_has_seen(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())  # nothing has been heard of it either
        service.clock.forward(HALF_AN_HOUR)

        await accept(service, opened["id"])
        await service.hear_own()
        await service.run_loops()

        told = [event.type for event in await service.events() if event.aggregate_version <= 2]
        assert told[:3] == [ComplaintOpened.TYPE, ComplaintClockMissed.TYPE, ComplaintAccepted.TYPE]
        assert len(await service.facts(ComplaintClockMissed)) == 1
        clock = (await service.clocks(opened["id"]))["accept"]
        assert moment(clock["missed_at"]) == moment(clock["noticed_at"]) == START + HALF_AN_HOUR


async def test_a_case_is_taken_once_and_by_customer_service(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)

        refused, _ = await accept(service, opened["id"], **as_role("salesperson", SALESPERSON))
        both = await asyncio.gather(*(accept(service, opened["id"]) for _ in range(2)))
        again = await accept(service, opened["id"], **as_role("cs_manager", CS_MANAGER))

        assert refused == 403
        assert sorted(status for status, _ in both) == [200, 409]
        assert (again[0], again[1]["slug"]) == (409, "already-accepted")
        [accepted] = await service.facts(ComplaintAccepted)
        assert accepted.staff_id == SPECIALIST


async def test_whoever_of_customer_service_records_a_case_has_taken_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        answer = await service.http.post(
            "/complaints/v1/complaints", json=case(customer), headers=as_role("cs_specialist", SPECIALIST)
        )
        assert answer.status_code == 201, answer.text
        await service.hear_own()
        service.clock.forward(HALF_AN_HOUR)

        assert await service.run_loops(CLOCKS) == 0
        [opened] = await service.facts(ComplaintOpened)
        assert opened.accepted_by == SPECIALIST
        assert await service.facts(ComplaintAccepted, ComplaintClockMissed) == []
        assert (await accept(service, answer.json()["id"]))[1]["slug"] == "already-accepted"
        assert moment((await service.clocks(answer.json()["id"]))["accept"]["stopped_at"]) == START


async def test_whoever_of_customer_service_works_on_a_case_has_taken_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)
        service.clock.forward(MINUTE)

        await service.move(opened["id"], "steps/investigate")
        await service.move(opened["id"], "answer")

        [accepted] = await service.facts(ComplaintAccepted)
        assert (accepted.at, accepted.in_time) == (START + MINUTE, True)
        assert (await accept(service, opened["id"]))[1]["slug"] == "already-accepted"


async def test_assigning_is_not_taking(fresh_database: FreshDatabase) -> None:
    """The clock for accepting runs on when a case goes to another one (decision 22e)."""
    async with complaints(fresh_database) as service:
        opened = await by_web(service)
        await service.http.put(
            f"/complaints/v1/complaints/{opened['id']}/responsible",
            json={"staff_id": str(CS_MANAGER)},
            headers={"If-Match": '"1"'},
        )

        service.clock.forward(HALF_AN_HOUR)
        await service.run_loops()

        assert len(await service.facts(ComplaintClockMissed)) == 1
