"""Recording cases: happy, refused, invalid, foreign, repeated, and many at once."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import BrandListed, CustomerRegistered, StoreListed
from shared.errors import ErrorKind
from shared.ids import new_id
from tests.complaints.building import DEPARTMENT, SALESPERSON, SPECIALIST, as_role, case, complaints
from tests.postgres import FreshDatabase
from tests.support import START

NOBODY = UUID("01900000-0000-7000-8000-00000000ffff")
UNKNOWN = {
    "person": "unknown-staff",
    "department": "unknown-department",
    "brand": "unknown-against",
    "store": "unknown-against",
    "product": "unknown-against",
    "company": "unknown-against",
    "region": "unknown-against",
}
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
    ({"happened_at": "1066-10-14T00:00:00Z"}, 422, "invalid"),
    ({"happened_at": "2026-11-03T00:00:00"}, 422, "invalid"),
    ({"happened_at": 0}, 422, "invalid"),
    ({"happened_at": "0001-01-01T00:00:00+14:00"}, 422, "invalid"),
    ({"recorded_at": "2026-11-05T00:00:00Z"}, 422, "time-not-allowed"),
    ({"recorded_at": "1900-01-01T00:00:00Z"}, 422, "invalid"),
    *(
        ({"complainant": {"name": "王", "contact": contact}}, 422, "invalid")
        for contact in ("x", "1380013800", "00000000000", "微信abc", "a@b", "a,b<c@evil.example>")
    ),
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


async def test_an_id_that_cannot_be_known_points_to_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for type_, slug in UNKNOWN.items():
            against = {"type": type_, "id": str(NOBODY), "name": "somebody"}
            answer = await service.post("/complaints", case(against=against))

            assert (answer.status_code, answer.json()["slug"]) == (422, slug), type_
            assert answer.json()["errors"][0]["pointer"] == "#/against/id"
        assert await service.database.fetchval("SELECT count(*) FROM complaint") == 0


async def test_the_ids_that_the_directory_lists_are_taken(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        brand, store = new_id(), new_id()
        await service.given(BrandListed(brand_id=brand, name="Aurora", grade="high"))
        recording = asyncio.create_task(service.post("/complaints", case(against={"type": "store", "id": str(store)})))
        await asyncio.sleep(0)
        await service.given(StoreListed(customer_id=store, name="Store 1"))  # heard of a moment later

        assert (await recording).status_code == 201
        known = (
            ("brand", brand, "Aurora"),
            ("person", SPECIALIST, "cs_specialist"),
            ("department", DEPARTMENT, "客服部"),
        )
        for type_, id_, name in known:
            opened = await service.record(against={"type": type_, "id": str(id_)})
            assert (await service.read(opened["id"]))["against"] == {"type": type_, "id": str(id_), "name": name}
        assert await service.refused("/complaints", case(against={"type": "store", "id": str(brand)})) == (
            422,
            "unknown-against",
        )


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
                "FROM clock_policy WHERE version = 1",
                new_id(),
            )

        opened = await service.record()

        assert opened["answer_due_at"] == "2026-11-04T01:01:00Z"


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


async def test_who_is_nobody_is_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        service.http.headers.pop("Authorization")

        assert (await service.post("/complaints", case())).status_code == 401
        assert (await service.get("/queue")).status_code == 401


# ---------------------------------------------------------------------------- who may name whom, and how often


async def test_a_foreign_customer_is_answered_as_an_unknown_one_after_the_same_wait(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        foreign, mine = await service.customer(), await service.customer(team={"salesperson": SALESPERSON})
        caller = as_role("salesperson", SALESPERSON)

        async def asked(customer_id: UUID) -> tuple[int, str, float]:
            began = time.perf_counter()
            answer = await service.post("/complaints", case(customer_id), **caller)
            return answer.status_code, answer.json().get("slug", ""), time.perf_counter() - began

        unknown, unseen = await asked(new_id()), await asked(foreign)

        assert unknown[:2] == unseen[:2] == (422, "unknown-customer")
        assert min(unknown[2], unseen[2]) > 1.5
        assert (await asked(mine))[0] == 201
        assert len(await service.facts(ComplaintOpened)) == 1


async def test_partners_have_quotas_and_the_hotline_has_none(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COMPLAINTS_CASES_PER_HOUR", "3")
    monkeypatch.setenv("CRM_COMPLAINTS_CASES_PER_CUSTOMER_PER_HOUR", "2")
    async with complaints(fresh_database) as service:
        one, other = await service.customer(), await service.customer()
        partner, hotline = as_role("partner", new_id()), as_role("cs_specialist", SPECIALIST)

        by_partner = [
            await service.post("/complaints", case(each), **partner) for each in (one, one, one, other, other)
        ]
        by_hotline = [await service.post("/complaints", case(one), **hotline) for _ in range(8)]

        assert [answer.status_code for answer in by_partner] == [201, 201, 429, 201, 429]
        assert 1 <= int(by_partner[-1].headers["retry-after"]) <= 3_600
        assert {answer.status_code for answer in by_hotline} == {201}


@pytest.mark.parametrize(
    "against, slug",
    [({"type": "person"}, "unknown-staff"), ({"type": "department"}, "unknown-department")],
    ids=["person", "department"],
)
async def test_nobody_is_no_one_to_complain_about(
    fresh_database: FreshDatabase, against: dict[str, str], slug: str
) -> None:
    async with complaints(fresh_database) as service:
        assert await service.refused("/complaints", case(against={**against, "id": str(new_id())})) == (422, slug)
        known = {"person": SALESPERSON, "department": DEPARTMENT}[against["type"]]
        await service.record(against={**against, "id": str(known)})
