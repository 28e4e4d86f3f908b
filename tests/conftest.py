"""The PostgreSQL server that all tests of a run share, also over the workers of pytest-xdist; what asserts beside them.

Without workers it starts when the first test asks for it. With workers the controller, which
outlives them, starts it and hands its address to each.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Protocol

import hypothesis
import pytest

from tests.declaring import undeclared
from tests.postgres import Databases, FreshDatabase, throwaway_server

hypothesis.settings.register_profile("ours", deadline=timedelta(seconds=5))
hypothesis.settings.load_profile("ours")
"""A rule that takes seconds is seen, a machine that is busy for a moment is not."""


class Worker(Protocol):
    """What is used of pytest-xdist's WorkerController, which has no types."""

    config: pytest.Config
    workerinput: dict[str, Any]


pytest_plugins = ["tests.kafka"]

# Assertions in stories say what was found, like those of tests; before anybody imports them.
pytest.register_assert_rewrite(*(f"tests.journeys.{name}" for name in ("network", "looks", "reading", "stories")))

_SERVER = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: asks for the run's PostgreSQL server (set by itself)")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.hookimpl(optionalhook=True)  # absent without xdist
def pytest_configure_node(node: Worker) -> None:
    node.workerinput["postgres_url"] = _server_of(node.config)


def _server_of(config: pytest.Config) -> str:
    """Address of the server, started if it is not yet, and stopped however the run ends."""
    if _SERVER not in config.stash:
        until_the_end = ExitStack()
        config.add_cleanup(until_the_end.close)
        config.stash[_SERVER] = until_the_end.enter_context(throwaway_server())
    return config.stash[_SERVER]


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """Address of the run's server: its database `postgres`, in which nothing may be left."""
    given: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return given.get("postgres_url") or _server_of(pytestconfig)


@pytest.fixture
async def fresh_database(postgres_url: str) -> AsyncIterator[FreshDatabase]:
    """Gives new databases, copied from a template that is built once per run (`Databases`)."""
    databases = Databases(postgres_url)
    yield databases.fresh
    await databases.drop_made()


@pytest.fixture(autouse=True)
def meant_undeclared() -> Iterator[set[str]]:
    """Fails a test in which an operation answers an error that it does not declare, unless the test says it here."""
    meant: set[str] = set()
    before = undeclared()
    yield meant
    assert {error for error, count in undeclared().items() if count > before.get(error, 0)} <= meant
