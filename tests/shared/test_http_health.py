"""Health, readiness, metrics and CORS: what stands beside the routes, for those who run the service."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.serving import bound, listening
from shared.errors import Busy
from shared.ids import new_id
from shared.telemetry import REQUESTS
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, app_over, notes_database, notes_over, notes_service, slug
from tests.support import SETTINGS, bearer

PHONE = "13912345678"
NOBODY = {"Authorization": ""}


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database, pool=2) as service:
        yield service


async def _ready(notes: Notes) -> httpx.Response:
    return await notes.http.get("/reporting/readyz", headers=NOBODY)


async def test_alive_and_ready_need_no_token(notes: Notes) -> None:
    alive = await notes.http.get("/reporting/healthz", headers=NOBODY)
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    ready = await _ready(notes)
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


async def test_a_migration_behind_or_none_at_all_is_not_ready(notes: Notes) -> None:
    await notes.database.execute("UPDATE alembic_version SET version_num = '0001'")
    behind = await _ready(notes)
    assert (behind.status_code, behind.json()["status"], behind.headers["retry-after"]) == (503, "migrating", "1")
    await notes.database.execute("DROP TABLE alembic_version")
    assert (await _ready(notes)).json()["status"] == "migrating"


async def test_without_a_broker_a_worker_is_not_ready_and_an_api_is(notes: Notes) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    broker = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = broker.sockets[0].getsockname()[1]
    settings = SETTINGS.model_copy(update={"kafka_bootstrap": f"127.0.0.1:1,127.0.0.1:{port}"})

    async def asked(*, worker: bool) -> httpx.Response:
        app = app_over(notes.database, settings, needs_bus=worker)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            return await http.get("/reporting/readyz")

    assert (await asked(worker=True)).json()["bus"] is True
    broker.close()
    await broker.wait_closed()
    away = await asked(worker=True)
    assert (away.status_code, away.json()["bus"], away.json()["database"]) == (503, False, True)
    assert away.json()["reason"] == "no broker answers"
    api = await asked(worker=False)
    assert (api.status_code, api.json()["status"], "bus" in api.json()) == (200, "ready", False)


async def test_an_exhausted_pool_answers_busy_instead_of_hanging(notes: Notes) -> None:
    async with notes.database.transaction(), notes.database.transaction():
        started = asyncio.get_running_loop().time()
        ready, listed, taken = await asyncio.gather(_ready(notes), notes.http.get(NOTES), notes.take(key="one"))
        assert asyncio.get_running_loop().time() - started < 8
    assert ready.status_code == 503
    for refused in (listed, taken):
        assert (refused.status_code, slug(refused), refused.headers["retry-after"]) == (503, "busy", "1")
    assert (await _ready(notes)).status_code == 200
    assert (await notes.take(key="one")).status_code == 201


async def test_a_closed_pool_is_busy(fresh_database: FreshDatabase) -> None:
    """The last requests of a process that is being stopped."""
    async with notes_over(await notes_database(fresh_database)) as notes:
        await notes.database.close()
        assert (await notes.http.get(NOTES)).status_code == 503
        with pytest.raises(Busy):
            await notes.database.fetchval("SELECT 1")


async def test_metrics_name_operations_and_nothing_personal(notes: Notes) -> None:
    await notes.take(phone=PHONE, about="王芳")
    await notes.http.get("/reporting/v1/people", params={"phone": PHONE})
    for n in range(5):
        await notes.http.get(f"/reporting/v1/guess-{n}-{PHONE}")
        await notes.http.get(f"{NOTES}/{PHONE}{n}")
        await notes.http.request(f"METHOD{n}", NOTES)
    text = (await notes.http.get("/reporting/metrics", headers=NOBODY)).text
    assert 'crm_parked_events{consumer="reporting",service="reporting"} 0.0' in text
    assert PHONE not in text
    assert "王芳" not in text
    assert "METHOD" not in text
    assert "guess" not in text
    counted = [line for line in text.splitlines() if line.startswith("crm_http_requests_total{")]
    for operation, status in (("take_note", 201), ("find_person", 200), ("none", 404), ("read_note", 422)):
        assert any(f'operation="{operation}"' in line and f'status="{status}"' in line for line in counted), operation


async def test_cors_is_off_by_default_and_names_the_origins_of_the_settings(fresh_database: FreshDatabase) -> None:
    page = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    async with notes_service(fresh_database) as notes:
        assert "access-control-allow-origin" not in (await notes.http.get(NOTES, headers=page)).headers
        assert (await notes.http.options(NOTES, headers=page)).status_code == 405

        settings = SETTINGS.model_copy(update={"cors_origins": ["https://page.example"]})
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app_over(notes.database, settings)), base_url="http://test", headers=bearer()
        ) as http:
            asked = {**page, "Access-Control-Request-Headers": "Authorization, If-Match, Idempotency-Key"}
            preflight = await http.options(NOTES, headers={**asked, **NOBODY})
            assert preflight.status_code == 200
            assert preflight.headers["access-control-allow-origin"] == "https://page.example"
            assert (await http.options(NOTES, headers={**asked, "Origin": "https://evil.example"})).status_code == 400

            broken = await http.post("/reporting/v1/broken-notes", json={"about": "x"}, headers=page)
            large = await http.post(NOTES, content=b"x" * 2_000_000, headers=page)
            for answer, status in ((await http.get(NOTES, headers=page), 200), (broken, 500), (large, 413)):
                assert answer.status_code == status
                assert answer.headers["access-control-allow-origin"] == "https://page.example"
                assert "ETag" in answer.headers["access-control-expose-headers"]


async def test_the_description_is_public_and_whole(notes: Notes) -> None:
    described = (await notes.http.get("/reporting/openapi.json", headers=NOBODY)).json()
    operations = [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))
    assert {"take_note", "read_events"} <= set(names)
    for _, _, operation in operations:
        refused = [each["content"] for status, each in operation["responses"].items() if status >= "400"]
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert refused == [problem] * len(refused) != []
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


async def test_a_server_after_another_one_in_the_same_process_streams_like_the_first(notes: Notes) -> None:
    for _ in range(2):
        with bound("127.0.0.1", 0) as held:
            host, port = held.getsockname()
            async with (
                listening(notes.app, held),
                httpx.AsyncClient(base_url=f"http://{host}:{port}") as http,
                http.stream("GET", "/reporting/v1/follow", headers=bearer(), timeout=5) as stream,
            ):
                notes.context.stream.put_nowait("a note")
                assert await anext(stream.aiter_lines()) == "data: a note"
                notes.context.stream.put_nowait("")


async def test_a_stream_passes_as_it_comes(notes: Notes) -> None:
    """Line by line over a real socket, while the next one does not exist yet; nothing buffers."""
    with bound("127.0.0.1", 0) as held:
        host, port = held.getsockname()
        async with (
            listening(notes.app, held),
            httpx.AsyncClient(base_url=f"http://{host}:{port}") as http,
            http.stream("GET", "/reporting/v1/follow", headers=bearer(), timeout=5) as stream,
        ):
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            for n in range(3):
                notes.context.stream.put_nowait(f"note {n}")
                assert await anext(lines) == f"data: note {n}"
                assert await anext(lines) == ""
            notes.context.stream.put_nowait("")
            assert [line async for line in lines] == []


async def test_no_request_from_outside_makes_series_of_its_own(notes: Notes) -> None:
    """Paths, parameters and made-up methods: the page stays as large as there are operations and statuses."""

    async def series() -> set[str]:
        lines = (await notes.http.get("/reporting/metrics")).text.splitlines()
        return {line.rpartition(" ")[0] for line in lines if line.startswith("crm_http")}

    paths = [f"/reporting/v1/{new_id()}" for _ in range(3)] + [f"/reporting/v1/notes/{new_id()}" for _ in range(3)]
    first = paths[0::3]
    for path in first:
        await notes.http.request("BREW", path)
        await notes.http.get(path)
    before = await series()
    for path in paths:
        await notes.http.request("BREW", path)
        await notes.http.get(path)

    assert await series() == before


async def test_the_loop_goes_on_while_metrics_are_written(notes: Notes) -> None:
    for number in range(3_000):
        REQUESTS.labels("reporting", f"operation {number}", "200").inc()
    ended, longest = asyncio.Event(), 0.0

    async def watch() -> None:
        nonlocal longest
        while not ended.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - began)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    assert (await notes.http.get("/reporting/metrics")).status_code == 200
    whole = time.perf_counter() - began
    ended.set()
    await watching
    for number in range(3_000):
        REQUESTS.remove("reporting", f"operation {number}", "200")

    assert longest < whole / 2, f"held for {longest:.3f} s of {whole:.3f} s"
