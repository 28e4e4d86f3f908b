"""The real Kafka broker that all tests of a run share, also over the workers of pytest-xdist.

A test asks for the fixture `kafka_bootstrap`, or carries the mark `kafka` when it starts brokers of
its own. The broker starts when the first test asks, and ends with the run:

- KAFKA_BOOTSTRAP names a running broker, which is used as it is;
- otherwise one is started, where Java and Maven are there;
- otherwise these tests are left out, and the run says so; with REQUIRE_KAFKA=1 they fail instead.

Topics are shared by all tests of a run: a test takes names of its own.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from deploy.kafka.broker import KafkaBroker, KafkaMissing, ensure_libs, given_bootstrap
from tests.postgres import throwaway_folder

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

LOOK_EVERY = 0.1
PATIENCE = 100.0
"""Seconds for a worker to wait for the broker; it answers after about five."""

_COMMON = pytest.StashKey["CommonBroker"]()

_REASON = "no real Kafka broker: "


@cache
def why_missing() -> str | None:
    """What keeps this machine from having a broker, in words; None when it can have one."""
    if given_bootstrap():
        return None
    try:
        ensure_libs()
    except KafkaMissing as reason:
        return str(reason)
    return None


def is_required() -> bool:
    return os.environ.get("REQUIRE_KAFKA", "") not in {"", "0"}


class CommonBroker:
    """The run's broker, owned by the process that outlives the workers.

    Workers cannot call their controller, so they ask by a file and read the answer from another.
    """

    def __init__(self) -> None:
        self._ending = ExitStack()
        self.folder = self._ending.enter_context(throwaway_folder())
        self._broker = KafkaBroker(self.folder / "broker")
        self._ended = Event()
        self._waiter = Thread(target=self._start_when_asked, daemon=True)
        self._waiter.start()

    def _start_when_asked(self) -> None:
        while not (self.folder / "asked").exists():
            if self._ended.wait(LOOK_EVERY):
                return
        try:  # whatever goes wrong, the workers wait for a word
            self._broker.start()
            answer = self._broker.bootstrap
        except Exception as failure:
            answer = f"failed: {failure}"
        half = self.folder / "answering"
        half.write_text(answer, encoding="utf-8")
        half.rename(self.folder / "answer")

    def end(self) -> None:
        self._ended.set()
        self._waiter.join()
        self._broker.kill()
        self._ending.close()


def ask(folder: Path) -> str:
    """The address of the run's broker, once it answers. Fails the test when it cannot start."""
    (folder / "asked").touch()
    answer = folder / "answer"
    deadline = time.monotonic() + PATIENCE
    while not answer.exists():
        if time.monotonic() > deadline:
            pytest.fail(f"the broker did not start within {PATIENCE:.0f} s")
        time.sleep(LOOK_EVERY)
    said = answer.read_text(encoding="utf-8")
    if said.startswith("failed: "):
        pytest.fail(f"the broker could not start: {said.removeprefix('failed: ')}")
    return said


@pytest.hookimpl(optionalhook=True)  # absent without xdist
def pytest_configure_node(node: "WorkerController") -> None:
    node.workerinput["kafka_folder"] = str(_common_broker(node.config).folder)


def _common_broker(config: pytest.Config) -> CommonBroker:
    if _COMMON not in config.stash:
        config.stash[_COMMON] = CommonBroker()
    return config.stash[_COMMON]


def pytest_unconfigure(config: pytest.Config) -> None:
    if _COMMON in config.stash:
        config.stash[_COMMON].end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"kafka_bootstrap", "own_broker"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("kafka")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("kafka") is None:
        return
    if reason := why_missing():
        refuse = pytest.fail if is_required() else pytest.skip
        refuse(_REASON + reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sum(_REASON in str(report.longrepr) for report in skipped)
    if left_out:
        terminalreporter.section("left out")
        terminalreporter.line(f"{left_out} tests need a real Kafka broker. {why_missing()}")


@pytest.fixture(scope="session")
def kafka_bootstrap(pytestconfig: pytest.Config) -> str:
    """host:port of a real broker."""
    if given := given_bootstrap():
        return given
    folder: str | None = getattr(pytestconfig, "workerinput", {}).get("kafka_folder")
    return ask(Path(folder) if folder else _common_broker(pytestconfig).folder)


@pytest.fixture
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A broker of the test's own: its topics are nobody else's, and it may be killed."""
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker
