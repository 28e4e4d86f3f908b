"""The event loop's end of the process that fits: lines in, both models out (decision 33)."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from pydantic import TypeAdapter, ValidationError

from services.customers.churn_model.domain.fits import FEWEST, BothFits, FitOutcome
from shared.subprocesses import bare_environment

PATIENCE: Final = 300.0
"""Seconds for reading and fitting."""
LONGEST: Final = 1 << 16
"""Bytes of an answer."""
_FITTER: Final = "services.customers.churn_model.handlers.fit_process"
_SAID: Final = TypeAdapter(BothFits)

Lines = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""Writes a line for each customer into the pipe."""


async def fitted(
    lines: Lines, fitter: str = _FITTER, patience: float = PATIENCE, fewest: int = FEWEST
) -> BothFits | FitOutcome:
    """Both models, or why nothing came of it. What the lines' source raises goes through."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        fitter,
        str(fewest),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**bare_environment(), "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  asked for above
    try:
        async with asyncio.timeout(patience):
            with suppress(BrokenPipeError, ConnectionResetError):  # what it says, or does not, tells why
                await lines(process.stdin)
                process.stdin.close()
            said = await process.stdout.read(LONGEST)
            said += await process.stdout.read(LONGEST)
            return _read(said) if await process.wait() == 0 else FitOutcome.ENDED
    except TimeoutError:
        return FitOutcome.TOO_LONG
    finally:
        await _end(process)


def _read(said: bytes) -> BothFits | FitOutcome:
    try:
        return _SAID.validate_json(said, strict=True)
    except ValidationError:
        return FitOutcome.ENDED


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.communicate()
