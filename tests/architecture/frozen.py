"""Migrations of the past, never edited: their digests. `python -m tests.architecture.frozen` adds those not listed yet."""

import hashlib
import json
from pathlib import Path

from tests.architecture.source import ROOT

LIST = Path(__file__).with_name("frozen.json")
TEXT = Path("shared/first_schema.py")
"""What the first migrations of all services made."""


def past() -> list[Path]:
    """Every migration but the newest of its service, which may still be put right, and what they execute."""
    found = [TEXT]
    for versions in sorted(ROOT.glob("services/*/migrations/versions")):
        found += [file.relative_to(ROOT) for file in sorted(versions.glob("[0-9]*.py"))[:-1]]
    return found


def digest(file: Path) -> str:
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


def listed() -> dict[str, str]:
    digests: dict[str, str] = json.loads(LIST.read_text())
    return digests


def main() -> None:
    frozen = listed() if LIST.exists() else {}
    added = {str(file): digest(file) for file in past() if str(file) not in frozen}
    LIST.write_text(json.dumps(frozen | added, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
