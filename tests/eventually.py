"""Waiting for something that happens in another process and cannot be awaited."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(happened: Callable[[], bool] | Callable[[], Awaitable[bool]], *, within: float = 20.0) -> None:
    """Look every 20 ms until it happened; AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while not await _answer(happened()):
        assert time.monotonic() < deadline, f"did not happen within {within} s"
        await asyncio.sleep(0.02)


async def _answer(given: bool | Awaitable[bool]) -> bool:
    return given if isinstance(given, bool) else await given
