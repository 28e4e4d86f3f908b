"""What complaints, care and reporting publish of erasures: that they keep nothing of a person any more."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS

REPORTING = "crm.reporting.v1"
"""The topic of what reporting tells itself: of this alone."""

ErasingService = Literal["complaints", "care", "reporting"]
"""Who is asked to erase what it keeps; customers asks."""


class ErasureConfirmed(Fact):
    """A service keeps nothing of the person any more.

    Each tells it on the topic of its own facts; that of customers stands here for all of them.
    """

    TYPE: ClassVar[str] = "crm.erasure.confirmed"
    TOPIC: ClassVar[str] = FACTS
    erasure_id: UUID
    service: ErasingService
    removed: dict[str, int]
    """What it was -> how many of it were removed or emptied."""
    at: datetime
