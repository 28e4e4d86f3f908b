"""Whom a case is against does not handle it (domain 3.2): not by a rule, not by hand, not by a later notice."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.complaints import ComplaintAccepted, ComplaintAssigned
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.ids import new_id
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    MANAGER,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.postgres import FreshDatabase


def person(id_: UUID) -> dict[str, str]:
    return {"type": "person", "id": str(id_)}


async def handler(service: Complaints, id_: str) -> str | None:
    found: str | None = (await service.read(id_))["responsible_id"]
    return found


async def by_hand(service: Complaints, id_: str, to: UUID) -> tuple[int, str]:
    answer = await service.http.put(
        f"/complaints/v1/complaints/{id_}/responsible", json={"staff_id": str(to)}, headers={"If-Match": "*"}
    )
    return answer.status_code, answer.json().get("slug", answer.json().get("responsible_id"))


async def does(service: Complaints, who: UUID, path: str, role: str = "cs_specialist", **body: Any) -> tuple[int, str]:
    answer = await service.http.post(
        f"/complaints/v1/complaints/{path}", json={"text": "like this", **body}, headers=as_role(role, who)
    )
    return answer.status_code, answer.json().get("slug", answer.json().get("state"))


async def notice(service: Complaints, id_: str, to: UUID) -> None:
    deadline = (service.clock.now() + timedelta(hours=2)).isoformat()
    answer = await service.post(f"/complaints/{id_}/notice", {"to": str(to), "demand": "请答复", "deadline": deadline})
    assert answer.status_code == 201, answer.text


async def test_a_case_against_the_teams_specialist_goes_to_somebody_else(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer(), against=person(SPECIALIST))
        await service.hear_own()

        assert await handler(service, opened["id"]) == str(CS_MANAGER)
        service.clock.forward(timedelta(hours=1))
        await service.run_loops()
        assert await handler(service, opened["id"]) == str(CS_MANAGER)


async def test_a_case_against_the_customer_service_manager_goes_to_another_or_to_administration(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        first = (await service.record(against=person(CS_MANAGER)))["id"]
        administration = await service.colleague("admin_dept")
        second = (await service.record(against=person(CS_MANAGER)))["id"]
        other = await service.colleague("cs_manager")
        third = (await service.record(against=person(CS_MANAGER)))["id"]

        hands = [await handler(service, id_) for id_ in (first, second, third)]
        assert hands == [None, str(administration), str(other)]


async def test_a_case_against_a_department_is_not_its_managers(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        head = await service.colleague("cs_specialist")
        await service.given(DepartmentListed(department_id=DEPARTMENT, name="客服部", manager_id=head), version=2)
        customer = await service.customer(team={"cs_specialist": head, "cs_manager": CS_MANAGER})
        id_ = (await service.record(customer, against={"type": "department", "id": str(DEPARTMENT)}))["id"]

        assert await handler(service, id_) == str(CS_MANAGER)
        assert await by_hand(service, id_, head) == (409, "accused-handler")


async def test_whom_it_is_against_is_passed_over_though_they_know_the_subject_best(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        expert = await service.colleague("cs_specialist", skills=["subject:product"])
        other = await service.colleague("cs_specialist")
        for who in (expert, other):
            said = await service.http.post(
                "/complaints/v1/presence", json={"state": "present"}, headers=as_role("cs_specialist", who)
            )
            assert said.status_code == 200
        id_ = (await service.record(against=person(expert)))["id"]
        await service.hear_own()
        for _ in range(3):
            service.clock.forward(timedelta(minutes=15))
            await service.run_loops()

        assert {fact.responsible_id for fact in await service.facts(ComplaintAssigned)} == {other}
        assert await handler(service, id_) == str(other)


async def test_by_hand_somebody_of_customer_service_who_is_not_accused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        administration = await service.colleague("admin_dept")
        gone = await service.colleague("cs_specialist", active=False)
        id_ = (await service.record(await service.customer(), against=person(SUPERVISOR)))["id"]

        assert await by_hand(service, id_, SALESPERSON) == (422, "not-a-handler")
        assert await by_hand(service, id_, MANAGER) == (422, "not-a-handler")
        assert await by_hand(service, id_, gone) == (422, "unknown-staff")
        assert await by_hand(service, id_, SUPERVISOR) == (409, "accused-handler")
        body = {"ids": [id_], "staff_id": str(SUPERVISOR)}
        [outcome] = (await service.post("/bulk/assign", body)).json()["items"]
        assert (outcome["status"], outcome["problem"]["slug"]) == (409, "accused-handler")
        assert await handler(service, id_) == str(SPECIALIST), "nothing half done"
        assert await by_hand(service, id_, administration) == (200, str(administration))


async def test_who_does_the_work_of_an_accused_who_left_does_not_handle_it_either(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        gone = await service.colleague("cs_specialist", active=False, successor_id=SUPERVISOR)
        id_ = (await service.record(await service.customer(), against=person(gone)))["id"]

        assert await by_hand(service, id_, SUPERVISOR) == (409, "accused-handler")


@pytest.mark.parametrize("taken", [False, True], ids=["that nobody has taken", "that the handler has taken"])
async def test_a_notice_to_its_handler_hands_a_case_on(fresh_database: FreshDatabase, taken: bool) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await service.hear_own()
        if taken:
            assert await does(service, SPECIALIST, f"{id_}/accept") == (200, "open")
        await notice(service, id_, SPECIALIST)

        assert await handler(service, id_) == str(CS_MANAGER)
        told = (await service.facts(ComplaintAssigned))[-1]
        assert (told.from_id, told.responsible_id) == (SPECIALIST, CS_MANAGER)
        entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [entry["what"] for entry in entries][-2:] == ["noticed", "assigned"]
        versions = [event.aggregate_version for event in await service.events() if str(event.aggregate_id) == id_]
        assert sorted(set(versions)) == list(range(1, max(versions) + 1))
        service.clock.forward(timedelta(hours=1))
        await service.run_loops()
        assert await handler(service, id_) == str(CS_MANAGER)
        assert await does(service, SPECIALIST, f"{id_}/answer") == (403, "own-case")


async def test_a_correction_that_makes_its_handler_accountable_hands_a_case_on(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        other = new_id()
        await service.given(StaffListed(staff_id=other, name="other", role="cs_specialist"))
        said = await service.http.post(
            "/complaints/v1/presence", json={"state": "present"}, headers=as_role("cs_specialist", other)
        )
        assert said.status_code == 200
        id_ = (await service.record(await service.customer()))["id"]
        body = {"against": person(SPECIALIST), "reason": "Sie war es selbst."}
        corrected = await service.post(f"/complaints/{id_}/correction", body)

        assert (corrected.status_code, corrected.json()["responsible_id"]) == (200, str(other))
        assert await handler(service, id_) == str(other)


@pytest.mark.parametrize("movement", ["accept", "answer", "resolve", "pause"])
async def test_nobody_moves_a_case_against_themselves(fresh_database: FreshDatabase, movement: str) -> None:
    """Whatever the role, and nothing is stored of it."""
    async with complaints(fresh_database) as service:
        for who, role in ((SPECIALIST, "cs_specialist"), (CS_MANAGER, "cs_manager")):
            id_ = (await service.record(await service.customer(), against=person(who)))["id"]
            before = await service.read(id_)

            assert await does(service, who, f"{id_}/{movement}", role) == (403, "own-case")
            assert await service.read(id_) == before
            assert (await does(service, SUPERVISOR, f"{id_}/{movement}"))[0] == 200


async def test_nobody_closes_a_case_against_themselves(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(kind="enquiry", against=person(SPECIALIST)))["id"]
        await service.move(id_, "resolve")

        assert await does(service, SPECIALIST, f"{id_}/close") == (403, "own-case")
        body = {"ids": [id_]}
        many = await service.http.post(
            "/complaints/v1/bulk/close", json=body, headers=as_role("cs_specialist", SPECIALIST)
        )
        assert many.json()["items"][0]["problem"]["slug"] == "own-case"
        assert await does(service, SUPERVISOR, f"{id_}/close") == (200, "closed")


async def test_who_records_or_works_on_a_case_against_themselves_has_not_accepted_it(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        body = {"kind": "complaint", "subject": "product", "text": "x", "against": person(SPECIALIST)}
        who = {"customer_id": str(await service.customer())}
        opened = await service.http.post(
            "/complaints/v1/complaints", json={**body, **who}, headers=as_role("cs_specialist", SPECIALIST)
        )
        id_ = opened.json()["id"]
        await service.hear_own()

        assert (await service.clocks(id_))["accept"]["stopped_at"] is None
        assert await does(service, SUPERVISOR, f"{id_}/accept") == (200, "open")
        assert [fact.staff_id for fact in await service.facts(ComplaintAccepted)] == [SUPERVISOR]


async def test_what_was_answered_before_a_takeover_is_entered_as_it_was(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        old = service.clock.now() - timedelta(days=30)
        id_ = (await service.record(recorded_at=old.isoformat(), against=person(SPECIALIST)))["id"]
        then = (old + timedelta(hours=1)).isoformat()

        assert await does(service, SPECIALIST, f"{id_}/answer", at=then) == (200, "answered")
