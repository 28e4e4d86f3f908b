"""Proposing by hand what no clock finds: other violations, and steps that were not followed."""

from tests.complaints.building import CS_MANAGER, SALESPERSON, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.penalising import FIRST_ADMIN, a_case, decide, penalties, said
from tests.postgres import FreshDatabase

WHY = "Promised a refund by telephone and noted nothing."


async def enter(service: Complaints, case_id: str, rule: str = "other", role: str = "admin_dept") -> tuple[int, str]:
    body = {"rule": rule, "reason": WHY}
    answer = await service.post(f"/complaints/{case_id}/penalties", body, **as_role(role, FIRST_ADMIN))
    return answer.status_code, answer.json().get("slug", "")


async def test_another_violation_is_proposed_against_whom_the_case_is_against(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        case_id = await a_case(service, zhao)
        assert await enter(service, case_id) == (201, "")
        assert await enter(service, case_id, "steps_not_followed") == (201, "")

        other, steps = await penalties(service, complaint_id=case_id)
        assert (other["rule"], other["state"], other["amount"], other["person_id"]) == (
            "other",
            "proposed",
            "50.00",
            str(zhao),
        )
        assert {each["staff_id"]: each["amount"] for each in other["shares"]} == {
            str(zhao): "35.00",
            str(SUPERVISOR): "15.00",
        }
        assert (steps["rule"], steps["person_id"]) == ("steps_not_followed", str(CS_MANAGER))
        [entry] = (await service.get(f"/penalties/{other['id']}")).json()["history"]
        assert (entry["what"], entry["by"], entry["reason"]) == ("proposed", str(FIRST_ADMIN), WHY)
        assert WHY not in str([event.data for event in await service.events()])


async def test_each_rule_counts_once_a_round_and_kinds_without_penalty_stay_without(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        assert await enter(service, case_id) == (201, "")
        assert await enter(service, case_id) == (409, "penalty-stands")
        enquiry = await service.record(kind="enquiry", against={"type": "person", "id": str(SALESPERSON)})
        assert await enter(service, enquiry["id"]) == (409, "no-penalty-for-kind")
        assert await enter(service, case_id, role="cs_specialist") == (403, "forbidden")
        assert await enter(service, str(FIRST_ADMIN)) == (404, "no-such-complaint")
        assert await enter(service, case_id, "unanswered") == (422, "invalid")
        assert len(await penalties(service)) == 1


async def test_who_pays_decides_nothing_of_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await enter(service, case_id, "steps_not_followed")
        [penalty] = await penalties(service)
        decided = await decide(service, penalty["id"], "50", by=CS_MANAGER, role="cs_manager")
        assert said(decided) == (403, "own-penalty")
