"""How much one caller may record: a partner's system in a loop must not bury the work of customer service."""

from typing import Final
from uuid import UUID

from shared.auth.principal import Principal
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.errors import TooMany
from shared.limits import SlidingWindow

HOUR: Final = 3_600.0
MINUTE: Final = 60.0


class IntakeQuotas:
    """Counts in the process, as rates are; who sees every customer is never refused."""

    def __init__(self, per_caller: int, per_customer: int) -> None:
        """Cases an hour of one caller, and of these about one customer."""
        self._callers = SlidingWindow(per_caller, period=HOUR)
        self._customers = SlidingWindow(per_customer, period=HOUR)

    def count(self, caller: Principal, customer_id: UUID | None) -> None:
        """Counts a case. Raises TooMany, which says when the hour is over."""
        if caller.is_admin or caller.has(*SEE_EVERY_CUSTOMER):
            return
        if customer_id is not None and self._customers.hit(f"{caller.id.hex}{customer_id.hex}") < 0:
            raise TooMany(
                f"at most {self._customers.most} cases an hour about one customer",
                retry_after=self._customers.seconds_left,
            )
        if self._callers.hit(caller.id.hex) < 0:
            raise TooMany(f"at most {self._callers.most} cases an hour", retry_after=self._callers.seconds_left)


class Visits:
    """Counts, in the process, how often a case is looked at and added to by whoever has its token."""

    def __init__(self, per_minute: int, additions_per_hour: int) -> None:
        self._looks = SlidingWindow(per_minute, period=MINUTE)
        self._additions = SlidingWindow(additions_per_hour, period=HOUR)

    def count(self, case_id: UUID) -> None:
        """Counts a look. Raises TooMany."""
        if self._looks.hit(case_id.hex) < 0:
            raise TooMany(f"at most {self._looks.most} visits a minute", retry_after=self._looks.seconds_left)

    def count_addition(self, case_id: UUID) -> None:
        """Counts something that is added. Raises TooMany."""
        if self._additions.hit(case_id.hex) < 0:
            raise TooMany(f"at most {self._additions.most} additions an hour", retry_after=self._additions.seconds_left)
