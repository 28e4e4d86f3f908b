"""How things stand now."""

from dataclasses import dataclass
from datetime import timedelta

SOON = timedelta(hours=1)
"""What is due within so much time is due soon."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The cases that wait for their answer now: all of them, and how many of them stand how."""

    open: int
    overdue: int
    due_soon: int
    """Not late, and due `SOON`."""
    paused: int
