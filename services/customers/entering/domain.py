"""What everybody may enter, and what needs administration: large sums, and months that are over.

Months close in order from the first with data, and whatever comes in late makes closed ones stale: so one entry dated
years back would stop the closing for all.
"""

from dataclasses import dataclass
from decimal import Decimal

from shared.errors import Forbidden
from shared.months import Month

UNBOUND = ("admin_dept",)
"""Besides administrators and imports."""


class NeedsAdministration(Forbidden):
    slug = "needs-administration"
    title = "Administration enters this, or an import"


@dataclass(frozen=True, slots=True)
class EntryLimits:
    """Of single entries by those who are not of administration."""

    largest: Decimal = Decimal(100_000)
    """CNY of one purchase."""
    months: int = 3
    """How many months before the running one are recent."""

    def check_amount(self, amount: Decimal) -> None:
        """Raises NeedsAdministration."""
        if amount > self.largest:
            raise NeedsAdministration(f"purchases above {self.largest} are entered by administration, or imported")

    def check_month(self, month: Month, running: Month, *, closed: bool) -> None:
        """Raises NeedsAdministration for a month that is closed or lies farther back."""
        if closed:
            raise NeedsAdministration(f"{month} is closed; administration enters what came late")
        if month < running.plus(-self.months):
            raise NeedsAdministration(f"{month} lies more than {self.months} months back; administration enters it")


USUAL = EntryLimits()
