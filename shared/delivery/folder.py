"""Messages as JSON files in a folder, one per key: for trying out, for the demo, and where others pick them up."""

import asyncio
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

import orjson

from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.moments import written

_KEY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")


class FolderProvider:
    """Writes each message whole or not at all, readable by the owner alone; the same key stays one file."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: Outgoing) -> Receipt:
        """Raises PermanentFailure for a key that is no file name, TransientFailure when the disk does not take it."""
        if not _KEY.match(message.key):
            raise PermanentFailure("key-not-allowed")
        try:
            await asyncio.to_thread(self._write, message)
        except OSError as fault:
            raise TransientFailure(f"file-{type(fault).__name__}") from fault
        return Receipt(self.name, f"{message.key}.json")

    def _write(self, message: Outgoing) -> None:
        final = self._folder / f"{message.key}.json"
        if final.exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(prefix=f".{message.key}.", suffix=".part", dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(_content(message), option=orjson.OPT_INDENT_2))
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(final)
        except OSError:
            with suppress(OSError):
                Path(draft).unlink()
            raise
        self._keep_the_name()

    def _keep_the_name(self) -> None:
        """The folder's own entry goes to disk too, so that the file survives a power cut."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _content(message: Outgoing) -> dict[str, object]:
    return {
        "key": message.key,
        "channel": message.channel,
        "to": message.address,
        "subject": message.subject,
        "body": message.body,
        "language": message.language,
        "at": written(message.at),
        "unsubscribe_url": message.unsubscribe_url,
    }
