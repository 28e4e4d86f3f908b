"""What comes after the answer."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from shared.contracts.complaints import (
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintOverdue,
    ComplaintReopened,
    ComplaintSatisfactionGiven,
)
from shared.contracts.customers import StaffListed
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    GENERAL,
    MANAGER,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    case,
    complaints,
)
from tests.postgres import FreshDatabase

FELT_LESS = {"perceived": 6, "expected": 8}
AS_EXPECTED = {"perceived": 8, "expected": 8}


async def told_of_rounds(service: Complaints) -> list[tuple[int, int, UUID | None]]:
    """Round, level and person of what was told because a case was reopened again."""
    return [
        (each.round, each.level, each.staff_id) for each in await service.facts(ComplaintEscalated) if each.reopened
    ]


async def judged(service: Complaints, id_: str, said: dict[str, int]) -> dict[str, object]:
    await service.move(id_, "answer")
    answer = await service.post(f"/complaints/{id_}/satisfaction", said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_dissatisfied_is_heard_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        await service.move(id_, "answer")
        content = {"perceived": 8, "expected": 8}
        assert await service.refused(f"/complaints/{id_}/satisfaction", {"perceived": 0, "expected": 5}) == (
            422,
            "invalid",
        )
        judged = await service.post(f"/complaints/{id_}/satisfaction", content)
        assert (judged.json()["verdict"], judged.json()["state"]) == ("satisfied", "answered")
        assert await service.refused(f"/complaints/{id_}/satisfaction", content) == (409, "satisfaction-given")
        await service.move(id_, "reopen")
        await service.move(id_, "resolve")

        judged = await service.post(f"/complaints/{id_}/satisfaction", {"perceived": 3, "expected": 8})

        assert judged.json()["verdict"] == "dissatisfied"
        assert (judged.json()["state"], judged.json()["round"]) == ("open", 3)
        assert len(await service.facts(ComplaintReopened)) == 2


@pytest.mark.example(10)
async def test_below_expectation_the_next_round_begins_and_the_second_time_the_supervisor_is_told(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        service.clock.forward(timedelta(hours=1))

        second = await judged(service, id_, FELT_LESS)

        assert (second["verdict"], second["state"], second["round"]) == ("dissatisfied", "open", 2)
        due = service.clock.now() + timedelta(hours=4)
        assert datetime.fromisoformat(str(second["answer_due_at"])) == due, "a new clock"
        assert (second["escalation_level"], await told_of_rounds(service)) == (0, [])

        third = await judged(service, id_, FELT_LESS)

        assert (third["verdict"], third["state"], third["round"]) == ("dissatisfied", "open", 3)
        assert (third["escalation_level"], third["overdue"]) == (2, False)
        assert await told_of_rounds(service) == [(3, 2, SUPERVISOR)]
        (fact,) = [each for each in await service.facts(ComplaintEscalated) if each.reopened]
        assert fact.due_at == due
        clocks = (await service.get(f"/complaints/{id_}/clocks")).json()["items"]
        heard = {each["round"]: each["told"] for each in clocks if each["kind"] == "answer"}
        assert [(each["level"], each["staff_id"]) for each in heard[3]] == [(2, str(SUPERVISOR))], "a desk sees it"
        assert heard[1] == heard[2] == []


async def test_a_level_at_which_nobody_stands_tells_nobody_twice_of_reopenings(fresh_database: FreshDatabase) -> None:
    """The handler has no supervisor: each reopening goes on above whoever was told of the one before."""
    async with complaints(fresh_database) as service:
        alone = {"staff_id": SPECIALIST, "name": "李", "role": "cs_specialist", "department_id": DEPARTMENT}
        await service.given(StaffListed.model_validate(alone), version=9)
        id_ = (await service.record(await service.customer()))["id"]

        for _ in range(5):
            await judged(service, id_, FELT_LESS)

        assert await told_of_rounds(service) == [(3, 3, MANAGER), (4, 4, CS_MANAGER), (5, 5, GENERAL), (6, 5, GENERAL)]


@pytest.mark.example(10)
async def test_who_was_told_of_a_reopening_is_not_told_again_that_it_is_late(fresh_database: FreshDatabase) -> None:
    """The miss is level 1's; an hour later it goes on above the supervisor."""
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        for _ in range(2):
            await judged(service, id_, FELT_LESS)
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()
        (late,) = await service.facts(ComplaintOverdue)
        assert (late.round, late.staff_id) == (3, SPECIALIST)
        assert (await service.read(id_))["escalation_level"] == 2

        service.clock.forward(timedelta(hours=1))
        await service.run_loops()

        told = [(each.level, each.staff_id) for each in await service.facts(ComplaintEscalated)]
        assert told == [(2, SUPERVISOR), (3, MANAGER)]


async def test_each_reopening_goes_a_level_up_and_at_the_end_stays_there(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]

        for _ in range(7):
            await judged(service, id_, FELT_LESS)

        levels = [(round_, level) for round_, level, _ in await told_of_rounds(service)]
        assert levels == [(3, 2), (4, 3), (5, 4), (6, 5), (7, 5), (8, 5)]


async def test_a_missing_answer_that_nobody_noticed_does_not_lower_whom_it_has_reached(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        for _ in range(2):
            await judged(service, id_, FELT_LESS)
        service.clock.forward(timedelta(hours=4))

        answered = await service.move(id_, "answer")

        assert (answered["overdue"], answered["escalation_level"]) == (True, 2)


@pytest.mark.example(10)
async def test_as_expected_is_satisfied(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]

        said = await judged(service, id_, AS_EXPECTED)

        assert (said["verdict"], said["state"], said["round"]) == ("satisfied", "answered", 1)
        assert await service.facts(ComplaintReopened) == []


@pytest.mark.example(10)
async def test_nobody_takes_down_what_is_said_of_themselves(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        against = {"type": "person", "id": str(SALESPERSON)}
        id_ = (await service.record(await service.customer(), against=against))["id"]
        await service.http.post(
            f"/complaints/v1/complaints/{id_}/answer",
            json={"text": "已答复"},
            headers=as_role("cs_specialist", SPECIALIST),
        )
        path = f"/complaints/v1/complaints/{id_}/satisfaction"

        async def status(role: str, who: UUID) -> tuple[int, str]:
            answer = await service.http.post(path, json=AS_EXPECTED, headers=as_role(role, who))
            return answer.status_code, answer.json().get("slug", "")

        assert (await status("cs_specialist", SPECIALIST))[0] == 403
        assert await status("admin_dept", SPECIALIST) == (403, "own-case"), "whatever the role"
        assert await status("admin_dept", SALESPERSON) == (403, "own-case"), "whom it is against"
        version = (await service.get(f"/complaints/{id_}")).headers["ETag"]
        named = await service.http.put(
            f"/complaints/v1/complaints/{id_}/responsible",
            json={"staff_id": str(SUPERVISOR)},
            headers={"If-Match": version},
        )
        assert named.status_code == 200, named.text
        assert await status("admin_dept", SPECIALIST) == (403, "own-case"), "who answered it before"
        administration = await service.colleague("admin_dept")
        assert (await status("admin_dept", administration))[0] == 200
        (fact,) = await service.facts(ComplaintSatisfactionGiven)
        assert fact.staff_id == administration


@pytest.mark.example(10)
async def test_administration_calls_back_on_the_third_day_after_closing(fresh_database: FreshDatabase) -> None:
    """Closed on 4 November, Shanghai time: the call is for the 7th."""
    async with complaints(fresh_database) as service:
        await closed(service)

        (fact,) = await service.facts(ComplaintClosed)

        assert fact.call_back_from == datetime.fromisoformat("2026-11-07T00:00:00+08:00")
        assert fact.call_back_due_at == datetime.fromisoformat("2026-11-08T00:00:00+08:00")


async def closed(service: Complaints) -> str:
    """A case with all its steps, at its end."""
    id_: str = (await service.record())["id"]
    await service.move(id_, "resolve")
    for step in ("investigate", "propose", "execute", "inspect", "settle", "reply"):
        answer = await service.post(f"/complaints/{id_}/steps/{step}", {"text": "已办"})
        assert answer.status_code == 200, answer.text
    await service.move(id_, "close")
    return id_


async def test_on_which_day_is_a_policy_with_versions(fresh_database: FreshDatabase) -> None:
    """A version holds for what is closed from its start on; an enquiry asks for no call."""
    async with complaints(fresh_database) as service:
        assert (await service.get("/call-back-policies")).json()["items"][0]["days"] == 3
        assert await service.refused("/call-back-policies", {"days": 0}) == (422, "invalid")
        written = await service.post("/call-back-policies", {"days": 5})
        assert (written.status_code, written.json()["version"]) == (201, 2)

        await closed(service)
        enquiry = (await service.post("/complaints", case(kind="enquiry"))).json()["id"]
        await service.move(enquiry, "resolve")
        await service.move(enquiry, "close")

        days = [fact.call_back_due_at for fact in await service.facts(ComplaintClosed)]
        assert days == [datetime.fromisoformat("2026-11-10T00:00:00+08:00"), None]
