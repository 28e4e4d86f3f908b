"""Front ends elsewhere: closed unless a setting opens it, and then errors can be read too."""

import httpx
import pytest

from shared.settings import Settings
from tests.postgres import FreshDatabase
from tests.shared.notes import NOTES, notes_service
from tests.support import SETTINGS

LOCAL = "http://localhost:5173"
NAMED = "https://desk.example.com"


async def _allowed(fresh_database: FreshDatabase, settings: Settings, origin: str) -> list[httpx.Response]:
    """The answers to a preflight, to a request and to one that is refused, as a browser asks from there."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "If-Match"}
    async with notes_service(fresh_database, settings) as notes:
        return [
            await notes.http.request("OPTIONS", NOTES, headers=asked),
            await notes.http.get(NOTES, headers={"Origin": origin}),
            await notes.http.get(NOTES, headers={"Origin": origin, "Authorization": ""}),
        ]


@pytest.mark.parametrize("origin", [LOCAL, "http://127.0.0.1:8080", "http://[::1]:3000", "http://localhost"])
async def test_a_local_page_may_call_when_the_setting_says_so(fresh_database: FreshDatabase, origin: str) -> None:
    preflight, read, refused = await _allowed(fresh_database, SETTINGS.model_copy(update={"cors_local": True}), origin)

    assert preflight.status_code == 200
    assert "If-Match" in preflight.headers["access-control-allow-headers"]
    assert read.headers["access-control-allow-origin"] == refused.headers["access-control-allow-origin"] == origin
    assert {"ETag", "RateLimit"} <= set(read.headers["access-control-expose-headers"].split(", "))
    assert refused.status_code == 401


@pytest.mark.parametrize("origin", ["http://localhost.evil.example", "http://evil.example", "null"])
async def test_no_other_page_may(fresh_database: FreshDatabase, origin: str) -> None:
    for settings in (SETTINGS, SETTINGS.model_copy(update={"cors_local": True, "cors_origins": [NAMED]})):
        for answer in await _allowed(fresh_database, settings, origin):
            assert "access-control-allow-origin" not in answer.headers


async def test_named_origins_need_nothing_else(fresh_database: FreshDatabase) -> None:
    settings = SETTINGS.model_copy(update={"cors_origins": [NAMED]})

    _, read, _ = await _allowed(fresh_database, settings, NAMED)
    assert read.headers["access-control-allow-origin"] == NAMED
    for answer in await _allowed(fresh_database, settings, LOCAL):
        assert "access-control-allow-origin" not in answer.headers
