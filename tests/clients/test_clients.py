"""The documents are clean under two linters, and a TypeScript client that is generated from them works.

`make clients` runs this where Node is there: lint, types, strict compilation, and the client against the product.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.settings import SERVICES, ServiceName
from tests.all_in_one import AllInOne
from tests.clients import tools
from tests.clients.tools import MADE, run
from tests.contracts.descriptions import write_all

pytestmark = [pytest.mark.clients, pytest.mark.timeout(400)]

services = pytest.mark.parametrize("service", SERVICES)


@pytest.fixture(scope="module")
def documents() -> dict[str, Path]:
    """Service -> its document, beside the tools that read it."""
    assert tools.missing() is None
    assert tools.install()
    return dict(zip(SERVICES, write_all(MADE), strict=True))


@services
def test_redocly_finds_nothing(documents: dict[str, Path], service: ServiceName) -> None:
    said = run("redocly", "lint", "--config=redocly.yaml", "--format=json", str(documents[service]))
    assert problems_of_redocly(said.stdout) == [], said.stderr


def problems_of_redocly(said: str) -> list[str]:
    """Errors and warnings alike."""
    found: list[dict[str, Any]] = json.JSONDecoder().raw_decode(said, said.index("{"))[0]["problems"]
    return [f"{each['ruleId']}: {each['message']} ({each['location'][0]['pointer']})" for each in found]


@services
def test_spectral_finds_nothing(documents: dict[str, Path], service: ServiceName) -> None:
    found = problems_of_spectral(documents[service])
    assert found == []


def problems_of_spectral(document: Path) -> list[str]:
    """Errors, warnings and hints alike."""
    said = run("spectral", "lint", "--ruleset=spectral.yaml", "--format=json", "--fail-severity=hint", str(document))
    found: list[dict[str, Any]] = json.JSONDecoder().raw_decode(said.stdout)[0]
    assert said.returncode in (0, 1), said.stderr
    return [f"{each['code']}: {each['message']} ({'/'.join(map(str, each['path']))})" for each in found]


def test_both_linters_see_what_is_wrong(documents: dict[str, Path], tmp_path: Path) -> None:
    document = json.loads(documents["care"].read_text())
    del document["servers"], document["tags"][0]["description"]
    document["components"]["schemas"]["Problem"]["properties"]["status"]["example"] = "many"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(document))

    redocly = run("redocly", "lint", "--config=redocly.yaml", "--format=json", str(wrong))

    assert "no-empty-servers" in str(problems_of_redocly(redocly.stdout))
    assert "oas3-api-servers" in str(problems_of_spectral(wrong))


@pytest.fixture(scope="module")
def client(documents: dict[str, Path]) -> Path:
    """The client, compiled in strict mode on generated types."""
    for service, document in documents.items():
        generated = run(
            "openapi-typescript", str(document), "--default-non-nullable=false", f"--output={MADE / service}.ts"
        )
        assert generated.returncode == 0, generated.stdout + generated.stderr
    compiled = run("tsc", "--project", "tsconfig.json")
    assert compiled.returncode == 0, compiled.stdout
    return MADE / "js" / "client.js"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AllInOne]:
    with AllInOne(tmp_path_factory.mktemp("product") / "data") as running:
        yield running


def test_the_client_works_against_the_product(client: Path, product: AllInOne) -> None:
    """It reads a list by pages, changes one field alone, is refused in a typed way, and reads what happened."""
    ran = run("node", str(client), product.url, str(product.folder / "tokens.json"))
    assert ran.returncode == 0, ran.stderr
    seen: dict[str, Any] = json.loads(ran.stdout)

    assert sorted(seen["names"]) == sorted(["上海旗舰店", "杭州店", "苏州店"])
    follows = ("completeness", "updated_at")
    same = {name: value for name, value in seen["before"].items() if name not in follows}
    assert {name: seen["after"][name] for name in same} == {**same, "address": "南京西路 1 号"}
    assert seen["after"]["completeness"]["basic"] > seen["before"]["completeness"]["basic"], "it has an address now"
    assert seen["stale"] == {"status": 412, "slug": "stale"}
    assert seen["unknown"] == {"status": 422, "pointers": ["#/phones/0", "#/name"]}
    assert seen["told"] == seen["opened"]
    assert seen["kind"] == "complaint"
