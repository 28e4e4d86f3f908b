"""A real S3-compatible server for the tests: versitygw, built from its Go module as `go.mod` and `go.sum` pin it.

`python -m tests.storage.gateway` builds it; its exit code says whether the tests can run here.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.ports import free_port

HERE: Final = Path(__file__).parent
PROGRAM: Final = HERE / "made" / "versitygw"
OLDEST: Final = (1, 25)
"""Of Go, by the modules that are pinned."""
LEFT_OUT: Final = 3
"""The exit code where Go or the modules cannot be had: no fault of the project."""
UNREACHABLE: Final = re.compile("dial tcp|i/o timeout|connection refused|no such host|TLS handshake timeout")
BUILD_SECONDS: Final = 900
START_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where the server listens, and whom it knows."""

    url: str
    bucket: str
    access_key: str
    secret_key: str
    folder: Path
    """Where it keeps its objects."""


def missing() -> str | None:
    """What is not here, in a sentence; None when nothing is."""
    if PROGRAM.exists():
        return None
    if not shutil.which("go"):
        return "No Go is here: the S3-compatible server is left out. Install Go 1.25 or newer and try again."
    said = subprocess.run(["go", "version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        return f"{said.strip()} is here: the S3-compatible server is left out, it needs Go 1.25 or newer."
    return None


def build() -> bool:
    """Builds what is pinned, unless it is there; False when no module proxy can be reached.

    Raises CalledProcessError when it cannot be built.
    """
    if PROGRAM.exists():
        return True
    print("Building the S3-compatible server that tests/storage/go.mod pins (about two minutes)", flush=True)
    command = ["go", "build", "-mod=readonly", "-o", str(PROGRAM), "github.com/versity/versitygw/cmd/versitygw"]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    if ran.returncode == 0:
        return True
    if not UNREACHABLE.search(ran.stderr):
        sys.stderr.write(ran.stderr)
        ran.check_returncode()
    return False


@contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[Gateway]:
    """The server over a folder, with a bucket, until the end of the block. It listens on loopback only."""
    port = port or free_port()
    gateway = Gateway(f"http://127.0.0.1:{port}", "evidence", "tests", secrets.token_hex(16), folder)
    objects, beside = folder / "objects", folder / "beside"
    (objects / gateway.bucket).mkdir(parents=True, exist_ok=True)
    beside.mkdir(exist_ok=True)
    known = {"ROOT_ACCESS_KEY": gateway.access_key, "ROOT_SECRET_KEY": gateway.secret_key}
    command = [str(PROGRAM), "--port", f"127.0.0.1:{port}", "posix", "--sidecar", str(beside), str(objects)]
    with (folder / "gateway.log").open("ab") as said:
        process = subprocess.Popen(command, env={**os.environ, **known}, stdout=said, stderr=said)
        try:
            _await(gateway.url, process)
            yield gateway
        finally:
            process.terminate()
            process.wait(timeout=10)


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers, whatever it answers. Raises RuntimeError."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the S3-compatible server did not start")


def main() -> int:
    if (what := missing()) is not None:
        print(what)
        return LEFT_OUT
    if not build():
        print("No module proxy can be reached: the S3-compatible server is left out.")
        return LEFT_OUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
