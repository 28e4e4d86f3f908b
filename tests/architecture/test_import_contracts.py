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
    "services/complaints/watch",
    "services/complaints/watch/handlers",
    "services/complaints/intake",
    *(f"shared/{name}" for name in ("auth", "bus", "contracts", "delivery", "http")),
    "deploy",
]
MODULES = [
    *(f"shared/auth/{name}.py" for name in ("policy", "principal", "tokens")),
    "shared/bus/outbox.py",
    "shared/delivery/registry.py",
    *(
        f"shared/{name}.py"
        for name in ("clock", "db", "errors", "runtime", "service", "settings", "statement", "tables", "telemetry")
    ),
    *(f"services/{name}/app.py" for name in ("care", "customers", "reporting")),
    *(f"services/complaints/{name}.py" for name in ("app", "context", "reactions", "registry", "schema", "settings")),
    *(
        f"services/complaints/intake/{name}.py"
        for name in ("api", "domain", "events", "handlers", "queries", "store", "tables")
    ),
    *(f"services/complaints/watch/{name}.py" for name in ("api", "domain", "events", "queries", "store", "tables")),
    "services/complaints/watch/handlers/escalating.py",
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


WATCH = "services.complaints.watch"
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
    Breach("domain-pure", f"{WATCH}.domain", "asyncpg"),
    Breach("domain-pure", f"{WATCH}.domain", "shared.settings"),
    Breach("domain-pure", f"{WATCH}.domain", "shared.clock"),
    Breach("domain-pure", f"{WATCH}.domain", "shared.auth.tokens"),
    Breach("domain-pure", f"{WATCH}.domain", "shared.delivery.registry"),
    Breach("domain-pure", f"{WATCH}.domain", "shared.delivery"),
    Breach("domain-pure", f"{WATCH}.domain", "shared.statement"),
    Breach("domain-pure", f"{WATCH}.domain", "sqlmodel"),
    Breach("domain-pure", f"{WATCH}.domain", "services.complaints.settings"),
    Breach("http-at-the-edge", f"{WATCH}.handlers.escalating", "fastapi"),
    Breach("http-at-the-edge", f"{WATCH}.store", "shared.http"),
    Breach("http-at-the-edge", f"{WATCH}.queries", "starlette"),
    Breach("http-at-the-edge", "services.complaints.reactions", "starlette"),
    Breach("http-at-the-edge", "services.complaints.context", "shared.service"),
    Breach("no-calls-to-neighbours", f"{INTAKE}.handlers", "httpx"),
    Breach("storage-below-handlers", f"{WATCH}.store", f"{WATCH}.handlers.escalating"),
    Breach("storage-below-handlers", f"{WATCH}.tables", f"{INTAKE}.api"),
    Breach("storage-below-handlers", f"{WATCH}.events", "services.complaints.context"),
    Breach("handlers-below-routes", f"{WATCH}.handlers.escalating", f"{INTAKE}.api"),
    Breach("queries-below-handlers", f"{WATCH}.queries", "shared.bus.outbox"),
    Breach("routes-without-statements", f"{WATCH}.api", "asyncpg"),
    Breach("routes-without-statements", f"{WATCH}.api", f"{INTAKE}.tables"),
    Breach("routes-without-statements", f"{WATCH}.api", f"{WATCH}.store"),
    Breach("capability-layers", f"{INTAKE}.handlers", f"{INTAKE}.api"),
    Breach("capability-layers", f"{INTAKE}.queries", f"{INTAKE}.handlers"),
    Breach("capability-layers", f"{WATCH}.store", f"{WATCH}.events"),
    Breach("capability-layers", f"{WATCH}.domain", f"{WATCH}.tables"),
    Breach("one-composition-root", f"{INTAKE}.api", "services.complaints.app"),
    Breach("settings-at-the-root", f"{INTAKE}.handlers", "services.complaints.settings"),
]


CYCLES = [
    (f"{INTAKE}.store", f"{WATCH}.domain", f"{WATCH}.store", f"{INTAKE}.domain"),
    ("shared.clock", "shared.db", "shared.db", "shared.clock"),
    ("shared.auth.policy", "shared.auth.tokens", "shared.auth.tokens", "shared.auth.policy"),
]
"""Importer and imported, one way and back: each pair makes a ring of two siblings."""


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


@pytest.mark.parametrize("ring", CYCLES, ids=lambda ring: f"{ring[0]} <-> {ring[1]}")
def test_a_cycle_breaks_its_contract(house: Path, ring: tuple[str, str, str, str]) -> None:
    for importer, imported in (ring[:2], ring[2:]):
        with module_file(house, importer).open("a", encoding="utf-8") as module:
            module.write(f"import {imported}\n")

    assert "no-cycles" in by_contract(lint_imports(house).stdout)


def test_what_the_house_allows_breaks_nothing(house: Path) -> None:
    watch = house / "services/complaints/watch"
    (watch / "domain.py").write_text("import datetime\nimport shared.contracts\nimport shared.auth.principal\n")
    (watch / "tables.py").write_text("import sqlmodel\nimport shared.tables\nfrom . import domain\n")
    (watch / "store.py").write_text("import asyncpg\nimport shared.statement\nfrom . import domain, tables\n")
    (watch / "events.py").write_text("import shared.contracts\nfrom . import domain\n")
    (watch / "queries.py").write_text("import shared.statement\nfrom services.complaints import context\n")
    (watch / "handlers/escalating.py").write_text(
        "from services.complaints import context\n"
        "from services.complaints.watch import domain, events, queries, store\n"
        "import services.complaints.intake.handlers\nimport shared.bus.outbox\n"
    )
    (watch / "api.py").write_text(
        "import fastapi\nimport shared.http\nfrom .handlers import escalating\nfrom . import queries\n"
    )
    complaints = house / "services/complaints"
    (complaints / "context.py").write_text("import shared.runtime\nimport services.complaints.settings\n")
    (complaints / "reactions.py").write_text("from .watch.handlers import escalating\n")
    (complaints / "app.py").write_text(
        "import shared.service\nfrom services.complaints import context, reactions, settings\nfrom .watch import api\n"
    )
    (house / "deploy/cli.py").write_text("import services.care\nimport services.complaints.app\n")

    verdict = lint_imports(house)

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_no_contract_is_left_unproved() -> None:
    assert {breach.contract for breach in BREACHES} | {"no-cycles"} == set(CONTRACTS)
