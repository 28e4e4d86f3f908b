"""Putting right what was entered wrongly: audited, told, and what hangs on it follows (decision 21)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.complaints import (
    ComplaintCorrected,
    ComplaintEscalated,
    ComplaintNoticeWithdrawn,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintRepeated,
)
from shared.contracts.customers import StoreListed
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
from tests.complaints.test_lists import found
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)
WHY = "客户报错了门店"


async def corrected(service: Complaints, id_: str, **fields: Any) -> dict[str, Any]:
    answer = await service.post(f"/complaints/{id_}/correction", {"reason": WHY, **fields})
    assert answer.status_code == 200, answer.text
    await service.deliver(await service.events(ComplaintOpened, ComplaintCorrected))
    return dict(answer.json())


async def test_a_case_moves_to_its_customer_and_takes_its_place(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        wrong, right = await service.customer("D"), await service.customer("A")
        opened = await service.record(wrong)
        await service.given(StoreListed(customer_id=right, name="丽人美容院", external_no="S-17"))

        stands = await corrected(service, opened["id"], customer_id=str(right))

        assert stands["tier"] == "A"
        assert stands["answer_due_at"] == opened["answer_due_at"], "the clock that was fixed stays"
        assert await found(service, "/queue", tier="A") == [opened["number"]]
        assert await found(service, "/complaints", customer_id=str(wrong)) == []
        assert await found(service, "/complaints", store="丽人") == [opened["number"]]
        [told] = await service.facts(ComplaintCorrected)
        assert (told.customer_id, told.from_customer_id, told.tier, told.state) == (right, wrong, "A", "open")
        assert (await service.read(opened["id"]))["customer_id"] == str(right)
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [(entry["what"], entry["text"]) for entry in history if entry["what"] == "corrected"] == [
            ("corrected", WHY)
        ]
        assert history[-1]["changes"] == {
            "customer_id": {"from": str(wrong), "to": str(right)},
            "tracking_generation": {"from": 0, "to": 1},
        }
        [entry] = await service.database.fetch("SELECT what, subject FROM audit_entry")
        assert (entry["what"], str(entry["subject"])) == ("complaint.corrected", opened["id"])
        log = await service.database.fetch("SELECT data::text AS everything FROM event_log")
        assert not any(WHY in row["everything"] for row in log)


async def test_subject_and_party_are_put_right_and_counted_anew(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        against = {"type": "person", "id": str(SALESPERSON)}
        first = await service.record(customer, subject="service", against=against)
        second = await service.record(customer, subject="product", against={"type": "product", "name": "面霜"})
        await service.deliver(await service.events(ComplaintOpened))

        stands = await corrected(service, second["id"], subject="service", against=against)

        read = await service.read(second["id"])
        assert stands["accountable_id"] == str(SALESPERSON)
        assert (read["subject"], read["against"]) == (
            "service",
            {"type": "person", "id": str(SALESPERSON), "name": "salesperson"},
        )
        assert read["text"] == "开封后变色", "the words stay"
        history = (await service.get(f"/complaints/{second['id']}/history")).json()["items"]
        assert history[-1]["changes"] == {
            "subject": {"from": "product", "to": "service"},
            "against_type": {"from": "product", "to": "person"},
            "against_id": {"from": None, "to": str(SALESPERSON)},
            "against_name": {"from": None, "to": None},
            "accountable_id": {"from": None, "to": str(SALESPERSON)},
        }
        repeated = [fact for fact in await service.facts(ComplaintRepeated) if str(fact.complaint_id) == second["id"]]
        assert [(fact.count, str(fact.of)) for fact in repeated][-1:] == [(2, first["id"])]
        of_department = await corrected(
            service, second["id"], against={"type": "department", "id": str(DEPARTMENT), "name": "客服"}
        )
        assert of_department["accountable_id"] == str(MANAGER)
        assert await found(service, "/complaints", q="客服") == [second["number"]], "a name that was put right is found"


async def test_a_notice_to_the_wrong_person_is_withdrawn(fresh_database: FreshDatabase) -> None:
    """They hear of it, their list shows it no longer, and a late answer is told to whom the case is against."""
    async with complaints(fresh_database) as service:
        li = {"type": "person", "id": str(SALESPERSON)}
        id_ = (await service.record(await service.customer(), against=li))["id"]
        deadline = (service.clock.now() + timedelta(hours=9)).isoformat()
        body = {"to": str(SALESPERSON), "demand": "说明", "deadline": deadline}
        issued = (await service.post(f"/complaints/{id_}/notice", body)).json()

        async def listed(who: UUID, role: str) -> list[str]:
            mine = await service.http.get("/complaints/v1/me", headers=as_role(role, who))
            return [each["number"] for each in mine.json()["notices"]]

        await corrected(service, id_, subject="attitude")
        assert await listed(SALESPERSON, "salesperson") == [issued["number"]], "the party is what it was"
        await corrected(service, id_, against={"type": "person", "id": str(MANAGER)})

        assert await listed(SALESPERSON, "salesperson") == await listed(MANAGER, "brand_manager") == []
        [told] = await service.facts(ComplaintNoticeWithdrawn)
        assert (told.number, told.to_id) == (issued["number"], SALESPERSON)
        [notice] = (await service.get(f"/complaints/{id_}/notices")).json()["items"]
        assert notice["superseded_at"] is not None
        stands = await service.read(id_)
        assert stands["accountable_id"] == str(MANAGER)
        entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert entries[-1]["changes"] == {
            "against_id": {"from": str(SALESPERSON), "to": str(MANAGER)},
            "accountable_id": {"from": str(SALESPERSON), "to": str(MANAGER)},
            "notice": {"from": issued["number"], "to": None},
        }
        assert await service.refused(f"/complaints/{id_}/notice/acknowledge") == (404, "notice-not-found")
        service.clock.forward(4 * HOUR)
        await service.run_loops()
        [overdue] = await service.facts(ComplaintOverdue)
        assert (overdue.staff_id, overdue.accountable_id) == (MANAGER, MANAGER)


async def test_where_nobody_is_accountable_the_handler_s_line_is_told_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        li = {"type": "person", "id": str(SALESPERSON)}
        id_ = (await service.record(await service.customer(), against=li))["id"]
        deadline = (service.clock.now() + timedelta(hours=9)).isoformat()
        body = {"to": str(SALESPERSON), "demand": "说明", "deadline": deadline}
        assert (await service.post(f"/complaints/{id_}/notice", body)).status_code == 201

        await corrected(service, id_, against={"type": "product", "name": "面霜"})
        service.clock.forward(4 * HOUR)
        await service.run_loops()

        [overdue] = await service.facts(ComplaintOverdue)
        assert (overdue.staff_id, overdue.accountable_id) == (SPECIALIST, None)


async def test_a_notice_to_whom_the_case_is_really_against_stands(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        deadline = (service.clock.now() + timedelta(hours=9)).isoformat()
        body = {"to": str(SALESPERSON), "demand": "说明", "deadline": deadline}
        assert (await service.post(f"/complaints/{id_}/notice", body)).status_code == 201

        await corrected(service, id_, against={"type": "person", "id": str(SALESPERSON)})

        [notice] = (await service.get(f"/complaints/{id_}/notices")).json()["items"]
        assert notice["superseded_at"] is None
        assert await service.facts(ComplaintNoticeWithdrawn) == []


async def test_a_batch_is_named_later_and_put_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        assert (await service.read(opened["id"]))["batch"] is None

        await corrected(service, opened["id"], batch=" B7 ")
        await corrected(service, opened["id"], batch="B8")

        assert (await service.read(opened["id"]))["batch"] == "B8"
        assert await found(service, "/queue", batch="B8") == [opened["number"]]
        assert await found(service, "/complaints", batch="B7") == []
        assert [fact.batch for fact in await service.facts(ComplaintCorrected)] == ["B7", "B8"]
        said = await service.record(batch="ｂ９")
        assert [fact.batch for fact in await service.facts(ComplaintOpened)] == [None, "b9"]
        assert (await service.read(said["id"]))["batch"] == "b9"
        same = {"batch": "B8", "reason": WHY}
        assert await service.refused(f"/complaints/{opened['id']}/correction", same) == (422, "nothing-to-correct")


@pytest.mark.parametrize(
    "body, status, slug",
    [
        ({}, 422, "nothing-to-correct"),
        ({"subject": "product"}, 422, "nothing-to-correct"),
        ({"subject": "weather"}, 422, "unknown-subject"),
        ({"customer_id": str(new_id())}, 422, "unknown-customer"),
        ({"against": {"type": "person", "id": str(new_id())}}, 422, "unknown-staff"),
        ({"reason": " "}, 422, "invalid"),
        ({"against": {"type": "person"}}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_right_is_refused(
    fresh_database: FreshDatabase, body: dict[str, Any], status: int, slug: str
) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()

        refused = await service.refused(f"/complaints/{opened['id']}/correction", {"reason": WHY, **body})

        assert refused == (status, slug)
        assert await service.facts(ComplaintCorrected) == []
        assert (await service.database.fetch("SELECT 1 FROM audit_entry")) == []


async def test_managers_and_administration_put_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()

        async def answer(role: str, who: Any) -> int:
            body = {"reason": WHY, "subject": "other"}
            address = f"/complaints/v1/complaints/{opened['id']}/correction"
            return (await service.http.post(address, json=body, headers=as_role(role, who))).status_code

        assert await answer("cs_specialist", SPECIALIST) == 403
        assert await answer("salesperson", SUPERVISOR) == 403
        assert await answer("cs_manager", CS_MANAGER) == 200


async def test_what_was_due_before_a_correction_is_told_to_who_was_taken_for_accountable(
    fresh_database: FreshDatabase,
) -> None:
    """After an outage the case is put right: the miss was the former's, the next level is told in the right line."""
    async with complaints(fresh_database) as service:
        head = await service.colleague("sales_manager")
        other = await service.colleague("salesperson", supervisor_id=head)
        against = {"type": "person", "id": str(SALESPERSON)}
        id_ = (await service.record(await service.customer(), against=against))["id"]
        deadline = (service.clock.now() + 8 * HOUR).isoformat()
        notice = {"to": str(SALESPERSON), "demand": "Propose.", "deadline": deadline}
        assert (await service.post(f"/complaints/{id_}/notice", notice)).status_code == 201
        service.clock.forward(4 * HOUR + HOUR / 2)

        await corrected(service, id_, against={"type": "person", "id": str(other)})
        service.clock.forward(HOUR / 2)
        await service.run_loops()

        [overdue] = await service.facts(ComplaintOverdue)
        [escalated] = await service.facts(ComplaintEscalated)
        assert (overdue.at, overdue.staff_id, overdue.accountable_id) == (START + 4 * HOUR, SALESPERSON, SALESPERSON)
        assert (escalated.at, escalated.level, escalated.staff_id) == (START + 5 * HOUR, 2, head)


async def test_who_answers_for_a_product_is_accountable_for_what_turns_out_to_be_against_it(
    fresh_database: FreshDatabase,
) -> None:
    """Decision 17, as for what is recorded against it from the beginning."""
    async with complaints(fresh_database) as service:
        owner = {"product": "面霜", "staff_id": str(MANAGER)}
        assert (await service.post("/product-owners", owner)).status_code == 201
        opened = await service.record(await service.customer(), against={"type": "person", "id": str(SALESPERSON)})

        stands = await corrected(service, opened["id"], against={"type": "product", "name": "面霜"})
        assert stands["accountable_id"] == str(MANAGER)

        stands = await corrected(service, opened["id"], against={"type": "company"})
        assert stands["accountable_id"] is None
