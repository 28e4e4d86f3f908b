"""PostgreSQL's own programs for backups: the wheel's or those on PATH, whichever are of the server's version."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from deploy.postgres_account import CannotStart, installed_programs
from deploy.refusals import NotConfigured

_VERSION = re.compile(r"(\d+)(?:\.\d+)?")


class ProgramFailed(subprocess.SubprocessError):
    """A program of PostgreSQL's did not do its work; the text is its first complaint, without any row."""


def programs_of(major: int) -> Path:
    """The folder of pg_dump, pg_restore and psql of this major version. Raises NotConfigured, saying what was found."""
    found: dict[Path, int] = {}
    for folder in _folders():
        found[folder] = _major(folder / "pg_dump")
        if found[folder] == major:
            return folder
    here = ", ".join(f"{version} in {folder}" for folder, version in found.items()) or "none"
    raise NotConfigured(
        f"the server is PostgreSQL {major}, and backups need its own pg_dump, pg_restore and psql (found: {here}):"
        f" install them (Debian: postgresql-client-{major}) and put them on PATH"
    )


def _folders() -> list[Path]:
    folders = [Path(on_path).resolve().parent] if (on_path := shutil.which("pg_dump")) else []
    try:
        return [installed_programs(), *folders]
    except CannotStart:
        return folders


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603  found above
    version = _VERSION.search(said)
    return int(version[1]) if version else 0


def without_password(url: str) -> tuple[str, Mapping[str, str]]:
    """The address for a command line, which everybody on the machine can read; the environment has the password."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    bare = urlunsplit(parts._replace(netloc=f"{name}@{host}" if name else host))
    environment = {**os.environ, "LC_ALL": "C"}
    return bare, environment | ({"PGPASSWORD": parts.password} if parts.password else {})


async def run(
    command: Sequence[str | Path], environment: Mapping[str, str], *, pipe: int | None = None, writes: bool = False
) -> None:
    """Runs a program to its end, which reads from (or writes into) an end of a pipe; that end is closed here then.

    Raises ProgramFailed.
    """
    nothing = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=nothing if pipe is None or writes else pipe,
            stdout=pipe if pipe is not None and writes else nothing,
            stderr=asyncio.subprocess.PIPE,
        )
    finally:
        if pipe is not None:
            os.close(pipe)
    _, said = await process.communicate()
    if process.returncode:
        lines = [line for line in said.decode(errors="replace").splitlines() if "ERROR" in line or "error" in line]
        raise ProgramFailed(f"{Path(command[0]).name}: {lines[0] if lines else f'exit code {process.returncode}'}")
