"""Internal cases: what departments say of each other, accepted by administration (domain 3.6)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.audit import newest_first
from shared.contracts.complaints import ComplaintClockMissed, ComplaintOpened
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.contracts.letters import ComplaintFirstReply
from shared.contracts.responsibility import PenaltyProposed
from shared.ids import new_id
from tests.complaints.building import (
    DEPARTMENT,
    GENERAL,
    SALESPERSON,
    SPECIALIST,
    Complaints,
    as_role,
    case,
    complaints,
)
from tests.complaints.promising import LI, ZHOU, beyond_the_rules, say, slug
from tests.postgres import FreshDatabase

LOGISTICS = UUID("01900000-0000-7000-8000-00000000b002")
ZHENG = UUID("01900000-0000-7000-8000-00000000a010")
"""Who manages logistics."""
ADMINISTRATION = as_role("admin_dept", UUID("01900000-0000-7000-8000-00000000c001"))


async def with_logistics(service: Complaints) -> None:
    """A second department, with its manager."""
    await service.given(
        DepartmentListed(department_id=LOGISTICS, name="物流部", manager_id=ZHENG),
        StaffListed(staff_id=ZHENG, name="郑", role="logistics_manager", department_id=LOGISTICS),
    )


async def object_to(service: Complaints, by: dict[str, str] = ZHOU, **fields: Any) -> httpx.Response:
    """Zhou, of customer service, objects to how logistics works."""
    body = {
        "type": "process",
        "against": {"type": "department", "id": str(LOGISTICS)},
        "text": "发货单总是缺页",
        **fields,
    }
    return await service.http.post("/complaints/v1/internal", json=body, headers=by)


async def objected(service: Complaints, by: dict[str, str] = ZHOU, **fields: Any) -> dict[str, Any]:
    answer = await object_to(service, by, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(service: Complaints, by: dict[str, str] = LI, **filters: str) -> list[str]:
    answer = await service.http.get("/complaints/v1/internal", params=filters, headers=by)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_a_department_objects_to_the_process_of_another(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)

        made = await objected(service, wish="请核对后再发")

        assert (made["type"], made["kind"], made["state"], made["found_in"]) == ("process", "internal", "open", "work")
        assert (made["department_id"], made["department_name"]) == (str(DEPARTMENT), "客服部")
        assert made["against"] == {"type": "department", "id": str(LOGISTICS), "name": "物流部"}
        assert made["accountable"] == {"id": str(ZHENG), "name": "郑"}, "its manager answers for a department"
        assert made["answer_due_at"] == "2026-11-04T05:00:00Z", "the same clock as for customers"
        read = await service.read(made["id"])
        assert (read["text"], read["wish"], read["channel"]) == ("发货单总是缺页", "请核对后再发", "internal")
        assert (await service.get(f"/internal/{made['id']}")).json() == made
        for path in ("/complaints", "/queue"):
            found = (await service.get(path, kind="internal")).json()["items"]
            assert [each["id"] for each in found] == [made["id"]], "a desk finds it by its kind"
            assert (await service.get(path, kind="complaint")).json()["items"] == []
        await service.hear_own()
        assert {"accept", "answer", "resolve"} <= (await service.clocks(made["id"])).keys()
        [told] = await service.facts(ComplaintOpened)
        assert (told.kind, told.first_reply, told.accepted_by) == ("internal", False, None)


async def test_a_customer_found_badly_served_has_it_among_their_cases_and_hears_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        customer = await service.customer(team={"salesperson": SALESPERSON})

        made = await objected(
            service, type="service", customer_id=str(customer), found_in="visit", touch_id=str(new_id())
        )

        assert await listed(service, store_id=str(customer), type="service") == [made["id"]]
        of_customer = (await service.get("/complaints", customer_id=str(customer))).json()["items"]
        assert [each["id"] for each in of_customer] == [made["id"]]
        await service.hear_own()
        await service.run_loops()
        assert await service.facts(ComplaintFirstReply) == []
        assert (await service.get(f"/complaints/{made['id']}/letters")).json()["items"] == []


async def test_what_cannot_be_is_refused_and_leaves_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        ahead = (service.clock.now() + timedelta(hours=1)).isoformat()
        strangers = str(await service.customer(team={}))

        async def refused(**fields: Any) -> tuple[int, str]:
            return slug(await object_to(service, **fields))

        assert await refused(against={"type": "department", "id": str(DEPARTMENT)}) == (422, "against-oneself")
        assert await refused(against={"type": "person", "id": str(SALESPERSON)}) == (422, "against-oneself")
        assert await refused(against={"type": "department", "id": str(new_id())}) == (422, "unknown-department")
        assert await refused(against={"type": "person", "id": str(new_id())}) == (422, "unknown-staff")
        assert await refused(against={"type": "product", "id": str(new_id())}) == (422, "invalid")
        assert await refused(type="fault") == (422, "invalid")
        assert await refused(type="moon") == (422, "invalid")
        assert await refused(touch_id=str(new_id())) == (422, "invalid")
        assert await refused(happened_at=ahead) == (422, "time-not-allowed")
        assert await refused(subject="moon") == (422, "unknown-subject")
        assert await refused(customer_id=strangers) == (422, "unknown-customer"), "whom the caller does not see"
        assert await refused(customer_id=str(new_id())) == (422, "unknown-customer")
        assert await listed(service) == [] == await service.facts(ComplaintOpened)


async def test_who_sees_it_and_by_what_it_is_found(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        first, second, third = [(await objected(service))["id"] for _ in range(3)]
        fault = await say(service, await beyond_the_rules(service), "confirmation", confirmed=True)
        fault_id = fault.json()["internal_id"]
        stranger = as_role("salesperson", await service.colleague("salesperson"))

        assert await listed(service) == [fault_id, third, second, first], "the latest first"
        assert await listed(service, type="process", against_id=str(LOGISTICS)) == [third, second, first]
        assert await listed(service, type="fault", accountable_id=str(SALESPERSON)) == [fault_id]
        assert await listed(service, department_id=str(DEPARTMENT), state="open") == [third, second, first]
        assert await listed(service, state="closed") == []
        for who in (ZHOU, as_role("logistics_manager", ZHENG)):
            assert (await listed(service, who, type="process")) == [third, second, first]
        assert await listed(service, stranger) == []
        hidden = await service.http.get(f"/complaints/v1/internal/{first}", headers=stranger)
        assert slug(hidden) == (404, "internal-not-found")
        page = (await service.get("/internal", limit=3)).json()
        rest = (await service.get("/internal", limit=3, cursor=page["next"])).json()
        assert [each["id"] for each in (*page["items"], *rest["items"])] == [fault_id, third, second, first]
        assert rest["next"] is None


async def test_it_goes_through_the_same_steps_in_their_order(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        id_ = (await objected(service))["id"]
        accepted = await service.http.post(f"/complaints/v1/complaints/{id_}/accept", json={}, headers=ADMINISTRATION)
        assert accepted.status_code == 200, accepted.text

        async def step(name: str, by: dict[str, str]) -> httpx.Response:
            path = f"/complaints/v1/complaints/{id_}/steps/{name}"
            return await service.http.post(path, json={"text": "done"}, headers=by)

        zheng, li = as_role("logistics_manager", ZHENG), as_role("cs_specialist", SPECIALIST)
        assert slug(await step("execute", zheng)) == (409, "step-skipped")
        for name, who in (("investigate", li), ("propose", zheng), ("execute", zheng)):
            assert slug(await step(name, who)) == (200, ""), name
        assert slug(await step("inspect", zheng)) == (403, "own-case")
        for name in ("inspect", "settle"):
            assert slug(await step(name, ADMINISTRATION)) == (200, ""), name
        await service.move(id_, "resolve")
        assert (await service.refused(f"/complaints/{id_}/close", {})) == (409, "steps-missing")
        await service.move(id_, "reply")
        closed = await service.move(id_, "close")
        assert closed["state"] == "closed"
        assert await listed(service, state="closed") == [id_]


async def test_the_general_manager_judges_what_is_against_administration(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        clerk = await service.colleague("admin_dept")
        against = {"type": "person", "id": str(clerk)}
        id_ = (await objected(service, as_role("logistics_manager", ZHENG), against=against))["id"]
        path = f"/complaints/v1/complaints/{id_}/judgement"
        body = {"valid": True, "good_faith": True, "reasons": "属实"}

        assert slug(await service.http.post(path, json=body, headers=as_role("admin_dept", clerk))) == (403, "own-case")
        assert slug(await service.http.post(path, json=body, headers=ADMINISTRATION)) == (403, "forbidden")
        judged = await service.http.post(path, json=body, headers=as_role("general_manager", GENERAL))

        assert judged.status_code == 200, judged.text
        assert (await service.get(f"/internal/{id_}")).json()["valid"] is True


async def test_whoever_of_administration_records_one_has_accepted_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        clerk = await service.colleague("admin_dept")

        by_clerk = await objected(service, as_role("admin_dept", clerk), against={"type": "person", "id": str(ZHENG)})
        by_zhou = await objected(service)

        assert (by_clerk["accepted_by"], by_zhou["accepted_by"]) == (str(clerk), None)


async def test_one_that_was_recorded_as_any_other_case_is_listed_too(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        recorded = await service.record(kind="internal", complainant=None, against={"type": "company"})
        await service.record()
        assert await listed(service) == []

        await service.hear_own()

        assert await listed(service, type="other") == [recorded["id"]]


async def test_it_costs_what_any_case_costs(fresh_database: FreshDatabase) -> None:
    """No answer in time is proposed against whom it told first, accepting against nobody: it is administration's."""
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        id_ = (await objected(service))["id"]
        await service.hear_own()
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()
        await service.hear_own()

        proposed = [(str(fact.complaint_id), fact.rule) for fact in await service.facts(PenaltyProposed)]
        assert proposed == [(id_, "unanswered")]


async def test_nothing_that_was_said_lies_open(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        await objected(service, text="小雨的货总是迟到")
        rows = await service.database.fetch(
            "SELECT c::text || i::text AS row FROM complaint c JOIN internal_case i ON i.complaint_id = c.id"
        )
        events = await service.database.fetch("SELECT data::text AS row FROM event_log")
        assert "小雨" not in "".join(row["row"] for row in (*rows, *events))


async def test_what_it_is_about_is_put_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        id_ = (await objected(service))["id"]
        fault = await say(service, await beyond_the_rules(service), "confirmation", confirmed=True)
        fault_id = fault.json()["internal_id"]
        plain = (await service.record())["id"]

        async def correct(which: str, by: dict[str, str] = ADMINISTRATION, **fields: Any) -> httpx.Response:
            body = {"reason": "登记错了", **fields}
            return await service.http.post(f"/complaints/v1/internal/{which}/correction", json=body, headers=by)

        assert slug(await correct(id_, ZHOU, type="service")) == (403, "forbidden")
        assert slug(await correct(id_, type="process")) == (422, "nothing-to-correct")
        assert slug(await correct(id_, type="fault")) == (409, "not-of-this-type")
        assert slug(await correct(fault_id, type="other")) == (409, "not-of-this-type")
        assert slug(await correct(id_, type="diversion")) == (409, "not-of-this-type"), "it is against a department"
        assert slug(await correct(id_, region_id=str(new_id()))) == (422, "unknown-region")
        assert slug(await correct(plain, type="other")) == (404, "internal-not-found")
        assert slug(await correct(str(new_id()), type="other")) == (404, "no-such-complaint")

        right = await correct(id_, type="service", found_in="call")

        assert (right.json()["type"], right.json()["found_in"]) == ("service", "call")
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        last = [entry for entry in history if entry["what"] == "corrected"][-1]
        assert (last["text"], last["changes"]["type"]) == ("登记错了", {"from": "process", "to": "service"})
        entries = {"made_by": None, "what": "internal.corrected", "subject": None}
        assert [str(each.subject) for each in await newest_first(service.database, entries, None, 9)] == [id_]


async def test_partners_record_what_customers_say_and_nothing_internal(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        body = case(kind="internal")
        answer = await service.http.post("/complaints/v1/complaints", json=body, headers=as_role("partner", new_id()))
        assert slug(answer) == (403, "forbidden")
        assert (await service.post("/complaints", body)).status_code == 201


async def test_administration_hears_that_nobody_has_accepted_it_and_sees_until_when(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        clerk = await service.colleague("admin_dept")
        id_ = (await objected(service))["id"]
        await service.hear_own()

        [due] = [each for each in await deadlines(service, "admin_dept", clerk) if each["kind"] == "accept"]
        assert (due["complaint_id"], due["due_at"], due["overdue"]) == (id_, "2026-11-04T01:30:00Z", False)
        handler = UUID((await service.read(id_))["handler"]["id"])
        assert "accept" not in {each["kind"] for each in await deadlines(service, "cs_specialist", handler)}

        service.clock.forward(timedelta(minutes=31))
        await service.run_loops()
        [missed] = [fact for fact in await service.facts(ComplaintClockMissed) if fact.clock == "accept"]
        assert missed.staff_id == clerk, "who may accept it is told, not the customer-service manager"
        [late] = [each for each in await deadlines(service, "admin_dept", clerk) if each["kind"] == "accept"]
        assert late["overdue"] is True


async def test_judging_it_is_accepting_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        id_ = (await objected(service))["id"]
        await service.hear_own()
        body = {"valid": True, "good_faith": True, "reasons": "属实"}

        answer = await service.http.post(
            f"/complaints/v1/complaints/{id_}/judgement", json=body, headers=ADMINISTRATION
        )

        assert answer.status_code == 200, answer.text
        read = (await service.get(f"/internal/{id_}")).json()
        assert read["accepted_by"] == "01900000-0000-7000-8000-00000000c001"
        service.clock.forward(timedelta(minutes=31))
        await service.run_loops()
        assert [fact for fact in await service.facts(ComplaintClockMissed) if fact.clock == "accept"] == []


async def deadlines(service: Complaints, role: str, staff_id: UUID) -> list[dict[str, Any]]:
    answer = await service.http.get("/complaints/v1/me", headers=as_role(role, staff_id))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["deadlines"]
    return found


async def test_of_a_case_against_the_first_of_administration_the_general_manager_hears(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        await with_logistics(service)
        clerk = await service.colleague("admin_dept")
        await objected(service, as_role("logistics_manager", ZHENG), against={"type": "person", "id": str(clerk)})
        await service.hear_own()

        service.clock.forward(timedelta(minutes=31))
        await service.run_loops()

        [missed] = [fact for fact in await service.facts(ComplaintClockMissed) if fact.clock == "accept"]
        assert missed.staff_id == GENERAL
