"""Doing the same with many cases: each by itself, with a result for each."""

from typing import Any

from services.complaints.bulk.domain import MOST
from shared.contracts.complaints import ComplaintAssigned, ComplaintClosed
from shared.ids import new_id
from tests.complaints.building import SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.postgres import FreshDatabase


async def many(service: Complaints, what: str, ids: list[str], **fields: Any) -> dict[str, tuple[int, str | None]]:
    answer = await service.post(f"/bulk/{what}", {"ids": ids, **fields})
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["id"] for item in items] == list(dict.fromkeys(ids)), "in the order in which they were named"
    return {item["id"]: (item["status"], (item["problem"] or {}).get("slug")) for item in items}


async def test_many_cases_are_assigned_each_by_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second = [(await service.record())["id"] for _ in range(2)]
        unknown = str(new_id())

        became = await many(service, "assign", [first, unknown, second, first], staff_id=str(SUPERVISOR))

        assert became == {first: (200, None), unknown: (404, "no-such-complaint"), second: (200, None)}
        assert len(await service.facts(ComplaintAssigned)) == 2
        assert (await service.read(first))["responsible_id"] == str(SUPERVISOR)
        nobody = await many(service, "assign", [first], staff_id=str(new_id()))
        assert nobody == {first: (422, "unknown-staff")}


async def test_what_cannot_be_closed_holds_up_no_other(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        waiting = (await service.record())["id"]
        done = (await service.record(kind="enquiry"))["id"]
        await service.move(done, "answer")
        await service.move(done, "resolve")

        became = await many(service, "close", [waiting, done], text="办结")

        assert became[waiting] == (409, "wrong-state")
        assert became[done] == (200, None)
        assert len(await service.facts(ComplaintClosed)) == 1
        again = await many(service, "close", [done])
        assert again[done] == (409, "wrong-state")


async def test_many_cases_are_linked_to_one(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        parent, first, second = [(await service.record())["id"] for _ in range(3)]
        unknown = str(new_id())

        became = await many(service, "link", [first, unknown, parent, second], complaint_id=parent, relation="child")

        assert became == {
            first: (200, None),
            unknown: (422, "unknown-complaint"),
            parent: (422, "linked-to-itself"),
            second: (200, None),
        }
        found = (await service.get(f"/complaints/{parent}/links")).json()["items"]
        assert [(each["relation"], each["other_id"]) for each in found] == [("child", first), ("child", second)]
        assert (await service.read(second))["parent_id"] == parent
        again = await many(service, "link", [first], complaint_id=parent, relation="child")
        assert again == {first: (409, "linked-already")}
        nowhere = await many(service, "link", [first], complaint_id=unknown, relation="related")
        assert nowhere == {first: (404, "no-such-complaint")}
        me = as_role("salesperson", SPECIALIST)
        body = {"ids": [first], "complaint_id": parent, "relation": "related"}
        refused = await service.http.post("/complaints/v1/bulk/link", json=body, headers=me)
        assert refused.status_code == 403, "as for one case alone"


async def test_a_request_takes_a_bounded_number_of_cases(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        ids = [str(new_id()) for _ in range(MOST + 1)]

        assert await service.refused("/bulk/close", {"ids": ids}) == (422, "invalid")
        assert await service.refused("/bulk/close", {"ids": []}) == (422, "invalid")
        assert set((await many(service, "close", ids[:MOST])).values()) == {(404, "no-such-complaint")}
        me = as_role("cs_specialist", SPECIALIST)
        body = {"ids": ids[:1], "staff_id": str(SUPERVISOR)}
        refused = await service.http.post("/complaints/v1/bulk/assign", json=body, headers=me)
        assert refused.status_code == 403, "as for one case alone"
