"""Every refusal is an RFC 9457 problem with a stable slug, and never says what was sent."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.ids import new_id
from shared.telemetry import configure_tracing
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service, pointers, slug
from tests.support import SETTINGS, bearer

PHONE = "13800138000"
JSON = {"Content-Type": "application/json"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"

configure_tracing(SETTINGS, "tests")


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


PATHS = [NOTES, "/reporting/v1/quick-notes"]
"""A route that FastAPI reads, and a compiled one: nobody can tell the difference."""


async def _post(notes: Notes, content: bytes, path: str = NOTES, **headers: str) -> httpx.Response:
    return await notes.http.post(path, content=content, headers={**JSON, **headers})


UNREADABLE = {
    "cut": b'{"about": "x"',
    "no json": b"about=x",
    "empty object twice": b"{}{}",
    "gbk": '{"about": "交货"}'.encode("gbk"),
    "latin-1": '{"about": "é"}'.encode("latin-1"),
    "too deep": b"[" * 100_000,
    "a number of a million digits": b'{"stars": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_what_is_no_json_is_malformed(notes: Notes, content: bytes) -> None:
    for path in PATHS:
        for headers in ({}, {"Idempotency-Key": "one"}):
            answer = await _post(notes, content, path, **headers)
            assert (answer.status_code, slug(answer)) == (400, "malformed"), path


async def test_where_the_json_breaks_is_said_without_quoting_it(notes: Notes) -> None:
    answer = await _post(notes, b'{"phone": "13800138000" "about": 1}')
    assert "character 24" in answer.json()["detail"]
    assert PHONE not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", ""])
async def test_another_content_type_is_not_read(notes: Notes, kind: str) -> None:
    for path in PATHS:
        answer = await notes.http.post(path, content=b'{"about": "x"}', headers={"Content-Type": kind})
        assert (answer.status_code, slug(answer)) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
async def test_json_by_its_other_names_is_read(notes: Notes, kind: str) -> None:
    for path in PATHS:
        answer = await notes.http.post(path, content=b'{"about": "x"}', headers={"Content-Type": kind})
        assert answer.status_code == 201


async def test_no_body_at_all_is_a_missing_one(notes: Notes) -> None:
    for path in PATHS:
        answer = await notes.http.post(path)
        assert (answer.status_code, slug(answer)) == (422, "invalid")
        assert pointers(answer) == ["#"]


INVALID: dict[str, tuple[dict[str, Any], list[str]]] = {
    "personal field": ({"about": "x", "phone": PHONE + "9"}, ["#/phone"]),
    "wrong type": ({"about": {"name": PHONE}}, ["#/about"]),
    "several": ({"about": "", "stars": PHONE + ".5"}, ["#/about", "#/stars"]),
    "in a list": ({"about": "x", "tags": ["ok", ""]}, ["#/tags/1"]),
    "unknown field": ({"about": "x", "a/b~c": PHONE}, ["#/a~1b~0c"]),
    "NUL": ({"about": f"{PHONE}\0"}, ["#/about"]),
    "a moment without its offset": ({"about": "x", "taken_at": "2026-11-04T09:00:00"}, ["#/taken_at"]),
    "a moment out of all bounds": ({"about": "x", "taken_at": "0001-01-01T00:00:00+14:00"}, ["#/taken_at"]),
}


@pytest.mark.parametrize("body, at", INVALID.values(), ids=INVALID.keys())
async def test_invalid_fields_are_pointed_at_and_not_repeated(
    notes: Notes, body: dict[str, Any], at: list[str]
) -> None:
    for path in PATHS:
        answer = await _post(notes, json.dumps(body).encode(), path)
        assert (answer.status_code, slug(answer)) == (422, "invalid")
        assert pointers(answer) == at
        assert PHONE not in answer.text


async def test_half_a_character_is_refused(notes: Notes) -> None:
    """By the reader of JSON or by the field, as the route is read."""
    for path in PATHS:
        assert (await _post(notes, b'{"about": "\\ud83d"}', path)).status_code in (400, 422)


async def test_a_problem_stays_small_however_much_is_wrong(notes: Notes) -> None:
    answer = await notes.http.post(NOTES, json={"about": "x", "tags": [""] * 5_000, "n" * 50_000: 1})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 50
    assert "5001" in answer.json()["detail"]
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("path", ["people?phone=%00", "people?phone=1%002"])
async def test_what_cannot_be_stored_or_sought_is_invalid(notes: Notes, path: str) -> None:
    answer = await notes.http.get(f"/reporting/v1/{path}")
    assert (answer.status_code, slug(answer)) == (422, "invalid")


async def test_a_number_larger_than_its_column_is_invalid(notes: Notes) -> None:
    answer = await notes.take(stars=2**40)
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert str(2**40) not in answer.text


async def test_unknown_paths_ids_and_methods(notes: Notes) -> None:
    assert slug(await notes.http.get("/reporting/v1/nothing")) == "not-found"
    wrong = await notes.http.get(f"{NOTES}/not-an-id")
    assert (wrong.status_code, pointers(wrong)) == (422, ["path/note_id"])
    other = await notes.http.delete(NOTES)
    assert (other.status_code, slug(other)) == (405, "method-not-allowed")
    assert other.headers["allow"]


async def test_no_answer_leads_where_the_host_header_says(notes: Notes) -> None:
    for path in (f"{NOTES}/", "/reporting/docs/", "/reporting/"):
        answer = await notes.http.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, "location" in answer.headers) == (404, False), path


async def test_an_unexpected_error_says_nothing_but_its_trace(notes: Notes) -> None:
    answer = await notes.http.post(
        "/reporting/v1/broken-notes", json={"about": "张伟", "phone": PHONE}, headers={"traceparent": TRACEPARENT}
    )
    assert (answer.status_code, slug(answer)) == (500, "internal")
    assert answer.json()["trace_id"] == TRACE
    for word in ("RuntimeError", "Traceback", "张伟", PHONE, ".py"):
        assert word not in answer.text


async def test_a_constraint_that_nobody_caught_keeps_its_values(notes: Notes) -> None:
    await notes.take(phone=PHONE)
    answer = await notes.take(phone=PHONE)
    assert (answer.status_code, slug(answer)) == (500, "internal")
    assert PHONE not in answer.text
    assert await notes.count() == 1


async def test_a_route_without_an_entry_in_the_policy_is_closed(notes: Notes) -> None:
    assert (await notes.http.get("/reporting/v1/unlisted")).status_code == 500


async def test_problems_of_access(notes: Notes) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
        answer = await notes.http.get("/reporting/v1/mine", headers=headers)
        assert (answer.status_code, slug(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = await notes.http.get("/reporting/v1/secrets", headers=bearer("general_manager"))
    assert (answer.status_code, slug(answer)) == (403, "forbidden")
    assert (await notes.http.get("/reporting/v1/directors-notes", headers=bearer("general_manager"))).status_code == 200
    nobody = {"Authorization": "", "X-Nothing": "1"}
    assert (await notes.http.get("/reporting/v1/open-notes", headers=nobody)).status_code == 200


async def test_who_may_not_learns_nothing_of_the_body(notes: Notes) -> None:
    """Access is judged before anything else is read."""
    answer = await notes.http.post(NOTES, content=b"{", headers={**JSON, "Authorization": ""})
    assert answer.status_code == 401


async def test_the_callers_trace_goes_on_in_answer_and_event(notes: Notes) -> None:
    given = {"traceparent": TRACEPARENT}
    refused = await notes.http.get("/reporting/v1/nothing", headers=given)
    assert refused.json()["trace_id"] == TRACE
    await notes.http.post(NOTES, json={"about": "x"}, headers=given)
    recorded = await notes.database.fetchval("SELECT traceparent FROM event_log")
    assert recorded.startswith(f"00-{TRACE}-")
    assert recorded.endswith("-01")
    assert recorded != TRACEPARENT, "a span of its own"


@pytest.mark.parametrize(
    "traceparent", ["", "nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01", "00-" + "g" * 32 + "-1-1"]
)
async def test_a_broken_traceparent_begins_a_trace(notes: Notes, traceparent: str) -> None:
    answer = await notes.http.get("/reporting/v1/nothing", headers={"traceparent": traceparent})
    assert len(answer.json()["trace_id"]) == 32
    assert answer.json()["trace_id"] != "0" * 32


async def test_what_is_wrong_is_said_for_people_who_read_no_python(notes: Notes) -> None:
    answer = await notes.http.post(NOTES, json={"about": "a\x00b"})
    assert pointers(answer) == ["#/about"]
    assert "Value error" not in answer.text


async def test_an_unknown_path_or_method_says_where_the_known_ones_are_listed(notes: Notes) -> None:
    for method, path, status in (("GET", "/reporting/v1/nowhere", 404), ("DELETE", NOTES, 405)):
        answer = await notes.http.request(method, path)
        assert answer.status_code == status
        assert "/reporting/docs" in answer.json()["detail"]
        assert answer.json()["trace_id"]


async def test_a_refused_method_names_all_that_the_path_takes(notes: Notes) -> None:
    path = f"{NOTES}/{new_id()}"
    taken = [method for method in ("GET", "PATCH", "PUT", "POST", "DELETE") if not await _refuses(notes, method, path)]
    answer = await notes.http.delete(path)
    assert len(taken) > 1
    assert (answer.status_code, answer.headers["allow"]) == (405, ", ".join(sorted(taken)))


async def _refuses(notes: Notes, method: str, path: str) -> bool:
    return (await notes.http.request(method, path)).status_code == 405
