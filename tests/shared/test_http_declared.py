"""An operation describes what it can be refused with, and no more; what it does not declare is noticed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.http.declared import UNDECLARED
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service, slug

ALWAYS = {"422", "429", "503"}
WITH_A_TOKEN = {*ALWAYS, "401", "403"}
WITH_A_BODY = {*WITH_A_TOKEN, "400", "413", "415"}


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


@pytest.mark.parametrize(
    "method, path, statuses",
    [
        ("get", "/reporting/v1/mine", WITH_A_TOKEN),
        ("get", "/reporting/v1/open-notes", ALWAYS),
        ("get", "/reporting/v1/people", WITH_A_TOKEN),
        ("get", NOTES, {*WITH_A_TOKEN, "400"}),
        ("get", NOTES + "/{note_id}", {*WITH_A_TOKEN, "404"}),
        ("patch", NOTES + "/{note_id}", {*WITH_A_BODY, "404", "412", "428"}),
        ("post", NOTES, {*WITH_A_BODY, "409"}),
        ("post", "/reporting/v1/quick-notes", {*WITH_A_BODY, "409"}),
        ("post", "/reporting/v1/scans", {*WITH_A_TOKEN, "409", "413"}),
        ("post", "/reporting/v1/attachments", WITH_A_BODY - {"415"} | {"409"}),
    ],
)
async def test_refusals_are_described_by_the_shape_of_an_operation(
    notes: Notes, method: str, path: str, statuses: set[str]
) -> None:
    responses = _responses(notes, method, path)

    assert {status for status in responses if not status.startswith("2")} == statuses
    assert all("#/components/schemas/Problem" in str(responses[status]) for status in statuses)


async def test_a_response_lists_its_slugs(notes: Notes) -> None:
    conflict = _responses(notes, "post", "/reporting/v1/refused-notes")["409"]["description"]

    assert conflict == (
        "`answer-forgotten`: What was answered has been erased; "
        "`idempotency-key-in-progress`: The same request is being carried out; "
        "`note-refused`: Notes are not taken today"
    )


async def test_every_schema_that_is_named_is_there(notes: Notes) -> None:
    described = notes.app.openapi()

    assert "HTTPValidationError" not in str(described)
    assert "FieldError" in described["components"]["schemas"]


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


def _responses(notes: Notes, method: str, path: str) -> dict[str, Any]:
    responses: dict[str, Any] = notes.app.openapi()["paths"][path][method]["responses"]
    return responses


def _noticed() -> float:
    samples = [sample for metric in UNDECLARED.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))
