"""The image: what it copies exists, what it installs is pinned, and it does not run as root."""

import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / "deploy/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
HEALTHCHECK = ROOT / "deploy/healthcheck.py"


def copied() -> list[str]:
    """What is copied from the project, not from an earlier stage."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    return [source for line in lines for source in line.split()]


def test_it_copies_what_exists_and_is_not_ignored() -> None:
    let_in = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}

    assert copied()
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert {source.split("/")[0] for source in copied()} == let_in


def test_it_installs_by_hash_and_compiles_nothing() -> None:
    installs = re.findall(r"pip install (.+)$", DOCKERFILE, flags=re.MULTILINE)

    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--only-binary :all:" in installs[0]


def test_it_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, flags=re.MULTILINE)

    assert users
    assert users[-1] != "0"


class Answering(http.server.BaseHTTPRequestHandler):
    """Ready at one path, busy at any other."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/care/readyz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path, status", [("/care/readyz", 0), ("/reporting/readyz", 1)])
def test_a_container_is_healthy_when_its_service_is_ready(port: int, path: str, status: int) -> None:
    told = subprocess.run([sys.executable, HEALTHCHECK, f"http://127.0.0.1:{port}{path}"], check=False, timeout=30)

    assert told.returncode == status


def test_a_container_whose_service_does_not_answer_is_not_healthy() -> None:
    told = subprocess.run([sys.executable, HEALTHCHECK, "http://127.0.0.1:1/care/readyz"], check=False, timeout=30)

    assert told.returncode == 1
