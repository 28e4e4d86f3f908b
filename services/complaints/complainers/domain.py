"""Who complains much, and who comes again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

LONGEST: Final = 366
USUAL_WINDOW: Final = 90
USUAL_LEAST: Final = 3
"""Days that are looked back over, at most and unless said; cases from which on a customer is listed unless said."""


@dataclass(frozen=True, slots=True)
class Complainer:
    """A customer with complaints in a window: `cases` of them, in how many `months`, against how many `parties`.

    `repeats` count as domain 3.4 says; `not_valid` and `malicious` as they were judged. Suggestions, enquiries
    and what colleagues say of each other do not count.
    """

    customer_id: UUID
    cases: int
    months: int
    parties: int
    repeats: int
    not_valid: int
    malicious: int
    last_at: datetime
    customer_name: str | None = None

    @property
    def recurring(self) -> bool:
        """Whether the customer comes again, month after month."""
        return self.months > 1
