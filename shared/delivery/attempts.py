"""One attempt to hand a message to its provider, and when the next one comes."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.telemetry import log

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)


class Sender(Protocol):
    """Whoever hands messages to providers (`shared.delivery.registry`)."""

    async def send(self, message: Outgoing) -> Receipt:
        """Raises TransientFailure or PermanentFailure."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How it ended: with a receipt, or in vain, and whether the same may go well a moment later.

    `reason` is a code without personal data.
    """

    receipt: Receipt | None = None
    reason: str | None = None
    passing: bool = False


async def attempt(sender: Sender, message: Outgoing, seconds: float) -> Attempt:
    """Hands a message over, for so many seconds of real time at most."""
    try:
        async with asyncio.timeout(seconds):
            return Attempt(await sender.send(message))
    except PermanentFailure as fault:
        return Attempt(reason=fault.reason)
    except TransientFailure as fault:
        return Attempt(reason=fault.reason, passing=True)
    except TimeoutError:
        return Attempt(reason="timeout", passing=True)
    except Exception as fault:
        log("delivery").exception("provider failed", message_id=message.key, fault=type(fault).__name__)
        return Attempt(reason=type(fault).__name__, passing=True)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain: from 30 s, doubled each time, at most an hour."""
    doublings: int = min(attempts - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
