"""The process that sets letters: `python -m shared.paper.typeset_process` (decision 33).

Standard input: the letters as JSON. Standard output: one PDF. It knows no secret, reads no file but the layout and the
fonts that come with a package, and lets everything else on the machine go first.
"""

import os
import resource
import sys
from importlib.resources import files
from typing import Final

from shared.letter_fonts import FONTS

LAYOUT: Final = "shared.paper"
MOST_MEMORY: Final = 2 << 30
"""Bytes of address space."""
MOST_SECONDS: Final = 120
"""Of the processor."""
BEHIND_EVERYTHING: Final = 19


def main() -> int:
    os.nice(BEHIND_EVERYTHING)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.stdout.buffer.write(typeset(sys.stdin.buffer.read().decode()))
    return 0


def typeset(letters: str) -> bytes:
    """One PDF of all letters; fonts of the machine are left aside, so that it looks the same everywhere."""
    import typst  # loading it is work already: only once everything else goes first

    return typst.compile(
        str(files(LAYOUT) / "letter.typ"),
        font_paths=[str(files(FONTS))],
        ignore_system_fonts=True,
        sys_inputs={"letters": letters},
    )


if __name__ == "__main__":
    sys.exit(main())
