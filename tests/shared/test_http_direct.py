"""Hot routes are answered by a short way, and nobody can tell by the answer."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from shared.http.direct import Direct
from shared.http.middleware import BodyBounds
from shared.http.routing import PolicedRoute
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, app_over, notes_service
from tests.support import SETTINGS, bearer

QUICK = "/reporting/v1/quick-notes"
OF_THE_MOMENT = ("date", "ratelimit", "trace_id", "id")


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


@asynccontextmanager
async def _both_ways(notes: Notes) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """The service as it is, and without the short way."""
    long_way = app_over(notes.database, SETTINGS)
    left_out: Any = Direct
    long_way.user_middleware = [each for each in long_way.user_middleware if each.cls is not left_out]
    async with _client(notes.app) as short, _client(long_way) as long:
        yield short, long


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"x" * 100_000


REQUESTS: list[dict[str, Any]] = [
    {"method": "GET", "url": QUICK, "headers": bearer()},
    {"method": "GET", "url": f"{QUICK}?limit=500", "headers": bearer() | {"Accept-Encoding": "gzip"}},
    {"method": "GET", "url": f"{QUICK}?limit=500", "headers": bearer() | {"Accept-Encoding": "identity"}},
    {"method": "GET", "url": f"{QUICK}?limit=no&stars=many", "headers": bearer()},
    {"method": "GET", "url": f"{QUICK}?moon=full", "headers": bearer()},
    {"method": "GET", "url": QUICK},
    {"method": "GET", "url": QUICK, "headers": {"Authorization": "Bearer no"}},
    {"method": "GET", "url": QUICK, "headers": bearer() | {"Origin": "http://localhost:3000"}},
    {"method": "GET", "url": f"{QUICK}/", "headers": bearer()},
    {"method": "HEAD", "url": QUICK, "headers": bearer()},
    {"method": "DELETE", "url": QUICK, "headers": bearer()},
    {"method": "POST", "url": QUICK, "headers": bearer(), "json": {"about": "交货"}},
    {"method": "POST", "url": QUICK, "headers": bearer(), "json": {"about": "x" * 500, "moon": 1}},
    {"method": "POST", "url": QUICK, "headers": bearer() | {"Content-Type": "application/json"}, "content": "{"},
    {"method": "POST", "url": QUICK, "headers": bearer() | {"Content-Type": "text/plain"}, "content": "{}"},
    {"method": "POST", "url": QUICK, "headers": bearer() | {"Idempotency-Key": ""}, "json": {"about": "x"}},
    {"method": "POST", "url": QUICK, "json": {"about": "x"}},
]


async def test_an_answer_is_the_same_by_either_way(notes: Notes) -> None:
    await notes.database.execute(
        "INSERT INTO note (id, about) SELECT gen_random_uuid(), 'x' FROM generate_series(1, 40)"
    )
    async with _both_ways(notes) as (short_way, long_way):
        for asked in REQUESTS:
            short, long = await short_way.request(**asked), await long_way.request(**asked)

            assert short.status_code == long.status_code, asked
            assert _lasting(short.headers.multi_items()) == _lasting(long.headers.multi_items()), asked
            if short.headers.get("content-type", "").endswith("json") and short.content:
                assert _lasting(short.json().items()) == _lasting(long.json().items()), asked


@pytest.mark.parametrize("content", [b"x" * 2_000_000, None], ids=["of a known length", "as it comes"])
async def test_a_body_that_is_too_large_is_refused_by_either_way(notes: Notes, content: bytes | None) -> None:
    headers = bearer() | {"Content-Type": "application/json"}
    async with _both_ways(notes) as ways:
        for way in ways:
            answer = await way.post(QUICK, headers=headers, content=content or _chunks())
            assert (answer.status_code, answer.json()["slug"]) == (413, "too-large")


async def test_a_request_that_is_repeated_has_the_same_answer(notes: Notes) -> None:
    headers = bearer() | {"Idempotency-Key": "a"}
    first, again = [await notes.http.post(QUICK, headers=headers, json={"about": "x"}) for _ in range(2)]

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotency-replayed"] == "true"


async def test_what_is_answered_by_the_short_way_is_counted_by_its_operation(notes: Notes) -> None:
    async def counted() -> float:
        page = (await notes.http.get("/reporting/metrics", headers=bearer())).text
        line = 'crm_http_requests_total{operation="list_quickly",service="reporting",status="200"} '
        return float(next((each.removeprefix(line) for each in page.splitlines() if each.startswith(line)), "0"))

    before = await counted()
    assert (await notes.http.get(QUICK, headers=bearer())).is_success
    assert await counted() == before + 1


async def test_only_hot_routes_are_answered_here(notes: Notes) -> None:
    assert _answered_here(notes.app, "GET", QUICK)
    assert _answered_here(notes.app, "POST", QUICK)
    assert not _answered_here(notes.app, "HEAD", QUICK)
    assert not _answered_here(notes.app, "GET", NOTES)


def _lasting(fields: Any) -> list[tuple[str, Any]]:
    return sorted((name, value) for name, value in fields if name.lower() not in OF_THE_MOMENT)


# ---------------------------------------------------------------------------- whose path it is


def _app(*paths: tuple[str, bool]) -> FastAPI:
    """An app with these routes in this order; True: a hot one."""
    app = FastAPI()

    def route(path: str, *, hot: bool) -> Iterator[PolicedRoute]:
        async def endpoint() -> Response:
            return Response(path)

        async def answer(_: Request) -> Response:
            return Response(path)

        made = PolicedRoute(path, endpoint, methods=["GET"])
        made.direct = answer if hot else None
        yield made

    for path, hot in paths:
        app.router.routes.extend(route(path, hot=hot))
    return app


def _answered_here(app: FastAPI, method: str, path: str) -> str | None:
    """The template of the hot route that answers."""
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path}
    direct = Direct(app, served=app, bounds=BodyBounds(1, {}))
    found = direct._find(scope)
    return found.route.path if found else None


def test_a_route_that_comes_before_a_hot_one_keeps_its_path() -> None:
    app = _app(("/cases/search", False), ("/cases/{id}", True), ("/cases/late", False))

    assert _answered_here(app, "GET", "/cases/search") is None
    assert _answered_here(app, "GET", "/cases/17") == "/cases/{id}"
    assert _answered_here(app, "GET", "/cases/late") == "/cases/{id}", "as the router would have it"
    assert _answered_here(app, "GET", "/cases/17/files") is None
    assert _answered_here(app, "GET", "/cases/") is None
    assert _answered_here(app, "POST", "/cases/17") is None


def test_a_route_before_that_takes_any_path_keeps_them_all() -> None:
    assert _answered_here(_app(("/{rest:path}", False), ("/cases/{id}", True)), "GET", "/cases/17") is None


def test_what_a_path_says_is_handed_to_its_route() -> None:
    app = _app(("/cases/{id}/rounds/{round}", True))
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/cases/17/rounds/2"}
    Direct(app, served=app, bounds=BodyBounds(1, {}))._find(scope)

    assert scope["path_params"] == {"id": "17", "round": "2"}
