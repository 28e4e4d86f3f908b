"""A database that a newer release has migrated: a release that it serves goes on, any other one says why not."""

import asyncio
from pathlib import Path

import httpx
import pytest

from deploy.embedded_postgres import EmbeddedPostgres
from shared.db import Database
from shared.migrations import upgrade
from shared.revisions import newest
from shared.settings import SERVICES
from shared.standing import SchemaTooNew, Standing, Verdict, standing_of
from tests.ahead import next_of, one_ahead
from tests.all_in_one import AllInOne, refused
from tests.postgres import FreshDatabase
from tests.shared.notes import notes_database, notes_over
from tests.support import database_of

OURS = newest("reporting")


@pytest.mark.parametrize(
    "revision, serves, verdict",
    [
        ("0009", "0009", Verdict.READY),
        ("0010", "0009", Verdict.READY),
        ("0012", "0005", Verdict.READY),
        ("0010", "0010", Verdict.OUTDATED),
        ("0012", "0011", Verdict.OUTDATED),
        ("0008", "0005", Verdict.MIGRATING),
        ("", "", Verdict.MIGRATING),
    ],
)
def test_code_of_0009_works_on_its_own_schema_and_on_newer_ones_that_serve_it(
    revision: str, serves: str, verdict: Verdict
) -> None:
    there = Standing(revision, serves)

    assert there.verdict("0009") is verdict
    assert (there.reason("0009") is None) is (verdict is Verdict.READY)


async def test_an_old_process_stays_ready_on_a_newer_schema_that_serves_it(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url = await notes_database(fresh_database)
    async with notes_over(url) as notes:
        assert (await notes.http.get("/reporting/readyz")).json()["migration"] == OURS
        ahead = await one_ahead("reporting", url, tmp_path, serves=OURS)

        ready = await notes.http.get("/reporting/readyz")
        assert (ready.status_code, ready.json()["status"], ready.json()["migration"]) == (200, "ready", ahead)
    await upgrade("reporting", url)  # of the old release: there is nothing to do


@pytest.mark.parametrize("serves", [next_of("reporting"), None], ids=["says so", "says nothing"])
async def test_an_old_process_is_not_ready_on_a_schema_that_serves_it_no_longer(
    fresh_database: FreshDatabase, tmp_path: Path, serves: str | None
) -> None:
    url = await notes_database(fresh_database)
    async with notes_over(url) as notes:
        ahead = await one_ahead("reporting", url, tmp_path, serves=serves)

        unready = await notes.http.get("/reporting/readyz")
        assert (unready.status_code, unready.json()["status"]) == (503, "outdated")
        assert unready.json()["reason"] == (
            f"the database is at revision {ahead} and serves releases from {ahead} on; "
            f"this one is of {OURS}: run the newer release"
        )
    with pytest.raises(SchemaTooNew, match=f"reporting: the database is at revision {ahead}"):
        await upgrade("reporting", url)


async def test_a_migration_cannot_promise_again_what_one_before_it_took_away(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Those that landed without a word serve their own code only, and so does all that comes after them."""
    url = await database_of(fresh_database, "care")
    before = await standing(url)
    assert before.serves > "0001"
    ahead = await one_ahead("care", url, tmp_path, serves="0001")

    assert await standing(url) == Standing(ahead, before.serves)


async def standing(url: str) -> Standing:
    database = await Database.connect(url, pool_size=1)
    async with database.connection() as connection:
        there = await standing_of(connection)
    await database.close()
    return there


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_in_one_starts_on_data_of_a_newer_release_that_serve_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    ahead = asyncio.run(data_ahead(data, tmp_path / "next", serves=newest("care")))

    with AllInOne(data) as everything, httpx.Client(base_url=everything.url, trust_env=False) as http:
        ready = http.get("/care/readyz")
        assert (ready.status_code, ready.json()["migration"]) == (200, ahead)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_in_one_and_commands_refuse_data_of_a_newer_release_that_serve_it_no_longer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    ahead = asyncio.run(data_ahead(data, tmp_path / "next", serves=next_of("care")))

    for command in (("run", "--port", "0"), ("parking", "list", "care")):
        said = refused(*command, "--data", str(data))
        assert said.startswith(f"crm: care: the database is at revision {ahead} and serves releases from {ahead} on;")


async def data_ahead(data: Path, folder: Path, *, serves: str) -> str:
    """A data folder on which a newer release has worked: its care is one migration ahead."""
    with EmbeddedPostgres(data / "postgresql") as postgres:
        postgres.ensure_databases(SERVICES)
        for service in SERVICES:
            await upgrade(service, postgres.url(service))
        return await one_ahead("care", postgres.url("care"), folder, serves=serves)
