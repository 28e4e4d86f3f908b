"""Migrations that have landed are never edited: their digests.

`python -m tests.architecture.frozen` adds every one that is not listed yet; do so when it lands.
"""

import hashlib
import json
from pathlib import Path

from tests.architecture.source import ROOT

LIST = Path(__file__).with_name("frozen.json")
TEXT = Path("shared/first_schema.py")
"""What the first migrations of all services made."""


def migrations() -> dict[Path, bool]:
    """Every migration -> whether it must be listed: the newest of a service may not have landed yet."""
    found = {TEXT: True}
    for versions in sorted(ROOT.glob("services/*/migrations/versions")):
        *past, newest = sorted(file.relative_to(ROOT) for file in versions.glob("[0-9]*.py"))
        found |= dict.fromkeys(past, True) | {newest: False}
    return found


def digest(file: Path) -> str:
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


def listed() -> dict[str, str]:
    digests: dict[str, str] = json.loads(LIST.read_text())
    return digests


def main() -> None:
    frozen = listed() if LIST.exists() else {}
    added = {str(file): digest(file) for file in migrations() if str(file) not in frozen}
    LIST.write_text(json.dumps(frozen | added, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
