"""Load over HTTP from a process of its own: `wrk` where it is installed, else raw sockets in Python.

Both keep a fixed number of connections busy for a bounded time and count what is not 2xx. The Python one uses more of
the processor itself, so ratios taken with it lie nearer to 1.
"""

import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import uvloop

CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Requests:
    """What is asked again and again: a path (and a body) chosen at random; `%KEY%` becomes a new key each time."""

    port: int
    paths: Sequence[str]
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    bodies: Sequence[str] = ("",)


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it; latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    failed: int


def load(requests: Requests, seconds: float) -> Load:
    """Runs the load; raises AssertionError when something failed, because such figures mean nothing."""
    took = _with_wrk(requests, seconds) if shutil.which("wrk") else _with_python(requests, seconds)
    assert took.failed == 0, f"{took.failed} requests failed: {requests.method} {requests.paths[0]}"
    return took


def _with_python(requests: Requests, seconds: float) -> Load:
    given = json.dumps({"requests": asdict(requests), "seconds": seconds})
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return Load(**json.loads(done.stdout))


# ---------------------------------------------------------------------------- wrk

_LUA = """
local json_paths = {%(paths)s}
local bodies = {%(bodies)s}
local headers = {%(headers)s}
local made = 0
local mark = tostring(%(mark)d)
function request()
  made = made + 1
  local copy = {}
  for name, value in pairs(headers) do
    copy[name] = (value == "%%KEY%%") and (mark .. "-" .. made) or value
  end
  local body = bodies[math.random(#bodies)]
  if body == "" then body = nil end
  return wrk.format("%(method)s", json_paths[math.random(#json_paths)], copy, body)
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("FIGURES %%f %%f %%f %%d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _with_wrk(requests: Requests, seconds: float) -> Load:
    script = _LUA % {
        "paths": ", ".join(json.dumps(path) for path in requests.paths),
        "bodies": ", ".join(json.dumps(body) for body in requests.bodies),
        "headers": ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in requests.headers.items()),
        "mark": random.randrange(10**9),
        "method": requests.method,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        Path(file.name).write_text(script)
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", file.name, f"http://127.0.0.1:{requests.port}"],
            capture_output=True,
            text=True,
            check=True,
        )
    [line] = [line for line in done.stdout.splitlines() if line.startswith("FIGURES")]
    _, per_second, p50, p99, failed = line.split()
    return Load(float(per_second), float(p50), float(p99), int(failed))


# ---------------------------------------------------------------------------- raw sockets


class _Client(asyncio.Protocol):
    """One connection that asks the next as soon as it has the answer to the last."""

    def __init__(self, requests: Requests, until: float, taken: list[float]) -> None:
        self._requests = requests
        self._until = until
        self._taken = taken
        self._buffer = b""
        self._asked = 0.0
        self.failed = 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class derives from none of asyncio's
        self._ask()

    def _ask(self) -> None:
        asked = self._requests
        body = random.choice(asked.bodies).encode()
        head = [f"{asked.method} {random.choice(asked.paths)} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
        key = f"{random.getrandbits(96):x}"
        head += [f"{name}: {key if value == '%KEY%' else value}" for name, value in asked.headers.items()]
        self._asked = time.perf_counter()
        self._transport.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank or len(rest) < _length(head):
            return
        now = time.perf_counter()
        self._taken.append(now - self._asked)
        self.failed += head[9:10] != b"2"
        self._buffer = b""
        if now < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed += exc is not None
        self.closed.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _keep_busy(requests: Requests, seconds: float) -> Load:
    loop, taken = asyncio.get_running_loop(), list[float]()
    until = time.perf_counter() + seconds
    clients = []
    for _ in range(CONNECTIONS):
        _, client = await loop.create_connection(lambda: _Client(requests, until, taken), "127.0.0.1", requests.port)
        clients.append(client)
    await asyncio.wait_for(asyncio.gather(*(client.closed for client in clients)), seconds + 30)
    taken.sort()
    return Load(
        per_second=len(taken) / seconds,
        p50=taken[len(taken) // 2] * 1000,
        p99=taken[len(taken) * 99 // 100] * 1000,
        failed=sum(client.failed for client in clients),
    )


def main() -> None:
    given = json.load(sys.stdin)
    print(json.dumps(asdict(uvloop.run(_keep_busy(Requests(**given["requests"]), given["seconds"])))))


if __name__ == "__main__":
    main()
