"""A transport that writes head and body of an answer together: uvicorn hands them over one after the other, and each
write is a call into the kernel that wakes the client."""

import asyncio
from typing import Any, Final

LARGE: Final = 65_536
"""Bytes that are not worth copying to save a call."""


class Gathered:
    """Holds what is written first back until more comes, or the loop turns to something else."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        if len(data) > LARGE:
            self.flush()
            self._transport.write(data)
        elif self._held:
            data, self._held = self._held + data, b""
            self._transport.write(data)
        else:
            self._held = bytes(data)  # what a stream gives may be a view
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            if not self._transport.is_closing():  # the client may have gone meanwhile
                self._transport.write(data)

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
