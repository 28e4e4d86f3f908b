"""docs/new-capability.md by its word, in a copy of the project: what `make capability` writes runs once it is wired."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.development.capability import by_hand, names
from tests.architecture.source import ROOT

PAGE = (ROOT / "docs/new-capability.md").read_text(encoding="utf-8")
COPIED = ("services", "shared", "deploy", "tests", "docs")

PROVE_IT = (
    "tests/care/test_penalties.py",
    "tests/reporting/test_projections.py::test_a_rebuild_gives_the_same_rows",
    "tests/reporting/test_projections.py::test_the_same_rows_however_the_events_arrive[1]",
    "tests/contracts/test_golden.py",
    "tests/contracts/test_descriptions.py",
    *(f"tests/architecture/test_{name}.py" for name in ("catalogue", "declared_errors", "documents", "statements")),
    "tests/architecture/test_migrations.py",
    "-k=not does_not_load",
)
"""What would find a capability at fault, without what is slow and has nothing to do with one."""

TOLD_AT_FIRST = """\
        penalty = new_id()
        self._publish(care.PenaltyChanged(penalty_id=penalty, at=self.now), penalty)
"""


class Newcomer:
    """Does what the page says, in a copy of the project."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))
        }

    def run(self, module: str, *arguments: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-4_000:]
        return ran.stdout

    def paste(self, file: str, after: str, lines: str) -> None:
        """Pastes lines below the first one that is like `after`."""
        path = self.root / file
        text, pasted = re.subn(after, lambda line: line[0] + lines, path.read_text(encoding="utf-8"), count=1)
        assert pasted == 1, f"{file} has no {after}"
        path.write_text(text, encoding="utf-8")

    def copy_from_the_page(self) -> list[str]:
        """Writes the files that the page shows whole."""
        shown = re.findall(r"```python\n# (services/\S+)\n(.*?)```", PAGE, re.DOTALL)
        for file, text in shown:
            path = self.root / file
            path.parent.mkdir(exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(text, encoding="utf-8")
        return [file for file, _ in shown]


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for file in ("pyproject.toml", "README.md", "CONTRIBUTING.md"):
        shutil.copy(ROOT / file, tmp_path)
    return Newcomer(tmp_path)


@pytest.mark.trial
@pytest.mark.timeout(300)
def test_a_capability_by_the_page_runs(newcomer: Newcomer) -> None:
    newcomer.run("deploy.development.capability", "care", "penalties")
    pieces = by_hand(names("care", "penalties"))
    [contract] = pieces["shared/contracts/care.py"]
    [row] = pieces["docs/events.md"]
    [policy] = pieces["services/care/policy.py"]
    imported, router = pieces["services/care/app.py"]
    newcomer.paste("shared/contracts/care.py", r"\Z", f"\n\n{contract[1]}")
    newcomer.paste("docs/events.md", r"\| `crm\.consent\.withdrawn` .*\n", row[1])
    newcomer.paste("services/care/policy.py", r"POLICY: PolicyTable = \{\n", policy[1])
    tag, words = pieces["services/care/words.py"]
    newcomer.paste("services/care/words.py", r"tags=\{\n", tag[1])
    newcomer.paste("services/care/words.py", r"words=\{\n", words[1])
    newcomer.paste("services/care/app.py", r"(?m)^from services\..*\n", imported[1])
    newcomer.paste("services/care/app.py", r"routers=\(\n", router[1])
    newcomer.run("tests.contracts.samples")
    newcomer.run("tests.architecture.frozen")
    newcomer.run("deploy.development.migration", "care", "penalties")
    newcomer.run("deploy.development.catalogue")

    reporting = newcomer.copy_from_the_page()
    assert reporting == [f"services/reporting/penalties/{name}.py" for name in ("tables", "store", "handlers")]
    reactions = "services/reporting/reactions.py"
    newcomer.paste(
        reactions, r"(?m)^from services\..*\n", "from services.reporting.penalties import handlers as penalties\n"
    )
    newcomer.paste(
        reactions, r"directory\.REACTIONS,\n", "    care.PenaltyChanged.TYPE: penalties.on_penalty_changed,\n"
    )
    newcomer.run("deploy.development.migration", "reporting", "penalties")
    newcomer.paste("tests/reporting/network.py", r"def _directory\(self\) -> None:\n", TOLD_AT_FIRST)

    newcomer.run("ruff", "check", "--fix", "--quiet", ".")
    newcomer.run("ruff", "format", "--quiet", ".")
    said = newcomer.run("pytest", "--quiet", "--numprocesses=0", *PROVE_IT)
    assert " passed" in said
