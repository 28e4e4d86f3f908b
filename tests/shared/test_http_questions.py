"""Query parameters: those that there are, each once; nothing is ignored."""

from collections.abc import AsyncIterator

import pytest

from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service, pointers, slug

QUICK = "/reporting/v1/quick-notes"


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


@pytest.mark.parametrize("path", [NOTES, QUICK])
async def test_an_unknown_parameter_is_refused_with_those_there_are(notes: Notes, path: str) -> None:
    answer = await notes.http.get(path, params={"q": "broken", "stars": 1, "Limit": 2})

    assert (answer.status_code, slug(answer), pointers(answer)) == (422, "invalid", ["query/q", "query/Limit"])
    assert "there are: cursor, limit, stars" in answer.json()["errors"][0]["detail"]
    assert (await notes.http.get(path, params={"stars": 1, "limit": 2})).status_code == 200


@pytest.mark.parametrize("path", [NOTES, QUICK])
async def test_a_parameter_that_comes_twice_is_refused(notes: Notes, path: str) -> None:
    answer = await notes.http.get(f"{path}?stars=1&stars=2")

    assert (answer.status_code, pointers(answer)) == (422, ["query/stars"])


@pytest.mark.parametrize("written", ["1_0", "+2", " 2", "２", "2.0", "1e1"])
async def test_a_whole_number_is_written_in_digits(notes: Notes, written: str) -> None:
    answer = await notes.http.get(NOTES, params={"limit": written})

    assert (answer.status_code, pointers(answer)) == (422, ["query/limit"])


async def test_an_operation_without_parameters_takes_none(notes: Notes) -> None:
    for answer in (
        await notes.http.get("/reporting/v1/mine", params={"x": ""}),
        await notes.http.get("/reporting/v1/open-notes?x", headers={"Authorization": ""}),
        await notes.http.get("/reporting/v1/follow?last=3"),
        await notes.http.post(f"{QUICK}?dry_run=true", json={"about": "x"}),
        await notes.http.post(f"{NOTES}?dry_run=true", json={"about": "x"}, headers={"Idempotency-Key": "one"}),
    ):
        assert (answer.status_code, slug(answer)) == (422, "invalid")
        assert "takes no parameters" in answer.json()["errors"][0]["detail"]
    assert await notes.count() == 0
    assert (await notes.http.get("/reporting/v1/mine?")).status_code == 200


async def test_the_feed_names_its_own(notes: Notes) -> None:
    answer = await notes.http.get("/reporting/v1/events", params={"cursor": 1})

    assert answer.json()["errors"][0]["detail"].endswith("there are: after, limit")


async def test_a_long_question_has_a_short_answer(notes: Notes) -> None:
    answer = await notes.http.get(NOTES + "?" + "&".join(f"p{number}=1" for number in range(2_000)))

    assert len(answer.json()["errors"]) == 10


async def test_without_a_token_nothing_is_told(notes: Notes) -> None:
    assert (await notes.http.get(f"{NOTES}?q=1", headers={"Authorization": ""})).status_code == 401
