"""HTTP as uvicorn speaks it, with bounds on what a client may send before an application sees anything of it.

uvicorn bounds neither the head of a request nor the time that a client takes: a header of 80 MB would be collected on
the loop, and a request that is never finished would keep its connection for ever. A proxy in front bounds both as well;
nothing here relies on one.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from deploy.gathered import Gathered

LARGEST_HEAD: Final = 32_768
"""Bytes of request line and headers together."""
MOST_HEADERS: Final = 100
HEAD_SECONDS: Final = 10.0
"""Within so much time of its connection, or of its first byte, the head of a request is complete."""
BODY_SECONDS: Final = 30.0
"""So long a body may take whatever its size, and then as long as it comes with `SLOWEST`."""
SLOWEST: Final = 1_000.0
"""Bytes a second."""
UNREAD_SECONDS: Final = 60.0
"""A client that takes nothing of its answer for so long is gone."""
LINGER_SECONDS: Final = 2.0
"""So long a refused client may read the refusal; what it sends meanwhile is thrown away."""
SENDING_SECONDS: Final = 30.0
"""So long a client that has its answer may still be sending what nobody reads."""
LOOK_EVERY: Final = 1.0

_END = b"\r\n\r\n"


class _Lingering(Gathered):
    """Closed while the client is still sending, it says that nothing more comes and leaves the rest to who gave
    `linger`: closed at once, the client would be reset before it has read the answer."""

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, linger: Callable[[], bool]
    ) -> None:
        super().__init__(transport, loop)
        self._linger = linger
        self._lingers = False

    def close(self) -> None:
        if self._lingers or not self._linger():
            super().close()
            return
        self.flush()
        self._lingers = True
        self.write_eof()

    def is_closing(self) -> bool:
        return self._lingers or bool(self._transport.is_closing())


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a head that is too large with 431; `is_overdue` says that a client takes too long."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        line = _Lingering(transport, self.loop, self._linger)
        super().connection_made(line)  # type: ignore[arg-type]  # all that is asked of one
        self._head = 0
        self._tail = b""
        self._refused_since: float | None = None
        self._lingers_for = LINGER_SECONDS
        self._head_since: float | None = self.loop.time()
        self._body_since: float | None = None
        self._taken = 0
        self._stuck_since: float | None = None

    def data_received(self, data: bytes) -> None:
        if self._refused_since is not None:
            return
        if self._head_since is None and self._body_since is None:
            self._head_since = self.loop.time()  # the first bytes of a further request
        if self._head_since is not None and self._is_too_large(data):
            self._refuse()
            return
        super().data_received(data)

    def _is_too_large(self, data: bytes) -> bool:
        """Counts the head's part of the data; the end may stand across two of them."""
        joined = self._tail + data
        end = joined.find(_END)
        self._tail = joined[-(len(_END) - 1) :]
        self._head += len(data) if end < 0 else max(0, end + len(_END) - (len(joined) - len(data)))
        return self._head > LARGEST_HEAD

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) < MOST_HEADERS:
            super().on_header(name, value)
        else:
            self._refuse()

    def on_headers_complete(self) -> None:
        if self._refused_since is not None:
            return
        self._head, self._tail, self._head_since = 0, b"", None
        self._body_since, self._taken = self.loop.time(), 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._refused_since is None:
            self._taken += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refused_since is None:
            self._body_since = None
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stuck_since = None

    def _refuse(self) -> None:
        """Says so and hears nothing more; closed at once, the client would be reset before it has read the answer."""
        if self._refused_since is None:
            self._refused_since = self.loop.time()
            self.transport.write(STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n")

    def _linger(self) -> bool:
        """Whether the client is still sending; from now on nobody hears it."""
        if self._body_since is None or self.transport.is_closing():
            return False
        self._refused_since, self._lingers_for = self.loop.time(), SENDING_SECONDS
        self.flow.resume_reading()
        return True

    def is_overdue(self, now: float) -> bool:
        """Whether the client takes longer than it may (`now` of the loop's clock)."""
        if self._refused_since is not None:
            return now - self._refused_since > self._lingers_for
        if self._head_since is not None and now - self._head_since > HEAD_SECONDS:
            return True
        if self._stuck_since is not None and now - self._stuck_since > UNREAD_SECONDS:
            return True
        if self._body_since is None or self.flow.read_paused:  # the application takes its time, not the client
            return False
        return now - self._body_since > BODY_SECONDS + self._taken / SLOWEST


async def close_overdue(connections: Iterable[Any]) -> None:
    """Breaks off, for ever, what takes too long among the `connections` of a server."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        now = loop.time()
        for each in [one for one in connections if isinstance(one, BoundedProtocol) and one.is_overdue(now)]:
            each.transport.abort()
