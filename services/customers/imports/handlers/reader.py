"""The event loop's end of the reader process: a read job and bytes in, frames out (decision 33)."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson

from services.customers.imports.domain.preview import Preview
from services.customers.imports.domain.reading import Frame, ReadJob
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from shared.subprocesses import bare_environment

PATIENCE = 600.0
"""Seconds for one frame: an XLSX file comes all at once, and only after it was unpacked."""
_READER = "services.customers.imports.handlers.reader_process"


@asynccontextmanager
async def frames_of(job: ReadJob, content: AsyncIterator[bytes]) -> AsyncIterator[AsyncIterator[Frame | Preview]]:
    """The frames of a file, and how it is read. They raise BrokenFile when it cannot be read to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _READER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a stack could quote a cell
        env=bare_environment(),
    )
    feeding = asyncio.create_task(_feed(process, job, content))
    frames = _frames(process, feeding)
    try:
        yield frames
    finally:
        await frames.aclose()
        await _end(process, feeding)


async def _end(process: asyncio.subprocess.Process, feeding: "asyncio.Task[None]") -> None:
    feeding.cancel()
    with suppress(ProcessLookupError):
        process.kill()
    await asyncio.gather(feeding, return_exceptions=True)
    if process.stdin is not None:
        process.stdin.close()
    await process.communicate()


async def _feed(process: asyncio.subprocess.Process, job: ReadJob, content: AsyncIterator[bytes]) -> None:
    pipe = process.stdin
    assert pipe is not None  # noqa: S101  asked for above
    try:
        pipe.write(job.as_line())
        async for piece in content:
            pipe.write(piece)
            await pipe.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # a reader that has seen enough
    finally:
        pipe.close()


async def _frames(
    process: asyncio.subprocess.Process, feeding: "asyncio.Task[None]"
) -> AsyncGenerator[Frame | Preview, None]:
    pipe = process.stdout
    assert pipe is not None  # noqa: S101  asked for above
    while True:
        said = await _said(pipe)
        if said is None:
            if feeding.done():
                feeding.result()  # the fault is the database's, not the file's
            raise BrokenFile(Trouble.READER_ENDED)
        if "broken" in said:
            raise BrokenFile(Trouble(said["broken"]), said["detail"])
        if "end" in said:
            return
        yield await (_preview if "preview" in said else _frame)(pipe, said)


async def _preview(pipe: asyncio.StreamReader, said: dict[str, Any]) -> Preview:
    return Preview.of_json(await _part(pipe, said["preview"]))


async def _part(pipe: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await pipe.readexactly(size)
    except asyncio.IncompleteReadError:
        raise BrokenFile(Trouble.READER_ENDED) from None


async def _frame(pipe: asyncio.StreamReader, said: dict[str, Any]) -> Frame:
    good = await _part(pipe, said.pop("payload"))
    faults = await _part(pipe, said.pop("faults"))
    return Frame(**said, good=good, faults=orjson.loads(faults))


async def _said(pipe: asyncio.StreamReader) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(PATIENCE):
            line = await pipe.readline()
    except TimeoutError:
        return None
    said: dict[str, Any] | None = orjson.loads(line) if line.endswith(b"\n") else None
    return said
