"""`python -m bench [NAME …]`: runs the measurements one after the other; all of them without a name."""

import subprocess
import sys

NAMES = (
    "complaints",
    "clocks",
    "imports",
    "months",
    "bus",
    "desk",
    "letters",
    "money",
    "archive",
    "lists",
    "keys",
    "churn",
    "worth",
)


def main(names: list[str]) -> int:
    """The exit code: 1 when a measurement could not be taken (a missed goal is a figure, not a failure)."""
    unknown = set(names) - set(NAMES)
    if unknown:
        sys.stderr.write(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}\n")
        return 2
    codes = [subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode for name in names or NAMES]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
