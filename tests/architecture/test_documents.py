"""What the documents name exists, and what they should name is named."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from shared.contracts.base import Fact
from tests.architecture.source import python_sources
from tests.contracts.samples import facts

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
EVENTS = (ROOT / "docs/events.md").read_text()
OPERATING = (ROOT / "docs/operating.md").read_text()
ROUTE = re.compile(r"@\w+\.(get|post|put|patch|delete)\(\s*\"([^\"]*)\"")
ADVISED = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) /\w+/v1(/[\w/{}-]+)")
CITED = re.compile(r"domain (\d(?:\.\d)?)|decisions? (\d+)")

FACTS = facts()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.TYPE)
def test_every_event_is_described_with_its_fields(fact: type[Fact]) -> None:
    assert f"`{fact.TYPE}`" in EVENTS
    assert f"`{fact.TOPIC}`" in EVENTS
    assert [name for name in fact.model_fields if f"`{name}`" not in EVENTS] == []


def settings_classes() -> list[type[BaseSettings]]:
    """Every class of settings that anything of ours reads, wherever it stands."""
    for package in ("services", "shared", "deploy"):
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if "settings" in found.name:
                importlib.import_module(found.name)
    return sorted(
        (
            each
            for each in BaseSettings.__subclasses__()
            if each.__module__.startswith(("services", "shared", "deploy"))
        ),
        key=lambda each: each.__name__,
    )


@pytest.mark.parametrize("settings", settings_classes(), ids=lambda settings: settings.__name__)
def test_every_setting_is_described(settings: type[BaseSettings]) -> None:
    prefix = settings.model_config["env_prefix"]
    known = {f"{prefix}{name.upper()}" for name in settings.model_fields}
    of_the_mode = {"CRM_RATE_LIMITS_ADMIN"}
    abbreviated = OPERATING.replace("`…_PER_ADDRESS`", "`CRM_REQUESTS_PER_SECOND_PER_ADDRESS`")
    assert sorted(name for name in known - of_the_mode if f"`{name}`" not in abbreviated) == []


def test_settings_lie_where_they_are_found() -> None:
    """In a module called settings; else the test above would not know them."""
    elsewhere = [
        source.place
        for source in python_sources("services", "shared", "deploy")
        if "(BaseSettings)" in source.text and source.path.stem != "settings"
    ]
    assert elsewhere == []
    assert len(settings_classes()) >= 4


def test_what_docstrings_cite_stands_in_the_documents() -> None:
    sections = set(re.findall(r"^#+ (\d(?:\.\d)?)[. ]", (ROOT / "docs/domain.md").read_text(), re.MULTILINE))
    rules = set(re.findall(r"^(\d+)\. ", (ROOT / "docs/decisions/README.md").read_text(), re.MULTILINE))
    missing = [
        f"{file.relative_to(ROOT)}: {cited[0]}"
        for folder in ("services", "shared", "deploy")
        for file in (ROOT / folder).rglob("*.py")
        for cited in CITED.finditer(file.read_text())
        if (cited[1] and cited[1] not in sections) or (cited[2] and cited[2] not in rules)
    ]
    assert missing == []


def test_every_decision_page_is_listed() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text()
    pages = {page.name for page in (ROOT / "docs/decisions").glob("*.md")} - {"README.md"}
    assert sorted(page for page in pages if f"({page})" not in listed) == []


def test_routes_that_texts_advise_exist() -> None:
    services = python_sources("services")
    routes = {(way.upper(), _parted(path)) for source in services for way, path in ROUTE.findall(source.text)}
    advised = {each[0]: (each[1], _parted(each[2])) for source in services for each in ADVISED.finditer(source.text)}
    missing = {
        text for text, (way, path) in advised.items() if not any(way == w and _leads(path, to) for w, to in routes)
    }
    assert (missing, len(advised) > 20) == (set(), True)


def _parted(path: str) -> tuple[str, ...]:
    return tuple("*" if part.startswith("{") else part for part in path.strip("/").split("/"))


def _leads(path: tuple[str, ...], to: tuple[str, ...]) -> bool:
    return len(path) == len(to) and all(there in ("*", part) for part, there in zip(path, to, strict=True))
