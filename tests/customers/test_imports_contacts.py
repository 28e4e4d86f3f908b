"""Imports of the people of stores, and their undoing (domain 2.1, 2.3)."""

from typing import Any
from uuid import UUID

from tests.customers.importing import Done, csv_of, imported
from tests.customers.network import BASE, made, store
from tests.customers.test_imports_undone import ask, missing, undone
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

HEADER = ("customer_no", "name", "job", "phones", "emails", "decides", "pays")
LI = ("S-1", "李美丽", "店长", "13800138000", "li@example.com", "是", "no")


async def known(customers: OneService, shop: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await customers.http.get(f"{BASE}/customers/{shop}/people")).json()["items"]
    return found


async def contacts(customers: OneService, *rows: tuple[object, ...], **how: Any) -> Done:
    return await imported(customers, csv_of(rows, HEADER), "contacts", **how)


async def test_people_of_stores_are_entered_once_and_sealed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1")
        await made(customers, "customers", {"name": "王芳", "kind": "person", "external_no": "P-1"})
        rows = (
            LI,
            ("S-1", "陈", "", "", "", "", ""),
            ("S-1", "李美丽", "", "", "", "", ""),
            ("S-1", "李美丽", "owner", "", "", "", ""),
            ("S-9", "谁", "", "", "", "", ""),
            ("P-1", "谁", "", "", "", "", ""),
            ("S-1", "谁", "boss", "", "", "perhaps", ""),
            ("S-1", "赵", "", "12", "", "", ""),
        )

        dry = await contacts(customers, *rows, dry_run=True)
        assert await known(customers, shop) == []
        done = await contacts(customers, *rows)
        again = await contacts(customers, *rows)

        assert dry.figures == done.figures == (3, 1, 4)
        assert again.figures == (0, 4, 4)
        assert [(row, column) for row, column, _ in done.faults] == [
            (5, "name"), (6, "customer_no"), (7, "customer_no"), (8, "decides"), (8, "job"), (9, "phones"),
        ]  # fmt: skip
        [li, *_] = await known(customers, shop)
        assert (li["name"], li["job"], li["phones"], li["decides"], li["pays"]) == (
            "李美丽", "manager", ["+8613800138000"], True, False,
        )  # fmt: skip
        sealed = await customers.database.fetchval("SELECT string_agg(encode(personal, 'escape'), '') FROM person")
        assert "13800138000" not in sealed


async def test_they_are_removed_again_with_their_keys_unless_one_was_changed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1")
        own = await made(customers, f"customers/{shop}/people", {"name": "孙", "job": "owner"})
        done = await contacts(customers, LI)

        job = await undone(customers, done)

        assert (job["rows_undone"], job["rows_left"]) == (1, 0)
        assert [each["id"] for each in await known(customers, shop)] == [own["id"]]
        assert await customers.database.fetchval("SELECT count(*) FROM personal_key") == 1
        again = await contacts(customers, LI)
        assert again.figures == (1, 0, 0)
        [li] = [each["id"] for each in await known(customers, shop) if each["id"] != own["id"]]
        path = f"{BASE}/customers/{shop}/people/{li}"
        change = await customers.http.patch(path, json={"pays": True}, headers={"If-Match": '"1"'})
        assert change.status_code == 200, change.text
        refused = await ask(customers, again.id)
        assert (refused.status_code, refused.json()["built_on"]) == (409, [f"person:{li}"])


async def test_what_others_have_entered_of_them_keeps_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1")
        done = await contacts(customers, LI)
        [li] = [each["id"] for each in await known(customers, shop)]
        day = {"occasion": "birthday", "calendar": "solar", "month": 5, "day": 2, "person_id": li}
        date = await made(customers, f"customers/{shop}/dates", day)

        refused = await ask(customers, done.id)

        assert (refused.status_code, refused.json()["built_on"]) == (409, [f"date:{date['id']}"])
        assert [each["id"] for each in await known(customers, shop)] == [li]


async def test_they_are_missing_from_the_archive_before_and_after(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, external_no="S-1")
        assert {"people", "who_decides"} <= set(await missing(customers, shop))
        done = await contacts(customers, LI)
        assert not {"people", "who_decides"} & set(await missing(customers, shop))

        await undone(customers, done)

        assert {"people", "who_decides"} <= set(await missing(customers, shop))
