"""The broker that the tests of a run share: there when it can be, missed aloud when it cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.architecture.source import ROOT


async def test_the_broker_of_the_run_answers(kafka_bootstrap: str) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await client.start()
    try:
        cluster = await client.describe_cluster()
    finally:
        await client.close()

    assert [f"{broker['host']}:{broker['port']}" for broker in cluster["brokers"]] == [kafka_bootstrap]


@pytest.fixture
def machine_without_java(tmp_path: Path) -> Path:
    """A project with one test that needs a broker, on a path where nothing is installed."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tests.kafka"]\n')
    (tmp_path / "test_sample.py").write_text(
        "def test_that_needs_a_broker(kafka_bootstrap):\n    assert kafka_bootstrap\n"
    )
    return tmp_path


def run_pytest(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(project)],
        cwd=project,
        env=kept | {"PATH": str(project), "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_java_the_run_says_what_it_left_out(machine_without_java: Path) -> None:
    run = run_pytest(machine_without_java, REQUIRE_KAFKA="0")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 tests need a real Kafka broker" in run.stdout
    assert "java" in run.stdout
    assert "1 skipped" in run.stdout


def test_a_run_that_requires_kafka_refuses_to_leave_it_out(machine_without_java: Path) -> None:
    run = run_pytest(machine_without_java, REQUIRE_KAFKA="1")

    assert run.returncode == 1, run.stdout + run.stderr
    assert "no real Kafka broker" in run.stdout


def test_a_given_broker_is_used_as_it_is(machine_without_java: Path) -> None:
    run = run_pytest(machine_without_java, REQUIRE_KAFKA="1", KAFKA_BOOTSTRAP="127.0.0.1:1")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout
