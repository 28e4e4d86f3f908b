"""The skeleton that `make capability` writes: of the house's form, in its place, and made of what there is.

Whether it runs once it is wired, tests/deploy/test_new_capability.py finds out.
"""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from deploy.development.capability import PUBLISHING, by_hand, main, names, write
from tests.architecture.source import ROOT, imported_names

PAGE = (ROOT / "docs/new-capability.md").read_text(encoding="utf-8")

ROOM = ("__init__", "domain", "tables", "store", "queries", "events", "handlers", "api")
"""The files of a capability (docs/architecture.md, the house)."""

SKELETONS = (
    ("care", "penalties", None),
    ("customers", "addresses", "address"),
    ("complaints", "accident_inquiries", None),
)
"""Of which the names are short and long, and before and after `context` in the order of imports."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The folders that a skeleton is written into, and the rules of form."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for service in PUBLISHING:
        (tmp_path / "services" / service).mkdir(parents=True)
        (tmp_path / "tests" / service).mkdir(parents=True)
    return tmp_path


def said_by_ruff(house: Path) -> str:
    """What `make lint` would say of the form; empty when nothing is to say."""
    said = ""
    for command in (["format", "--check"], ["check"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "--quiet", "."],
            cwd=house,
            capture_output=True,
            text=True,
            check=False,
        )
        said += (ran.stdout + ran.stderr) if ran.returncode else ""
    return said


@pytest.mark.parametrize("service, plural, one", SKELETONS)
def test_a_skeleton_has_the_form_and_the_places_of_the_house(
    house: Path, service: str, plural: str, one: str | None
) -> None:
    before = set(house.rglob("*.py"))

    written = write(house, service, plural, one)

    places = {f"services/{service}/{plural}/{name}.py" for name in ROOM}
    assert {str(file.relative_to(house)) for file in written} == places | {f"tests/{service}/test_{plural}.py"}
    assert set(house.rglob("*.py")) - before == set(written)
    assert said_by_ruff(house) == ""


@pytest.mark.parametrize("line", ["x=1\n", "import os\n\n"], ids=["form", "manners"])
def test_a_skeleton_out_of_form_is_seen(house: Path, line: str) -> None:
    _, domain, *_ = write(house, "care", "penalties")
    domain.write_text(domain.read_text(encoding="utf-8") + line, encoding="utf-8")

    assert "domain.py" in said_by_ruff(house)


def test_a_skeleton_names_nothing_that_is_not_there(house: Path) -> None:
    own = ("services.care.penalties", "shared.contracts.care.PenaltyChanged")
    found = {
        name
        for file in write(house, "care", "penalties")
        for _, name in imported_names(ast.parse(file.read_text(encoding="utf-8")))
        if name.startswith(("services.", "shared.", "tests.")) and not name.startswith(own)
    }

    assert len(found) > 15
    assert sorted(name for name in found if not exists(name)) == []


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or stands in one."""
    module, _, attribute = name.rpartition(".")
    return hasattr(importlib.import_module(module), attribute) or find_spec(name) is not None


def test_the_page_shows_what_is_written(house: Path) -> None:
    """Every line of its examples, up to who else is concerned, is one of the skeleton or of what is to be pasted."""
    texts = [file.read_text(encoding="utf-8") for file in write(house, "care", "penalties")]
    texts += [what for pieces in by_hand(names("care", "penalties")).values() for _, what in pieces]
    there = {line.strip() for text in texts for line in text.splitlines()}
    shown = [
        line.strip()
        for block in re.findall(r"```python\n(.*?)```", PAGE.partition("## 7.")[0], re.DOTALL)
        for line in block.splitlines()
    ]

    assert len(shown) > 25
    assert [line for line in shown if line not in there] == []


def test_nothing_is_written_over(house: Path) -> None:
    test = house / "tests/care/test_penalties.py"
    test.write_text("kept", encoding="utf-8")

    with pytest.raises(FileExistsError, match=r"test_penalties\.py"):
        write(house, "care", "penalties")

    assert test.read_text(encoding="utf-8") == "kept"
    assert not (house / "services/care/penalties").exists()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["reporting", "penalties"], "reporting publishes nothing"),
        (["care", "penalty"], "the name is plural"),
        (["care", "touches"], "is there already"),
    ],
    ids=["who publishes nothing", "a singular", "there already"],
)
def test_what_cannot_be_written_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    assert said in capsys.readouterr().err
