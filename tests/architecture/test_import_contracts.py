"""Each import contract of pyproject.toml breaks when its rule is broken.

A miniature house commits every breach at once; the report must name each one under its contract.
"""

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PYPROJECT = ROOT / "pyproject.toml"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

CONTRACTS: dict[str, str] = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
}

HOUSE = [
    *(f"services/{name}" for name in ("customers", "complaints", "care", "reporting")),
    "services/complaints/clocks",
    "services/complaints/intake",
    *(f"shared/{name}" for name in ("auth", "bus", "contracts", "delivery", "http")),
    "deploy",
]
MODULES = [
    *(f"shared/auth/{name}.py" for name in ("policy", "principal", "tokens")),
    *(f"shared/{name}.py" for name in ("clock", "db", "settings", "telemetry")),
    *(f"services/{name}/app.py" for name in ("care", "customers", "reporting")),
    *(f"services/complaints/{name}.py" for name in ("app", "reactions", "settings")),
    *(
        f"services/complaints/{capability}/{name}.py"
        for capability in ("clocks", "intake")
        for name in ("api", "domain", "handlers", "store", "tables", "timer")
    ),
    "deploy/cli.py",
]


@dataclass(frozen=True)
class Breach:
    """A line that must not stand in a module, because it imports another."""

    contract: str
    importer: str
    imported: str

    @property
    def chain(self) -> str:
        return f"{self.importer} -> {self.imported}"


CLOCKS = "services.complaints.clocks"
INTAKE = "services.complaints.intake"

BREACHES = [
    Breach("services-apart", "services.care.app", "services.complaints.app"),
    Breach("services-apart", "services.reporting.app", "services.customers"),
    Breach("shared-below-services", "shared.db", "services.care.app"),
    Breach("shared-below-services", "shared.http", "deploy.cli"),
    Breach("services-below-deploy", "services.complaints.settings", "deploy.cli"),
    Breach("no-test-code", "shared.bus", "tests"),
    Breach("no-test-code", "deploy.cli", "bench"),
    Breach("contracts-alone", "shared.contracts", "shared.db"),
    Breach("contracts-alone", "shared.contracts", "asyncpg"),
    Breach("domain-pure", f"{CLOCKS}.domain", "asyncpg"),
    Breach("domain-pure", f"{CLOCKS}.domain", "shared.settings"),
    Breach("domain-pure", f"{CLOCKS}.domain", "shared.clock"),
    Breach("domain-pure", f"{CLOCKS}.domain", "shared.auth.tokens"),
    Breach("domain-pure", f"{CLOCKS}.domain", "sqlmodel"),
    Breach("domain-pure", f"{CLOCKS}.domain", "services.complaints.settings"),
    Breach("handlers-without-http", f"{CLOCKS}.handlers", "fastapi"),
    Breach("handlers-without-http", "services.complaints.reactions", "starlette"),
    Breach("storage-below-handlers", f"{CLOCKS}.store", f"{CLOCKS}.handlers"),
    Breach("storage-below-handlers", f"{CLOCKS}.tables", f"{INTAKE}.api"),
    Breach("handlers-below-routes", f"{CLOCKS}.handlers", f"{INTAKE}.api"),
    Breach("routes-without-queries", f"{CLOCKS}.api", "asyncpg"),
    Breach("routes-without-queries", f"{CLOCKS}.api", f"{INTAKE}.tables"),
    Breach("capability-layers", f"{CLOCKS}.handlers", f"{CLOCKS}.api"),
    Breach("capability-layers", f"{CLOCKS}.handlers", f"{CLOCKS}.timer"),
    Breach("capability-layers", f"{CLOCKS}.domain", f"{CLOCKS}.tables"),
    Breach("one-composition-root", f"{INTAKE}.api", "services.complaints.app"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with nothing in it but the project's own contracts."""
    return build_house(tmp_path)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the tool says of each contract about a house where every breach was committed."""
    house = build_house(tmp_path_factory.mktemp("house"))
    for breach in BREACHES:
        with module_file(house, breach.importer).open("a", encoding="utf-8") as module:
            module.write(f"import {breach.imported}\n")
    return by_contract(lint_imports(house).stdout)


def build_house(root: Path) -> Path:
    for folder in HOUSE:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in [*HOUSE, "services", "shared"]:
        (root / folder / "__init__.py").touch()
    for module in MODULES:
        (root / module).touch()
    (root / "pyproject.toml").write_bytes(PYPROJECT.read_bytes())
    return root


def module_file(house: Path, module: str) -> Path:
    path = house.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"],
        cwd=house,
        env=os.environ | {"COLUMNS": "500"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def by_contract(report: str) -> dict[str, str]:
    """Contract id -> what stands under its name among the broken ones."""
    _, _, broken = report.partition("Broken contracts")
    headings = re.compile("^(" + "|".join(map(re.escape, CONTRACTS.values())) + ")$", re.MULTILINE)
    ids = {name: contract for contract, name in CONTRACTS.items()}
    parts = headings.split(broken)
    return {ids[name]: text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.contract}: {breach.chain}")
def test_a_forbidden_import_breaks_its_contract(verdicts: dict[str, str], breach: Breach) -> None:
    assert breach.chain in verdicts[breach.contract]


def test_what_the_house_allows_breaks_nothing(house: Path) -> None:
    clocks = house / "services/complaints/clocks"
    (clocks / "domain.py").write_text("import datetime\nimport shared.contracts\nimport shared.auth.principal\n")
    (clocks / "tables.py").write_text("import sqlmodel\nfrom . import domain\n")
    (clocks / "store.py").write_text("import asyncpg\nfrom . import domain\nimport shared.db\n")
    (clocks / "handlers.py").write_text("from . import domain, store\nimport services.complaints.intake.handlers\n")
    (clocks / "api.py").write_text("import fastapi\nfrom . import handlers\n")
    (clocks / "timer.py").write_text("from . import handlers, store\n")
    (house / "services/complaints/reactions.py").write_text("from .clocks import handlers\n")
    (house / "services/complaints/app.py").write_text(
        "from services.complaints import reactions, settings\nfrom .clocks import api, timer\n"
    )
    (house / "deploy/cli.py").write_text("import services.care\nimport services.complaints.app\n")

    verdict = lint_imports(house)

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_no_contract_is_left_unproved() -> None:
    assert {breach.contract for breach in BREACHES} == set(CONTRACTS)
