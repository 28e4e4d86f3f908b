"""Links between cases: made, undone, children that hold their parent open."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from shared.audit import newest_first
from shared.contracts.complaints import ComplaintLinked
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)


async def linked(service: Complaints, id_: str, other_id: str, relation: str) -> dict[str, Any]:
    answer = await service.post(f"/complaints/{id_}/links", {"other_id": other_id, "relation": relation})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def links(service: Complaints, id_: str) -> list[tuple[str, str]]:
    """How which other cases belong to it."""
    items = (await service.get(f"/complaints/{id_}/links")).json()["items"]
    return [(each["relation"], each["other_id"]) for each in items]


async def suggestion(service: Complaints) -> str:
    """A case that needs no steps to be closed."""
    return str((await service.record(kind="suggestion"))["id"])


async def test_a_link_is_seen_from_both_cases_and_undone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second = [await suggestion(service) for _ in range(2)]
        service.clock.forward(HOUR)

        made = await linked(service, first, second, "related")

        assert await links(service, first) == [("related", second)]
        assert await links(service, second) == [("related", first)]
        taken = {"other_id": first, "relation": "related"}
        assert await service.refused(f"/complaints/{second}/links", taken) == (409, "linked-already")
        await linked(service, second, first, "duplicate")
        path = f"/complaints/v1/complaints/{first}/links/{made['id']}"
        service.clock.forward(HOUR)
        assert (await service.http.delete(path)).status_code == 204
        assert await links(service, first) == [("duplicate", second)]
        again = await service.http.delete(path)
        assert (again.status_code, again.json()["slug"]) == (404, "no-such-link")
        await linked(service, second, first, "related")

        told = [(str(each.complaint_id), each.relation, each.undone) for each in await service.facts(ComplaintLinked)]
        assert told == [
            (first, "related", False),
            (second, "duplicate", False),
            (first, "related", True),
            (second, "related", False),
        ]
        entries = (await service.get(f"/complaints/{first}/history")).json()["items"]
        number = (await service.read(second))["number"]
        assert [datetime.fromisoformat(entry["at"]) - START for entry in entries] == [HOUR, 2 * HOUR]
        assert [(entry["what"], entry["changes"]) for entry in entries] == [
            ("linked", {"related": {"from": None, "to": number}}),
            ("unlinked", {"related": {"from": number, "to": None}}),
        ]
        audited = await newest_first(service.database, {"made_by": None, "what": None, "subject": None}, None, 10)
        assert [each.what for each in audited][:2] == ["complaint.linked", "complaint.unlinked"]


async def test_an_open_child_holds_its_parent_open(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        parent, first, second = [await suggestion(service) for _ in range(3)]
        made = await linked(service, parent, first, "child")
        await linked(service, parent, second, "child")
        assert await links(service, first) == [("parent", parent)]
        assert (await service.read(first))["parent_id"] == parent
        await service.move(parent, "resolve")

        refused = await service.post(f"/complaints/{parent}/close", {})

        numbers = [(await service.read(id_))["number"] for id_ in (first, second)]
        assert (refused.status_code, refused.json()["slug"]) == (409, "children-open")
        assert refused.json()["open_children"] == numbers
        assert (await service.read(parent))["state"] == "resolved"
        await service.move(second, "resolve")
        await service.move(second, "close")
        assert await service.refused(f"/complaints/{parent}/close", {}) == (409, "children-open")
        await service.http.delete(f"/complaints/v1/complaints/{parent}/links/{made['id']}")
        assert (await service.read(first))["parent_id"] is None
        await service.move(parent, "close")
        told = [(str(each.complaint_id), each.relation) for each in await service.facts(ComplaintLinked)]
        assert told == [
            (parent, "child"), (first, "parent"), (parent, "child"), (second, "parent"), (parent, "child"),
            (first, "parent"),
        ]  # fmt: skip


async def ended(service: Complaints) -> tuple[str, str]:
    """A parent and its child, both closed."""
    parent, child = [await suggestion(service) for _ in range(2)]
    await linked(service, parent, child, "child")
    for id_ in (child, parent):
        await service.move(id_, "resolve")
        await service.move(id_, "close")
    return parent, child


async def test_a_child_is_opened_again_after_its_parent(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        parent, child = await ended(service)
        number = (await service.read(parent))["number"]

        refused = await service.post(f"/complaints/{child}/reopen", {})

        assert (refused.status_code, refused.json()["slug"]) == (409, "parent-closed")
        assert refused.json()["detail"] == f"reopen {number} first, or undo the link to it"
        assert [(await service.read(id_))["state"] for id_ in (parent, child)] == ["closed", "closed"]
        await service.move(parent, "reopen")
        await service.move(child, "reopen")
        await service.move(parent, "resolve")
        assert await service.refused(f"/complaints/{parent}/close", {}) == (409, "children-open")


async def test_a_dissatisfied_child_of_a_parent_that_has_ended_goes_on_by_itself(fresh_database: FreshDatabase) -> None:
    """Its complainant is not sent away, and the parent's, who is satisfied, is not asked anew."""
    async with complaints(fresh_database) as service:
        parent, child = await ended(service)

        judged = await service.post(f"/complaints/{child}/satisfaction", {"perceived": 3, "expected": 8})

        assert (judged.status_code, judged.json()["state"], judged.json()["round"]) == (200, "open", 2)
        assert ((await service.read(child))["parent_id"], (await service.read(parent))["state"]) == (None, "closed")
        assert await links(service, child) == await links(service, parent) == []
        told = [(str(fact.complaint_id), fact.relation, fact.undone) for fact in await service.facts(ComplaintLinked)]
        assert told[2:] == [(parent, "child", True), (child, "parent", True)]
        for id_, relation, other in ((parent, "child", child), (child, "parent", parent)):
            entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
            number = (await service.read(other))["number"]
            [undone] = [entry for entry in entries if entry["what"] == "unlinked"]
            assert (undone["changes"], undone["entered_by"]) == ({relation: {"from": number, "to": None}}, None)


async def test_no_parent_ends_in_the_instant_in_which_its_child_is_opened_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for _ in range(8):
            parent, child = [await suggestion(service) for _ in range(2)]
            await linked(service, parent, child, "child")
            for id_, movement in ((child, "resolve"), (child, "close"), (parent, "resolve")):
                await service.move(id_, movement)

            answers = await asyncio.gather(
                service.post(f"/complaints/{parent}/close", {}), service.post(f"/complaints/{child}/reopen", {})
            )

            assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_child_has_one_parent_and_none_below_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        top, middle, bottom, other, closed = [await suggestion(service) for _ in range(5)]
        await linked(service, top, middle, "child")
        await linked(service, middle, bottom, "child")
        await service.move(closed, "resolve")
        await service.move(closed, "close")

        async def refused(id_: str, other_id: object, relation: str = "child") -> tuple[int, str]:
            return await service.refused(f"/complaints/{id_}/links", {"other_id": str(other_id), "relation": relation})

        assert await refused(other, middle) == (409, "has-parent")
        assert await refused(bottom, top) == (409, "linked-in-a-ring")
        assert await refused(closed, other) == (409, "wrong-state")
        assert await refused(top, top) == (422, "linked-to-itself")
        assert await refused(top, new_id(), "related") == (422, "unknown-complaint")
        assert await refused(str(new_id()), top, "related") == (404, "no-such-complaint")
        assert await refused(top, other, "parent") == (422, "invalid")
        assert await links(service, other) == []
        assert (await service.read(top))["parent_id"] is None


async def test_links_of_two_cases_made_at_once_from_both_sides_are_one(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        one, other = [await suggestion(service) for _ in range(2)]

        answers = await asyncio.gather(
            *(
                service.post(f"/complaints/{id_}/links", {"other_id": of, "relation": "child"})
                for id_, of in ((one, other), (other, one), (one, other))
            )
        )

        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        assert len(await links(service, one)) == 1


async def test_four_links_at_once_make_no_ring(fresh_database: FreshDatabase) -> None:
    """Each alone is right, and they have no case in common; a ring could never be closed."""
    async with complaints(fresh_database) as service:
        for _ in range(5):
            one, two, three, four = [await suggestion(service) for _ in range(4)]
            await linked(service, one, two, "child")
            await linked(service, three, four, "child")

            answers = await asyncio.gather(
                *(
                    service.post(f"/complaints/{id_}/links", {"other_id": of, "relation": "child"})
                    for id_, of in ((two, three), (four, one))
                )
            )

            assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_customer_service_links_and_others_see(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer(team={"cs_specialist": SPECIALIST, "salesperson": SALESPERSON})
        first, second = [(await service.record(customer))["id"] for _ in range(2)]
        await linked(service, first, second, "related")
        seller = as_role("salesperson", SALESPERSON)
        stranger = as_role("salesperson", await service.colleague("salesperson"))

        path = f"/complaints/v1/complaints/{first}/links"
        assert len((await service.http.get(path, headers=seller)).json()["items"]) == 1
        assert (await service.http.get(path, headers=stranger)).status_code == 404
        body = {"other_id": second, "relation": "duplicate"}
        assert (await service.http.post(path, json=body, headers=seller)).status_code == 403


async def test_a_ring_is_found_however_far_it_goes(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        line = [await suggestion(service) for _ in range(53)]
        for above, below in pairwise(line):
            await linked(service, above, below, "child")

        ring = {"other_id": line[0], "relation": "child"}
        assert await service.refused(f"/complaints/{line[-1]}/links", ring) == (409, "linked-in-a-ring")
