"""A desk written against the description alone: whatever it sends and shows stands in the OpenAPI document."""

from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import StoreListed
from tests.complaints.building import CS_MANAGER, SPECIALIST, SUPERVISOR, as_role, complaints
from tests.described import Desk, Shown
from tests.postgres import FreshDatabase


def line_of(case: Shown) -> str:
    """A case as a desk shows it in a line."""
    who = case["customer_name"] or case["complainant_name"] or "—"
    handler = case["handler"]
    return " | ".join(
        (
            case["number"],
            case["tier"] or "?",
            who,
            case["subject_name_zh"],
            handler["name"] if handler is not None else "—",
            "paused" if case["paused"] else "late" if case["overdue"] else case["answer_due_at"],
        )
    )


async def test_a_desk_finds_all_it_needs_in_the_description(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        document = (await service.http.get("/complaints/openapi.json")).json()
        specialist = Desk(service.http, document, as_role("cs_specialist", SPECIALIST))
        manager = Desk(service.http, document, as_role("cs_manager", CS_MANAGER))
        store = await service.customer("A")
        await service.given(StoreListed(customer_id=store, name="丽人美容院", external_no="S-17"))
        [subject] = [each["code"] for each in await specialist.all("list_subjects") if each["name_en"] == "Delivery"]

        caller = {"name": "王小姐", "contact": "13800000000"}
        late = await specialist.do(
            "record_complaint", {"customer_id": str(store), "subject": "product", "text": "变色"}
        )
        stray = await specialist.do("record_complaint", {"complainant": caller, "subject": subject, "text": "送货慢了"})
        await service.deliver(await service.events(ComplaintOpened))

        queue = [line_of(case) for case in await specialist.all("read_queue", limit=1)]
        assert queue == [
            f"{late['number']} | A | 丽人美容院 | 产品 | cs_specialist | 2026-11-04T05:00:00Z",
            f"{stray['number']} | ? | 王小姐 | 配送 | cs_manager | 2026-11-04T05:00:00Z",
        ]
        mine = [case["number"] for case in await specialist.all("read_queue", mine=True, sort="due")]
        assert mine == [late["number"]]
        for sought in (
            {"q": "送货慢"},
            {"phone": "13800000000"},
            {"number_part": stray["number"][-4:]},
            {"subject": subject, "channel": "line", "recorded_from": "2026-11-04"},
        ):
            [found] = await specialist.all("list_complaints", **sought)
            assert found["number"] == stray["number"], sought
        [at_store] = await specialist.all("list_complaints", store="丽人")
        assert at_store["handler"]["name"] == "cs_specialist"

        whole = await specialist.do("read_complaint", id=late["id"])
        assert (whole["text"], whole["rounds"].value[0]["round"]) == ("变色", 1)
        await specialist.do("write_note", {"text": "客户急"}, id=late["id"])
        assert [note["text"] for note in await specialist.all("list_notes", id=late["id"])] == ["客户急"]
        outcomes = await manager.do("assign_many", {"ids": [late["id"], stray["id"]], "staff_id": str(SUPERVISOR)})
        assert [each["status"] for each in outcomes["items"]] == [200, 200]
        await manager.do("correct_complaint", {"subject": subject, "reason": "说错了"}, id=late["id"])
        await specialist.do("answer_complaint", {"text": "今天送到"}, id=stray["id"])

        ahead = [(step["step"], step["may"]) for step in await specialist.all("list_steps_ahead", id=stray["id"])]
        assert ahead[:4] == [("investigate", True), ("propose", True), ("execute", False), ("inspect", False)]

        supervisor = Desk(service.http, document, as_role("cs_specialist", SUPERVISOR))
        me = await supervisor.do("read_me")
        assert [case["number"] for case in me["cases"]] == [late["number"], stray["number"]]
        assert [due["number"] for due in me["deadlines"] if due["kind"] == "answer"] == [late["number"]]
        counted = await manager.do("read_counters")
        assert (counted["every"]["open"], counted["every"]["by_tier"].value["A"]) == (1, 1)
        told = [entry["what"] for entry in await manager.all("read_complaint_history", id=late["id"])]
        assert {"note", "assigned", "corrected"} <= set(told)
