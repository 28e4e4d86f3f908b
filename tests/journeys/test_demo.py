"""`make demo` against `make run`: it tells the story to its end, again on the same data, and says when it cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.story import tell
from tests.all_in_one import ROOT, AllInOne

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

DEMO_SECONDS = 180.0
"""About ten on an idle machine."""


def _demo(folder: Path, url: str, size: str = "small") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "crm", "demo", "--size", size, "--url", url, "--data", str(folder)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )


def test_the_demo_tells_its_story_and_tells_it_again_weeks_later(tmp_path: Path) -> None:
    with AllInOne(tmp_path / "data") as everything:
        told = _demo(everything.folder, everything.url)
        assert told.returncode == 0, told.stdout + told.stderr
        for line in (
            "tier C → A",
            "jumps from place",
            "is overdue, level 1",
            "stands at level 5",
            "Everything happened",
        ):
            assert line in told.stdout
        assert max(map(_columns, told.stdout.splitlines())) <= 100

        with everything.http() as http:
            http.post("/rehearsal/clock", json={"forward": "P70D"}).raise_for_status()
        again = _demo(everything.folder, everything.url)
        assert again.returncode == 0, again.stdout + again.stderr
        assert "D02-0001" in again.stdout
        assert _errors(everything.output) == []


@pytest.mark.parametrize(
    "size, why", [("small", "start it in another terminal with make run"), ("huge", "there is no size huge")]
)
def test_the_demo_says_in_one_line_what_it_misses(size: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        tell("http://127.0.0.1:9", "no token", size)
    assert ended.value.code == 1
    assert why in " ".join(capsys.readouterr().out.split())


def _columns(line: str) -> int:
    """Width on a terminal, where Chinese takes two columns."""
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in line.rstrip())


def _errors(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("{")]
