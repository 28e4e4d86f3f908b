"""Idempotency-Key: one effect and one answer per key, whatever happens in between (decision 26)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shared.ids import new_id
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_database, notes_over, notes_service, pointers, slug
from tests.support import bearer


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database, pool=8) as service:
        yield service


async def test_the_same_request_again_gets_the_same_answer_and_no_second_effect(notes: Notes) -> None:
    first = await notes.take(key="one", stars=5)
    again = await notes.take(key="one", stars=5)
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    for header in ("content-type", "etag", "location"):
        assert again.headers[header] == first.headers[header]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await notes.count() == await notes.events() == 1


async def test_without_a_key_every_request_has_its_effect(notes: Notes) -> None:
    await notes.take()
    await notes.take()
    assert await notes.count() == 2


@pytest.mark.parametrize("other", [{"stars": 4}, {"about": "别的"}])
async def test_the_key_with_another_body_is_refused(notes: Notes, other: dict[str, Any]) -> None:
    await notes.take(key="one", stars=5)
    answer = await notes.take(**{"key": "one", "stars": 5, **other})
    assert answer.status_code == 422
    assert slug(answer) == "idempotency-key-reused"
    assert await notes.count() == 1


async def test_the_key_with_another_operation_is_refused(notes: Notes) -> None:
    await notes.take(key="one")
    for path in ("/reporting/v1/open-notes", "/reporting/v1/quick-notes"):
        headers = {**bearer(), "Idempotency-Key": "one"}
        answer = await notes.http.post(path, json={"about": "交货"}, headers=headers)
        if path.endswith("open-notes"):  # called by nobody in particular: another scope
            assert answer.status_code == 201
        else:
            assert slug(answer) == "idempotency-key-reused"


async def test_a_key_belongs_to_its_caller(notes: Notes) -> None:
    await notes.take(key="one")
    other = bearer("cs_specialist", new_id())
    answer = await notes.http.post(NOTES, json={"about": "另"}, headers={**other, "Idempotency-Key": "one"})
    assert answer.status_code == 201
    assert answer.json()["about"] == "另"
    assert await notes.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_an_empty_or_endless_key_is_refused(notes: Notes, key: str) -> None:
    answer = await notes.take(key=key)
    assert answer.status_code == 422
    assert pointers(answer) == ["header/Idempotency-Key"]
    assert await notes.count() == 0


async def test_the_longest_key_is_taken(notes: Notes) -> None:
    assert (await notes.take(key="k" * 255)).status_code == 201


@pytest.mark.parametrize("path", ["refused-notes", "quietly-refused-notes", "broken-notes"])
async def test_what_fails_leaves_neither_effect_nor_key(notes: Notes, path: str) -> None:
    headers = {"Idempotency-Key": "one"}
    for _ in range(2):
        answer = await notes.http.post(f"/reporting/v1/{path}", json={"about": "交货"}, headers=headers)
        assert answer.status_code in (409, 500)
        assert "idempotency-replayed" not in answer.headers
    assert await notes.count() == await notes.events() == 0
    assert await notes.database.fetchval("SELECT count(*) FROM idempotency_key") == 0
    assert (await notes.take(key="one")).status_code == 201


async def test_an_invalid_request_does_not_use_up_its_key(notes: Notes) -> None:
    assert (await notes.take(key="one", stars="many")).status_code == 422
    assert (await notes.take(key="one", stars=3)).status_code == 201


async def test_an_answer_of_any_bytes_is_kept(notes: Notes) -> None:
    answers = [
        await notes.http.post("/reporting/v1/scans", headers={"Idempotency-Key": "scan"}),
        await notes.http.post("/reporting/v1/scans", headers={"Idempotency-Key": "scan"}),
    ]
    assert {answer.content for answer in answers} == {bytes(range(256))}
    assert {answer.headers["content-type"] for answer in answers} == {"application/pdf"}
    assert {answer.headers["content-disposition"] for answer in answers} == {"attachment"}
    assert await notes.count() == 1


async def test_a_second_request_waits_for_the_first_and_gets_its_answer(notes: Notes) -> None:
    first = asyncio.create_task(_slowly(notes))
    await notes.context.entered.wait()
    second = asyncio.create_task(_slowly(notes))
    await _waits_for_a_lock(notes)
    notes.context.gate.set()
    answers = await asyncio.gather(first, second)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert await notes.count() == 1


async def test_a_second_request_does_not_wait_for_ever(notes: Notes) -> None:
    first = asyncio.create_task(_slowly(notes))
    await notes.context.entered.wait()
    second = await _slowly(notes)
    assert second.status_code == 409
    assert slug(second) == "idempotency-key-in-progress"
    notes.context.gate.set()
    assert (await first).status_code == 201
    assert await notes.count() == 1


async def test_when_the_first_fails_the_one_that_waits_has_the_effect(notes: Notes) -> None:
    first = asyncio.create_task(_slowly(notes))
    await notes.context.entered.wait()
    second = asyncio.create_task(_slowly(notes))
    await _waits_for_a_lock(notes)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    notes.context.gate.set()
    answer = await second
    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers
    assert await notes.count() == 1


async def test_twenty_at_once_have_one_effect(notes: Notes) -> None:
    answers = await asyncio.gather(*(notes.take(key="one", stars=1) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await notes.count() == await notes.events() == 1


async def test_a_lock_of_the_business_is_no_key_in_progress(notes: Notes) -> None:
    """Whoever waits in vain for a row is told that it is busy, not that the key is in use."""
    async with notes.database.transaction() as tx:
        await tx.execute("LOCK TABLE note IN ACCESS EXCLUSIVE MODE")
        answer = await notes.take(key="one")
    assert answer.status_code == 503
    assert slug(answer) == "busy"
    assert answer.headers["retry-after"] == "1"
    assert (await notes.take(key="one")).status_code == 201


async def test_after_a_day_a_key_is_free_again(notes: Notes) -> None:
    first = await notes.take(key="one", stars=1)
    await _age(notes, "23 hours 59 minutes")
    assert (await notes.take(key="one", stars=1)).json() == first.json()
    await _age(notes, "24 hours 1 minute")
    later = await notes.take(key="one", stars=2)
    assert later.status_code == 201
    assert later.json()["id"] != first.json()["id"]
    assert (await notes.take(key="one", stars=2)).json() == later.json()
    assert await notes.count() == 2


async def test_the_stored_answer_is_sealed(notes: Notes) -> None:
    await notes.take(key="one", about="张伟的电话")
    row = await notes.database.fetchrow("SELECT * FROM idempotency_key")
    assert row is not None
    assert "张伟".encode() not in row["answer"]
    assert b"about" not in row["answer"]
    assert row["fingerprint"] != hashlib.sha256("张伟的电话".encode()).digest()
    assert len(row["fingerprint"]) == 32


async def test_a_stored_answer_opens_for_its_own_key_alone(notes: Notes) -> None:
    """Bytes moved to another caller's row cannot be read through it."""
    await notes.take(key="mine", about="我的")
    await notes.take(key="theirs", about="他们的")
    await notes.database.execute(
        "UPDATE idempotency_key SET answer = (SELECT answer FROM idempotency_key WHERE key = 'theirs') "
        "WHERE key = 'mine'"
    )
    answer = await notes.take(key="mine", about="我的")
    assert answer.status_code == 500
    assert "他们" not in answer.text


@pytest.mark.parametrize("committed", [False, True])
async def test_a_connection_lost_in_commit_is_told_and_settled_by_repeating(
    fresh_database: FreshDatabase, committed: bool
) -> None:
    """Whether the server had taken the COMMIT or not, one effect stays and the repeated request gets its answer."""
    url = await notes_database(fresh_database)
    async with _wired(url, deliver=committed) as (through, wire), notes_over(through, pool=1) as notes:
        wire.cut = True
        lost = await notes.take(key="one", stars=1)
        assert lost.status_code == 503
        assert slug(lost) == "outcome-unknown"
        assert lost.headers["retry-after"] == "1"
        wire.cut = False
        answer = await notes.take(key="one", stars=1)
        assert answer.status_code == 201
        assert ("idempotency-replayed" in answer.headers) is committed
        assert await notes.count() == await notes.events() == 1


async def test_a_server_that_goes_during_the_work_leaves_nothing(notes: Notes) -> None:
    first = asyncio.create_task(_slowly(notes))
    await notes.context.entered.wait()
    await notes.database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    notes.context.gate.set()
    answer = await first
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert await notes.count() == 0
    notes.context.entered.clear()
    assert (await _slowly(notes)).status_code == 201
    assert await notes.count() == 1


async def _slowly(notes: Notes) -> Any:
    return await notes.http.post(
        "/reporting/v1/slow-notes", json={"about": "慢"}, headers={"Idempotency-Key": "slow"}, timeout=20
    )


async def _waits_for_a_lock(notes: Notes) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def somebody_waits() -> bool:
        return bool(await notes.database.fetchval(waiting))

    await eventually(somebody_waits)


async def _age(notes: Notes, by: str) -> None:
    await notes.database.execute(f"UPDATE idempotency_key SET created_at = clock_timestamp() - interval '{by}'")


class Wire:
    """A wire to the server that breaks at COMMIT while `cut`: before it arrives there, or before its answer does."""

    def __init__(self, url: str, *, deliver: bool) -> None:
        self.cut = False
        self._url = url
        self._deliver = deliver

    async def __call__(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await _server_of(self._url)
        broken = asyncio.Event()
        back = asyncio.create_task(self._back(server, to_client, broken))
        while part := await client.read(65_536):
            if self.cut and b"COMMIT" in part:
                broken.set()
                if self._deliver:
                    to_server.write(part)
                    await back
                break
            to_server.write(part)
        to_server.close()
        await back

    async def _back(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, broken: asyncio.Event) -> None:
        while (part := await server.read(65_536)) and not broken.is_set():
            to_client.write(part)
        to_client.close()


@asynccontextmanager
async def _wired(url: str, *, deliver: bool) -> AsyncIterator[tuple[str, Wire]]:
    wire = Wire(url, deliver=deliver)
    listening = await asyncio.start_server(wire, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    user, _, _ = urlsplit(url).netloc.rpartition("@")
    yield f"postgresql://{user}@127.0.0.1:{port}{urlsplit(url).path}?sslmode=disable", wire
    listening.close()


async def _server_of(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if "host" in where:
        return await asyncio.open_unix_connection(f"{where['host']}/.s.PGSQL.{where['port']}")
    return await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)


async def test_who_brings_no_token_shares_no_key(notes: Notes) -> None:
    """One address and path is one caller; another address is another."""
    open_notes = "/reporting/v1/open-notes"
    there = httpx.ASGITransport(app=notes.app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=there, base_url="http://test") as elsewhere:
        headers = {"Authorization": "", "Idempotency-Key": "one"}
        first = await notes.http.post(open_notes, json={"about": "交货"}, headers=headers)
        again = await notes.http.post(open_notes, json={"about": "交货"}, headers=headers)
        other = await elsewhere.post(open_notes, json={"about": "另"}, headers=headers)

    assert first.json() == again.json()
    assert (other.status_code, other.json()["about"]) == (201, "另")
    kept = await notes.database.fetch("SELECT caller FROM idempotency_key")
    assert all("203.0.113.9" not in row["caller"] for row in kept)
