"""Who may do which step (domain 3.2): roles, parts in the case, one's own case, administration's own."""

from typing import Any
from uuid import UUID

import pytest

from shared.contracts.complaints import ComplaintStepDone
from shared.contracts.customers import StaffListed
from shared.ids import new_id
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
    complaints,
)
from tests.postgres import FreshDatabase
from tests.support import START

AGAINST_SALES = {"type": "person", "id": str(SALESPERSON)}
DONE = {"text": "done"}


async def status(service: Complaints, path: str, role: str, who: UUID, **body: Any) -> tuple[int, str]:
    """Status and slug of what somebody does in a case."""
    answer = await service.http.post(
        f"/complaints/v1/complaints/{path}", json={**DONE, **body}, headers=as_role(role, who)
    )
    return answer.status_code, answer.json().get("slug", "")


async def done(service: Complaints, id_: str, step: str, role: str, who: UUID) -> None:
    assert await status(service, f"{id_}/steps/{step}", role, who) == (200, ""), step


async def proposed(service: Complaints, **fields: Any) -> str:
    """A case against the salesperson, investigated by its specialist and proposed by the accountable person."""
    id_ = str((await service.record(await service.customer(), against=AGAINST_SALES, **fields))["id"])
    await done(service, id_, "investigate", "cs_specialist", SPECIALIST)
    await done(service, id_, "propose", "salesperson", SALESPERSON)
    return id_


async def steps_ahead(service: Complaints, id_: str, role: str, who: UUID) -> dict[str, bool]:
    """What a desk offers somebody: the steps still to be done, in order, and whether they may do each."""
    path = f"/complaints/v1/complaints/{id_}/steps/ahead"
    answer = await service.http.get(path, headers=as_role(role, who))
    assert answer.status_code == 200, answer.text
    return {each["step"]: each["may"] for each in answer.json()["items"]}


async def test_a_desk_knows_what_comes_next_and_who_may(fresh_database: FreshDatabase) -> None:
    """What is offered is what is taken: each is tried by everybody."""
    async with complaints(fresh_database) as service:
        administration = await service.colleague("admin_dept")
        id_ = str((await service.record(await service.customer(), against=AGAINST_SALES))["id"])
        people = {
            "cs_specialist": SPECIALIST,
            "salesperson": SALESPERSON,
            "cs_manager": CS_MANAGER,
            "admin_dept": administration,
        }
        order = ["investigate", "propose", "execute", "inspect", "settle", "reply"]
        for step in order:
            offered = {role: await steps_ahead(service, id_, role, who) for role, who in people.items()}
            assert list(offered["salesperson"]) == order[order.index(step) :]
            for role, who in sorted(people.items(), key=lambda each: offered[each[0]][step]):
                taken = await status(service, f"{id_}/steps/{step}", role, who)
                assert (taken[0] in (200, 409)) == offered[role][step], (step, role, taken)
            assert any(each[step] for each in offered.values()), step

        assert await steps_ahead(service, id_, "cs_specialist", SPECIALIST) == {}


async def test_what_is_ahead_says_what_it_waits_for_and_whether_it_must_be(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True, "approvers": ["cs_manager"]})
        id_ = await proposed(service)
        enquiry = (await service.record(kind="enquiry"))["id"]

        ahead = (await service.get(f"/complaints/{id_}/steps/ahead")).json()["items"]
        optional = (await service.get(f"/complaints/{enquiry}/steps/ahead")).json()["items"]
        for movement in ("answer", "resolve", "close"):
            await service.move(enquiry, movement)

        assert [(each["step"], each["needed"], each["awaits_approval"]) for each in ahead] == [
            ("execute", True, True),
            ("inspect", True, False),
            ("settle", True, False),
            ("reply", True, False),
        ]
        assert ahead[1]["doers"] == ["admin_dept"]
        assert {each["needed"] for each in optional} == {False}
        assert (await service.get(f"/complaints/{enquiry}/steps/ahead")).json()["items"] == []
        stranger = as_role("beauty_mentor", await service.colleague("beauty_mentor"))
        hidden = await service.http.get(f"/complaints/v1/complaints/{id_}/steps/ahead", headers=stranger)
        assert (hidden.status_code, hidden.json()["slug"]) == (404, "no-such-complaint")


@pytest.mark.example(4)
async def test_the_specialist_who_handled_a_case_does_not_inspect_it(fresh_database: FreshDatabase) -> None:
    """403 own-case, asked before the role, and before the order of the steps."""
    async with complaints(fresh_database) as service:
        id_ = await proposed(service)
        inspect = f"{id_}/steps/inspect"
        assert await status(service, inspect, "cs_specialist", SPECIALIST) == (403, "own-case")
        assert await status(service, inspect, "admin_dept", SPECIALIST) == (403, "own-case"), "whatever the role"

        await done(service, id_, "execute", "salesperson", SALESPERSON)

        assert await status(service, inspect, "cs_specialist", SPECIALIST) == (403, "own-case")
        assert await status(service, inspect, "salesperson", SALESPERSON) == (403, "own-case"), "who executed it"
        another = await service.colleague("cs_specialist")
        assert await status(service, inspect, "cs_specialist", another) == (403, "forbidden"), "that is the role"
        administration = await service.colleague("admin_dept")
        named = await status(service, inspect, "admin_dept", administration, owner_id=str(SPECIALIST))
        assert named == (403, "own-case"), "nor in somebody's name"
        await done(service, id_, "inspect", "admin_dept", administration)


@pytest.mark.example(4)
async def test_the_accountable_salesperson_executes(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await proposed(service)

        await done(service, id_, "execute", "salesperson", SALESPERSON)

        told = {fact.step: fact.owner_id for fact in await service.facts(ComplaintStepDone)}
        assert told == {"investigate": SPECIALIST, "propose": SALESPERSON, "execute": SALESPERSON}


@pytest.mark.example(4)
async def test_a_salesperson_of_the_team_who_is_not_accountable_does_not_execute(
    fresh_database: FreshDatabase,
) -> None:
    """403 for who sees the case, 404 for who does not."""
    async with complaints(fresh_database) as service:
        colleague = await service.colleague("salesperson")
        team = {"cs_specialist": SPECIALIST, "salesperson": colleague}
        id_ = (await service.record(await service.customer(team=team), against=AGAINST_SALES))["id"]
        await done(service, id_, "investigate", "cs_specialist", SPECIALIST)
        await done(service, id_, "propose", "salesperson", SALESPERSON)

        assert await status(service, f"{id_}/steps/execute", "salesperson", colleague) == (403, "forbidden")
        stranger = await service.colleague("salesperson")
        assert await status(service, f"{id_}/steps/execute", "salesperson", stranger) == (404, "no-such-complaint")
        assert len(await service.facts(ComplaintStepDone)) == 2


@pytest.mark.example(4)
async def test_a_close_before_the_reply_lists_what_is_missing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await proposed(service)
        await done(service, id_, "execute", "salesperson", SALESPERSON)
        await service.move(id_, "resolve")

        refused = await service.post(f"/complaints/{id_}/close")

        assert (refused.status_code, refused.json()["slug"]) == (409, "steps-missing")
        assert refused.json()["missing"] == ["inspect", "settle", "reply"]


async def test_who_handled_it_before_does_not_inspect_it_either(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        id_ = (await service.record(customer))["id"]
        read = await service.get(f"/complaints/{id_}")
        first = await service.colleague("admin_dept")
        for staff_id in (first, SPECIALIST):
            answer = await service.http.put(
                f"/complaints/v1/complaints/{id_}/responsible",
                json={"staff_id": str(staff_id)},
                headers={"If-Match": read.headers["ETag"]},
            )
            assert answer.status_code == 200
            read = answer

        assert await status(service, f"{id_}/steps/inspect", "admin_dept", first) == (403, "own-case")


async def test_beyond_ability_the_supervisor(fresh_database: FreshDatabase) -> None:
    """Their supervisor proposes for them, or who took over from the supervisor; the handler notes what they did."""
    async with complaints(fresh_database) as service:
        head = await service.colleague("sales_manager")
        seller = await service.colleague("salesperson", supervisor_id=head)
        id_ = (await service.record(await service.customer(), against={"type": "person", "id": str(seller)}))["id"]
        await done(service, id_, "investigate", "cs_specialist", SPECIALIST)
        await done(service, id_, "propose", "sales_manager", head)

        heir = await service.colleague("sales_manager")
        listed = {"name": "sales_manager", "role": "sales_manager", "department_id": None}
        await service.given(
            StaffListed.model_validate({**listed, "staff_id": head, "active": False, "successor_id": heir}), version=2
        )
        assert await status(service, f"{id_}/steps/execute", "general_manager", GENERAL) == (403, "forbidden")
        assert await status(service, f"{id_}/steps/execute", "cs_manager", CS_MANAGER) == (403, "forbidden")
        await done(service, id_, "execute", "cs_specialist", SPECIALIST)


@pytest.mark.parametrize("part", ["handler", "accountable"])
async def test_administration_s_own_case_is_the_general_manager_s(fresh_database: FreshDatabase, part: str) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        colleague = await service.colleague("admin_dept")
        team = {"cs_specialist": clerk if part == "handler" else SPECIALIST}
        against = {"type": "person", "id": str(clerk if part == "accountable" else SALESPERSON)}
        id_ = (await service.record(await service.customer(team=team), against=against))["id"]
        for step in ("investigate", "propose", "execute"):
            await service.move(id_, f"steps/{step}")
        judgement = {"valid": False, "good_faith": True, "reasons": "nothing found"}

        async def judge(role: str, who: UUID) -> tuple[int, str]:
            answer = await service.http.post(
                f"/complaints/v1/complaints/{id_}/judgement", json=judgement, headers=as_role(role, who)
            )
            return answer.status_code, answer.json().get("slug", "")

        assert await status(service, f"{id_}/steps/inspect", "admin_dept", clerk) == (403, "own-case")
        assert await status(service, f"{id_}/steps/inspect", "admin_dept", colleague) == (403, "forbidden")
        assert await judge("admin_dept", colleague) == (403, "forbidden")
        assert await judge("admin_dept", clerk) == (403, "own-case" if part == "accountable" else "forbidden")
        await done(service, id_, "inspect", "general_manager", GENERAL)
        await done(service, id_, "settle", "general_manager", GENERAL)
        assert await judge("general_manager", GENERAL) == (200, "")
        await done(service, id_, "reply", "admin_dept", colleague)


async def test_other_cases_are_administration_s(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        id_ = await proposed(service)
        await done(service, id_, "execute", "salesperson", SALESPERSON)
        for step in ("inspect", "settle"):
            assert await status(service, f"{id_}/steps/{step}", "general_manager", GENERAL) == (403, "forbidden")
            await done(service, id_, step, "admin_dept", clerk)
        assert await status(service, f"{id_}/steps/reply", "cs_manager", new_id()) == (403, "forbidden")
        await done(service, id_, "reply", "brand_manager", MANAGER)  # of the accountable person's department


async def test_whom_a_case_is_against_does_not_reply_in_the_company_s_name(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        id_ = await proposed(service)
        for step in ("execute", "inspect", "settle"):
            await done(
                service, id_, step, *(("salesperson", SALESPERSON) if step == "execute" else ("admin_dept", clerk))
            )

        assert await status(service, f"{id_}/steps/reply", "salesperson", SALESPERSON) == (403, "own-case")
        assert await status(service, f"{id_}/reply", "salesperson", SALESPERSON) == (403, "own-case")
        assert await steps_ahead(service, id_, "salesperson", SALESPERSON) == {"reply": False}
        theirs = await status(service, f"{id_}/reply", "brand_manager", MANAGER, owner_id=str(SALESPERSON))
        assert theirs == (403, "own-case"), "nor is it said to be theirs"
        await done(service, id_, "reply", "brand_manager", MANAGER)


async def test_the_general_manager_replies_where_the_only_person_of_administration_is_accused(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        case = await service.record(await service.customer(), against={"type": "person", "id": str(clerk)})
        id_ = str(case["id"])
        await done(service, id_, "investigate", "cs_specialist", SPECIALIST)
        for step in ("propose", "execute"):
            await done(service, id_, step, "admin_dept", clerk)
        for step in ("inspect", "settle"):
            await done(service, id_, step, "general_manager", GENERAL)

        assert await status(service, f"{id_}/steps/reply", "admin_dept", clerk) == (403, "own-case")
        await done(service, id_, "reply", "general_manager", GENERAL)


async def test_who_answers_for_a_department_replies_for_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        against = {"type": "department", "id": str(DEPARTMENT)}
        case = await service.record(await service.customer(), against=against)
        id_ = str(case["id"])
        assert (await service.read(id_))["accountable"]["id"] == str(MANAGER)
        await done(service, id_, "investigate", "cs_specialist", SPECIALIST)
        for step in ("propose", "execute"):
            await done(service, id_, step, "brand_manager", MANAGER)
        for step in ("inspect", "settle"):
            await done(service, id_, step, "admin_dept", clerk)

        await done(service, id_, "reply", "brand_manager", MANAGER)


async def test_the_table_is_administration_s_to_change(fresh_database: FreshDatabase) -> None:
    """A version holds from its start on, and what was done by an earlier one says so."""
    async with complaints(fresh_database) as service:
        id_ = await proposed(service)
        [first] = (await service.get("/step-roles")).json()["items"]
        assert (first["version"], first["doers"]["inspect"]) == (1, ["admin_dept"])
        changed = {"doers": {"execute": ["accountable", "brand_manager"], "inspect": ["recorder", "cs_specialist"]}}
        for role, who in (("cs_manager", CS_MANAGER), ("salesperson", SALESPERSON)):
            refused = await service.http.post("/complaints/v1/step-roles", json=changed, headers=as_role(role, who))
            assert refused.status_code == 403
        wrong: list[dict[str, list[str]]] = [{}, {"dance": ["handler"]}, {"reply": ["cook"]}, {"reply": []}]
        for doers in wrong:
            assert await service.refused("/step-roles", {"doers": doers}) == (422, "invalid")

        written = await service.post("/step-roles", changed)

        assert (written.status_code, written.json()["version"]) == (201, 2)
        assert written.json()["doers"]["propose"] == first["doers"]["propose"], "what is not named stays"
        assert [each["version"] for each in (await service.get("/step-roles")).json()["items"]] == [2, 1]
        assert await status(service, f"{id_}/steps/execute", "cs_specialist", SPECIALIST) == (403, "forbidden")
        await done(service, id_, "execute", "brand_manager", MANAGER)
        assert await status(service, f"{id_}/steps/inspect", "cs_specialist", SPECIALIST) == (403, "own-case")
        await done(service, id_, "inspect", "cs_specialist", SUPERVISOR)
        steps = (await service.get(f"/complaints/{id_}/steps")).json()["items"]
        assert [step["policy_version"] for step in steps] == [1, 1, 2, 2]


async def test_a_later_start_waits(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        later = START.replace(hour=3).isoformat()
        id_ = (await service.record(await service.customer(), against=AGAINST_SALES))["id"]
        await service.post("/step-roles", {"doers": {"investigate": ["cs_manager"]}, "starts_at": later})
        await done(service, id_, "investigate", "cs_specialist", SPECIALIST)

        service.clock.move_to(START.replace(hour=3))

        other = (await service.record(await service.customer(), against=AGAINST_SALES))["id"]
        assert await status(service, f"{other}/steps/investigate", "cs_specialist", SUPERVISOR) == (403, "forbidden")


async def test_what_was_done_before_a_takeover_is_entered_by_who_takes_over(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        old = START.replace(day=1).isoformat()
        id_ = (await service.record(await service.customer(), recorded_at=old, against=AGAINST_SALES))["id"]
        later = START.replace(day=2).isoformat()

        for step in ("investigate", "propose", "execute", "inspect", "settle", "reply"):
            assert await status(service, f"{id_}/steps/{step}", "admin_dept", clerk, at=later) == (200, "")

        other = (await service.record(await service.customer(), recorded_at=old, against=AGAINST_SALES))["id"]
        assert await status(service, f"{other}/steps/investigate", "salesperson", SALESPERSON, at=later) == (
            403,
            "forbidden",
        )
        steps = (await service.get(f"/complaints/{id_}/steps")).json()["items"]
        assert {step["policy_version"] for step in steps} == {None}


@pytest.mark.parametrize(
    "act, those", [("inspect", ["handler"]), ("inspect", ["accountable", "handler"]), ("judge", ["accountable"])]
)
async def test_a_table_by_which_nobody_could_do_a_step_is_refused(
    fresh_database: FreshDatabase, act: str, those: list[str]
) -> None:
    async with complaints(fresh_database) as service:
        before = (await service.get("/step-roles")).json()

        refused = await service.post("/step-roles", {"doers": {act: those, "propose": ["accountable"]}})

        assert (refused.status_code, refused.json()["slug"]) == (422, "nobody-may")
        assert refused.json()["errors"][0]["pointer"] == f"#/doers/{act}"
        assert (await service.get("/step-roles")).json() == before
        assert (await service.post("/step-roles", {"doers": {act: [*those, "general_manager"]}})).status_code == 201
