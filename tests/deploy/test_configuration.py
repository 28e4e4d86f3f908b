"""What an environment may say: one message names every mistake, before anything starts."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.configuration import configured, databases, general_settings
from deploy.refusals import NotConfigured
from shared.settings import ServiceName
from tests.architecture.source import ROOT

RIGHT = {
    "CRM_MASTER_KEY": "ab" * 32,
    "CRM_JWKS_URL": "https://login.example.com/keys",
    "CRM_KAFKA_BOOTSTRAP": "kafka-1:9092, kafka-2:9092",
    "CRM_DATABASE_URL_CARE": "postgresql://care:secret@db:5432/care",
}
PRODUCTION = {
    **RIGHT,
    "CRM_PRODUCTION": "true",
    "CRM_CARE_PUBLIC_URL": "https://care.example.com",
    "CRM_DELIVERY_EMAIL": "smtp",
    "CRM_DELIVERY_SMTP_HOST": "mail.example.com",
    "CRM_DELIVERY_SMTP_SENDER": "care@example.com",
    "CRM_DELIVERY_SMS": "off",
    "CRM_DELIVERY_WEBHOOK": "off",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own environment."""
    for name in [name for name in os.environ if name.startswith("CRM_")]:
        monkeypatch.delenv(name)


def _set(monkeypatch: pytest.MonkeyPatch, *environments: dict[str, str]) -> None:
    for environment in environments:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)


def _mistakes(service: ServiceName = "care") -> list[str]:
    with pytest.raises(NotConfigured) as refused:
        configured(service, needs_bus=True)
    return [line.strip().partition(":")[0] for line in str(refused.value).splitlines()[1:]]


@pytest.mark.parametrize("environment", [RIGHT, PRODUCTION], ids=["trying out", "production"])
def test_a_right_environment_is_taken(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    _set(monkeypatch, environment)

    found = configured("care", needs_bus=True)

    assert (found.master_key, found.database_url) == (b"\xab" * 32, environment["CRM_DATABASE_URL_CARE"])


def test_every_mistake_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "CRM_TIMEZONE": "Mars/Base",
        "CRM_LOG_LEVEL": "LOUD",
        "CRM_CLOCK_OFFSET": "tomorrow",
        "CRM_CORS_ORIGINS": "http://localhost:5173",
        "CRM_CARE_WEEKLY_CAP": "0",
        "CRM_MASTER_KEY": "short",
        "CRM_DATABASE_URL_CARE": "mysql://root:hunter2@db/care",
    }
    _set(monkeypatch, wrong)

    with pytest.raises(NotConfigured) as refused:
        configured("care", needs_bus=True)

    said = str(refused.value)
    assert "hunter2" not in said
    assert "CRM_CORS_ORIGINS: write it as JSON" in said
    assert [name for name in ("CRM_CARE_WEEKLY_CAP", "CRM_DATABASE_URL_CARE") if name not in said] == []
    monkeypatch.delenv("CRM_CORS_ORIGINS")
    assert set(_mistakes()) == {*wrong, "CRM_JWKS_URL", "CRM_KAFKA_BOOTSTRAP"} - {"CRM_CORS_ORIGINS"}


@pytest.mark.parametrize(
    "name, value",
    [
        ("CRM_JWKS_URL", ""),
        ("CRM_JWKS_URL", "login.example.com/keys"),
        ("CRM_JWKS_URL", "file:"),
        ("CRM_TOKEN_ALGORITHM", "HS256"),
        ("CRM_TIMEZONE", "Shanghai"),
        ("CRM_MASTER_KEY", "ab" * 31),
        ("CRM_KAFKA_BOOTSTRAP", ""),
        ("CRM_KAFKA_BOOTSTRAP", "kafka"),
        ("CRM_DATABASE_URL_CARE", ""),
        ("CRM_DATABASE_URL_CARE", "postgresql://db:5432/"),
        ("CRM_TRUSTED_PROXIES", '["everybody"]'),
        ("CRM_DATABASE_POOL", "1"),
    ],
)
def test_each_mistake_is_found(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _set(monkeypatch, RIGHT, {name: value})

    assert _mistakes() == [name]


@pytest.mark.parametrize(
    "name, value",
    [
        ("CRM_CLOCK_OFFSET", "PT1H"),
        ("CRM_CORS_ORIGINS", '["*"]'),
        ("CRM_CORS_LOCAL", "true"),
        ("CRM_CARE_PUBLIC_URL", "http://care.example.com"),
        ("CRM_CARE_PUBLIC_URL", "https://127.0.0.1:8000"),
        ("CRM_CARE_PUBLIC_URL", "https://10.0.0.8"),
        ("CRM_DELIVERY_EMAIL", "file"),
        ("CRM_DELIVERY_SMS", "console"),
        ("CRM_DELIVERY_SMTP_SENDER", "care@localhost.localdomain"),
        ("CRM_DELIVERY_SMTP_HOST", "127.0.0.1"),
    ],
)
def test_production_refuses_what_cannot_be_meant(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _set(monkeypatch, PRODUCTION, {name: value})

    assert _mistakes() == [name]


@pytest.mark.parametrize(
    "name, value",
    [
        ("CRM_COMPLAINTS_PUBLIC_URL", "http://care.example.com"),
        ("CRM_COMPLAINTS_LINE", "400-000-0000"),
        ("CRM_COMPLAINTS_LINE", ""),
        ("CRM_DELIVERY_SMS", "file"),
    ],
)
def test_production_knows_how_complainants_are_written_to(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    right = {
        "CRM_DATABASE_URL_COMPLAINTS": "postgresql://complaints:secret@db:5432/complaints",
        "CRM_COMPLAINTS_PUBLIC_URL": "https://care.example.com",
        "CRM_COMPLAINTS_LINE": "400-123-4567",
    }
    _set(monkeypatch, PRODUCTION, right)
    configured("complaints", needs_bus=True)

    _set(monkeypatch, {name: value})

    assert _mistakes("complaints") == [name]


def test_the_mode_of_one_process_names_every_mistake_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"CRM_TIMEZONE": "Mars/Base", "CRM_DELIVERY_EMAIL": "pigeon"})

    with pytest.raises(NotConfigured, match=r"CRM_TIMEZONE[\s\S]*CRM_DELIVERY_EMAIL"):
        general_settings()


def test_there_is_something_to_migrate_or_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConfigured, match="CRM_DATABASE_URL_CUSTOMERS"):
        databases()
    _set(monkeypatch, {"CRM_DATABASE_URL_CARE": "postgresql://db/care"})
    assert databases() == {"care": "postgresql://db/care"}


def _crm(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "crm", *command],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("CRM_")} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_refused_start_is_one_message_and_exit_code_2() -> None:
    refused = _crm("serve", "care", "worker", CRM_TIMEZONE="Mars/Base")

    assert refused.returncode == 2
    assert refused.stderr.count("crm:") == 1
    assert [
        name for name in ("CRM_TIMEZONE", "CRM_MASTER_KEY", "CRM_KAFKA_BOOTSTRAP") if name not in refused.stderr
    ] == []


def test_it_says_its_version() -> None:
    assert _crm("--version").stdout.startswith("crm 0.")


def test_a_process_waits_for_its_database_and_says_so(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = RIGHT | {"CRM_DATABASE_URL_CARE": "postgresql://care@127.0.0.1:9/care"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "crm", "serve", "care", "worker"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=out,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + 30
        while "waiting for the database" not in log.read_text() and time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        assert "waiting for the database" in log.read_text()
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(20)


def test_files_on_a_server_need_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = {name: value for name, value in RIGHT.items() if name != "CRM_DATABASE_URL_CARE"}
    _set(monkeypatch, complaints, {"CRM_DATABASE_URL_COMPLAINTS": RIGHT["CRM_DATABASE_URL_CARE"]})
    assert configured("complaints").database_url == RIGHT["CRM_DATABASE_URL_CARE"]
    monkeypatch.setenv("CRM_STORAGE_KIND", "s3")

    with pytest.raises(NotConfigured, match="CRM_STORAGE_BUCKET: the bucket"):
        configured("complaints")
