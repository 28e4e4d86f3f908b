"""The running database server, as its pid file tells and the processes of the machine confirm."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

LOOK_EVERY = 0.01
"""Seconds between two looks at a server that starts or stops."""


@dataclass(frozen=True)
class Postmaster:
    """What a server says of itself in postmaster.pid; it may be long dead."""

    pid: int
    port: int
    ready: bool

    @classmethod
    def of(cls, data: Path) -> Self | None:
        """Read the file; None when it is absent or half written."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(int(lines[0]), int(lines[3]), lines[7].strip() == "ready")
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def lives_on(self, data: Path) -> bool:
        """Whether the process is the server on `data`, and not another one that got its number."""
        try:
            process = psutil.Process(self.pid)
            return lives(self.pid) and process.name() == "postgres" and Path(process.cwd()) == data
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False  # what we may not look at is not ours

    def serves(self, data: Path) -> bool:
        """Whether it takes connections."""
        return self.ready and self.lives_on(data)

    def stop(self, data: Path, *, patience: float) -> None:
        """Stop it if it lives: fast, and at once when that takes more than `patience` seconds."""
        for how in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + patience
            if self.lives_on(data):
                with suppress(ProcessLookupError):
                    os.kill(self.pid, how)
            while self.lives_on(data) and time.monotonic() < deadline:
                time.sleep(LOOK_EVERY)


def lives(pid: int) -> bool:
    """A zombie is dead; where we are process 1, or have a lazy one, it may stay for long."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
