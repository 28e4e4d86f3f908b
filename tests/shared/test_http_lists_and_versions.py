"""ETag and If-Match, and cursors that continue their own question only."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.errors import Malformed
from shared.http.paging import Cursors
from shared.ids import new_id
from shared.personal import Vault
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service, pointers, slug
from tests.support import MASTER_KEY

CURSORS = Cursors(Vault(MASTER_KEY, "reporting:cursors"))


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


async def _change(notes: Notes, id_: str, if_match: str | None) -> httpx.Response:
    headers = {} if if_match is None else {b"If-Match": if_match.encode()}
    return await notes.http.patch(f"{NOTES}/{id_}", json={"about": "改"}, headers=headers)


async def test_a_change_names_the_version_that_was_read(notes: Notes) -> None:
    id_ = (await notes.take()).json()["id"]
    read = await notes.http.get(f"{NOTES}/{id_}")
    assert read.headers["etag"] == '"1"'

    missing = await _change(notes, id_, None)
    assert (missing.status_code, slug(missing)) == (428, "precondition-required")
    assert pointers(missing) == ["header/If-Match"]

    changed = await _change(notes, id_, read.headers["etag"])
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')

    stale = await _change(notes, id_, read.headers["etag"])
    assert (stale.status_code, slug(stale)) == (412, "stale")
    assert (await notes.http.get(f"{NOTES}/{id_}")).headers["etag"] == '"2"'

    assert (await _change(notes, id_, "*")).headers["etag"] == '"3"'
    unknown = await _change(notes, str(new_id()), "*")
    assert (unknown.status_code, slug(unknown)) == (404, "not-found")


@pytest.mark.parametrize(
    "if_match", ["", "1", 'W/"1"', '"1", "2"', '"one"', '"-1"', '"٣"', '"' + "9" * 5_000 + '"', '""']
)
async def test_what_is_no_etag_of_ours_is_malformed(notes: Notes, if_match: str) -> None:
    id_ = (await notes.take()).json()["id"]

    answer = await _change(notes, id_, if_match)

    assert (answer.status_code, slug(answer)) == (400, "malformed")
    assert pointers(answer) == ["header/If-Match"]


@pytest.mark.parametrize("if_match", [" * ", ' "1" '])
async def test_any_version_and_surrounding_space(notes: Notes, if_match: str) -> None:
    id_ = (await notes.take()).json()["id"]

    assert (await _change(notes, id_, if_match)).status_code == 200


@pytest.mark.parametrize("path", [NOTES, "/reporting/v1/quick-notes"])
async def test_pages_go_to_the_end_without_loss(notes: Notes, path: str) -> None:
    ids = [(await notes.take(stars=n % 2)).json()["id"] for n in range(7)]
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 3}
    while True:
        page = (await notes.http.get(path, params=query)).json()
        assert len(page["items"]) <= 3
        seen += [note["id"] for note in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == ids


async def test_a_page_that_is_just_full_is_the_last(notes: Notes) -> None:
    await notes.take()
    assert (await notes.http.get(NOTES, params={"limit": 1})).json()["next"] is None


async def test_a_cursor_with_other_filters_or_changed_bytes_is_refused(notes: Notes) -> None:
    for _ in range(3):
        await notes.take(stars=1)
    cursor = (await notes.http.get(NOTES, params={"limit": 1, "stars": 1})).json()["next"]
    assert (await notes.http.get(NOTES, params={"cursor": cursor, "stars": 1})).status_code == 200
    raw = base64.urlsafe_b64decode(cursor + "==")
    changed = base64.urlsafe_b64encode(raw[:-3] + b'9"]').decode()
    foreign = Cursors(Vault(MASTER_KEY, "customers:cursors")).write({"list": "list_notes", "stars": 1}, [new_id()])
    other = CURSORS.write({"list": "list_quickly", "stars": 1}, [new_id()])
    for given, stars in (
        (cursor, 2),
        (cursor, None),
        (changed, 1),
        (foreign, 1),
        (other, 1),
        ("", 1),
        ("é" * 9, 1),
        ("AAAA", 1),
    ):
        query = {"cursor": given} if stars is None else {"cursor": given, "stars": str(stars)}
        answer = await notes.http.get(NOTES, params=query)
        assert (answer.status_code, slug(answer)) == (400, "malformed")
        assert pointers(answer) == ["query/cursor"]


@pytest.mark.parametrize("limit", ["0", "501", "-1", "many", "99999999999999999999"])
async def test_limits_are_bounded(notes: Notes, limit: str) -> None:
    answer = await notes.http.get(NOTES, params={"limit": limit})
    assert answer.status_code == 422
    assert pointers(answer) == ["query/limit"]


def test_any_cut_or_lengthened_cursor_is_refused() -> None:
    cursor = CURSORS.write({"list": "notes"}, ["2026-11-04T01:00:00+00:00", str(new_id())])
    for given in [cursor[:end] for end in range(len(cursor))] + [cursor + "AAAA", "A" + cursor]:
        with pytest.raises(Malformed):
            CURSORS.read(given, {"list": "notes"})
    assert CURSORS.read(cursor, {"list": "notes", "stars": None}) is not None
