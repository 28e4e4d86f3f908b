"""The broker's jars: resolved once with Maven from pom.xml into .cache/kafka/libs.

Nothing here starts a broker; broker.py does.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POM = Path(__file__).with_name("pom.xml")
LIBS = ROOT / ".cache" / "kafka" / "libs"
"""Where pom.xml puts the jars."""

JAVA_AT_LEAST = 17
"""Kafka 4's brokers need it."""
DOWNLOAD_PATIENCE = 900.0
"""Seconds for Maven, which fetches about 110 MB the first time."""


class KafkaMissing(Exception):
    """No broker can be started here; the text says what is missing and what to do."""


def java_and_maven_available() -> bool:
    """Whether a broker can be made on this machine: Java 17 or newer, and Maven."""
    return not missing_tools()


@cache
def missing_tools() -> tuple[str, ...]:
    """What this machine lacks, in words; empty when a broker can be made."""
    missing = []
    if (version := _java_version()) is None:
        missing.append(f"java (a runtime of version {JAVA_AT_LEAST} or newer)")
    elif version < JAVA_AT_LEAST:
        missing.append(f"a newer java (version {version} found, {JAVA_AT_LEAST} needed)")
    if shutil.which("mvn") is None:
        missing.append("mvn (Apache Maven)")
    return tuple(missing)


def ensure_libs() -> Path:
    """The folder of the jars, filled by Maven when pom.xml has changed or it was never filled.

    Any number of processes may call it at once. Raises KafkaMissing.
    """
    if missing := missing_tools():
        raise KafkaMissing(
            f"A real Kafka broker needs {' and '.join(missing)}. Install it, or name a running"
            " broker: KAFKA_BOOTSTRAP=host:port."
        )
    with _alone():
        if not _resolved():
            _resolve()
    return LIBS


def _java_version() -> int | None:
    if shutil.which("java") is None:
        return None
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', told.stderr)
    return int(found.group(1)) if found else None


@contextmanager
def _alone() -> Iterator[None]:
    LIBS.parent.mkdir(parents=True, exist_ok=True)
    with (LIBS.parent / "libs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mark() -> Path:
    return LIBS / "resolved.sha256"


def _pom_digest() -> str:
    return hashlib.sha256(POM.read_bytes()).hexdigest()


def _resolved() -> bool:
    return _mark().is_file() and _mark().read_text() == _pom_digest()


def _resolve() -> None:
    """Start from an empty folder, so that no jar of an older pom.xml stays on the class path."""
    shutil.rmtree(LIBS, ignore_errors=True)
    command = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", "--file", str(POM)]
    command.append("dependency:copy-dependencies")
    try:
        told = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=DOWNLOAD_PATIENCE,
        )
    except subprocess.TimeoutExpired as late:
        raise KafkaMissing(f"Maven did not bring Kafka's jars within {DOWNLOAD_PATIENCE:.0f} s; try again.") from late
    if told.returncode != 0:
        raise KafkaMissing(
            "Maven could not bring Kafka's jars (no network, or a registry that refuses?):\n"
            + "\n".join(told.stdout.splitlines()[-15:])
        )
    _mark().write_text(_pom_digest())
