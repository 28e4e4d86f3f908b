"""The four-hour rule as a case lives it: warnings, the breach, the chain, pause, answer, the next round."""

from datetime import datetime, timedelta

from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintPaused,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
    ComplaintWarned,
)
from tests.complaints.building import CHAIN, CS_MANAGER, SPECIALIST, complaints
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)
FOUR_HOURS = 4 * HOUR


async def test_recording_starts_a_clock_of_four_hours(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        customer = await desk.customer("B")

        opened = await desk.record(customer)

        assert opened["tier"] == "B"
        assert opened["state"] == "open"
        assert opened["number"] == "C20261104-000001"
        assert datetime.fromisoformat(opened["answer_due_at"]) == START + FOUR_HOURS
        [fact] = await desk.facts(ComplaintOpened)
        assert fact.number == opened["number"]
        assert fact.tier == "B"
        assert fact.responsible_id == SPECIALIST
        assert fact.answer_due_at == START + FOUR_HOURS
        [event] = await desk.events(ComplaintOpened)
        assert event.key == str(customer)
        assert event.aggregate_version == 1
        assert not event.historical


async def test_warnings_come_at_half_and_three_quarters(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        await desk.record(await desk.customer())

        desk.clock.forward(2 * HOUR - timedelta(seconds=1))
        assert await desk.run_loops() == 0
        desk.clock.forward(timedelta(seconds=1))
        assert await desk.run_loops() == 1
        desk.clock.forward(HOUR)
        await desk.run_loops()

        warned = await desk.facts(ComplaintWarned)
        assert [(fact.percent, fact.at, fact.staff_id) for fact in warned] == [
            (50, START + 2 * HOUR, SPECIALIST),
            (75, START + 3 * HOUR, SPECIALIST),
        ]


async def test_a_miss_is_told_once_and_climbs_a_level_an_hour(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer("A"))

        desk.clock.forward(FOUR_HOURS)
        await desk.run_loops()
        assert (await desk.read(opened["id"]))["overdue"] is True
        for _ in range(10):
            desk.clock.forward(HOUR)
            await desk.run_loops()

        [overdue] = await desk.facts(ComplaintOverdue)
        assert (overdue.due_at, overdue.staff_id, overdue.tier) == (START + FOUR_HOURS, CHAIN[0], "A")
        escalated = await desk.facts(ComplaintEscalated)
        assert [(fact.level, fact.staff_id, fact.at - START) for fact in escalated] == [
            (2, CHAIN[1], 5 * HOUR),
            (3, CHAIN[2], 6 * HOUR),
            (4, CHAIN[3], 7 * HOUR),
            (5, CHAIN[4], 8 * HOUR),
        ]
        assert (await desk.read(opened["id"]))["escalation_level"] == 5
        assert await desk.service.loops[0].step() == 0


async def test_an_answer_in_time_stops_everything(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer())
        desk.clock.forward(FOUR_HOURS - timedelta(seconds=1))

        state = await desk.move(opened["id"], "answer")
        desk.clock.forward(10 * HOUR)

        assert state["state"] == "answered"
        assert state["overdue"] is False
        assert await desk.run_loops() == 0
        [answered] = await desk.facts(ComplaintAnswered)
        assert answered.in_time
        assert await desk.facts(ComplaintOverdue) == []


async def test_an_outage_delays_the_news_and_never_erases_the_miss(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer())
        desk.clock.forward(5 * HOUR)

        state = await desk.move(opened["id"], "answer")
        await desk.run_loops()

        assert state["overdue"] is True
        types = [event.type for event in await desk.events()]
        assert types == ["crm.complaint.opened", "crm.complaint.overdue", "crm.complaint.answered"]
        [answered] = await desk.facts(ComplaintAnswered)
        assert not answered.in_time
        breaches = await desk.database.fetch("SELECT level, staff_id FROM breach")
        assert [tuple(row) for row in breaches] == [(1, SPECIALIST)]


async def test_resolving_answers_too(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer())

        await desk.move(opened["id"], "resolve")

        [resolved] = await desk.facts(ComplaintResolved)
        assert resolved.stopped_clock
        assert resolved.in_time
        assert (await desk.read(opened["id"]))["answered_at"] is not None


async def test_a_pause_moves_the_due_moment_by_its_length(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer())
        desk.clock.forward(HOUR)

        paused = await desk.move(opened["id"], "pause", at_most="PT5H")
        desk.clock.forward(3 * HOUR)
        assert await desk.run_loops() == 0
        resumed = await desk.move(opened["id"], "resume")

        assert paused["answer_due_at"] is None
        assert paused["paused"] is True
        assert datetime.fromisoformat(resumed["answer_due_at"]) == START + 7 * HOUR
        [told] = await desk.facts(ComplaintPaused)
        assert told.until == START + 6 * HOUR
        [told] = await desk.facts(ComplaintResumed)
        assert told.answer_due_at == START + 7 * HOUR
        desk.clock.move_to(START + 7 * HOUR)
        await desk.run_loops()
        [overdue] = await desk.facts(ComplaintOverdue)
        assert overdue.due_at == START + 7 * HOUR


async def test_a_pause_ends_by_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer())
        desk.clock.forward(HOUR)
        await desk.move(opened["id"], "pause", at_most="PT2H")

        desk.clock.forward(3 * HOUR)
        await desk.run_loops()

        case = await desk.read(opened["id"])
        assert case["paused"] is False
        assert datetime.fromisoformat(case["answer_due_at"]) == START + 6 * HOUR


async def test_reopening_starts_a_round_and_keeps_the_old(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        opened = await desk.record(await desk.customer())
        desk.clock.forward(5 * HOUR)
        await desk.run_loops()
        await desk.move(opened["id"], "answer")
        desk.clock.forward(HOUR)

        state = await desk.move(opened["id"], "reopen")

        assert (state["state"], state["round"], state["overdue"]) == ("open", 2, False)
        assert datetime.fromisoformat(state["answer_due_at"]) == START + 10 * HOUR
        first, second = (await desk.read(opened["id"]))["rounds"]
        assert (first["round"], first["overdue"]) == (1, True)
        assert datetime.fromisoformat(first["answered_at"]) == START + 5 * HOUR
        assert (second["round"], second["overdue"], second["answered_at"]) == (2, False, None)
        [reopened] = await desk.facts(ComplaintReopened)
        assert reopened.round == 2
        desk.clock.forward(FOUR_HOURS)
        await desk.run_loops()
        assert [fact.round for fact in await desk.facts(ComplaintOverdue)] == [1, 2]


async def test_a_policy_holds_for_what_is_recorded_later(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        customer = await desk.customer("A")
        before = await desk.record(customer)

        written = await desk.post("/clock-policies", {"answer_within": "PT1H", "tier": "A"})
        after = await desk.record(customer)
        other = await desk.record(await desk.customer("B"))

        assert written.status_code == 201, written.text
        assert written.json()["version"] == 2
        assert datetime.fromisoformat(before["answer_due_at"]) == START + FOUR_HOURS
        assert datetime.fromisoformat(after["answer_due_at"]) == START + HOUR
        assert datetime.fromisoformat(other["answer_due_at"]) == START + FOUR_HOURS
        case = await desk.read(before["id"])
        assert datetime.fromisoformat(case["answer_due_at"]) == START + FOUR_HOURS


async def test_nobody_responsible_falls_to_the_customer_service_manager(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        await desk.record()

        [opened] = await desk.facts(ComplaintOpened)
        [event] = await desk.events(ComplaintOpened)
        assert opened.responsible_id == CS_MANAGER
        assert opened.tier is None
        assert event.key == str(opened.complaint_id)


async def test_a_chain_that_reaches_nobody_alarms_administration(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        await desk.database.execute("DELETE FROM directory_staff")
        await desk.record()

        desk.clock.forward(6 * HOUR)
        await desk.run_loops()

        [overdue] = await desk.facts(ComplaintOverdue)
        assert overdue.staff_id is None
        [wake_up] = await desk.facts(ComplaintEscalated)
        assert wake_up.staff_id is None
