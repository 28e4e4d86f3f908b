"""Contents as files in a folder, readable by the owner alone."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, TypeVarTuple, Unpack

from shared.storage.port import PIECE, NothingStored, StorageFault, checked

Ts = TypeVarTuple("Ts")
_DRAFT: Final = ".part"


class FolderStorage:
    """Each content is written beside its place, brought to disk, and then put there: whole or not at all.

    The folder is made when it is first used, and never again by the same process: one that is gone since is not there,
    and nothing is written where nobody would look for it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = False

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> None:
        final = self._folder / checked(key)
        try:
            draft, file = await asyncio.to_thread(self._begin, final)
        except OSError as fault:
            raise _away(fault) from fault
        try:
            async for piece in pieces:
                await _on_disk(file.write, piece)
            await _on_disk(_finish, file, draft, final)
        except BaseException:
            file.close()
            with suppress(OSError):
                draft.unlink()
            raise

    def _begin(self, final: Path) -> tuple[Path, IO[bytes]]:
        if not self._made:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._made = True
        below = self._folder
        for part in final.parent.relative_to(self._folder).parts:
            below /= part
            below.mkdir(exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(prefix=f".{final.name}.", suffix=_DRAFT, dir=final.parent)
        return Path(name), os.fdopen(descriptor, "wb")

    async def read(self, key: str) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread((self._folder / checked(key)).open, "rb")
        except FileNotFoundError:
            raise NothingStored from None
        except OSError as fault:
            raise _away(fault) from fault
        with file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                yield piece

    async def remove(self, key: str) -> None:
        try:
            await asyncio.to_thread(_remove, self._folder / checked(key))
        except OSError as fault:
            raise _away(fault) from fault


def _remove(final: Path) -> None:
    """The content, and drafts of it that somebody left who was killed."""
    for draft in final.parent.glob(f".{final.name}.*{_DRAFT}"):
        draft.unlink(missing_ok=True)
    final.unlink(missing_ok=True)


def _finish(file: IO[bytes], draft: Path, final: Path) -> None:
    with file:
        file.flush()
        os.fsync(file.fileno())
    draft.replace(final)
    _keep_the_name(final.parent)


def _keep_the_name(folder: Path) -> None:
    """The folder's own entry goes to disk too, so that the file survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _on_disk(work: Callable[[Unpack[Ts]], object], *given: *Ts) -> None:
    try:
        await asyncio.to_thread(work, *given)
    except OSError as fault:
        raise _away(fault) from fault


def _away(fault: OSError) -> StorageFault:
    return StorageFault(f"folder-{type(fault).__name__}")
