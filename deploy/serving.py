"""An HTTP server as all our processes run it: it says so when it listens, and stops when told, not by itself."""

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from sse_starlette.sse import AppStatus

from deploy.bounded_protocol import BoundedProtocol, close_overdue
from deploy.refusals import NotConfigured
from shared.telemetry import log

LOOK_EVERY = 0.02
"""Seconds; uvicorn tells in no other way that it listens."""
OBJECTS_BEFORE_COLLECTING = 10_000
GRACE = 5
"""Seconds in which requests under way may end after the signal."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the process: uvicorn would raise them again and kill what has to be closed after it."""
        yield


def http_server(app: Any, host: str, port: int, trusted_proxies: Sequence[str]) -> uvicorn.Server:
    """A server that runs until `should_exit`."""
    return _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http=BoundedProtocol,
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
        )
    )


def settle_memory() -> None:
    """What exists now stays: looking it over again and again would cost some requests milliseconds.

    And a batch of some hundred events makes thousands of objects that are gone a moment later: looking for cycles
    among them at every 700th, Python's default, took a tenth of the time of the timer and the consumers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING, 20, 20)


def stop_signals() -> asyncio.Event:
    """An event that SIGTERM, Ctrl-C or a closed terminal sets."""
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Runs it until it ends, or a signal comes and cancels it; raises what it raises."""
    stop = stop_signals()
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            log("process").info("stopping")
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait([working])
    if not working.cancelled():
        working.result()


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that holds the address and does not listen yet; raises NotConfigured when somebody listens there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, port))
        except OSError as fault:
            raise _refusal(host, port, fault) from None
        yield held


@asynccontextmanager
async def listening(
    app: Any, held: socket.socket, trusted_proxies: Sequence[str] = ()
) -> AsyncIterator["asyncio.Task[None]"]:
    """Serves on a bound socket inside the block; leaving it lets requests under way end. Raises NotConfigured."""
    host, port = held.getsockname()[:2]
    server = http_server(app, host, port, trusted_proxies)
    serving = asyncio.create_task(server.serve(sockets=[held]))
    try:
        while not server.started:
            if serving.done():
                raise _refusal(host, port, serving.exception())
            await asyncio.sleep(LOOK_EVERY)
        settle_memory()
        log("process").info("listening", address=f"http://{host}:{port}")
        watching = asyncio.create_task(close_overdue(server.server_state.connections))
        try:
            yield serving
        finally:
            watching.cancel()
    finally:
        server.handle_exit(signal.SIGTERM, None)  # not just should_exit: open event streams hear of it too
        await asyncio.wait([serving])
        AppStatus.should_exit = False  # streams of a later server in this process would end at once


def _refusal(host: str, port: int, fault: BaseException | None) -> NotConfigured:
    if isinstance(fault, OSError) and fault.errno == errno.EADDRINUSE:
        return NotConfigured(f"port {port} is taken: choose another one, such as make run PORT={port + 1}")
    return NotConfigured(f"{host}:{port} cannot be listened on ({fault})")
