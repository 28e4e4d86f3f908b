"""Work without end goes on after any fault, ever more slowly, and stops when cancelled."""

import asyncio
from collections.abc import Iterator

import pytest

from shared.errors import Busy
from shared.repeats import Trouble
from shared.retry import FIRST_PAUSE, LONGEST_PAUSE, retry_forever


class Refused(Exception):
    """A fault that one caller counts among the passing ones."""


class Attempts:
    """Attempts that fail or succeed (None) as told and are then cancelled; keeps what is logged, as a log would."""

    def __init__(self, *faults: Exception | None) -> None:
        self.faults: Iterator[Exception | None] = iter(faults)
        self.pauses: list[float] = []
        self.logged: list[tuple[str, str]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.logged.append(("warning", str(fields.get("fault", event))))

    def error(self, _: str, *, fault: str, exc_info: BaseException, times: int) -> None:
        self.logged.append(("with its place", fault))

    async def attempt(self) -> None:
        try:
            fault = next(self.faults)
        except StopIteration:
            raise asyncio.CancelledError from None
        if fault is not None:
            raise fault

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def retry_forever(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            await retry_forever(self.attempt, self, passing=(Refused,), pause=self.pause)


async def test_a_passing_fault_is_a_warning_and_any_other_is_logged_with_its_place() -> None:
    attempts = Attempts(Busy("a moment"), ConnectionError(), Refused(), ValueError("of a person"))
    await attempts.retry_forever()

    assert attempts.logged == [
        ("warning", "Busy"),
        ("warning", "ConnectionError"),
        ("warning", "Refused"),
        ("with its place", "ValueError"),
    ]


async def test_pauses_double_up_to_the_longest_until_an_attempt_succeeds() -> None:
    attempts = Attempts(*[Busy("a moment")] * 8, None, Busy("again"))
    await attempts.retry_forever()

    assert attempts.pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert attempts.pauses[6:] == [LONGEST_PAUSE, LONGEST_PAUSE, FIRST_PAUSE]


async def test_a_fault_that_stays_is_told_once_and_so_is_its_end() -> None:
    attempts = Attempts(*[Busy("a moment")] * 8, None, None)
    await attempts.retry_forever()

    assert attempts.logged == [("warning", "Busy"), ("warning", "goes on")]


async def test_whoever_knows_better_says_when_it_is_over() -> None:
    attempts = Attempts(Busy("a moment"), None, Busy("again"))
    with pytest.raises(asyncio.CancelledError):
        await retry_forever(attempts.attempt, attempts, pause=attempts.pause, trouble=Trouble(attempts))

    assert attempts.logged == [("warning", "Busy")]
