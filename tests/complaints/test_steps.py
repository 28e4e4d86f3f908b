"""A case on its way: states, the seven steps, closing, takeovers; and who is too late."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintClosed,
    ComplaintOverdue,
    ComplaintResumed,
    ComplaintStepDone,
)
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, SPECIALIST, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, START

HOUR = timedelta(hours=1)
STEPS = ["investigate", "propose", "execute", "inspect", "settle", "reply"]


async def test_the_whole_way_with_its_history(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]

        await service.move(id_, "answer", text="我们今天换货")
        for step in STEPS:
            await service.move(id_, f"steps/{step}", text=f"{step} done")
        await service.move(id_, "resolve")
        closed = await service.move(id_, "close")

        assert closed["state"] == "closed"
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [entry["what"] for entry in history] == [
            "answered",
            *(f"step:{step}" for step in STEPS),
            "resolved",
            "closed",
        ]
        assert history[0]["text"] == "我们今天换货"
        steps = (await service.get(f"/complaints/{id_}/steps")).json()["items"]
        owners = [SPECIALIST, SPECIALIST, SPECIALIST, ADMIN_ID, ADMIN_ID, ADMIN_ID]
        assert [(step["step"], step["owner_id"], step["text"]) for step in steps] == [
            (step, str(owner), f"{step} done") for step, owner in zip(STEPS, owners, strict=True)
        ]
        assert {(step["done_by"], step["policy_version"]) for step in steps} == {(str(ADMIN_ID), 1)}
        stored = await service.database.fetch("SELECT e::text AS everything FROM case_entry e")
        assert not any("换货" in row["everything"] for row in stored)
        assert len(await service.facts(ComplaintClosed)) == 1
        told = await service.facts(ComplaintStepDone)
        assert [(fact.step, fact.owner_id, fact.at) for fact in told] == [
            (step, owner, START) for step, owner in zip(STEPS, owners, strict=True)
        ]
        versions = [event.aggregate_version for event in await service.events()]
        assert versions == sorted(versions)
        assert set(versions) == set(range(1, 11)), "every version of the case is told, in order"


async def test_steps_go_in_order_and_all_before_the_close(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        words = {"text": "done"}

        assert await service.refused(f"/complaints/{id_}/steps/propose", words) == (409, "step-skipped")
        assert await service.refused(f"/complaints/{id_}/steps/record", words) == (409, "step-done")
        assert await service.refused(f"/complaints/{id_}/steps/dance", words) == (422, "invalid")
        await service.move(id_, "steps/investigate")
        assert await service.refused(f"/complaints/{id_}/steps/investigate", words) == (409, "step-done")
        await service.move(id_, "resolve")
        assert await service.refused(f"/complaints/{id_}/close") == (409, "steps-missing")
        assert [fact.step for fact in await service.facts(ComplaintStepDone)] == ["investigate"]


@pytest.mark.parametrize("kind", ["suggestion", "enquiry"])
async def test_suggestions_and_enquiries_need_no_steps(fresh_database: FreshDatabase, kind: str) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(kind=kind))["id"]
        await service.move(id_, "resolve")

        assert (await service.move(id_, "close"))["state"] == "closed"


async def test_what_does_not_fit_the_state_is_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        words = {"text": "done"}
        for movement in ("close", "reopen"):
            assert await service.refused(f"/complaints/{id_}/{movement}", words) == (409, "wrong-state")
        assert await service.refused(f"/complaints/{id_}/resume", words) == (409, "clock-not-running")
        assert await service.refused(f"/complaints/{id_}/answer", {}) == (422, "text-missing")
        assert await service.refused(f"/complaints/{id_}/pause", {}) == (422, "text-missing")
        assert await service.refused(f"/complaints/{id_}/pause", {"text": "?", "at_most": "P400D"}) == (
            422,
            "pause-too-long",
        )
        assert await service.refused(f"/complaints/{id_}/pause", {"text": "?", "at_most": 60}) == (422, "invalid")
        await service.move(id_, "answer")
        for movement in ("answer", "pause", "resume"):
            assert await service.refused(f"/complaints/{id_}/{movement}", words) == (409, "wrong-state")
        assert await service.refused(f"/complaints/{new_id()}/answer", words) == (404, "no-such-complaint")
        at = {"text": "done", "at": START.isoformat()}
        assert await service.refused(f"/complaints/{id_}/resolve", at) == (422, "time-not-allowed")


async def test_a_breached_clock_is_not_paused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        service.clock.forward(4 * HOUR)

        assert await service.refused(f"/complaints/{id_}/pause", {"text": "late"}) == (409, "clock-breached")


async def test_only_customer_service_moves_a_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        for movement in ("answer", "pause", "resume", "resolve", "close", "reopen"):
            answer = await service.http.post(
                f"/complaints/v1/complaints/{id_}/{movement}",
                json={"text": "x"},
                headers=as_role("salesperson", SALESPERSON),
            )
            assert answer.status_code == 403, movement


async def test_a_repeated_answer_with_its_key_is_the_same_answer(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        first = await service.post(f"/complaints/{id_}/answer", {"text": "so"}, **{"Idempotency-Key": "a"})

        again = await service.post(f"/complaints/{id_}/answer", {"text": "so"}, **{"Idempotency-Key": "a"})

        assert again.json() == first.json()
        assert again.headers["ETag"] == first.headers["ETag"] == '"2"'
        assert len(await service.facts(ComplaintAnswered)) == 1


# ---------------------------------------------------------------------------- takeovers


def ago(hours: float) -> str:
    return (START - hours * HOUR).isoformat()


async def test_a_takeover_keeps_its_times_and_is_silent(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        late = await service.record(recorded_at=ago(100))
        in_time = await service.record(recorded_at=ago(100))

        await service.move(late["id"], "answer", at=ago(95))
        await service.move(in_time["id"], "answer", at=ago(97))
        for one in (late, in_time):
            await service.move(one["id"], "resolve", at=ago(90))
            await service.move(one["id"], "close", at=ago(90))

        found = [await service.read(one["id"]) for one in (late, in_time)]
        assert [(one["taken_over"], one["overdue"], one["state"]) for one in found] == [
            (True, True, "closed"),
            (True, False, "closed"),
        ]
        assert found[0]["number"].startswith("C20261031")
        assert await service.run_loops() == 0
        assert all(event.historical for event in await service.events())
        assert [fact.in_time for fact in await service.facts(ComplaintAnswered)] == [False, True]


async def test_an_old_case_that_nobody_answered_is_late_without_news(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(recorded_at=ago(100))

        assert (await service.read(opened["id"]))["overdue"] is True
        service.clock.forward(10 * HOUR)
        assert await service.run_loops() == 0


async def test_a_fresh_takeover_lives_on(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(recorded_at=ago(2.5))

        service.clock.forward(2 * HOUR)
        await service.run_loops()

        [overdue] = await service.events(ComplaintOverdue)
        assert not overdue.historical
        assert (await service.read(opened["id"]))["escalation_level"] == 1


async def test_pauses_of_a_takeover_count(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(recorded_at=ago(100)))["id"]
        await service.move(id_, "pause", at=ago(99))
        await service.move(id_, "resume", at=ago(60))
        await service.move(id_, "pause", at=ago(60))
        await service.move(id_, "resume", at=ago(59))

        state = await service.move(id_, "answer", at=ago(57))

        assert state["overdue"] is False


async def test_a_pause_of_the_past_is_over_when_its_longest_end_has_passed(fresh_database: FreshDatabase) -> None:
    """Recorded, paused an hour later for an hour at most, never resumed: overdue since five hours after recording."""
    async with complaints(fresh_database) as service:
        id_ = (await service.record(recorded_at=ago(100)))["id"]
        paused = await service.move(id_, "pause", at=ago(99), at_most="PT1H")

        assert (paused["paused"], paused["overdue"]) == (False, True)
        assert datetime.fromisoformat(paused["answer_due_at"]) == datetime.fromisoformat(ago(95))
        [resumed] = await service.facts(ComplaintResumed)
        assert resumed.answer_due_at == datetime.fromisoformat(ago(95))
        assert await service.run_loops() == 0, "time has decided it, no timer has"
        shortened = await service.move(id_, "resume", at=ago(98.5))
        assert datetime.fromisoformat(shortened["answer_due_at"]) == datetime.fromisoformat(ago(95.5))


async def test_an_answer_during_a_pause_tells_that_the_clock_ran_on(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        await service.move(id_, "pause", text="we asked for a photo", at_most="PT9H")
        service.clock.forward(timedelta(hours=2))

        answered = await service.move(id_, "answer", text="done")

        [resumed] = await service.facts(ComplaintResumed)
        assert resumed.answer_due_at == datetime.fromisoformat(answered["answer_due_at"])
        kinds = [event.type for event in await service.events()]
        assert kinds[-2:] == [ComplaintResumed.TYPE, ComplaintAnswered.TYPE]


@pytest.mark.parametrize("at", [ago(101), ago(98.5), (START + HOUR).isoformat()])
async def test_times_of_a_takeover_only_go_forward(fresh_database: FreshDatabase, at: str) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(recorded_at=ago(100)))["id"]
        await service.move(id_, "pause", at=ago(98))

        assert await service.refused(f"/complaints/{id_}/resume", {"at": at}) == (422, "time-not-allowed")


# ---------------------------------------------------------------------------- at the same time


async def test_of_two_answers_one_counts(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]

        answers = await asyncio.gather(*(service.post(f"/complaints/{id_}/answer", {"text": "so"}) for _ in range(6)))

        assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
        assert len(await service.facts(ComplaintAnswered)) == 1


async def test_an_answer_that_meets_the_timer_is_late_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        cases = [await service.record() for _ in range(12)]
        service.clock.forward(4 * HOUR)

        async def answer(id_: str) -> Any:
            return (await service.post(f"/complaints/{id_}/answer", {"text": "so"})).json()

        *states, _, _ = await asyncio.gather(
            *(answer(case["id"]) for case in cases), service.run_loops(), service.run_loops()
        )

        assert all(state["overdue"] for state in states)
        overdue = [fact.complaint_id for fact in await service.facts(ComplaintOverdue)]
        assert len(overdue) == len(set(overdue)) == 12
        assert not any(fact.in_time for fact in await service.facts(ComplaintAnswered))


async def test_a_step_is_somebody_s(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]

        refused = await service.refused(
            f"/complaints/{id_}/steps/investigate", {"text": "asked", "owner_id": str(new_id())}
        )

        assert refused == (422, "unknown-staff")
        await service.move(id_, "steps/investigate", owner_id=str(SALESPERSON))
