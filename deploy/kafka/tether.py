"""Kills a broker when its owner dies, so that a killed test run leaves none behind.

A program of its own, run as ``python -I -S tether.py BROKER_PID OWNER_PID`` with nothing but the
standard library: the owner may be killed at any moment and cannot clean up then. It ends without
doing anything when the owner writes to its standard input, which the owner does as soon as the
broker has ended; so it never kills another process that was given the broker's number.
"""

import contextlib
import os
import select
import signal
import sys

LOOK_EVERY = 0.5
"""Seconds between two looks at whether the owner lives. Its death closes standard input at once,
unless a forked child of the owner still holds the other end."""

_STDIN = 0


def released(owner: int) -> bool:
    """Wait for the owner's word (True) or its death (False)."""
    while os.getppid() == owner:
        said, _, _ = select.select([_STDIN], [], [], LOOK_EVERY)
        if said:
            return os.read(_STDIN, 1) != b""
    return False


def main() -> int:
    broker, owner = int(sys.argv[1]), int(sys.argv[2])
    if not released(owner):
        with contextlib.suppress(ProcessLookupError):
            os.kill(broker, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
