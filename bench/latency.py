"""How long reads take at a steady rate: twenty a second, whether those before are answered or not.

`BENCH_SECONDS` makes it shorter.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import httpx

SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "5"))
A_SECOND: Final = 20
"""Requests."""
ASKED: Final = max(1, int(SECONDS * A_SECOND))
"""Requests of which a p99 is taken."""

Params = Mapping[str, Any]
Check = Callable[[Any], None]
"""Raises AssertionError when a body is no good answer."""


async def timed(http: httpx.AsyncClient, path: str, params: Params | None = None, check: Check | None = None) -> float:
    """Seconds that a read takes; raises AssertionError when it isn't answered or `check` doesn't like what it says."""
    began = time.perf_counter()
    answer = await http.get(f"/{path}", params=dict(params or {}))
    assert answer.status_code == 200, answer.text
    if check is not None:
        check(answer.json())
    return time.perf_counter() - began


async def p99(
    http: httpx.AsyncClient, path: str, choices: Sequence[Params] = ({},), check: Check | None = None
) -> float:
    """p99 in milliseconds of a read, each time with one of `choices`, by chance."""
    chance, asked = random.Random(7), []
    async with asyncio.TaskGroup() as group:
        for _ in range(ASKED):
            asked.append(group.create_task(timed(http, path, chance.choice(choices), check)))
            await asyncio.sleep(1 / A_SECOND)
    return _p99_of(asked)


async def p99_until(http: httpx.AsyncClient, path: str, ending: "asyncio.Task[Any]") -> float:
    """p99 in milliseconds of a read that is asked for until a task ends."""
    asked = []
    async with asyncio.TaskGroup() as group:
        while not ending.done():
            asked.append(group.create_task(timed(http, path)))
            await asyncio.sleep(1 / A_SECOND)
    return _p99_of(asked)


def _p99_of(asked: "Sequence[asyncio.Task[float]]") -> float:
    took = sorted(task.result() for task in asked)
    return took[min(len(took) - 1, int(len(took) * 0.99))] * 1_000
