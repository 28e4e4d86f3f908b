"""The four-hour rule as a case lives it: warnings, the breach, the chain, pause, answer, the next round."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintClockMissed,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintPaused,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
    ComplaintWarned,
)
from shared.contracts.responsibility import PenaltyProposed
from tests.complaints.building import CHAIN, CS_MANAGER, SPECIALIST, complaints
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)
FOUR_HOURS = 4 * HOUR


async def test_recording_starts_a_clock_of_four_hours(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer("B")

        opened = await service.record(customer)

        assert opened["tier"] == "B"
        assert opened["state"] == "open"
        assert opened["number"] == "C20261104-000001"
        assert datetime.fromisoformat(opened["answer_due_at"]) == START + FOUR_HOURS
        [fact] = await service.facts(ComplaintOpened)
        assert fact.number == opened["number"]
        assert fact.tier == "B"
        assert fact.responsible_id == SPECIALIST
        assert fact.answer_due_at == START + FOUR_HOURS
        [event] = await service.events(ComplaintOpened)
        assert event.key == str(customer)
        assert event.aggregate_version == 1
        assert not event.historical


async def test_warnings_come_at_half_and_three_quarters(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record(await service.customer())

        service.clock.forward(2 * HOUR - timedelta(seconds=1))
        assert await service.run_loops() == 0
        service.clock.forward(timedelta(seconds=1))
        assert await service.run_loops() == 1
        service.clock.forward(HOUR)
        await service.run_loops()

        warned = await service.facts(ComplaintWarned)
        assert [(fact.percent, fact.at, fact.staff_id) for fact in warned] == [
            (50, START + 2 * HOUR, SPECIALIST),
            (75, START + 3 * HOUR, SPECIALIST),
        ]


async def test_a_miss_is_told_once_and_climbs_a_level_an_hour(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer("A"))

        service.clock.forward(FOUR_HOURS)
        await service.run_loops()
        assert (await service.read(opened["id"]))["overdue"] is True
        for _ in range(10):
            service.clock.forward(HOUR)
            await service.run_loops()

        [overdue] = await service.facts(ComplaintOverdue)
        assert (overdue.due_at, overdue.staff_id, overdue.tier) == (START + FOUR_HOURS, CHAIN[0], "A")
        escalated = await service.facts(ComplaintEscalated)
        assert [(fact.level, fact.staff_id, fact.at - START) for fact in escalated] == [
            (2, CHAIN[1], 5 * HOUR),
            (3, CHAIN[2], 6 * HOUR),
            (4, CHAIN[3], 7 * HOUR),
            (5, CHAIN[4], 8 * HOUR),
        ]
        assert (await service.read(opened["id"]))["escalation_level"] == 5
        assert await service.run_loops() == 0


async def test_an_answer_in_time_stops_everything(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        service.clock.forward(FOUR_HOURS - timedelta(seconds=1))

        state = await service.move(opened["id"], "answer")
        service.clock.forward(10 * HOUR)

        assert state["state"] == "answered"
        assert state["overdue"] is False
        assert await service.run_loops() == 0
        [answered] = await service.facts(ComplaintAnswered)
        assert answered.in_time
        assert await service.facts(ComplaintOverdue) == []


async def test_an_outage_delays_the_events_and_never_erases_the_miss(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        service.clock.forward(5 * HOUR)

        state = await service.move(opened["id"], "answer")
        await service.run_loops()

        assert state["overdue"] is True
        types = [event.type for event in await service.events()]
        assert types == [
            "crm.complaint.opened",
            "crm.complaint.clock_missed",  # nobody had taken it either
            "crm.complaint.accepted",
            "crm.complaint.overdue",
            "crm.complaint.answered",
        ]
        [answered] = await service.facts(ComplaintAnswered)
        assert not answered.in_time
        breaches = await service.database.fetch("SELECT level, staff_id FROM breach")
        assert [tuple(row) for row in breaches] == [(1, SPECIALIST)]


async def test_resolving_answers_too(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())

        await service.move(opened["id"], "resolve")

        [resolved] = await service.facts(ComplaintResolved)
        assert resolved.stopped_clock
        assert resolved.in_time
        assert (await service.read(opened["id"]))["answered_at"] is not None


async def test_a_pause_moves_the_due_moment_by_its_length(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        service.clock.forward(HOUR)

        paused = await service.move(opened["id"], "pause", at_most="PT5H")
        service.clock.forward(3 * HOUR)
        assert await service.run_loops() == 0
        resumed = await service.move(opened["id"], "resume")

        assert paused["answer_due_at"] is None
        assert paused["paused"] is True
        assert datetime.fromisoformat(resumed["answer_due_at"]) == START + 7 * HOUR
        [told] = await service.facts(ComplaintPaused)
        assert (told.until, told.due_after_pause) == (START + 6 * HOUR, START + 9 * HOUR)
        [told] = await service.facts(ComplaintResumed)
        assert told.answer_due_at == START + 7 * HOUR
        service.clock.move_to(START + 7 * HOUR)
        await service.run_loops()
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.due_at == START + 7 * HOUR


async def test_a_pause_that_ended_unnoticed_counts_when_the_next_begins(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        await service.move(opened["id"], "pause", at_most="PT1H")
        service.clock.forward(2 * HOUR)

        await service.move(opened["id"], "pause")
        service.clock.forward(HOUR)
        resumed = await service.move(opened["id"], "resume")

        assert datetime.fromisoformat(resumed["answer_due_at"]) == START + 6 * HOUR
        assert len(await service.facts(ComplaintResumed)) == 2


@pytest.mark.parametrize("a_timer_has_run", [False, True])
async def test_a_pause_is_not_ended_by_hand_from_its_longest_end_on(
    fresh_database: FreshDatabase, a_timer_has_run: bool
) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        await service.move(opened["id"], "pause", at_most="PT1H")
        service.clock.forward(HOUR)
        if a_timer_has_run:
            await service.run_loops()

        refused = await service.post(f"/complaints/{opened['id']}/resume", {})

        assert (refused.status_code, refused.json()["slug"]) == (409, "clock-not-running")
        await service.run_loops()
        assert [told.at for told in await service.facts(ComplaintResumed)] == [START + HOUR]


async def test_a_pause_ends_by_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        service.clock.forward(HOUR)
        await service.move(opened["id"], "pause", at_most="PT2H")

        service.clock.forward(3 * HOUR)
        await service.run_loops()

        case = await service.read(opened["id"])
        assert case["paused"] is False
        assert datetime.fromisoformat(case["answer_due_at"]) == START + 6 * HOUR


async def test_a_pause_is_over_at_its_longest_end_also_while_no_timer_runs(fresh_database: FreshDatabase) -> None:
    """Due at START + 6 h: an hour has run before a pause of two."""
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        service.clock.forward(HOUR)
        await service.move(opened["id"], "pause", at_most="PT2H")

        async def stands() -> list[Any]:
            """Everywhere a case is read: by itself, in its round, in the list, in the queue, by its complainant."""
            case = await service.read(opened["id"])
            [listed] = (await service.get("/complaints")).json()["items"]
            [queued] = (await service.get("/queue")).json()["items"]
            tracked = (await service.get(f"/track/{opened['tracking_token']}")).json()
            seen = [(each["answer_due_at"], each["overdue"]) for each in (case, case["rounds"][0], listed, tracked)]
            assert set(seen) == {(queued["answer_due_at"], queued["overdue"])}
            assert case["paused"] == listed["paused"] == queued["paused"] == (queued["seconds_left"] is None)
            return [*seen[0], queued["seconds_left"]]

        service.clock.forward(2 * HOUR - timedelta(seconds=1))
        assert await stands() == [None, False, None]
        service.clock.forward(timedelta(seconds=1))
        assert await stands() == ["2026-11-04T07:00:00Z", False, 3 * 3600]
        service.clock.forward(3 * HOUR)
        assert await stands() == ["2026-11-04T07:00:00Z", True, 0]
        moved = await service.http.put(
            f"/complaints/v1/complaints/{opened['id']}/responsible",
            json={"staff_id": str(CS_MANAGER)},
            headers={"If-Match": '"2"'},
        )
        assert (moved.json()["paused"], moved.json()["overdue"]) == (False, True)


async def test_reopening_starts_a_round_and_keeps_the_old(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        service.clock.forward(5 * HOUR)
        await service.run_loops()
        await service.move(opened["id"], "answer")
        service.clock.forward(HOUR)

        state = await service.move(opened["id"], "reopen")

        assert (state["state"], state["round"], state["overdue"]) == ("open", 2, False)
        assert datetime.fromisoformat(state["answer_due_at"]) == START + 10 * HOUR
        first, second = (await service.read(opened["id"]))["rounds"]
        assert (first["round"], first["overdue"]) == (1, True)
        assert datetime.fromisoformat(first["answered_at"]) == START + 5 * HOUR
        assert (second["round"], second["overdue"], second["answered_at"]) == (2, False, None)
        [reopened] = await service.facts(ComplaintReopened)
        assert reopened.round == 2
        service.clock.forward(FOUR_HOURS)
        await service.run_loops()
        assert [fact.round for fact in await service.facts(ComplaintOverdue)] == [1, 2]


async def test_a_policy_holds_for_what_is_recorded_later(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer("A")
        before = await service.record(customer)

        written = await service.post("/clock-policies", {"answer_within": "PT1H", "tier": "A"})
        after = await service.record(customer)
        other = await service.record(await service.customer("B"))

        assert written.status_code == 201, written.text
        assert written.json()["version"] == 2
        assert datetime.fromisoformat(before["answer_due_at"]) == START + FOUR_HOURS
        assert datetime.fromisoformat(after["answer_due_at"]) == START + HOUR
        assert datetime.fromisoformat(other["answer_due_at"]) == START + FOUR_HOURS
        case = await service.read(before["id"])
        assert datetime.fromisoformat(case["answer_due_at"]) == START + FOUR_HOURS


async def test_nobody_responsible_falls_to_the_customer_service_manager(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record()

        [opened] = await service.facts(ComplaintOpened)
        [event] = await service.events(ComplaintOpened)
        assert opened.responsible_id == CS_MANAGER
        assert opened.tier is None
        assert event.key == str(opened.complaint_id)


async def test_the_teams_customer_service_manager_comes_before_the_directorys(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        theirs = await service.colleague("cs_manager")

        await service.record(await service.customer(team={"cs_manager": theirs}))

        assert [opened.responsible_id for opened in await service.facts(ComplaintOpened)] == [theirs]


async def test_the_chain_goes_up_to_the_teams_customer_service_manager(fresh_database: FreshDatabase) -> None:
    """Level 4 of a case, who hears that nobody took it, and who pays for that: whom the customer's team names."""
    async with complaints(fresh_database) as service:
        theirs = await service.colleague("cs_manager")
        zhao = await service.colleague("cs_specialist")
        team = {"cs_specialist": zhao, "cs_manager": theirs}
        ours = await service.record(await service.customer(team=team))
        other = await service.record(await service.customer(team={"cs_specialist": zhao}))

        for _ in range(4):
            await service.hear_own()
            service.clock.forward(2 * HOUR)
            await service.run_loops()

        ours_id, other_id = UUID(ours["id"]), UUID(other["id"])
        escalated = await service.facts(ComplaintEscalated)
        assert [each.staff_id for each in escalated if (each.complaint_id, each.level) == (ours_id, 4)] == [theirs]
        missed = {each.complaint_id: each.staff_id for each in await service.facts(ComplaintClockMissed)}
        assert missed == {ours_id: theirs, other_id: CS_MANAGER}
        await service.hear_own()
        proposed = [each for each in await service.facts(PenaltyProposed) if each.rule == "not_accepted"]
        assert {each.complaint_id: each.person_id for each in proposed} == missed


async def test_who_left_is_followed_to_the_end(fresh_database: FreshDatabase) -> None:
    """A supervisor's successor has left too, and so has the responsible person, who named nobody."""
    async with complaints(fresh_database) as service:
        gao = await service.colleague("cs_specialist")
        feng = await service.colleague("cs_specialist", active=False, successor_id=gao)
        qian = await service.colleague("cs_specialist", active=False, successor_id=feng)
        zhao = await service.colleague("cs_specialist", supervisor_id=qian)
        li = await service.colleague("cs_specialist", active=False, supervisor_id=qian)
        for responsible in (zhao, li):
            await service.record(await service.customer(team={"cs_specialist": responsible}))

        service.clock.forward(FOUR_HOURS)
        await service.run_loops()
        service.clock.forward(HOUR)
        await service.run_loops()

        assert [late.staff_id for late in await service.facts(ComplaintOverdue)] == [zhao, None]
        told = [(each.level, each.staff_id) for each in await service.facts(ComplaintEscalated)]
        assert told.count((2, gao)) == 2


async def test_a_chain_that_reaches_nobody_alarms_administration(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.database.execute("DELETE FROM directory_staff")
        await service.record()

        service.clock.forward(6 * HOUR)
        await service.run_loops()

        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.staff_id is None
        [alarm] = await service.facts(ComplaintEscalated)
        assert alarm.staff_id is None


async def test_two_timers_share_the_work(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        recorded = await asyncio.gather(*(service.post("/complaints", _case(n)) for n in range(300)))
        assert [answer.text for answer in recorded if answer.status_code != 201] == []
        await service.database.execute(
            "INSERT INTO complaint SELECT (uuidv7()), number || '-' || n, customer_id, kind, subject, channel, "
            "against_type, against_id, purchase_id, happened_at, recorded_at, registered_at, recorded_by, taken_over, "
            "words, opened_rank, opened_due_at, state, tier_rank, responsible_id, moved_at, answered_at, resolved_at, "
            "closed_at, version, round, policy_version, started_at, answer_seconds, due_at, queue_at, next_alarm_at, "
            "warned, escalation_level, breached_at, stopped_at FROM complaint, generate_series(1, 5) AS n"
        )
        service.clock.forward(4 * HOUR)

        done = await asyncio.gather(*(service.run_loops() for _ in range(3)))

        assert sum(done) == 1800
        overdue = [fact.complaint_id for fact in await service.facts(ComplaintOverdue)]
        assert len(overdue) == len(set(overdue)) == 1800
        assert await service.database.fetchval("SELECT count(*) FROM breach") == 1800


def _case(n: int) -> dict[str, Any]:
    return {"subject": "product", "text": f"case {n}", "complainant": {"name": "王", "contact": "13800000000"}}
