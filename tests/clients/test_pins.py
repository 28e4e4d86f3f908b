"""What the clients are made with is pinned, and no rule of a linter is off without its reason."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.clients.tools import HERE, pinned

LOCK: dict[str, Any] = json.loads((HERE / "package-lock.json").read_text())
RULESETS = ("redocly.yaml", "spectral.yaml")


def test_every_tool_is_pinned_exactly() -> None:
    assert pinned() == LOCK["packages"][""]["devDependencies"]
    assert [version for version in pinned().values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    locked = {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in pinned()}
    assert locked == pinned()


def test_the_lock_says_what_packages_are_and_not_where_they_were() -> None:
    packages = {name: package for name, package in LOCK["packages"].items() if name}
    assert len(packages) > 100
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []


def off_without_reason(ruleset: str) -> list[str]:
    """Rules that are off, or weaker than they come, without a comment in the line above."""
    lines = ruleset.splitlines()
    return [
        line.strip()
        for above, line in zip(["", *lines], lines, strict=False)
        if re.fullmatch(r"\s+[\w-]+:\s*[\"']?(off|false|warn|info|hint)[\"']?", line) and len(above.strip(" #")) < 20
    ]


@pytest.mark.parametrize("name", RULESETS)
def test_a_rule_that_is_off_has_its_reason(name: str) -> None:
    ruleset = (HERE / name).read_text()
    assert off_without_reason(ruleset) == []
    assert "recommended" in str(yaml.safe_load(ruleset)["extends"])


@pytest.mark.parametrize("rule", ["info-license: off", "info-contact: 'off'", "struct: warn"])
def test_a_rule_that_is_off_for_nothing_is_seen(rule: str) -> None:
    assert off_without_reason(f"rules:\n  # because\n  {rule}\n")
