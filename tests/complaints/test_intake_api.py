"""Recording and reading cases: each route happy, refused, invalid, foreign and repeated."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import CustomerRegistered, StaffListed
from shared.errors import ErrorKind
from shared.ids import new_id
from tests.complaints.building import MANAGER, SALESPERSON, SPECIALIST, as_role, case, complaints
from tests.postgres import FreshDatabase
from tests.support import START


async def test_what_was_said_comes_back_and_lies_sealed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(wish="换新", purchase_id=str(new_id()), happened_at="2026-11-03T10:00:00+08:00")

        read = await service.get(f"/complaints/{opened['id']}")

        found = read.json()
        assert read.headers["ETag"] == '"1"'
        assert found["text"] == "开封后变色"
        assert found["wish"] == "换新"
        assert found["complainant"] == {"name": "王小姐", "contact": "+8613800000000"}
        assert found["against"] == {"type": "product", "id": None, "name": "面霜"}
        assert found["happened_at"] == "2026-11-03T02:00:00+00:00"
        assert found["rounds"] == [
            {
                "round": 1,
                "started_at": "2026-11-04T01:00:00+00:00",
                "answer_due_at": "2026-11-04T05:00:00+00:00",
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


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"subject": "weather"}, 422, "unknown-subject"),
    ({"complainant": None}, 422, "complainant-missing"),
    ({"customer_id": "nobody"}, 422, "invalid"),
    ({"kind": "rant"}, 422, "invalid"),
    ({"text": " "}, 422, "invalid"),
    ({"text": "x" * 10_001}, 422, "invalid"),
    ({"text": "a\x00b"}, 422, "invalid"),
    ({"channel": "Line One"}, 422, "invalid"),
    ({"against": {"type": "person"}}, 422, "invalid"),
    ({"against": {"type": "person", "id": "1"}}, 422, "invalid"),
    ({"surprise": 1}, 422, "invalid"),
    ({"happened_at": "2026-11-05T00:00:00Z"}, 422, "time-not-allowed"),
    ({"happened_at": "1066-10-14T00:00:00Z"}, 422, "time-not-allowed"),
    ({"happened_at": "2026-11-03T00:00:00"}, 422, "invalid"),
    ({"happened_at": 0}, 422, "invalid"),
    ({"happened_at": "0001-01-01T00:00:00+14:00"}, 422, "invalid"),
    ({"recorded_at": "2026-11-05T00:00:00Z"}, 422, "time-not-allowed"),
    ({"recorded_at": "1900-01-01T00:00:00Z"}, 422, "time-not-allowed"),
    ({"complainant": {"name": "王", "contact": "x"}}, 422, "invalid"),
]


async def test_bad_input_is_told_clearly_and_nothing_is_written(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for changes, status, slug in BAD:
            answer = await service.post("/complaints", case(**changes))

            assert (answer.status_code, answer.json()["slug"]) == (status, slug), changes
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert await service.database.fetchval("SELECT count(*) FROM complaint") == 0
        assert await service.database.fetchval("SELECT count(*) FROM event_log") == 0


@pytest.mark.parametrize(
    "content, kind, status",
    [
        (b'{"text": ', "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b'{"text": "\\ud800", "subject": "product"}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b'{"text": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
async def test_an_unreadable_body_is_told(
    fresh_database: FreshDatabase, content: bytes, kind: str, status: int
) -> None:
    async with complaints(fresh_database) as service:
        answer = await service.http.post("/complaints/v1/complaints", content=content, headers={"Content-Type": kind})

        assert answer.status_code == status, answer.text


async def test_an_unknown_customer_is_waited_for(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = new_id()
        recording = asyncio.create_task(service.post("/complaints", case(customer)))
        await asyncio.sleep(0)
        registered = {"customer_id": customer, "kind": "store", "tier": "C", "registered_at": START}

        await service.given(CustomerRegistered.model_validate(registered))

        answer = await recording
        assert answer.status_code == 201, answer.text
        assert answer.json()["tier"] == "C"


async def test_a_customer_nobody_heard_of_is_refused_after_a_while(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        answer = await service.post("/complaints", case(new_id()), **{"Idempotency-Key": "once"})

        assert answer.status_code == 422
        assert answer.json()["slug"] == "unknown-customer"
        assert answer.json()["errors"][0]["pointer"] == "#/customer_id"
        assert await service.database.fetchval("SELECT count(*) FROM idempotency_key") == 0


async def test_the_same_request_has_the_same_answer(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        body, customer = case(), await service.customer("A")
        body = case(customer)
        first = await service.post("/complaints", body, **{"Idempotency-Key": "k1"})
        service.clock.forward(timedelta(hours=1))
        await service.tier_moves(customer, "C")

        again = await service.post("/complaints", body, **{"Idempotency-Key": "k1"})
        other = await service.post("/complaints", case(customer, text="something else"), **{"Idempotency-Key": "k1"})

        assert again.status_code == 201
        assert again.json() == first.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (other.status_code, other.json()["slug"]) == (422, "idempotency-key-reused")
        assert len(await service.facts(ComplaintOpened)) == 1


async def test_the_same_key_at_once_records_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        body = case(await service.customer())

        answers = await asyncio.gather(
            *(service.post("/complaints", body, **{"Idempotency-Key": f"k{n % 5}"}) for n in range(40))
        )

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 5
        assert await service.database.fetchval("SELECT count(*) FROM complaint") == 5
        assert len(await service.facts(ComplaintOpened)) == 5


async def test_many_at_once_are_all_recorded_with_numbers_of_their_own(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customers = [await service.customer(tier) for tier in "ABCD"]

        answers = await asyncio.gather(
            *(service.post("/complaints", case(customers[n % 4], text=f"case {n}")) for n in range(120))
        )

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["number"] for answer in answers}) == 120
        assert [answer.json()["tier"] for answer in answers] == ["A", "B", "C", "D"] * 30
        for n in (0, 57, 119):
            assert (await service.read(answers[n].json()["id"]))["text"] == f"case {n}"


async def test_one_bad_case_of_a_group_harms_nobody_else(fresh_database: FreshDatabase) -> None:
    """Group commit: the database refuses one row, the others are written one by one."""
    async with complaints(fresh_database) as service:
        await service.database.execute("ALTER TABLE complaint ADD CHECK (channel <> 'cursed')")

        answers = await asyncio.gather(
            *(service.post("/complaints", case(channel="cursed" if n == 7 else "line")) for n in range(30))
        )

        statuses = [answer.status_code for answer in answers]
        assert statuses.count(201) == 29
        assert statuses[7] == 500
        assert await service.database.fetchval("SELECT count(*) FROM complaint") == 29


async def test_a_changed_rulebook_is_seen_by_a_process_that_knew_the_old_one(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record()
        async with service.database.transaction() as elsewhere:
            await elsewhere.execute("UPDATE rulebook SET revision = revision + 1")
            await elsewhere.execute(
                "INSERT INTO clock_policy SELECT 2, $1, 60, NULL, NULL, 'always', starts_at, created_at, NULL "
                "FROM clock_policy",
                new_id(),
            )

        opened = await service.record()

        assert opened["answer_due_at"] == "2026-11-04T01:01:00+00:00"


async def test_partners_record_and_follow_and_see_nothing_else(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        partner = as_role("partner", new_id())
        recorded = await service.http.post("/complaints/v1/complaints", json=case(), headers=partner)
        opened = recorded.json()

        assert recorded.status_code == 201
        for path in (f"complaints/{opened['id']}", "complaints", "queue"):
            answer = await service.http.get(f"/complaints/v1/{path}", headers=partner)
            assert answer.status_code == ErrorKind.FORBIDDEN.value, path
        taken_over = await service.http.post(
            "/complaints/v1/complaints", json=case(recorded_at="2020-01-01T00:00:00Z"), headers=partner
        )
        assert (taken_over.status_code, taken_over.json()["slug"]) == (403, "takeover-not-allowed")


async def test_the_complainant_follows_without_login(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        service.http.headers.pop("Authorization")

        followed = await service.get(f"/track/{opened['tracking_token']}")
        forged = opened["tracking_token"][:-4] + "AAAA"

        assert followed.status_code == 200
        assert followed.json()["number"] == opened["number"]
        assert set(followed.json()).isdisjoint({"text", "complainant", "responsible_id", "id"})
        for token in (forged, "x", "é" * 10, "A" * 43, opened["id"]):
            answer = await service.get(f"/track/{token}")
            assert (answer.status_code, answer.json()["slug"]) == (404, "no-such-complaint")


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
        assert await status("complaints") == 403
        assert await status("queue") == 403
        answer = await service.http.get(f"/complaints/v1/complaints?customer_id={foreign}", headers=me)
        assert answer.json() == {"items": [], "next": None}


async def test_managers_see_the_cases_of_their_peoples_customers(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        boss, seller, stranger = new_id(), new_id(), new_id()
        await service.given(
            StaffListed(staff_id=boss, name="boss", role="sales_manager"),
            StaffListed(staff_id=seller, name="seller", role="salesperson", supervisor_id=boss),
        )
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


async def test_who_is_nobody_is_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        service.http.headers.pop("Authorization")

        assert (await service.post("/complaints", case())).status_code == 401
        assert (await service.get("/queue")).status_code == 401


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


async def test_subjects_are_a_table(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record(subject="after-sales")
        names = {"name_en": "Packaging", "name_zh": "包装"}
        assert (await service.http.put("/complaints/v1/subjects/packaging", json=names)).status_code == 200
        await service.record(subject="packaging")
        retired = await service.http.put("/complaints/v1/subjects/promise", json={**names, "active": False})

        refused = await service.post("/complaints", case(subject="promise"))

        assert retired.json() == {"code": "promise", **names, "active": False}
        assert refused.json()["slug"] == "unknown-subject"
        listed = (await service.get("/subjects")).json()["items"]
        assert [subject["code"] for subject in listed if subject["active"]] == [
            "advertising",
            "after_sales",
            "attitude",
            "delivery",
            "other",
            "packaging",
            "product",
            "service",
        ]
        assert (await service.http.put("/complaints/v1/subjects/Bad", json=names)).status_code == 422
