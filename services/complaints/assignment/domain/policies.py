"""How much one person has in hand, and how long they may be silent: versions of a policy (decision 22e)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.errors import Invalid

LONGEST_SILENCE: Final = timedelta(days=1)
SHORTEST_SILENCE: Final = timedelta(minutes=1)


class SilenceOutOfBounds(Invalid):
    slug = "silence-out-of-bounds"
    title = "The time to accept is out of bounds"


@dataclass(frozen=True, slots=True)
class AssignmentPolicy:
    """With `most_open` open cases somebody is given no more; after `silent_after` a case goes to the next."""

    version: int
    most_open: int
    silent_after: timedelta


FIRST: Final = AssignmentPolicy(version=1, most_open=30, silent_after=timedelta(minutes=15))
"""Where nothing else is said."""


def check_silence(silent_after: timedelta) -> None:
    """Raises SilenceOutOfBounds."""
    if not SHORTEST_SILENCE <= silent_after <= LONGEST_SILENCE:
        raise SilenceOutOfBounds("silent_after lies between one minute and a day", pointer="#/silent_after")
