"""Processes that work on what strangers sent (decision 33): they know no secret."""

import os
import sys
from typing import Final

_NEEDED: Final = ("PATH", "TMPDIR", "TZDIR", "LD_LIBRARY_PATH")


def bare_environment() -> dict[str, str]:
    """What such a process needs and nothing else: who breaks out of a parser finds neither keys nor addresses."""
    needed = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    return needed | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
