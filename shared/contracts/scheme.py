"""What every service publishes of the parts of the scheme that it owns: that a part has a new version (domain 1)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS, Tier


class PolicyVersioned(Fact):
    """A part of the scheme has a version more, or one was taken back; what it says stays with the service.

    Each service tells it on the topic of its own facts; that of customers stands here for all of them.
    """

    TYPE: ClassVar[str] = "crm.policy.versioned"
    TOPIC: ClassVar[str] = FACTS
    policy_id: UUID
    """The id of the version, under which its service shows it; of parts whose versions have none, one made for it."""
    part: str
    """Which part: penalties, tiers, clock_answer; a code."""
    version: int
    starts_at: datetime
    """From when on it holds."""
    at: datetime
    """When it was written, or taken back."""
    tier: Tier | None = None
    """It holds for customers of this tier alone; None for any."""
    subject: str | None = None
    """It holds for cases about this alone."""
    department_id: UUID | None = None
    """It holds for people of this department alone."""
    withdrawn: bool = False
