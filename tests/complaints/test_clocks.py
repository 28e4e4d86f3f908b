"""The clocks of a case beside its answer's: accepting, steps, the resolution."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.complaints import (
    ComplaintAccepted,
    ComplaintClockMissed,
    ComplaintClockRecalculated,
    ComplaintOpened,
    ComplaintOverdue,
)
from shared.contracts.responsibility import PenaltyProposed
from tests.complaints.building import CS_MANAGER, SALESPERSON, SPECIALIST, Complaints, as_role, case, complaints
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
        assert [(entry["what"], entry["entered_by"]) for entry in history] == [("accepted", str(SPECIALIST))]


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


async def recalculate(service: Complaints, id_: str, *, dry_run: bool = False) -> list[dict[str, Any]]:
    answer = await service.http.post(
        f"/complaints/v1/complaints/{id_}/clocks/recalculation",
        json={"reason": "agreed with the customer", "dry_run": dry_run},
        headers=as_role("admin_dept", CS_MANAGER),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"] is dry_run
    return list(answer.json()["clocks"])


async def test_only_a_recalculation_changes_clocks_and_a_dry_run_shows_how(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, propose="PT3H", resolve="P1D")
        opened = await by_web(service)
        await accept(service, opened["id"])
        backdated = {"starts_at": (START - HOUR).isoformat()}
        for kind, within in (("answer", "PT6H"), ("propose", "PT1H"), ("accept", "PT5M")):
            await service.post("/clock-policies", {"kind": kind, "answer_within": within, **backdated})
        before = await service.clocks(opened["id"]), await service.read(opened["id"])

        shown = await recalculate(service, opened["id"], dry_run=True)
        unchanged = await service.clocks(opened["id"]), await service.read(opened["id"])
        done = await recalculate(service, opened["id"])
        again = await recalculate(service, opened["id"])

        assert unchanged == before
        assert shown == done
        assert again == []
        assert [(each["kind"], each["allowed_before"], each["allowed"], each["due_at"]) for each in done] == [
            ("answer", "PT4H", "PT6H", "2026-11-04T07:00:00Z"),
            ("propose", "PT3H", "PT1H", None),
        ]
        clocks = await service.clocks(opened["id"])
        assert (clocks["accept"]["allowed"], clocks["resolve"]["allowed"]) == ("PT30M", "P1D"), "ended, or the same"
        assert (await service.read(opened["id"]))["answer_due_at"] == "2026-11-04T07:00:00Z"
        told = await service.facts(ComplaintClockRecalculated)
        assert [(fact.clock, fact.due_at) for fact in told] == [("answer", START + 6 * HOUR), ("propose", None)]
        [entry] = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"][-1:]
        assert (entry["what"], entry["text"]) == ("recalculated", "agreed with the customer")
        assert entry["changes"]["answer_seconds"] == {"from": 14_400, "to": 21_600}
        [audited] = (await service.get("/audit", what="complaint.clocks_recalculated")).json()["items"]
        assert (audited["subject"], audited["made_by"]) == (opened["id"], str(CS_MANAGER))
        service.clock.move_to(START + 6 * HOUR)
        await service.run_loops()
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.due_at == START + 6 * HOUR


async def test_a_recalculation_makes_no_miss_of_the_past_and_takes_none_back(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT1H", resolve="P1D")
        opened = await by_web(service)
        await accept(service, opened["id"])
        service.clock.forward(2 * HOUR)  # no timer has noticed that the investigation is late
        backdated = {"starts_at": (START - HOUR).isoformat()}
        for kind, within in (("answer", "PT2H"), ("investigate", "PT9H"), ("resolve", "PT1H")):
            await service.post("/clock-policies", {"kind": kind, "answer_within": within, **backdated})

        assert await recalculate(service, opened["id"]) == []
        await service.run_loops()
        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.at) == ("investigate", START + HOUR)
        assert await service.facts(ComplaintOverdue) == []


async def test_administration_alone_recalculates_with_a_reason_and_no_paused_case(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)
        path = f"/complaints/v1/complaints/{opened['id']}/clocks/recalculation"
        headers = as_role("cs_manager", CS_MANAGER)

        by_others = await service.http.post(path, json={"reason": "why not"}, headers=headers)
        without_reason = await service.http.post(path, json={})
        await service.move(opened["id"], "pause")
        paused = await service.http.post(path, json={"reason": "why not"})

        assert (by_others.status_code, without_reason.status_code) == (403, 422)
        assert (paused.status_code, paused.json()["slug"]) == (409, "clock-not-running")


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
