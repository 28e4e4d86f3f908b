"""The routes of imports: what is taken, what is refused, who may."""

from datetime import timedelta

import pytest

from services.customers.imports import queries
from services.customers.imports.handlers import uploading
from tests.customers.importing import csv_of, found, imported, send
from tests.customers.network import BASE, slug, store
from tests.postgres import FreshDatabase
from tests.support import SETTINGS, bearer, one_service

LINE = ("S-1", "2026-10-05", "12.50")


async def test_a_file_is_queued_and_can_be_followed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await send(customers, csv_of([LINE]), create_customers=True)

        assert answer.status_code == 202
        id_ = answer.json()["id"]
        assert answer.headers["location"] == f"{BASE}/imports/{id_}"
        waiting = (await customers.http.get(f"{BASE}/imports/{id_}")).json()
        assert (waiting["state"], waiting["progress"], waiting["rows_total"]) == ("queued", 0.0, 0)
        customers.clock.forward(timedelta(minutes=1))
        await customers.run_loops()
        ended = (await customers.http.get(f"{BASE}/imports/{id_}")).json()
        assert (ended["state"], ended["progress"]) == ("done", 1.0)
        assert ended["created_at"] < ended["finished_at"]


async def test_imports_are_listed_the_latest_first(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        ids = [(await send(customers, csv_of([LINE]))).json()["id"] for _ in range(3)]

        first = (await customers.http.get(f"{BASE}/imports?limit=2")).json()
        rest = (await customers.http.get(f"{BASE}/imports?limit=2&cursor={first['next']}")).json()

        assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
        assert rest["next"] is None


@pytest.mark.parametrize(
    "parts, pointer",
    [
        ({"kind": "invoices"}, "#/kind"),
        ({"kind": "purchases", "mapping": "[]"}, "#/mapping"),
        ({"kind": "purchases", "mapping": '{"amount": "a\\u0000"}'}, "#/mapping/amount"),
        ({"kind": "purchases", "defaults": '{"amount": {}}'}, "#/defaults/amount"),
        ({"kind": "purchases", "mapping": '{"price": "x"}'}, "#/mapping/price"),
        ({"kind": "purchases", "dry_run": "perhaps"}, "#/dry_run"),
        ({"kind": "purchases", "dryrun": "true"}, "#/dryrun"),
        ({"kind": "purchases", "mapping": "{"}, "#/mapping"),
        ({}, "#/kind"),
    ],
)
async def test_a_request_that_makes_no_sense(
    fresh_database: FreshDatabase, parts: dict[str, str], pointer: str
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await customers.http.post(f"{BASE}/imports", files={"file": ("f", b"x")}, data=parts)

        assert answer.status_code == 422, answer.text
        assert any(error["pointer"] == pointer for error in answer.json()["errors"]), answer.text
        assert await customers.database.fetchval("SELECT count(*) FROM import_job") == 0


async def test_a_field_that_is_given_twice(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        parts = {"kind": "purchases", "dry_run": ["true", "false"]}
        answer = await customers.http.post(f"{BASE}/imports", files={"file": ("f", b"x")}, data=parts)

        assert slug(answer) == (422, "invalid")
        assert answer.json()["errors"] == [{"pointer": "#/dry_run", "detail": "give it once"}]


async def test_an_empty_or_absent_file_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        assert slug(await send(customers, b"")) == (422, "empty-file")
        absent = await customers.http.post(f"{BASE}/imports", data={"kind": "purchases"})
        assert slug(absent) == (422, "invalid")
        assert await customers.database.fetchval("SELECT count(*) FROM import_job") == 0


@pytest.mark.parametrize("says_its_length", [True, False])
async def test_a_file_beyond_the_bound_is_refused(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, says_its_length: bool
) -> None:
    monkeypatch.setenv("CRM_LARGEST_IMPORT", "100000")
    async with one_service(fresh_database, "customers") as customers:
        request = customers.http.build_request(
            "POST", f"{BASE}/imports", files={"file": ("f", b"x" * 200_000)}, data={"kind": "purchases"}
        )
        if not says_its_length:
            del request.headers["content-length"]
        answer = await customers.http.send(request)

        assert slug(answer) == (413, "too-large")
        assert await customers.database.fetchval("SELECT count(*) FROM import_job") == 0


async def test_a_file_may_be_larger_than_other_bodies(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        file = csv_of(
            [("S-1", "2026-10-05", "12.50", "x" * 150)] * 20_000, ("customer_no", "occurred_at", "amount", "note")
        )
        assert len(file) > 3 * uploading.CHUNK > SETTINGS.largest_body

        done = await imported(customers, file, create_customers=True)

        assert done.figures == (20_000, 0, 0)


async def test_a_repeated_request_is_one_import(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        key = {"Idempotency-Key": "october"}
        first = await send(customers, csv_of([LINE]), headers=key)
        again = await send(customers, csv_of([LINE]), headers=key)
        other_file = await send(customers, csv_of([LINE, LINE]), headers=key)
        other_flag = await send(customers, csv_of([LINE]), headers=key, dry_run=True)

        assert (again.status_code, again.json()) == (202, first.json())
        assert slug(other_file) == slug(other_flag) == (422, "idempotency-key-reused")
        assert await customers.database.fetchval("SELECT count(*) FROM import_job") == 1
        assert await customers.database.fetchval("SELECT count(*) FROM import_chunk") == 1


async def test_who_may_import(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        statuses = {
            role: (await send(customers, csv_of([LINE]), headers=bearer(role))).status_code
            for role in ("admin", "admin_dept", "cs_manager", "salesperson", "partner")
        }

        assert statuses == {"admin": 202, "admin_dept": 202, "cs_manager": 202, "salesperson": 403, "partner": 403}


@pytest.mark.parametrize("path", ["", "/errors"])
async def test_an_unknown_import(fresh_database: FreshDatabase, path: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await customers.http.get(f"{BASE}/imports/01900000-0000-7000-8000-000000000009{path}")

        assert slug(answer) == (404, "unknown-import")


async def test_bad_rows_are_told_in_the_readers_language_and_the_files_words(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        mapping = {"customer_no": "=客户", "occurred_at": "date", "amount": "amount"}
        file = csv_of([("S-1", "2026-10-05", "-1"), ("", "2026-10-05", "1")], ("=客户", "date", "amount"))
        done = await imported(customers, file, mapping=mapping)

        answer = await customers.http.get(
            f"{BASE}/imports/{done.id}/errors", headers={"Accept-Language": "zh-CN,zh;q=0.9"}
        )

        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.splitlines() == [
            "row,column,reason",
            "2,amount,金额为负；退货请记在原进货上",
            "3,'=客户,单元格为空，此项必填",
        ]


async def test_many_bad_rows_are_all_listed(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FAULTS_AT_ONCE", 7)
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([("S-1", "soon", "-1")] * 20))

        assert len(done.faults) == 40
        assert done.figures == (0, 0, 20)


async def test_a_failed_import_says_why_and_what_to_do(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([LINE]), mapping={"amount": "金额"})

        assert (done.state, done.error) == ("failed", "the header has no column “金额”")
        mended = await imported(customers, csv_of([LINE]), mapping={"amount": "amount"}, create_customers=True)
        assert mended.figures == (1, 0, 0)


async def test_two_imports_side_by_side_count_a_row_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, external_no="S-1")
        ids = [(await send(customers, csv_of([LINE] * 50))).json()["id"] for _ in range(2)]

        await customers.run_loops()

        done = [await found(customers, id_) for id_ in ids]
        assert [each.figures for each in done] == [(50, 0, 0), (0, 50, 0)]
