"""What is taken and listed all the same: phones that nobody can read, and purchases that would count twice."""

from typing import Any

import pytest

from services.customers.imports.store import recording
from tests.customers.importing import HEADER, NUMBERED, csv_of, imported, xlsx_of
from tests.customers.network import BASE
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

PHONED = ("external_no", "name", "phones")
LEFT_OUT = "the row is taken without a phone number that cannot be read"


async def phones(customers: OneService) -> dict[str, list[str]]:
    listed = (await customers.http.get(f"{BASE}/customers?limit=100")).json()["items"]
    return {each["external_no"]: each["phones"] for each in listed}


async def test_a_phone_that_cannot_be_read_is_left_out_and_the_row_stays(fresh_database: FreshDatabase) -> None:
    rows = [
        ("S-1", "一", "0571-87654321转8001"),
        ("S-2", "二", "call me"),
        ("S-3", "三", "1380013800；13800138000"),
        ("S-4", "四", "13800138000/010-62345678-12"),
        ("S-5", "五", "95588"),
    ]
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of(rows, PHONED), "customers")

        assert (done.figures, done.job["rows_warned"]) == ((5, 0, 0), 2)
        assert [(row, column) for row, column, _ in done.faults] == [(3, "phones"), (4, "phones")]
        assert all(reason.startswith(LEFT_OUT) for *_, reason in done.faults)
        assert done.job["warnings"] == ["rows taken without a phone number that cannot be read: 2"]
        assert "call me" not in str(done.faults)
        assert await phones(customers) == {
            "S-1": ["+8657187654321;ext=8001"],
            "S-2": [],
            "S-3": ["+8613800138000"],
            "S-4": ["+8613800138000", "+861062345678;ext=12"],
            "S-5": ["+8695588"],
        }

        again = await imported(customers, csv_of(rows, PHONED), "customers", dry_run=True)
        assert (again.figures, again.job["rows_warned"]) == ((0, 5, 0), 2)


@pytest.mark.parametrize("cell", ["1.38E+10", "#N/A", "13800138000;1.38E+10"])
async def test_a_phone_that_a_spreadsheet_destroyed_is_a_bad_row(fresh_database: FreshDatabase, cell: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([("S-1", "一", cell)], PHONED), "customers")

        assert (done.figures, done.job["rows_warned"]) == ((0, 0, 1), 0)
        assert done.faults[0][:2] == (2, "phones")
        assert "C2" in done.faults[0][2]


async def test_a_bad_row_tells_of_its_phone_as_well(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, csv_of([("S-1", "", "call me")], PHONED), "customers")

        assert (done.figures, done.job["rows_warned"]) == ((0, 0, 1), 0)
        assert [(row, column) for row, column, _ in done.faults] == [(2, "name"), (2, "phones")]
        assert "is taken" not in str(done.faults)


async def test_a_row_that_is_refused_later_counts_as_bad_alone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of([("S-1", "一", "")], PHONED), "customers")
        done = await imported(customers, csv_of([("S-1", "二", "call me"), ("S-2", "三", "x")], PHONED), "customers")

        assert (done.figures, done.job["rows_warned"]) == ((1, 0, 1), 1)
        assert [(row, column) for row, column, _ in done.faults] == [(2, "external_no"), (2, "phones"), (3, "phones")]
        assert "is taken" not in done.faults[1][2]


async def test_numbers_of_a_workbook_are_phones_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, xlsx_of([("S-1", "一", 13800138000)], PHONED), "customers")

        assert (done.figures, done.job["rows_warned"]) == ((1, 0, 0), 0)
        assert await phones(customers) == {"S-1": ["+8613800138000"]}


@pytest.mark.parametrize("written", ["call me", "1380013800", "1.38E+10"])
async def test_the_api_takes_no_phone_that_cannot_be_read(fresh_database: FreshDatabase, written: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = {"name": "一", "kind": "store", "phones": [written]}
        answer = await customers.http.post(f"{BASE}/customers", json=body)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith("#/phones")


# ------------------------------------------------------------------------------------- with and without numbers


def numbered(count: int) -> list[tuple[Any, ...]]:
    return [(f"S-{n % 7}", f"2026-10-{n % 28 + 1:02}", f"{n}.50", f"N-{n}") for n in range(count)]


@pytest.mark.parametrize("batch", [5_000, 13])
async def test_a_dry_run_warns_of_purchases_that_are_there_under_numbers(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Whatever the time of the day that each of the two files says."""
    monkeypatch.setattr(recording, "BATCH", batch)
    rows = numbered(200)
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of(rows, NUMBERED), create_customers=True)
        bare = [(no, f"{day} 14:30", amount) for no, day, amount, _ in rows]
        others = [("S-1", "2026-10-30", "7.00"), ("S-2", rows[2][1], "2.51"), ("S-99", rows[2][1], "2.50")]

        done = await imported(customers, csv_of([*bare, *others]), dry_run=True, create_customers=True)

        assert (done.figures, done.job["rows_warned"]) == ((203, 0, 0), 200)
        assert [row for row, _, _ in done.faults] == list(range(2, 202))
        assert "under an order number" in done.faults[0][2]
        assert done.job["warnings"][0].startswith("rows that equal purchases which are there already")
        assert ": 200;" in done.job["warnings"][0]


async def test_a_dry_run_warns_the_other_way_round_too(fresh_database: FreshDatabase) -> None:
    rows = numbered(20)
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of([row[:3] for row in rows]), create_customers=True)

        done = await imported(customers, csv_of(rows, NUMBERED), dry_run=True)

        assert (done.figures, done.job["rows_warned"]) == ((20, 0, 0), 20)
        assert "without an order number" in done.faults[0][2]


async def test_a_file_that_comes_again_as_it_was_warns_of_nothing(fresh_database: FreshDatabase) -> None:
    rows = numbered(20)
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of(rows, NUMBERED), create_customers=True)
        again = await imported(customers, csv_of(rows, NUMBERED), dry_run=True)
        assert (again.figures, again.job["rows_warned"], again.faults) == ((0, 20, 0), 0, [])

        unlike = await imported(customers, csv_of([("S-1", "2026-10-05", "1.23")], HEADER), dry_run=True)
        assert (unlike.job["rows_warned"], unlike.job["warnings"]) == (0, [])


async def test_a_purchase_that_was_undone_counts_no_more(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of([("S-1", "2026-10-05", "7.00", "N-1")], NUMBERED), create_customers=True)
        purchase = await customers.database.fetchval("SELECT id FROM purchase")
        answer = await customers.http.post(f"{BASE}/purchases/{purchase}/reversal", json={"reason": "typed twice"})
        assert answer.status_code == 201, answer.text

        done = await imported(customers, csv_of([("S-1", "2026-10-05", "7.00")]), dry_run=True)

        assert (done.figures, done.job["rows_warned"]) == ((1, 0, 0), 0)
