"""gzip for those who ask; never for what is small, tagged or flows."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.http.compression import SMALLEST, asks_for_gzip
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service
from tests.support import bearer, served

GZIP = {"Accept-Encoding": "br, gzip;q=0.8"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


async def _raw(http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> tuple[httpx.Headers, bytes]:
    async with http.stream("GET", path, headers={**bearer(), **headers}) as answer:
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("many", [20, 400], ids=["on the loop", "in a thread"])
@pytest.mark.parametrize("path", [NOTES, "/reporting/v1/quick-notes"])
async def test_a_list_is_packed_for_who_asks(notes: Notes, path: str, many: int) -> None:
    await notes.database.execute(
        "INSERT INTO note (id, about) SELECT gen_random_uuid(), '交货' FROM generate_series(1, $1::int)", many
    )
    async with served(notes.app) as url, httpx.AsyncClient(base_url=url) as http:
        headers, plain = await _raw(http, f"{path}?limit=500", PLAIN)
        assert "content-encoding" not in headers
        assert headers["vary"] == "Accept-Encoding"
        packed_headers, packed = await _raw(http, f"{path}?limit=500", GZIP)

    assert packed_headers["content-encoding"] == "gzip"
    assert int(packed_headers["content-length"]) == len(packed) < len(plain) / 2
    assert gzip.decompress(packed) == plain


async def test_what_is_small_or_tagged_stays_as_it_is(notes: Notes) -> None:
    made = await notes.take(about="x" * 190)
    small, _ = await _raw(notes.http, NOTES, GZIP)
    tagged = await notes.http.post(NOTES, json={"about": "x", "tags": ["y" * 100] * 20}, headers={**GZIP, **bearer()})

    assert made.status_code == tagged.status_code == 201
    assert "etag" in tagged.headers
    assert "content-encoding" not in small
    assert "content-encoding" not in tagged.headers


async def test_a_stream_comes_as_it_happens(notes: Notes) -> None:
    line = "x" * SMALLEST
    headers = {**bearer(), **GZIP}
    async with (
        served(notes.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers) as http,
        http.stream("GET", "/reporting/v1/follow") as answer,
    ):
        assert "content-encoding" not in answer.headers
        lines = answer.aiter_lines()
        for _ in range(2):
            await notes.context.stream.put(line)
            assert await asyncio.wait_for(anext(lines), 5) == f"data: {line}"
            assert await anext(lines) == ""
        await notes.context.stream.put("")


async def test_metrics_and_descriptions_are_packed(notes: Notes) -> None:
    for path in ("/reporting/metrics", "/reporting/openapi.json"):
        headers, packed = await _raw(notes.http, path, GZIP)
        assert headers["content-encoding"] == "gzip", path
        assert gzip.decompress(packed)


@pytest.mark.parametrize(
    "accepted, asks",
    [
        ("gzip", True),
        ("deflate, GZIP", True),
        ("br;q=1.0, gzip;q=0.5, *;q=0.1", True),
        ("gzip ; q=1", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, br", False),
        ("x-gzip", False),
    ],
)
def test_whether_gzip_is_asked_for(accepted: str, asks: bool) -> None:
    assert asks_for_gzip(accepted) is asks
