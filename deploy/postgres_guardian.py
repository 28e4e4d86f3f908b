"""Starts the embedded database server, restarts it when it dies, and stops it with its owner.

A program of its own, run as ``python -I -S postgres_guardian.py ORDERS`` with nothing but the
standard library, because the owner may be killed at any moment and cannot clean up then. The
guardian is the server's parent, so it never mistakes another process for it.

It ends, and stops the server, when its standard input closes or says anything (an orderly stop, or
the owner is dead) and when the owner is no longer its parent (the owner is dead, but one of its
forked children still holds the pipe). When the guardian itself is killed, the kernel interrupts
the server (Linux).
"""

import ctypes
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

LOOK_EVERY = 0.2
"""Seconds between two looks at whether owner and server still live."""
EARLY_DEATH = 2.0
"""Seconds: a server that ends sooner has not really started."""
TRIES = 5
"""Early deaths in a row before a server that never lived is given up."""
PAUSES = (0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each further try, the last one repeated."""
FAST_SHUTDOWN = 60.0
"""Seconds for the final checkpoint, before the server must go without it (and recover later)."""
IMMEDIATE_SHUTDOWN = 10.0

_PR_SET_PDEATHSIG = 1
_STDIN = 0


@dataclass(frozen=True)
class Orders:
    """What to run, for whom."""

    owner: int
    """Process id of whoever started the guardian."""
    lock: str
    """File that is locked while a guardian lives; it holds the owner's process id."""
    uid: int | None
    """The account the server runs as; None: the guardian's own."""
    gid: int | None
    command: list[str]
    environment: dict[str, str]

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def owner_of(lock: Path) -> int | None:
    """The process id for which a living guardian works, None when there is no guardian."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return int(lock.read_bytes() or b"0")
    return None


def guard(orders: Orders) -> int:
    """Keep the server running until told to stop; the program's exit status.

    A server that ends in whatever way is started again, for ever once it has lived, else a few
    times: whom a signal stops ends with status 0 as well, and only the owner may want it to stay down.
    """
    lived, early_deaths = False, 0
    while lived or early_deaths < TRIES:
        born = time.monotonic()
        server = _launch(orders)
        while server.poll() is None:
            if _told_to_stop(orders.owner, within=LOOK_EVERY):
                return _stop(server)
        if time.monotonic() - born >= EARLY_DEATH:
            lived, early_deaths = True, 0
        pause = PAUSES[min(early_deaths, len(PAUSES) - 1)]
        early_deaths += 1
        if _told_to_stop(orders.owner, within=pause):
            return 0
    return 1


def _launch(orders: Orders) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  the owner's command, not anybody's input
        orders.command,
        user=orders.uid,
        group=orders.gid,
        extra_groups=None if orders.uid is None else [],
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=orders.environment,
        # Runs after the change of user, which would clear it, and before the program; the guardian
        # has one thread, which lives as long as itself.
        preexec_fn=_interrupt_with_parent(),  # noqa: PLW1509  no thread holds a lock here
    )


def _interrupt_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _told_to_stop(owner: int, *, within: float) -> bool:
    said, _, _ = select.select([_STDIN], [], [], within)
    return bool(said) or os.getppid() != owner


def _stop(server: subprocess.Popen[bytes]) -> int:
    for how, patience in (
        (signal.SIGINT, FAST_SHUTDOWN),
        (signal.SIGQUIT, IMMEDIATE_SHUTDOWN),
        (signal.SIGKILL, None),
    ):
        server.send_signal(how)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        break
    return 0


def _lock(orders: Orders) -> IO[str]:
    """Hold the lock for the life of the process; BlockingIOError when another guardian has it."""
    file = Path(orders.lock).open("a+")  # noqa: SIM115  stays open on purpose
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    file.truncate(0)
    file.write(str(orders.owner))
    file.flush()
    return file


def _ignore(*_: object) -> None:
    """A handler, not SIG_IGN: the server must not inherit that the signal is ignored."""


def main() -> int:
    for sent_to_whole_groups in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sent_to_whole_groups, _ignore)
    orders = Orders(**json.loads(sys.argv[1]))
    with _lock(orders):
        return guard(orders)


if __name__ == "__main__":
    sys.exit(main())
