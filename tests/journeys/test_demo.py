"""`make demo` against `make run`: it tells the story to its end, again on the same data, and says when it cannot."""

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deploy.demo.story import tell
from tests.all_in_one import ROOT, AllInOne

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

DEMO_SECONDS = 180.0
"""About twenty-five on an idle machine."""


def _crm(everything: AllInOne, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "crm", *command, "--url", everything.url, "--data", str(everything.folder)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )


@pytest.mark.told
def test_the_demo_tells_its_story_and_tells_it_again_weeks_later(tmp_path: Path) -> None:
    with AllInOne(tmp_path / "data") as everything:
        told = _crm(everything, "demo")
        assert told.returncode == 0, told.stdout + told.stderr
        for line in (
            "tier C → A",
            "jumps from place",
            "is overdue, level 1",
            "stands at level 5",
            "the letter went by",
            "decided on appeal, booked",
            "visits and calls done",
            "is made good",
            "the batch is alarmed",
            "taken back: each store",
            "a plan of better service",
            "cases wait: 1 overdue",
            "Everything happened",
        ):
            assert line in told.stdout
        assert max(map(_columns, told.stdout.splitlines())) <= 100

        _left_behind(everything)
        lively = _crm(everything, "live", "--pace", "600", "--seconds", "4")
        assert lively.returncode == 0, lively.stdout + lively.stderr
        assert lively.stdout.count("✓") > 5

        with everything.http() as http:
            for days in ("P1D", "PT5M", "P69D", "PT5M"):  # what waits for the morning, and is gathered, is sent
                http.post("/rehearsal/clock", json={"forward": days}).raise_for_status()
                time.sleep(4)
        again = _crm(everything, "demo")
        assert again.returncode == 0, again.stdout + again.stderr
        assert "D02-0001" in again.stdout
        assert _errors(everything.output) == []


@pytest.mark.parametrize(
    "size, why", [("small", "start it in another terminal with make run"), ("huge", "there is no size huge")]
)
def test_the_demo_says_in_one_line_what_it_misses(size: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        tell("http://127.0.0.1:9", {"admin": "no token"}, size)
    assert ended.value.code == 1
    assert why in " ".join(capsys.readouterr().out.split())


def _left_behind(everything: AllInOne) -> None:
    """A network that lives: every ready token finds its own."""
    with everything.http("salesperson") as salesperson:
        stores = salesperson.get("/customers/v1/customers").json()["items"]
        mine = salesperson.get("/care/v1/tasks", params={"state": "open", "limit": 500}).json()["items"]
        done = salesperson.get("/care/v1/tasks", params={"state": "done", "limit": 500}).json()["items"]
    with everything.http() as http:
        now = datetime.fromisoformat(http.get("/rehearsal/clock").json()["now"])
        report = http.get("/reporting/v1/service", params={"month": f"{now:%Y-%m}"}).json()["total"]
    with everything.http("cs_specialist") as specialist:
        board = specialist.get("/reporting/v1/live/board").json()
        waiting = specialist.get("/complaints/v1/queue").json()["items"]
    dues = [datetime.fromisoformat(task["due_at"]) - now for task in mine]
    assert len(stores) > 5
    assert any(due <= timedelta(days=1) for due in dues)
    assert sum(due <= timedelta(days=7) for due in dues) > 2
    assert done
    assert report["met"]
    assert (board["overdue"], board["paused"], len(waiting)) == (1, 1, board["open"])
    assert board["due_soon"] > 0


def _columns(line: str) -> int:
    """Width on a terminal, where Chinese takes two columns."""
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in line.rstrip())


def _errors(output: str) -> list[str]:
    """What the log says that wants looking at. That the demo's stores buy too steadily for a model is no fault."""
    return [line for line in output.splitlines() if line.startswith("{") and '"logger": "churn_model"' not in line]
