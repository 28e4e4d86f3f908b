"""Nothing in the project knows the machine it was written on, nor a registry's address."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, project_files

# Written in pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.${}/-])/(?:work|root|Users|home/(?!crm\b)[\w.-]+|tmp/work|opt/wheels)/[\w.]")
NEIGHBOUR = re.compile(r"\.\./" + r"shared\b")
NEIGHBOURS_DATA = re.compile(r"\.\./" + r"shared/data\b")
REGISTRY = re.compile(
    "|".join(
        [
            r"pypi" + r"\.org",
            r"python" + r"hosted\.org",
            r"registry\." + r"npmjs",
            r"maven\." + r"org",
            r"maven\." + r"apache\.org/maven2",
            r"deb\." + r"debian\.org",
            r"proxy\." + r"golang\.org",
        ]
    )
)
MAY_READ_REAL_DATA = {"tests", "bench", "docs"}
BINARY = {".gif", ".ico", ".jpg", ".png", ".pdf", ".woff2", ".xlsx", ".zip", ".gz"}


def addresses(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{path.as_posix()}:{number}"
        if MACHINE_PATH.search(line):
            yield f"{place} names a path of one machine: {line.strip()}"
        if REGISTRY.search(line):
            yield f"{place} names a registry; packages are pinned by hash, not by address"
        data_is_welcome = path.parts[0] in MAY_READ_REAL_DATA
        without_data = NEIGHBOURS_DATA.sub("", line) if data_is_welcome else line
        if NEIGHBOUR.search(without_data):
            yield f"{place} reads a folder beside the project: {line.strip()}"


def text_of(path: Path) -> str:
    return "" if path.suffix in BINARY else (ROOT / path).read_text(encoding="utf-8", errors="replace")


def test_no_file_names_a_machine_or_a_registry() -> None:
    faults = [found for path in project_files() for found in addresses(path, text_of(path))]

    assert faults == []


@pytest.mark.parametrize(
    "line",
    [
        "DATA = Path('" + "/work" + "/main/data')",
        "cache: " + "/root" + "/.m2/repository",
        "see " + "/home" + "/ann/notes.md",
        "index-url = https://" + "pypi" + ".org/simple",
        "DATA = Path('" + ".." + "/shared/data')",
        "as " + ".." + "/shared/spec says",
    ],
)
def test_an_address_is_seen(line: str) -> None:
    assert list(addresses(Path("services/care/app.py"), line))


@pytest.mark.parametrize("folder", sorted(MAY_READ_REAL_DATA))
def test_tests_and_benchmarks_may_read_the_real_data_beside_the_project(folder: str) -> None:
    line = "DATA = Path('" + ".." + "/shared/data')"

    assert list(addresses(Path(folder, "sample.py"), line)) == []


def test_a_route_is_no_address() -> None:
    line = 'client.get("/reporting/v1/live"); url = "/work-items/1"; home = "/home/crm/app"'

    assert list(addresses(Path("services/care/app.py"), line)) == []
