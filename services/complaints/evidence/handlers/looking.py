"""Looking into a content before it is kept: its kind, its size, and that nothing in it is run."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.complaints.evidence.domain.files import FileEmpty, FileTooLarge, FileUnreadable
from services.complaints.evidence.domain.kinds import HEAD, PDF, CarriesScript, MediaType, ScriptSearch, kind_of
from services.complaints.evidence.handlers.pdf_process import LOCKED, PLAIN, RUNS
from shared.subprocesses import bare_environment

PATIENCE: Final = 20.0
"""Seconds for looking through a PDF."""
MOST_AT_ONCE: Final = 2
"""PDFs that a process of ours has looked through at the same time."""
_LOOKER: Final = "services.complaints.evidence.handlers.pdf_process"
_turns = asyncio.Semaphore(MOST_AT_ONCE)

Pieces = Callable[[], AsyncIterator[bytes]]
"""Reads a content from its beginning, as often as it is asked; the first piece is long enough to judge it by."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a content turned out to be."""

    media_type: MediaType
    size: int
    digest: bytes


async def look(pieces: Pieces, name: str, said: str, largest: int) -> Looked:
    """Looks through a content. Raises FileEmpty, FileTooLarge, FileUnreadable, KindNotTaken, KindMismatch,
    CarriesScript."""
    size, digest, scripts = 0, hashlib.sha256(), ScriptSearch()
    kind: MediaType | None = None
    async for piece in pieces():
        size += len(piece)
        if size > largest:
            raise FileTooLarge(f"a file has at most {largest} bytes", pointer="#/file")
        kind = kind or kind_of(piece[:HEAD], name, said)
        scripts.look(piece)
        digest.update(piece)
    if kind is None:
        raise FileEmpty("the file has no content", pointer="#/file")
    if kind == PDF:
        await _look_through_pdf(pieces)
    return Looked(kind, size, digest.digest())


async def _look_through_pdf(pieces: Pieces) -> None:
    async with _turns:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _LOOKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,  # a stack could quote the document
            env=bare_environment(),
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await _feed(process, pieces)
                code = await process.wait()
        except TimeoutError:
            code = None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if code == RUNS:
        raise CarriesScript("the document runs something, or has files in it: send it as a plain PDF", pointer="#/file")
    if code == LOCKED:
        raise FileUnreadable("the PDF has a password: send it without one, or as pictures", pointer="#/file")
    if code != PLAIN:
        raise FileUnreadable("the PDF is damaged or too large to be looked through: send it anew, or as pictures",
                             pointer="#/file")  # fmt: skip


async def _feed(process: asyncio.subprocess.Process, pieces: Pieces) -> None:
    assert process.stdin is not None  # noqa: S101  asked for above
    pipe: asyncio.StreamWriter = process.stdin
    with suppress(BrokenPipeError, ConnectionResetError):  # one that has seen enough
        async for piece in pieces():
            pipe.write(piece)
            await pipe.drain()
        pipe.close()
