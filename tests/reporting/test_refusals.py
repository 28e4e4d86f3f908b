"""Whom and what the reports refuse."""

from uuid import UUID

import pytest

from tests.postgres import FreshDatabase
from tests.support import bearer, one_service

NOBODY = UUID("01900000-0000-7000-8000-00000000000f")
"""Fixed, because test names are made of it and every worker must collect the same ones."""
ROUTES = (
    "/reporting/v1/tiers?month=2026-11",
    "/reporting/v1/complaints?month=2026-11",
    "/reporting/v1/service?month=2026-11",
    f"/reporting/v1/customers/{NOBODY}",
    f"/reporting/v1/customers/{NOBODY}/timeline",
    "/reporting/v1/live",
    "/reporting/v1/ledger?month=2026-11",
    "/reporting/v1/appraisal?month=2026-11",
    "/reporting/v1/ledger/summary?from=2026-01&to=2026-12",
)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_partner_reads_no_report(fresh_database: FreshDatabase, route: str) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        refused = await reporting.http.get(route, headers=bearer("partner"))

    assert (refused.status_code, refused.json()["slug"]) == (403, "forbidden")


async def test_without_a_token_nothing_is_read(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        answers = [await reporting.http.get(route, headers={"Authorization": ""}) for route in ROUTES]

    assert {answer.status_code for answer in answers} == {401}


async def test_any_colleague_reads_reports_but_of_what_is_sold(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        answers = [await reporting.http.get(route, headers=bearer("beauty_mentor")) for route in ROUTES[:3]]

    assert [answer.status_code for answer in answers] == [403, 200, 200]


@pytest.mark.parametrize("report", ["tiers", "complaints", "service", "appraisal"])
@pytest.mark.parametrize("month", [None, "", "2026-13", "2026-1", "２０２６-11", "2026-11-01"])
async def test_a_month_is_written_plainly(fresh_database: FreshDatabase, report: str, month: str | None) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        params = {} if month is None else {"month": month}
        refused = await reporting.http.get(f"/reporting/v1/{report}", params=params)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "query/month"


@pytest.mark.parametrize("id_", ["1", "not-an-id"])
async def test_an_id_is_a_uuid(fresh_database: FreshDatabase, id_: str) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        refused = await reporting.http.get(f"/reporting/v1/customers/{id_}")

    assert (refused.status_code, refused.json()["slug"]) == (422, "invalid")


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "²"])
async def test_a_last_event_id_is_a_number(fresh_database: FreshDatabase, last: str) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        headers = {b"Last-Event-ID": last.encode("latin-1")}
        refused = await reporting.http.get("/reporting/v1/live", headers=headers)

    assert (refused.status_code, refused.json()["slug"]) == (400, "malformed")
    assert refused.json()["errors"][0]["pointer"] == "header/Last-Event-ID"
