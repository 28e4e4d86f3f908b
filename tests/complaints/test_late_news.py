"""An outage changes nothing of a miss but when it is noticed: who is told, who pays (decisions 16, 17; examples 6)."""

from uuid import UUID

import pytest

from shared.contracts.complaints import ComplaintClockMissed, ComplaintEscalated, ComplaintOverdue
from shared.contracts.responsibility import PenaltyProposed
from tests.complaints.building import CS_MANAGER, GENERAL, SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.test_clock_levels import minutes_pass, policy, said, taken
from tests.complaints.test_clocks import CLOCKS, HOUR, MINUTE
from tests.postgres import FreshDatabase
from tests.support import START


@pytest.mark.parametrize("timer", [True, False], ids=["timer", "outage"])
async def test_a_late_answer_of_whom_nobody_follows_is_told_above_them(
    fresh_database: FreshDatabase, timer: bool
) -> None:
    async with complaints(fresh_database) as service:
        id_ = await taken(service)
        await service.database.execute("UPDATE directory_staff SET active = false WHERE id = $1", SPECIALIST)
        service.clock.forward(4 * HOUR + MINUTE)
        if timer:
            await service.run_loops(CLOCKS)
        await service.move(id_, "answer")
        await service.hear_own()

        [overdue] = await service.facts(ComplaintOverdue)
        [escalated] = await service.facts(ComplaintEscalated)
        assert (overdue.at, overdue.staff_id) == (START + 4 * HOUR, None)
        assert (escalated.at, escalated.level, escalated.staff_id) == (START + 4 * HOUR, 2, SUPERVISOR)
        [penalty] = await service.facts(PenaltyProposed)
        assert (penalty.rule, penalty.person_id) == ("unanswered", SUPERVISOR)


async def test_what_was_due_before_a_case_got_another_customer_is_told_in_the_line_of_before(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        first, second = await service.colleague("cs_manager"), await service.colleague("cs_manager")
        one = await service.customer(team={"cs_specialist": SPECIALIST, "cs_manager": first})
        other = await service.customer(team={"cs_specialist": SPECIALIST, "cs_manager": second})
        opened = await service.record(one, channel="web")
        await service.hear_own()
        service.clock.forward(HOUR)
        body = {"reason": "Der Laden war es.", "customer_id": str(other)}
        corrected = await service.post(f"/complaints/{opened['id']}/correction", body)
        assert corrected.status_code == 200, corrected.text
        await service.run_loops(CLOCKS)

        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.at, missed.staff_id) == ("accept", START + HOUR / 2, first)


async def hand_over(service: Complaints, id_: str, to: UUID) -> None:
    manager = {**as_role("cs_manager", CS_MANAGER), "If-Match": "*"}
    body = {"staff_id": str(to)}
    handed = await service.http.put(f"/complaints/v1/complaints/{id_}/responsible", json=body, headers=manager)
    assert handed.status_code == 200, handed.text


@pytest.mark.parametrize("above", [True, False], ids=["to whom somebody supervises", "to whom nobody does"])
async def test_after_a_change_of_hands_a_step_counts_its_levels_from_who_was_told_last(
    fresh_database: FreshDatabase, above: bool
) -> None:
    """Supervisor an hour after the miss, general manager three: who is skipped uses up no time."""
    async with complaints(fresh_database) as service:
        await policy(service, "investigate", "PT1H")
        alone = await service.colleague("cs_specialist")
        first, second = (alone, SPECIALIST) if above else (SPECIALIST, alone)
        id_ = await taken(service)
        if first is alone:
            await hand_over(service, id_, first)
        await minutes_pass(service, 90 * MINUTE)
        await hand_over(service, id_, second)
        await minutes_pass(service, 5 * HOUR)

        told = [each for each in await said(service, "investigate") if each[1] not in (50, 90)]
        upwards = [(2 * HOUR, 2, SUPERVISOR), (4 * HOUR, 5, GENERAL)] if above else [(3 * HOUR, 5, GENERAL)]
        assert told == [(HOUR, 0, first), *upwards]


@pytest.mark.parametrize("above", [True, False], ids=["to whom somebody supervises", "to whom nobody does"])
async def test_after_a_change_of_hands_the_answer_counts_its_levels_from_who_was_told_last(
    fresh_database: FreshDatabase, above: bool
) -> None:
    async with complaints(fresh_database) as service:
        await policy(service, "answer", "PT1H")
        alone = await service.colleague("cs_specialist")
        first, second = (alone, SPECIALIST) if above else (SPECIALIST, alone)
        id_ = await taken(service)
        if first is alone:
            await hand_over(service, id_, first)
        await minutes_pass(service, 90 * MINUTE)
        await hand_over(service, id_, second)
        await minutes_pass(service, 5 * HOUR)

        facts = await service.facts(ComplaintOverdue, ComplaintEscalated)
        upwards = [(2 * HOUR, SUPERVISOR), (4 * HOUR, GENERAL)] if above else [(3 * HOUR, GENERAL)]
        assert [(fact.at - START, fact.staff_id) for fact in facts] == [(HOUR, first), *upwards]
