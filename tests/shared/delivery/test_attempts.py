"""One attempt to hand a message over: how it ends, and when the next one comes."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared.delivery.attempts import Attempt, attempt, pause_after
from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure

MESSAGE = Outgoing("one", "sms", "+8613800138000", "", "text", "en", datetime(2026, 11, 4, tzinfo=UTC))


class Answering:
    """A provider that answers, or fails, as it is told."""

    def __init__(self, fault: Exception | None = None, seconds: float = 0) -> None:
        self._fault = fault
        self._seconds = seconds

    async def send(self, message: Outgoing) -> Receipt:
        await asyncio.sleep(self._seconds)
        if self._fault is not None:
            raise self._fault
        return Receipt("one", message.key)


@pytest.mark.parametrize(
    "provider, ended",
    [
        (Answering(), Attempt(Receipt("one", "one"))),
        (Answering(PermanentFailure("http-400")), Attempt(reason="http-400")),
        (Answering(TransientFailure("http-503")), Attempt(reason="http-503", passing=True)),
        (Answering(RuntimeError("+8613800138000")), Attempt(reason="RuntimeError", passing=True)),
        (Answering(seconds=5), Attempt(reason="timeout", passing=True)),
    ],
)
async def test_an_attempt_says_how_it_ended(provider: Answering, ended: Attempt) -> None:
    assert await attempt(provider, MESSAGE, 0.05) == ended


def test_pauses_double_up_to_an_hour() -> None:
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 8, 50)] == [30, 60, 120, 3600, 3600]
