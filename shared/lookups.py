"""How often one caller may look up whose a phone or an e-mail is: a day's calls are few, guessing takes many."""

from typing import Final

from shared.auth.principal import Principal
from shared.errors import TooMany
from shared.limits import SlidingWindow

HOUR: Final = 3_600.0
USUAL: Final = 300
"""Look-ups an hour; a busy agent takes some thirty calls."""


class LookUps:
    """Counts in the process, as rates are; an administrator is never refused."""

    def __init__(self, an_hour: int = USUAL) -> None:
        self._callers = SlidingWindow(an_hour, period=HOUR)

    def count(self, caller: Principal) -> None:
        """Counts one. Raises TooMany, which says when the hour is over."""
        if not caller.is_admin and self._callers.hit(caller.id.hex) < 0:
            raise TooMany(
                f"at most {self._callers.most} look-ups by phone or e-mail an hour",
                retry_after=self._callers.seconds_left,
            )
