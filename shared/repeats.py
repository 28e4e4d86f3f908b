"""Saying once what happens a hundred times a second: for what we try again ourselves, and for what libraries log.

A state is told when it begins, at most once a minute while it lasts, and when it is over.
"""

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

REMIND_SECONDS = 60.0
"""Between two lines that say the same."""
AGAIN_SECONDS = 5.0
"""After it was over, at the soonest, the same trouble is told anew."""
MOST_KINDS = 1_000
"""Of lines that are remembered; then everything is told once more."""
_VARYING = re.compile(r"0x[0-9a-f]+|\d+")


class Trouble:
    """What somebody who tries again and again says of what keeps failing."""

    def __init__(
        self,
        log: Any,
        *,
        waits: str = "waits",
        over: str = "goes on",
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`waits` and `over` are the lines' events; `seconds` tells real time."""
        self._log = log
        self._waits = waits
        self._over = over
        self._seconds = seconds
        self._began: float | None = None
        self._is_told = False
        self._next: dict[str, float] = {}
        self._times: dict[str, int] = {}

    def met(self, fault: BaseException, *, passing: bool = True, **fields: object) -> None:
        """It failed once more. One that passes by itself is a warning; any other is told with its place."""
        kind, now = type(fault).__name__, self._seconds()
        self._began = now if self._began is None else self._began
        self._times[kind] = self._times.get(kind, 0) + 1
        if now < self._next.get(kind, now):
            return
        self._next[kind], self._is_told = now + REMIND_SECONDS, True
        times = self._times.pop(kind)
        if passing:
            self._log.warning(self._waits, fault=kind, times=times, **fields)
        else:
            self._log.error("failed", fault=kind, times=times, exc_info=fault, **fields)

    def over(self) -> None:
        """It succeeded; nothing is said when nothing was wrong, or nothing of it was told."""
        if self._began is None:
            return
        now = self._seconds()
        if self._is_told:
            self._log.warning(self._over, waited=round(now - self._began, 1))
        self._began, self._is_told = None, False
        self._next = {kind: min(at, now + AGAIN_SECONDS) for kind, at in self._next.items()}


class Repeats(logging.Filter):
    """Lets a library's line through once a minute for each kind; the next one says how many were `left_out`.

    A kind is the logger, the level, the text without what varies in it, and where it failed.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._lock = threading.Lock()
        self._told: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind, now = _kind(record), self._seconds()
        with self._lock:
            told, left_out = self._told.get(kind, (now - REMIND_SECONDS, 0))
            if now - told < REMIND_SECONDS:
                self._told[kind] = (told, left_out + 1)
                return False
            if len(self._told) >= MOST_KINDS:
                self._told.clear()
            self._told[kind] = (now, 0)
        if left_out:
            record.left_out = left_out
        return True


def _kind(record: logging.LogRecord) -> tuple[object, ...]:
    text = _VARYING.sub("#", str(record.msg).partition("\n")[0])
    fault = record.exc_info[1] if record.exc_info else None
    place = fault.__traceback__ if fault else None
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return record.name, record.levelno, text, type(fault), place and (place.tb_frame.f_code, place.tb_lineno)
