"""What is installed is pinned by hash and names no address."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

EVERYTHING = ROOT / "requirements.lock"
RUNNING = ROOT / "deploy/requirements.lock"

PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;]+)", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def pins(lock: Path) -> set[tuple[str, str]]:
    """(name, version) of each entry; a name may stand twice, for different machines."""
    text = lock.read_text(encoding="utf-8")
    return {(pin["name"], pin["version"]) for pin in PIN.finditer(text)}


def names(lock: Path) -> set[str]:
    return {name for name, _ in pins(lock)}


def wanted(extra: str | None = None) -> set[str]:
    """Names of pyproject.toml's dependencies, or of an extra's, as the lock files spell them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project["optional-dependencies"][extra] if extra else project["dependencies"]
    found = [NAME.match(requirement) for requirement in requirements]
    return {re.sub(r"[._-]+", "-", name.group()).lower() for name in found if name}


@pytest.mark.parametrize("lock", [EVERYTHING, RUNNING], ids=["everything", "running"])
def test_every_package_is_pinned_by_hash_without_an_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(pins(lock))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|^\s*-", re.sub(r"^\s*--hash=\S+", "", text, flags=re.MULTILINE))


def test_the_lock_holds_all_that_the_project_asks_for() -> None:
    assert wanted() | wanted("dev") <= names(EVERYTHING), "run `make lock`"


def test_an_image_runs_what_was_tested() -> None:
    assert wanted() <= names(RUNNING), "run `make lock`"
    assert pins(RUNNING) <= pins(EVERYTHING), "run `make lock`"


def test_an_image_holds_no_test_tools() -> None:
    assert names(RUNNING) & {"mypy", "pytest", "ruff", "hypothesis"} == set()
