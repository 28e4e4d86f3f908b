"""What is written for a developer is formatted and linted like everything else: `make format` for some files."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def tidy(files: Iterable[Path]) -> None:
    """Formats Python files and mends what the linter can mend; what is left it says, as `make lint` will again."""
    names = [str(file) for file in files]
    for command in (("format", "--quiet"), ("check", "--fix", "--quiet")):
        subprocess.run([sys.executable, "-m", "ruff", *command, *names], check=False)  # noqa: S603  ruff, of the same .venv
