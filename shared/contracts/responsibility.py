"""What complaints publishes about money: penalties as they are proposed and taken back (decision 22b).

A topic of its own, because it tells of colleagues: never for partners, webhooks, the event feed or the live page.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from shared.contracts.base import Fact

RESPONSIBILITY = "crm.responsibility.v1"

PenaltyRule: TypeAlias = Literal[
    "unanswered", "dissatisfied", "repeat", "not_executed", "not_accepted", "steps_not_followed", "other"
]
PenaltyReason: TypeAlias = Literal["not_repeated", "not_counted", "not_applicable"]


class PenaltyFact(Fact):
    """What every event of a penalty says."""

    TOPIC: ClassVar[str] = RESPONSIBILITY
    penalty_id: UUID
    complaint_id: UUID | None = None
    """The case; None for what rests on no case."""
    round: int = 1
    rule: PenaltyRule
    at: datetime
    """When it happened, business time."""


class PenaltyProposed(PenaltyFact):
    """A rule was found broken; also when what is proposed has another amount or person than before."""

    TYPE: ClassVar[str] = "crm.penalty.proposed"
    amount: Decimal
    """CNY, what the bound of the case leaves of the rule's amount."""
    person_id: UUID | None = None
    """Whom it is against; None while nobody answers for the case."""
    department_id: UUID | None = None
    month: str
    """In which the rule was broken, YYYY-MM."""
    policy_version: int


class PenaltyWithdrawn(PenaltyFact):
    """What was proposed holds no longer."""

    TYPE: ClassVar[str] = "crm.penalty.withdrawn"
    reason: PenaltyReason
