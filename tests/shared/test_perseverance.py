"""Work without end goes on after any fault, ever more slowly, and stops when cancelled."""

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from shared.errors import Busy
from shared.perseverance import FIRST_PAUSE, LONGEST_PAUSE, persevere
from shared.telemetry import log


class Refused(Exception):
    """A fault that one caller counts among the passing ones."""


class Attempts:
    """Fails as told, then succeeds, then fails again, and is cancelled."""

    def __init__(self, *faults: Exception | None) -> None:
        self.faults: Iterator[Exception | None] = iter(faults)
        self.pauses: list[float] = []

    async def attempt(self) -> None:
        try:
            fault = next(self.faults)
        except StopIteration:
            raise asyncio.CancelledError from None
        if fault is not None:
            raise fault

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def persevere(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            await persevere(self.attempt, log("test"), passing=(Refused,), pause=self.pause)


async def test_a_passing_fault_is_a_warning_and_any_other_is_logged_with_its_place() -> None:
    attempts = Attempts(Busy("a moment"), ConnectionError(), Refused(), ValueError("of a person"))
    with capture_logs() as logged:
        await attempts.persevere()

    assert [(line["log_level"], line["fault"]) for line in logged] == [
        ("warning", "Busy"),
        ("warning", "ConnectionError"),
        ("warning", "Refused"),
        ("error", "ValueError"),
    ]


async def test_pauses_double_up_to_the_longest_until_an_attempt_succeeds() -> None:
    attempts = Attempts(*[Busy("a moment")] * 8, None, Busy("again"))
    with capture_logs():
        await attempts.persevere()

    assert attempts.pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert attempts.pauses[6:] == [LONGEST_PAUSE, LONGEST_PAUSE, FIRST_PAUSE]
