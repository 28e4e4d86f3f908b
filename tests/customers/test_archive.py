"""The archive: registering, searching, changing, and who sees what (domain 2.1)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.customers.archive.domain import Profile
from services.customers.archive.handlers import tell_contacts_again
from services.customers.archive.store import sealing
from shared.contracts.customers import ContactListed, CustomerRegistered, CustomerUpdated, StoreListed
from tests.customers.network import BASE, bought, close, made, nobody, region, slug, somebody_waits, store
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

PERSON = {
    "name": "王小明",
    "kind": "person",
    "phones": ["138 0013 8000"],
    "emails": ["Wang@Example.com"],
    "birthday": "1990-05-04",
    "external_no": "P-1",
}


async def found(customers: OneService, **query: Any) -> list[str]:
    answer = await customers.http.get(f"{BASE}/customers", params=query)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_store_is_registered_and_announced(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east = await region(customers)
        body = {"name": " 美丽人生 ", "region_id": str(east), "phones": ["021-6234 5678"], "external_no": "S-1"}

        answer = await customers.http.post(f"{BASE}/customers", json=body)

        shop = answer.json()
        assert (answer.status_code, shop["tier"], shop["name"]) == (201, "D", "美丽人生")
        assert answer.headers["Location"] == f"{BASE}/customers/{shop['id']}"
        assert answer.headers["ETag"] == '"1"'
        assert (await customers.http.get(answer.headers["Location"])).json().items() >= shop.items()
        [registered] = await customers.facts(CustomerRegistered)
        [listed] = await customers.facts(StoreListed)
        [contact] = await customers.facts(ContactListed)
        assert (registered.external_no, registered.region_id) == ("S-1", east)
        assert (listed.name, contact.phones) == ("美丽人生", ["+862162345678"])


async def test_a_person_is_in_no_directory_and_not_readable_in_the_database(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await made(customers, "customers", PERSON)

        assert await customers.events(StoreListed) == []
        [row] = await customers.database.fetch("SELECT * FROM archive")
        for secret in ("王小明", "13800138000", "wang@example.com", "1990-05-04"):
            assert secret.encode() not in str(dict(row)).lower().encode()
            assert secret.encode() not in row["personal"]


async def test_stores_are_found_by_two_characters_of_their_name(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for name in ("美丽人生美容院", "人美丽", "生活馆", "Bella SPA"):
            await store(customers, name)

        assert await found(customers, q="人生") == ["美丽人生美容院"]
        assert await found(customers, q="美丽") == ["美丽人生美容院", "人美丽"]
        assert await found(customers, q="丽人生美") == ["美丽人生美容院"]
        assert await found(customers, q="生") == ["美丽人生美容院", "生活馆"]
        assert await found(customers, q="la sp") == ["Bella SPA"]
        assert await found(customers, q="ＢＥＬＬＡ") == ["Bella SPA"]
        assert await found(customers, q="100%_") == []


async def test_persons_are_found_exactly_and_never_by_part_of_a_name(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await made(customers, "customers", PERSON)

        for query in ("P-1", "+86 13800138000", "wang@example.COM", "王小明"):
            assert await found(customers, q=query) == ["王小明"]
        assert await found(customers, q="小明") == []


async def test_lists_are_narrowed_and_paged(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east = await region(customers)
        for n in range(5):
            await store(customers, f"店{n}", region_id=str(east) if n % 2 == 0 else None, external_no=f"N{n}")

        assert await found(customers, region_id=str(east)) == ["店0", "店2", "店4"]
        assert await found(customers, external_no="N3") == ["店3"]
        assert await found(customers, tier="A") == []
        assert await found(customers, stage="stable") == []
        first = (await customers.http.get(f"{BASE}/customers", params={"tier": "D", "limit": 2})).json()
        params = {"tier": "D", "limit": 3, "cursor": first["next"]}
        rest = (await customers.http.get(f"{BASE}/customers", params=params)).json()
        assert [item["name"] for item in first["items"] + rest["items"]] == [f"店{n}" for n in range(5)]
        assert rest["next"] is None
        foreign = await customers.http.get(f"{BASE}/customers", params={"tier": "A", "cursor": first["next"]})
        assert slug(foreign) == (400, "malformed")


async def test_a_profile_changes_with_its_etag(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, phones=["13800138000"])
        url = f"{BASE}/customers/{shop}"

        changed = await customers.http.patch(
            url, json={"name": "新名", "phones": ["13900139000"]}, headers={"If-Match": '"1"'}
        )

        assert (changed.status_code, changed.headers["ETag"], changed.json()["name"]) == (200, '"2"', "新名")
        [updated] = await customers.facts(CustomerUpdated)
        assert updated.changed == ["name", "phones"]
        assert (await customers.facts(ContactListed))[-1].phones == ["+8613900139000"]
        assert await found(customers, q="13800138000") == []
        assert await found(customers, q="13900139000") == ["新名"]
        same = await customers.http.patch(url, json={"name": "新名"}, headers={"If-Match": '"2"'})
        assert same.headers["ETag"] == '"2"'
        assert len(await customers.events(CustomerUpdated)) == 1


async def test_a_change_without_or_with_an_old_etag_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        url = f"{BASE}/customers/{await store(customers)}"

        assert slug(await customers.http.patch(url, json={"name": "甲"})) == (428, "precondition-required")
        for tag in ('"7"', '"0"'):
            stale = await customers.http.patch(url, json={"name": "甲"}, headers={"If-Match": tag})
            assert slug(stale) == (412, "stale")
        absent = await customers.http.patch(
            f"{BASE}/customers/{nobody()}", json={"name": "甲"}, headers={"If-Match": "*"}
        )
        assert slug(absent) == (404, "customer-not-found")


async def test_what_cannot_be_right_is_refused_and_nothing_written(fresh_database: FreshDatabase) -> None:
    wrong: list[dict[str, Any]] = [
        {"name": ""},
        {"name": "  "},
        {"name": "a\u0000b"},
        {"name": "长" * 201},
        {"kind": "shop"},
        {"phones": ["12"]},
        {"phones": ["no number"]},
        {"phones": ["138 0013 8000"] * 21},
        {"emails": ["nobody"]},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "Mars/Base"},
        {"birthday": "2030-01-01"},
        {"birthday": "0001-01-01"},
        {"birthday": "31.12.1990"},
        {"registered_at": "2027-01-01T00:00:00Z"},
        {"registered_at": "1066-01-01T00:00:00Z"},
        {"registered_at": "2026-01-01T00:00:00"},
        {"region_id": str(UUID(int=7))},
        {"region_id": "east"},
        {"external_no": ""},
        {"unknown": 1},
    ]
    async with one_service(fresh_database, "customers") as customers:
        for fields in wrong:
            answer = await customers.http.post(f"{BASE}/customers", json={"name": "店", **fields})

            assert answer.status_code == 422, fields
            assert answer.headers["content-type"] == "application/problem+json"
            assert [error["pointer"].split("/")[1] for error in answer.json()["errors"]] == list(fields)
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 0
        assert await customers.events() == []


async def test_an_external_number_belongs_to_one_customer(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        other = await store(customers, external_no="S-2")

        again = await customers.http.post(f"{BASE}/customers", json={"name": "店", "external_no": "S-1"})
        renamed = await customers.http.patch(
            f"{BASE}/customers/{other}", json={"external_no": "S-1"}, headers={"If-Match": '"1"'}
        )

        assert slug(again) == slug(renamed) == (409, "external-no-taken")
        assert len(await customers.events(CustomerRegistered)) == 2


async def test_a_repeated_request_registers_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        key = {"Idempotency-Key": "once"}
        first = await customers.http.post(f"{BASE}/customers", json={"name": "店"}, headers=key)
        second = await customers.http.post(f"{BASE}/customers", json={"name": "店"}, headers=key)
        other = await customers.http.post(f"{BASE}/customers", json={"name": "铺"}, headers=key)

        assert first.json() == second.json()
        assert slug(other) == (422, "idempotency-key-reused")
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 1


async def test_partners_see_no_personal_data_and_logistics_only_what_it_needs(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", {**PERSON, "address": "上海市"}))["id"]
        url = f"{BASE}/customers/{person}"

        partner = (await customers.http.get(url, headers=bearer("partner"))).json()
        logistics = (await customers.http.get(url, headers=bearer("logistics_manager"))).json()
        mentor = (await customers.http.get(url, headers=bearer("beauty_mentor"))).json()

        assert (partner["name"], partner["phones"], partner["emails"]) == (
            "王**",
            ["+86*****8000"],
            ["W***@Example.com"],
        )
        assert (partner["address"], partner["birthday"]) == (None, None)
        assert sorted(partner["masked"]) == ["address", "birthday", "emails", "name", "phones"]
        assert (logistics["phones"], logistics["address"]) == (["+8613800138000"], "上海市")
        assert logistics["masked"] == ["emails", "birthday"]
        assert mentor["masked"] == []


async def test_roles_that_may_not_register_are_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        refused = await customers.http.post(f"{BASE}/customers", json={"name": "店"}, headers=bearer("partner"))
        unknown = await customers.http.get(f"{BASE}/customers", headers={"Authorization": "Bearer x"})

        assert slug(refused) == (403, "forbidden")
        assert unknown.status_code == 401


async def test_who_registers_late_into_a_closed_month_makes_a_revision_of_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        october = datetime(2026, 10, 5, tzinfo=UTC)
        await store(customers, registered_at=october.isoformat())
        assert (await close(customers, "2026-10"))["customers"] == 1

        await store(customers, registered_at=(october + timedelta(days=1)).isoformat())

        closed = await close(customers, "2026-10")
        assert (closed["customers"], closed["revision"]) == (2, 2)


async def _corrected(customers: OneService, shop: UUID, at: str, **headers: str) -> Any:
    return await customers.http.patch(
        f"{BASE}/customers/{shop}", json={"registered_at": at}, headers={"If-Match": "*", **headers}
    )


async def test_a_wrong_registration_is_put_right_and_closed_months_are_revised(fresh_database: FreshDatabase) -> None:
    """A mistake of 1990 counts in every month since; put right, it counts from its own month on."""
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, "老店", registered_at="2026-08-05T09:00:00+08:00")
        wrong = await store(customers, "错店", registered_at="2026-08-10T09:00:00+08:00")
        for month in ("2026-08", "2026-09", "2026-10"):
            assert (await close(customers, month))["customers"] == 2

        answer = await _corrected(customers, wrong, "2026-09-10T09:00:00+08:00")

        assert (answer.status_code, answer.json()["registered_at"]) == (200, "2026-09-10T01:00:00Z")
        fact = (await customers.facts(CustomerUpdated))[-1]
        assert (fact.changed, fact.registered_at) == (["registered_at"], datetime(2026, 9, 10, 1, tzinfo=UTC))
        assert [(await close(customers, month))["customers"] for month in ("2026-08", "2026-09")] == [1, 2]
        back = await _corrected(customers, wrong, "2026-08-01T09:00:00+08:00")
        assert back.status_code == 200
        assert (await close(customers, "2026-08"))["customers"] == 2
        listed = (await customers.http.get(f"{BASE}/months")).json()["items"]
        assert [(item["month"], item["revision"], item["stale"]) for item in listed] == [
            ("2026-08", 3, False),
            ("2026-09", 1, False),
            ("2026-10", 1, False),
        ]
        audited = (await customers.http.get(f"{BASE}/audit", params={"subject": str(wrong)})).json()["items"]
        assert [entry["what"] for entry in audited] == ["customer.registration_corrected"] * 2


async def test_a_registration_put_right_counts_no_later_than_the_first_purchase(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, registered_at="1990-02-01T09:00:00+08:00")
        await bought(customers, shop, "5.00", datetime(2026, 8, 20, tzinfo=UTC))

        assert (await _corrected(customers, shop, "2026-10-01T09:00:00+08:00")).status_code == 200

        assert await customers.database.fetchval("SELECT counts_from FROM customer") == 2026 * 12 + 7


async def test_administration_puts_registrations_right(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        at, early = "2026-10-01T09:00:00+08:00", "1989-10-01T09:00:00+08:00"

        for role in ("cs_manager", "general_manager"):
            refused = await _corrected(customers, shop, at, **bearer(role, nobody()))
            assert slug(refused) == (403, "needs-administration"), role
        assert slug(await _corrected(customers, shop, "2026-12-01T09:00:00+08:00")) == (422, "date-refused")
        assert slug(await _corrected(customers, shop, early)) == (422, "date-refused")
        match = {"If-Match": (await customers.http.get(f"{BASE}/customers/{shop}")).headers["ETag"]}
        ahead = {"opened_on": "2200-01-01"}
        opened = await customers.http.patch(f"{BASE}/customers/{shop}", json=ahead, headers=match)
        assert slug(opened) == (422, "date-refused")
        assert (await _corrected(customers, shop, at, **bearer("admin_dept", nobody()))).status_code == 200
        assert len(await customers.facts(CustomerUpdated)) == 1


async def test_what_looks_the_same_is_one_number_and_one_name(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = {"name": "Cafe\u0301 \u202e兰芷", "kind": "store", "external_no": "ＳＨ－００１\u200b"}
        made = (await customers.http.post("/customers/v1/customers", json=body)).json()
        again = await customers.http.post("/customers/v1/customers", json={**body, "external_no": "SH-001"})
        found = await customers.http.get("/customers/v1/customers", params={"external_no": "ＳＨ－００１"})
        sought = await customers.http.get("/customers/v1/customers", params={"q": "SH\u200b-001"})

        assert (made["name"], made["external_no"]) == ("Café 兰芷", "SH-001")
        assert (again.status_code, again.json()["slug"]) == (409, "external-no-taken")
        assert [item["id"] for item in found.json()["items"]] == [made["id"]]
        assert [item["id"] for item in sought.json()["items"]] == [made["id"]]


async def test_a_caller_is_found_whatever_extension_is_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = {"name": "兰芷", "kind": "store", "phones": ["010-62345678-12"]}
        made = (await customers.http.post("/customers/v1/customers", json=body)).json()
        called = await customers.http.get("/customers/v1/screen-pop", params={"phone": "010 6234 5678"})

        assert made["phones"] == ["+861062345678;ext=12"]
        assert called.json()["id"] == made["id"]


async def test_who_is_born_today_in_shanghai_is_born(fresh_database: FreshDatabase) -> None:
    """It is the 4th of November in Shanghai from 16:00 UTC of the 3rd on."""
    async with one_service(fresh_database, "customers", datetime(2026, 11, 3, 17, tzinfo=UTC)) as customers:
        born = [
            (
                await customers.http.post(
                    "/customers/v1/customers", json={"name": "小雨", "kind": "person", "birthday": day}
                )
            )
            for day in ("2026-11-04", "2026-11-05")
        ]

        assert [answer.status_code for answer in born] == [201, 422]


async def test_contacts_told_again_are_those_that_stand_once_a_change_is_through(fresh_database: FreshDatabase) -> None:
    """Whoever tells them waits for a change that is under way, and tells of the customer as it stands after it."""
    async with one_service(fresh_database, "customers") as customers:
        context = customers.service.context
        shop = await store(customers, phones=["13800138000"])
        changed = Profile("store", "美丽人生美容院", phones=("+8613900139000",))
        async with customers.database.transaction() as transaction:
            await transaction.execute("UPDATE customer SET version = version + 1 WHERE id = $1", shop)
            await transaction.execute(
                "UPDATE archive SET personal = $2 WHERE customer_id = $1",
                shop, sealing.seal(context.personal.service, shop, changed),
            )  # fmt: skip
            telling = asyncio.create_task(tell_contacts_again(context))
            await eventually(lambda: somebody_waits(customers))
        assert await telling == 1

        told = (await customers.facts(ContactListed))[-1]
        assert told.phones == ["+8613900139000"]


async def test_two_changes_of_whatever_stands_both_hold(fresh_database: FreshDatabase) -> None:
    """The second waits for the first, and changes the customer as it stands after it."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        async with customers.database.transaction() as transaction:
            await transaction.execute("UPDATE customer SET version = version + 1 WHERE id = $1", shop)
            await transaction.execute("UPDATE archive SET external_no = 'N-9' WHERE customer_id = $1", shop)
            changing = asyncio.create_task(
                customers.http.patch(
                    f"{BASE}/customers/{shop}", json={"address": "南京路1号"}, headers={"If-Match": "*"}
                )
            )
            await eventually(lambda: somebody_waits(customers))
        changed = await changing
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"3"')

        stands = (await customers.http.get(f"{BASE}/customers/{shop}")).json()
        assert (stands["external_no"], stands["address"]) == ("N-9", "南京路1号")
