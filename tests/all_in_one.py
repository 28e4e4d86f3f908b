"""The all-in-one mode as a user has it: `python -m crm run` as a process of its own, on a data folder."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

ROOT = Path(__file__).parents[1]
PATIENCE = 100.0
"""Seconds for a start or stop on a machine that has other work too."""
_READY = re.compile(r"is ready at (http://127\.0\.0\.1:\d+)")


class AllInOne:
    """A running installation; leaving the block stops it in good order."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Port 0 takes a free one."""
        self.folder = folder
        self._output = folder.with_name(folder.name + ".out")
        with self._output.open("wb") as output:
            self.process = psutil.Popen(
                [sys.executable, "-m", "crm", "run", "--port", str(port), "--data", str(folder)],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self.url = self._ready()
        except BaseException:
            self.process.kill()
            raise
        self.cpu_seconds = sum(self.process.cpu_times()[:2])
        """What the start took of the processor."""

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def tokens(self) -> dict[str, str]:
        tokens: dict[str, str] = json.loads((self.folder / "tokens.json").read_text())
        return tokens

    def http(self, role: str = "admin") -> httpx.Client:
        """A client that calls in a role, with its ready token."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.tokens[role]}"}, timeout=60, trust_env=False
        )

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Sends the signal and waits; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code: int = self.process.wait(PATIENCE)
        return code

    def servers_left(self) -> list[str]:
        """Command lines of processes that still work on the folder."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(self.folder) in line:
                found.append(line)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ready(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while (ready := _READY.search(self.output)) is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"it does not become ready:\n{self.output}")
            time.sleep(0.05)
        return ready[1]


def refused(*arguments: str) -> str:
    """The one line with which `crm` refuses; fails when it does not, or says more."""
    ended = subprocess.run(
        [sys.executable, "-m", "crm", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 2, (ended.returncode, ended.stdout, ended.stderr)
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    return ended.stderr
