"""Node and npm, with which the documents are linted and a client is generated from them.

`python -m tests.clients.tools` installs what is pinned; its exit code says whether the clients can be tried here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
MADE: Final = HERE / "made"
"""What is generated: documents, types, JavaScript."""
OLDEST: Final = (20, 19)
"""Of Node, by the tools that are pinned in package.json."""
LEFT_OUT: Final = 3
"""The exit code where Node or the packages cannot be had: no fault of the project."""
UNREACHABLE: Final = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b"
)
"""What npm says of a registry that does not answer."""
TRIES: Final = 3
"""A registry that hesitates is asked again."""


def missing() -> str | None:
    """What is not here, in a sentence; None when nothing is."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "No Node with npm is here: the clients are left out. Install Node 20.19 or newer and try again."
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, said.lstrip("v").split(".")[:2])) < OLDEST:
        return f"Node {said} is here: the clients are left out, they need 20.19 or newer."
    return None


def install() -> bool:
    """Brings what package-lock.json pins into node_modules, unless it is there; False when no registry can be reached.

    Raises CalledProcessError when a package is not what the lock says.
    """
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".installed"
    if mark.exists() and mark.read_bytes() == lock.read_bytes():
        return True
    print("Installing what tests/clients/package-lock.json pins", flush=True)
    for tried in range(1, TRIES + 1):
        ran = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True, check=False)
        if ran.returncode == 0:
            mark.write_bytes(lock.read_bytes())
            return True
        if not UNREACHABLE.search(ran.stderr):
            sys.stderr.write(ran.stderr)
            ran.check_returncode()
        time.sleep(tried * 5)
    return False


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the installed tools (or node itself) without a word to anybody outside."""
    program = shutil.which(tool, path=str(HERE / "node_modules" / ".bin")) or tool
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    return subprocess.run(
        [program, *arguments],
        cwd=HERE,
        env=_environment() | quiet,
        capture_output=True,
        text=True,
        check=False,
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("NODE_", "npm_"))}


def pinned() -> dict[str, str]:
    """Package -> version, as package.json asks for it."""
    asked: dict[str, str] = json.loads((HERE / "package.json").read_text())["devDependencies"]
    return asked


def main() -> int:
    """0: all is there, installed if need be; LEFT_OUT: it cannot be had here."""
    said = missing()
    if said is None and not install():
        said = "No npm registry can be reached: the clients are left out."
    if said is None:
        return 0
    print(said)
    return LEFT_OUT


if __name__ == "__main__":
    sys.exit(main())
