"""How much a caller may ask and send: requests a second, bytes of a body."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from deploy.serving import bound, listening
from shared.http.app import create_app
from shared.ids import new_id
from shared.limits import RateLimits, address_of
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, Notes, notes_service, slug
from tests.support import SETTINGS, bearer, client_of

MINE = "/reporting/v1/mine"
OPEN = "/reporting/v1/open-notes"
TIGHT = SETTINGS.model_copy(
    update={"requests_per_second_per_token": 3, "requests_per_second_per_address": 2, "largest_body": 2_000}
)


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database, TIGHT) as service:
        yield service


async def _at_once(notes: Notes, path: str, times: int, **headers: str) -> list[httpx.Response]:
    return list(await asyncio.gather(*(notes.http.get(path, headers=headers) for _ in range(times))))


async def test_each_caller_has_a_rate_of_its_own(notes: Notes) -> None:
    one, other = bearer("cs_manager", new_id()), bearer("cs_manager", new_id())
    answers = await _at_once(notes, MINE, 20, **one)
    assert {answer.status_code for answer in answers} == {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert slug(refused) == "too-many-requests"
    assert refused.headers["retry-after"] == "1"
    assert (await notes.http.get(MINE, headers=other)).status_code == 200


@pytest.mark.parametrize(
    "path, headers",
    [(OPEN, {}), (MINE, {"Authorization": ""}), (MINE, {"Authorization": "Bearer guessed"})],
    ids=["public", "no token", "guessed token"],
)
async def test_an_address_without_a_valid_token_has_a_rate(notes: Notes, path: str, headers: dict[str, str]) -> None:
    statuses = [answer.status_code for answer in await _at_once(notes, path, 20, **headers)]
    assert 429 in statuses
    assert (await notes.http.get(MINE)).status_code == 200, "whoever has a token is not kept away by those without"


@pytest.mark.parametrize("limited", [True, False])
async def test_administrators_are_limited_as_the_settings_say(fresh_database: FreshDatabase, limited: bool) -> None:
    settings = TIGHT.model_copy(update={"rate_limits_admin": limited})
    async with notes_service(fresh_database, settings) as notes:
        statuses = {answer.status_code for answer in await _at_once(notes, MINE, 20)}
        assert (429 in statuses) is limited


async def test_a_body_that_says_it_is_too_large_is_not_read(notes: Notes) -> None:
    answer = await notes.take(about="x" * 3_000)
    assert (answer.status_code, slug(answer)) == (413, "too-large")


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "one"}], ids=["plain", "with a key"])
async def test_a_body_that_does_not_say_its_length_is_cut(notes: Notes, key: dict[str, str]) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"about": "'
        for _ in range(1_000):
            yield b"x" * 1_000
        pytest.fail("read to the end")

    headers = {"Content-Type": "application/json", **key}
    answer = await notes.http.post(NOTES, content=endless(), headers=headers)
    assert (answer.status_code, slug(answer)) == (413, "too-large")
    assert await notes.count() == 0


async def test_a_body_just_within_the_bound_is_taken(notes: Notes) -> None:
    filled = '{"about": "交货"' + " " * 1_981 + "}"
    assert len(filled.encode()) == 2_000
    answer = await notes.http.post(NOTES, content=filled.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 201


async def test_uploads_have_a_bound_of_their_own(notes: Notes) -> None:
    path = "/reporting/v1/attachments"
    taken = await notes.http.post(path, files={"file": b"x" * 3_000})
    assert (taken.status_code, taken.json()) == (201, {"bytes": 3_000})
    refused = await notes.http.post(path, files={"file": b"x" * 5_000})
    assert (refused.status_code, slug(refused)) == (413, "too-large")


async def test_over_a_real_socket(notes: Notes) -> None:
    """The same bounds over a server: in chunks, and with a length that lies."""
    with bound("127.0.0.1", 0) as held:
        host, port = held.getsockname()
        async with listening(notes.app, held), httpx.AsyncClient(base_url=f"http://{host}:{port}") as http:

            async def chunks() -> AsyncIterator[bytes]:
                for _ in range(50):
                    yield b"x" * 1_000

            headers = {**bearer(), "Content-Type": "application/json"}
            assert (await http.post(NOTES, content=chunks(), headers=headers)).status_code == 413
            assert (await http.post(NOTES, content=b"x" * 50_000, headers=headers)).status_code == 413
            liar = await _raw(
                host, port, b"POST " + NOTES.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"
            )
            assert liar.startswith(b"HTTP/1.1 400")
            assert (await http.get(MINE, headers=bearer())).status_code == 200


async def _raw(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(1_000), 5)
    writer.close()
    return answer


@pytest.mark.parametrize("path", ["/reporting/metrics", "/reporting/docs", "/reporting/openapi.json"])
async def test_what_stands_beside_the_routes_has_a_rate_too(notes: Notes, path: str) -> None:
    answers = await _at_once(notes, path, 20, Authorization="")

    assert {answer.status_code for answer in answers} == {200, 429}
    assert (await notes.http.get("/reporting/healthz")).status_code == 200, "who watches the process is not refused"


async def test_services_of_one_process_count_a_caller_together(fresh_database: FreshDatabase) -> None:
    async with notes_service(fresh_database, TIGHT) as one:
        limits = RateLimits(TIGHT)
        apps = [create_app(one.app.state.service, limits) for _ in range(2)]
        clients = [client_of(app) for app in apps]

        statuses = [(await clients[turn % 2].get(MINE)).status_code for turn in range(8)]

    assert statuses.count(200) <= 2 * TIGHT.requests_per_second_per_token
    assert 429 in statuses


@pytest.mark.parametrize("trusted, counted", [((), "127.0.0.1"), (("127.0.0.1",), "203.0.113.9")])
async def test_only_a_trusted_proxy_says_whose_request_it_is(trusted: tuple[str, ...], counted: str) -> None:
    async def whose(scope: Scope, _: Receive, send: Send) -> None:
        await Response(address_of(scope))(scope, _, send)

    with bound("127.0.0.1", 0) as held:
        host, port = held.getsockname()
        async with listening(whose, held, trusted), httpx.AsyncClient(base_url=f"http://{host}:{port}") as http:
            answer = await http.get("/", headers={"X-Forwarded-For": "203.0.113.9"})

    assert answer.text == counted


async def test_metrics_are_for_the_monitoring_network(fresh_database: FreshDatabase) -> None:
    settings = SETTINGS.model_copy(update={"metrics_networks": ["198.51.100.0/24"]})
    async with notes_service(fresh_database, settings) as notes:
        assert (await notes.http.get("/reporting/metrics")).status_code == 404


async def test_every_answer_tells_what_is_left(notes: Notes) -> None:
    one = bearer("cs_manager", new_id())
    answers = [await notes.http.get(path, headers=one) for path in (MINE, "/reporting/v1/secrets", MINE, MINE, MINE)]

    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"token";q=3;w=1'}
    assert answers[0].headers["ratelimit"] == '"token";r=2;t=1'
    assert answers[1].status_code == 403
    for answer in answers:
        assert (answer.headers["ratelimit"] == '"token";r=0;t=1') or answer.status_code != 429
    public = await notes.http.get(OPEN)
    assert (public.headers["ratelimit-policy"], public.headers["ratelimit"]) == (
        '"address";q=2;w=1',
        '"address";r=1;t=1',
    )


async def test_who_is_not_limited_is_told_of_no_limit(fresh_database: FreshDatabase) -> None:
    settings = TIGHT.model_copy(update={"rate_limits_admin": False})
    async with notes_service(fresh_database, settings) as notes:
        assert "ratelimit" not in (await notes.http.get(MINE)).headers
