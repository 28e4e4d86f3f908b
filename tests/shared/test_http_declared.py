"""An error that an operation does not declare is noticed."""

from collections.abc import AsyncIterator

import pytest

from shared.http.declared import UNDECLARED
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service, slug


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


async def test_an_undeclared_error_is_noticed(notes: Notes, meant_undeclared: set[str]) -> None:
    meant_undeclared.add("reporting refuse_undeclared note-refused")
    before = _noticed()

    answer = await notes.http.post("/reporting/v1/undeclared-notes", json={"about": "x"})

    assert (answer.status_code, slug(answer)) == (409, "note-refused")
    assert _noticed() == before + 1


async def test_what_is_declared_or_follows_from_the_shape_is_not(notes: Notes) -> None:
    before = _noticed()
    for path in ("refused-notes", "attachments", "nowhere"):
        await notes.http.post(f"/reporting/v1/{path}", json={"about": "x"}, headers={"Idempotency-Key": "one"})
    await notes.http.get("/reporting/v1/mine", headers={"Authorization": ""})
    await notes.http.get(NOTES, params={"cursor": "forged"})

    assert _noticed() == before


def _noticed() -> float:
    samples = [sample for metric in UNDECLARED.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))
