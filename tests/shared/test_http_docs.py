"""The documentation of a service works on a machine without a network (architecture 4)."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.security.services import ALL
from tests.shared.notes import Notes, notes_service, slug
from tests.support import one_service

REFERENCE = re.compile(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""")


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database) as service:
        yield service


async def _referenced(http: httpx.AsyncClient, page: str) -> list[str]:
    """What the page makes a browser load."""
    answer = await http.get(page, headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "https://" not in answer.text
    return REFERENCE.findall(answer.text)


@pytest.mark.parametrize("name", ALL)
async def test_the_page_loads_nothing_from_elsewhere(fresh_database: FreshDatabase, name: ServiceName) -> None:
    async with one_service(fresh_database, name) as service:
        found = await _referenced(service.http, f"/{name}/docs")
        assert len(found) == 4, "style, icon, script, description"
        for reference in found:
            assert not urlsplit(reference).netloc, reference
            answer = await service.http.get(reference, headers={"Authorization": ""})
            assert answer.status_code == 200, reference
            assert len(answer.content) > 1_000, reference


async def test_style_and_script_have_no_references_of_their_own(notes: Notes) -> None:
    style = (await notes.http.get("/reporting/docs/swagger-ui.css")).text
    assert re.findall(r"@import|url\((?!data:|[\"']?data:)[^)]*\)", style) == []


async def test_a_browser_is_told_to_load_nothing_from_elsewhere(notes: Notes) -> None:
    policy = (await notes.http.get("/reporting/docs")).headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


@pytest.mark.parametrize("name", ["redoc.standalone.js", "..%2f__init__.py", "%2e%2e", "core.py"])
async def test_nothing_else_of_the_package_is_served(notes: Notes, name: str) -> None:
    answer = await notes.http.get(f"/reporting/docs/{name}")
    assert (answer.status_code, slug(answer)) == (404, "not-found")
