"""Reading cases: whole, in lists, and by whom."""

from typing import Any
from uuid import UUID

from shared.contracts.customers import StaffListed
from shared.ids import new_id
from tests.complaints.building import MANAGER, SALESPERSON, SPECIALIST, as_role, complaints
from tests.postgres import FreshDatabase


async def test_what_was_said_comes_back_and_lies_sealed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(wish="换新", purchase_id=str(new_id()), happened_at="2026-11-03T10:00:00+08:00")

        read = await service.get(f"/complaints/{opened['id']}")

        found = read.json()
        assert read.headers["ETag"] == '"1"'
        assert found["text"] == "开封后变色"
        assert found["wish"] == "换新"
        assert found["complainant"] == {"name": "王小姐", "contact": "+8613800000000", "masked": False}
        assert found["against"] == {"type": "product", "id": None, "name": "面霜"}
        assert found["happened_at"] == "2026-11-03T02:00:00Z"
        assert found["rounds"] == [
            {
                "round": 1,
                "started_at": "2026-11-04T01:00:00Z",
                "answer_due_at": "2026-11-04T05:00:00Z",
                "answered_at": None,
                "resolved_at": None,
                "closed_at": None,
                "overdue": False,
                "escalation_level": 0,
            }
        ]
        rows = await service.database.fetch("SELECT c::text AS everything FROM complaint c")
        log = await service.database.fetch("SELECT data::text AS everything FROM event_log")
        for row in (*rows, *log):
            for personal in ("王小姐", "13800000000", "变色", "面霜", "换新"):
                assert personal not in row["everything"]


async def test_colleagues_see_the_cases_of_their_own_customers(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        served = await service.customer(team={"salesperson": SALESPERSON, "cs_specialist": SPECIALIST})
        foreign = await service.customer()
        mine, other = await service.record(served), await service.record(foreign)
        me = as_role("salesperson", SALESPERSON)

        async def status(path: str) -> int:
            return (await service.http.get(f"/complaints/v1/{path}", headers=me)).status_code

        assert await status(f"complaints/{mine['id']}") == 200
        assert await status(f"complaints/{other['id']}") == 404
        assert await status(f"complaints/{mine['id']}/history") == 200
        assert await status(f"complaints/{other['id']}/history") == 404
        assert await status(f"complaints?customer_id={served}") == 200
        listed = await service.http.get("/complaints/v1/complaints", headers=me)
        assert [item["id"] for item in listed.json()["items"]] == [mine["id"]]
        assert await status("queue") == 403
        answer = await service.http.get(f"/complaints/v1/complaints?customer_id={foreign}", headers=me)
        assert answer.json() == {"items": [], "next": None}


async def test_managers_see_the_cases_of_their_peoples_customers(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        boss, seller, stranger = new_id(), new_id(), new_id()
        await service.given(
            StaffListed(staff_id=boss, name="boss", role="sales_manager"),
            StaffListed(staff_id=seller, name="seller", role="cs_specialist", supervisor_id=boss),
        )  # who handles a case, and whose token says less
        by_seller = await service.customer(team={"salesperson": seller, "cs_specialist": new_id()})
        by_department = await service.customer(team={"salesperson": SALESPERSON})
        cases = [(await service.record(customer))["id"] for customer in (by_seller, by_department)]
        answers_for = (await service.record())["id"]
        assigned = await service.http.put(
            f"/complaints/v1/complaints/{answers_for}/responsible",
            json={"staff_id": str(seller)},
            headers={"If-Match": "*"},
        )
        assert assigned.status_code == 200, assigned.text

        async def seen_by(role: str, who: UUID) -> list[bool]:
            headers = as_role(role, who)
            paths = [f"/complaints/v1/complaints/{id_}" for id_ in (*cases, answers_for)]
            return [(await service.http.get(path, headers=headers)).status_code == 200 for path in paths]

        assert await seen_by("sales_manager", boss) == [True, False, True]
        assert await seen_by("salesperson", seller) == [True, False, True]
        assert await seen_by("brand_manager", MANAGER) == [False, True, False]
        assert await seen_by("sales_manager", stranger) == [False, False, False]
        listed = await service.http.get(
            f"/complaints/v1/complaints?customer_id={by_seller}", headers=as_role("sales_manager", boss)
        )
        assert [item["id"] for item in listed.json()["items"]] == [cases[0]]


async def test_an_unknown_case_is_not_there(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        answer = await service.get(f"/complaints/{new_id()}")
        malformed = await service.get("/complaints/17")

        assert (answer.status_code, answer.json()["slug"]) == (404, "no-such-complaint")
        assert (malformed.status_code, malformed.json()["errors"][0]["pointer"]) == (422, "path/id")


async def test_the_list_is_paged_and_filtered(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        recorded = [(await service.record(customer if n % 2 else None))["id"] for n in range(7)]
        await service.move(recorded[1], "answer")

        async def walk(**filters: Any) -> list[str]:
            found: list[str] = []
            while True:
                page = (await service.get("/complaints", limit=2, **filters)).json()
                assert len(page["items"]) <= 2
                found += [item["id"] for item in page["items"]]
                if page["next"] is None:
                    return found
                filters["cursor"] = page["next"]

        newest_first = recorded[::-1]
        assert await walk() == newest_first
        assert await walk(customer_id=str(customer)) == [recorded[5], recorded[3], recorded[1]]
        assert await walk(state="answered") == [recorded[1]]
        assert await walk(customer_id=str(customer), state="open") == [recorded[5], recorded[3]]
        number = (await service.read(recorded[2]))["number"]
        assert await walk(number=number) == [recorded[2]]
        assert await walk(number=f"\u202a{number.replace('-', '－')}\u202c") == [recorded[2]]
        assert await walk(number="C20261104-999999") == []


async def test_a_page_is_asked_for_sensibly(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for _ in range(2):
            await service.record()
        cursor = (await service.get("/complaints", limit=1)).json()["next"]

        asked: list[tuple[dict[str, Any], int]] = [
            ({"limit": 0}, 422),
            ({"limit": 501}, 422),
            ({"limit": "many"}, 422),
            ({"state": "lost"}, 422),
            ({"number": "a\x00"}, 422),
            ({"cursor": "forged"}, 400),
            ({"cursor": cursor, "state": "open"}, 400),
        ]
        for params, status in asked:
            assert (await service.get("/complaints", **params)).status_code == status, params
        assert (await service.get("/queue", cursor=cursor)).status_code == 400


async def test_ids_of_customers_are_read_as_what_they_are(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer("B")
        opened = await service.record(customer)

        read = await service.read(opened["id"])

        assert UUID(read["customer_id"]) == customer
        assert UUID(read["responsible_id"]) == SPECIALIST
        assert read["tier"] == "B"
