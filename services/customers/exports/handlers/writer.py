"""The event loop's end of the process that writes a file: rows in, a file out (decision 33)."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import IO, Final

import orjson

from services.customers.exports.domain import Row, Sheet
from shared.errors import Busy
from shared.subprocesses import bare_environment

END: Final = b"end\n"
PATIENCE: Final = 600.0
"""Seconds for the last of it: a large workbook is packed when all its rows are there."""
_WRITER: Final = "services.customers.exports.handlers.writer_process"


async def written(sheet: Sheet, batches: AsyncIterator[Sequence[Row]]) -> IO[bytes]:
    """A file without a name, from its beginning on; it is gone when it is closed. Raises Busy where it got stuck."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  it outlives this, and the last who holds it closes it
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _WRITER,
        stdin=asyncio.subprocess.PIPE,
        stdout=file,
        stderr=asyncio.subprocess.DEVNULL,  # a stack could quote a cell
        env=bare_environment(),
    )
    try:
        assert process.stdin is not None  # noqa: S101  asked for above
        await _feed(process.stdin, sheet, batches)
        async with asyncio.timeout(PATIENCE):
            ended = await process.wait()
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        ended = -1
    finally:
        await _end(process)
    if ended != 0:
        file.close()
        raise Busy("the file could not be written; ask for it again, or for less of it")
    file.seek(0)
    return file


async def _feed(pipe: asyncio.StreamWriter, sheet: Sheet, batches: AsyncIterator[Sequence[Row]]) -> None:
    pipe.write(sheet.as_line())
    async for rows in batches:
        pipe.write(orjson.dumps(rows) + b"\n")
        await pipe.drain()
    pipe.write(END)
    await pipe.drain()
    pipe.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()
