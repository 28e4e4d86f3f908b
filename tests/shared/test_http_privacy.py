"""Whatever goes wrong with a person's data at hand, no log line contains them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, notes_database

PHONE = "13698765432"
NAME = "欧阳修远"
ADDRESS = "ouyang@example.com"
PERSON = {"about": NAME, "phone": PHONE}
ESCAPED = json.dumps(NAME).strip('"')


class Server:
    """A server of its own process; what it logged is known when it has ended."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
        self._process = process
        self.http = http

    async def logged(self) -> str:
        """Ends it by closing its standard input."""
        _, logged = await self._process.communicate(b"")
        return logged.decode()


@asynccontextmanager
async def _server(url: str) -> AsyncIterator[Server]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.shared.notes_server", url, stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stdout is not None
    try:
        port, token = (await process.stdout.readline()).decode().split()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as http:
            yield Server(process, http)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_logs_never_hold_what_a_person_said(fresh_database: FreshDatabase) -> None:
    async with _server(await notes_database(fresh_database)) as server:
        statuses = [(await _ask(server.http, *request)).status_code for request in REQUESTS]
        logged = await server.logged()

    assert statuses == [201, 500, 422, 422, 422, 400, 422, 500, 500, 200, 401, 415, 404, 413]
    lines = [json.loads(line) for line in logged.splitlines()]
    faults = {line["fault"] for line in lines if "fault" in line}
    assert {"UniqueViolationError", "RuntimeError", "LookupError", "DataError"} <= faults, "it was logged at all"
    assert any(line["event"] == "Task exception was never retrieved" for line in lines)
    assert all(line["trace_id"] for line in lines if line["event"] == "unexpected error")
    assert {line["service"] for line in lines if line["event"] == "unexpected error"} == {"reporting"}
    assert all(line["service"] and line["role"] and line["logger"] for line in lines)
    assert all(line["stack"] for line in lines if line["event"] == "unexpected error")
    for secret in (PHONE, NAME, ESCAPED, ADDRESS, PHONE[:10], server.http.headers["Authorization"][7:60]):
        assert secret not in logged


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", NOTES, {"json": PERSON}),
    ("POST", NOTES, {"json": PERSON}),  # unique violation, its DETAIL names the phone
    ("POST", NOTES, {"json": {**PERSON, "phone": PHONE + "0"}}),  # refused by validation
    ("POST", NOTES, {"json": {**PERSON, PHONE: NAME, ADDRESS: 1}}),
    ("POST", NOTES, {"json": {"about": NAME, "stars": int(PHONE)}}),  # refused by the driver, which quotes it
    ("POST", NOTES, {"content": f'{{"about": "{NAME}" "{PHONE}"', "headers": {"Content-Type": "application/json"}}),
    ("GET", f"/reporting/v1/people?phone={PHONE}%00", {}),  # refused by the server
    (
        "POST",
        "/reporting/v1/broken-notes",
        {"json": {"about": NAME, "phone": None}, "headers": {"Idempotency-Key": "k"}},
    ),
    ("GET", f"/reporting/v1/broken-people?phone={PHONE}", {}),
    ("GET", f"/reporting/v1/forgotten-people?phone={PHONE}", {}),
    ("GET", "/reporting/v1/mine", {"headers": {"Authorization": f"Bearer {PHONE}.{PHONE}.{PHONE}"}}),
    ("POST", NOTES, {"content": NAME.encode(), "headers": {"Content-Type": f"text/{PHONE}"}}),
    ("GET", f"/reporting/v1/nobody/{PHONE}?name={NAME}&mail={ADDRESS}", {}),
    ("POST", NOTES, {"json": {"about": NAME * 500_000}}),
]


async def _ask(http: httpx.AsyncClient, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
    return await http.request(method, path, **options)
