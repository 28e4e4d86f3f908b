"""Setting letters as PDF, in processes of their own (decision 33)."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Final

import orjson

from shared.paper.sheet import LetterSheet, NotTypeset
from shared.subprocesses import bare_environment

PATIENCE: Final = 180.0
"""Seconds for a part of a job on a busy machine."""
AT_ONCE: Final = 2
"""Processes that one of ours has set letters at the same time."""
ONE_THREAD: Final = {"RAYON_NUM_THREADS": "1"}
"""It would take every processor otherwise, and those who wait for an answer would wait longer."""
_SETTER: Final = "shared.paper.typeset_process"
_turns = asyncio.Semaphore(AT_ONCE)


async def typeset(sheets: Sequence[LetterSheet]) -> bytes:
    """The letters as one PDF, each beginning on a page of its own. Raises NotTypeset."""
    content = orjson.dumps([asdict(each) for each in sheets])
    async with _turns:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _SETTER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a stack could quote the letter
            env=bare_environment() | ONE_THREAD,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                document, _ = await process.communicate(content)
        except TimeoutError:
            raise NotTypeset("setting the letters took too long") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0 or not document.startswith(b"%PDF"):
        raise NotTypeset("the letters could not be set")
    return document
