"""The clocks of a case beside its answer's: steps, the resolution, pauses, rounds."""

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.complaints import (
    ComplaintClockMissed,
    ComplaintOverdue,
)
from shared.contracts.responsibility import PenaltyProposed
from tests.complaints.building import CS_MANAGER, SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import START

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HALF_AN_HOUR = 30 * MINUTE
SECOND = timedelta(seconds=1)
CLOCKS = "complaints.clocks"


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


async def by_web(service: Complaints) -> dict[str, Any]:
    """A case that a form has recorded, and that the service has heard of."""
    opened = await service.record(await service.customer(), channel="web")
    await service.hear_own()
    return opened


async def accept(service: Complaints, id_: str, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = await service.http.post(
        f"/complaints/v1/complaints/{id_}/accept", headers=headers or as_role("cs_specialist", SPECIALIST)
    )
    return answer.status_code, answer.json()


async def limits(service: Complaints, **within: str) -> None:
    for kind, length in within.items():
        answer = await service.post("/clock-policies", {"kind": kind, "answer_within": length})
        assert answer.status_code == 201, answer.text


async def test_steps_run_one_after_the_other_and_a_missed_one_is_told(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT2H", propose="PT1H", resolve="P1D")
        opened = await by_web(service)
        await accept(service, opened["id"])

        service.clock.forward(HOUR)
        await service.move(opened["id"], "steps/investigate")
        clocks = await service.clocks(opened["id"])
        assert moment(clocks["investigate"]["stopped_at"]) == moment(clocks["propose"]["started_at"]) == START + HOUR
        assert moment(clocks["propose"]["due_at"]) == START + 2 * HOUR
        assert moment(clocks["resolve"]["due_at"]) == START + 24 * HOUR
        assert "execute" not in clocks, "no policy gives it a deadline"

        service.clock.forward(90 * MINUTE)  # the timer comes half an hour late
        await service.run_loops()
        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.at, missed.staff_id) == ("propose", START + 2 * HOUR, SPECIALIST)
        service.clock.forward(HOUR)
        await service.move(opened["id"], "steps/propose")
        propose = (await service.clocks(opened["id"]))["propose"]
        assert moment(propose["missed_at"]) == START + 2 * HOUR
        assert moment(propose["noticed_at"]) == START + 150 * MINUTE
        assert len(await service.facts(ComplaintClockMissed)) == 1


async def test_a_pause_lets_steps_and_the_resolution_stand_too(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT3H", resolve="PT5H")
        opened = await by_web(service)
        await accept(service, opened["id"])
        service.clock.forward(HOUR)

        await service.move(opened["id"], "pause", at_most="PT10H")
        paused = await service.clocks(opened["id"])
        service.clock.forward(4 * HOUR)
        assert await service.run_loops(CLOCKS) == 0
        await service.move(opened["id"], "resume")
        resumed = await service.clocks(opened["id"])

        stands = [(paused[kind]["paused"], paused[kind]["due_at"]) for kind in ("investigate", "resolve")]
        assert stands == [(True, None)] * 2
        assert moment(resumed["investigate"]["due_at"]) == START + 7 * HOUR
        assert moment(resumed["resolve"]["due_at"]) == START + 9 * HOUR
        assert [(pause["started_at"], pause["ended_at"]) for pause in resumed["resolve"]["pauses"]] == [
            ("2026-11-04T02:00:00Z", "2026-11-04T06:00:00Z")
        ]
        service.clock.move_to(START + 7 * HOUR)
        await service.run_loops()
        missed = await service.facts(ComplaintClockMissed)
        assert [(fact.clock, fact.at) for fact in missed] == [("investigate", START + 7 * HOUR)]


async def test_a_pause_that_ends_by_itself_lets_every_clock_run_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT2H")
        opened = await by_web(service)
        await accept(service, opened["id"])
        service.clock.forward(HOUR)
        await service.move(opened["id"], "pause", at_most="PT1H")

        service.clock.forward(90 * MINUTE)
        unnoticed = (await service.clocks(opened["id"]))["investigate"]
        assert (unnoticed["paused"], moment(unnoticed["due_at"])) == (False, START + 3 * HOUR)
        await service.run_loops()
        service.clock.move_to(START + 3 * HOUR)
        await service.run_loops()

        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.at) == ("investigate", START + 3 * HOUR)


async def test_a_round_ends_with_its_clocks_and_the_next_begins_with_its_own(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT6H", resolve="PT8H")
        opened = await by_web(service)
        await service.move(opened["id"], "answer")
        service.clock.forward(HOUR)

        await service.move(opened["id"], "reopen")

        items = (await service.get(f"/complaints/{opened['id']}/clocks")).json()["items"]
        stood = [(item["round"], item["kind"], moment(item["due_at"]), moment(item["stopped_at"])) for item in items]
        assert stood == [
            (1, "accept", START + HALF_AN_HOUR, START),
            (1, "answer", START + 4 * HOUR, START),
            (1, "investigate", START + 6 * HOUR, START + HOUR),
            (1, "resolve", START + 8 * HOUR, START + HOUR),
            (2, "answer", START + 5 * HOUR, None),
            (2, "investigate", START + 7 * HOUR, None),
            (2, "resolve", START + 9 * HOUR, None),
        ]


async def test_a_later_policy_changes_no_clock_that_was_fixed(fresh_database: FreshDatabase) -> None:
    """What each step may take is fixed at recording, also for those whose turn comes later (decision 16)."""
    async with complaints(fresh_database) as service:
        await limits(service, propose="PT3H")
        opened = await by_web(service)
        earlier = START - HOUR
        backdated = await service.post(
            "/clock-policies", {"kind": "propose", "answer_within": "PT1M", "starts_at": earlier.isoformat()}
        )
        assert backdated.status_code == 201, backdated.text

        service.clock.forward(MINUTE)
        await service.move(opened["id"], "steps/investigate")

        clock = (await service.clocks(opened["id"]))["propose"]
        assert (clock["allowed"], moment(clock["due_at"])) == ("PT3H", START + MINUTE + 3 * HOUR)


async def test_only_administration_dates_a_policy_back(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        body = {"answer_within": "PT1H", "starts_at": (START - SECOND).isoformat()}

        refused = await service.http.post(
            "/complaints/v1/clock-policies", json=body, headers=as_role("cs_manager", CS_MANAGER)
        )
        allowed = await service.http.post(
            "/complaints/v1/clock-policies", json=body, headers=as_role("admin_dept", CS_MANAGER)
        )

        assert (refused.status_code, refused.json()["slug"]) == (403, "policy-starts-in-the-past")
        assert allowed.status_code == 201
        assert await service.database.fetchval("SELECT count(*) FROM clock_policy") == 3


async def test_pausing_twice_or_after_the_breach_is_refused_and_changes_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)
        await service.move(opened["id"], "pause")
        before = await service.clocks(opened["id"])
        said = {"text": "once more"}

        twice = await service.refused(f"/complaints/{opened['id']}/pause", said)
        assert twice == (409, "clock-not-running")
        assert await service.clocks(opened["id"]) == before
        await service.move(opened["id"], "resume")
        service.clock.forward(4 * HOUR)
        late = await service.refused(f"/complaints/{opened['id']}/pause", said)

        assert late == (409, "clock-breached")
        assert await service.database.fetchval("SELECT count(*) FROM clock_pause") == 1


async def test_nothing_but_a_persons_answer_answers(fresh_database: FreshDatabase) -> None:
    """Taking, pausing, steps, another handler, another tier: the clock of the answer runs on."""
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        opened = await service.record(customer, channel="web")
        await service.hear_own()
        await accept(service, opened["id"])
        await service.move(opened["id"], "pause")
        await service.move(opened["id"], "resume")
        for step in ("investigate", "propose", "execute", "inspect", "settle", "reply"):
            await service.move(opened["id"], f"steps/{step}")
        await service.tier_moves(customer, "A")
        await service.hear_own()

        stood = await service.read(opened["id"])
        service.clock.forward(4 * HOUR)
        await service.run_loops()

        assert (stood["state"], stood["answered_at"]) == ("open", None)
        assert len(await service.facts(ComplaintOverdue)) == 1


async def test_what_was_recorded_before_there_were_clocks_has_none(fresh_database: FreshDatabase) -> None:
    """An old log is read from its beginning: nothing of the past begins or is missed."""
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer())
        await service.database.execute("UPDATE complaint SET keeps_clocks = false")
        await service.hear_own()
        service.clock.forward(HOUR)

        assert await service.run_loops(CLOCKS) == 0
        assert list(await service.clocks(opened["id"])) == ["answer"]
        await service.move(opened["id"], "steps/investigate")
        assert await service.facts(ComplaintClockMissed) == []


async def test_a_takeover_has_clocks_of_its_own_times_and_nothing_is_told(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post(
            "/clock-policies", {"kind": "resolve", "answer_within": "PT5H", "starts_at": "2020-01-01T00:00:00Z"}
        )
        recorded = START - 24 * HOUR
        opened = await service.record(await service.customer(), recorded_at=recorded.isoformat())
        await service.hear_own()

        assert await service.run_loops(CLOCKS) == 0
        clocks = await service.clocks(opened["id"])
        assert list(clocks) == ["answer", "resolve"], "who accepted it nobody knows"
        assert moment(clocks["resolve"]["missed_at"]) == recorded + 5 * HOUR
        await service.move(opened["id"], "resolve", at=(recorded + 6 * HOUR).isoformat())
        [event] = await service.events(ComplaintClockMissed)
        assert event.historical


async def test_a_solution_that_is_not_executed_in_time_is_proposed_once(fresh_database: FreshDatabase) -> None:
    """Against whom the case is against (domain 3.4); no rule says so of the other steps."""
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT1M", execute="PT2H")
        against = {"type": "person", "id": str(SALESPERSON)}
        opened = await service.record(await service.customer(), against=against)
        await service.hear_own()
        await accept(service, opened["id"])
        await service.move(opened["id"], "answer")
        service.clock.forward(HOUR)
        await service.move(opened["id"], "steps/investigate")
        await service.move(opened["id"], "steps/propose")

        service.clock.forward(3 * HOUR)
        await service.run_loops()
        await service.hear_own()

        missed = await service.facts(ComplaintClockMissed)
        assert [(fact.clock, fact.at, fact.staff_id) for fact in missed] == [
            ("investigate", START + MINUTE, SPECIALIST),
            ("execute", START + 3 * HOUR, SALESPERSON),
        ]
        [penalty] = await service.facts(PenaltyProposed)
        assert (penalty.rule, penalty.person_id) == ("not_executed", SALESPERSON)


async def test_a_pause_hides_no_miss_that_nobody_has_noticed_yet(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT1H")
        opened = await by_web(service)
        await accept(service, opened["id"])
        service.clock.forward(2 * HOUR)  # before any timer

        await service.move(opened["id"], "pause")
        paused = (await service.clocks(opened["id"]))["investigate"]
        await service.run_loops()

        assert (paused["paused"], moment(paused["missed_at"])) == (False, START + HOUR)
        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.at) == ("investigate", START + HOUR)
