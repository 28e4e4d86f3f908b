"""An opportunity (domain 2.7): stage, expected amount, probability, owner, next step, and how it came out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound
from shared.money import ZERO, to_cents

OpportunityOutcome = Literal["open", "won", "lost"]
"""How an opportunity came out; open: not yet."""
AGES: Final = (30, 90, 180)
"""Days since the entry at which the bands of age begin.†"""


class OpportunityNotFound(NotFound):
    slug = "opportunity-not-found"
    title = "There is no such opportunity"


class OpportunityClosed(Conflict):
    slug = "opportunity-closed"
    title = "The opportunity is won or lost already"


class LossWithoutReason(Invalid):
    slug = "loss-without-reason"
    title = "What is lost has a reason, and nothing else has one"


class UnknownStage(Invalid):
    slug = "unknown-stage"
    title = "There is no such stage"


class StageTaken(Conflict):
    slug = "stage-taken"
    title = "A stage has this code or this place already"


class OpportunityOfOne(Invalid):
    slug = "opportunity-of-one"
    title = "An opportunity is a prospect's or a customer's"


class UnknownProspect(Invalid):
    slug = "unknown-prospect"
    title = "There is no such prospect, or none that is open"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage; `position` is its place, `probability` how likely it is from there to be won."""

    code: str
    position: int
    probability: Decimal
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class Opportunity:
    """An opportunity of a prospect, of a customer, or of a customer who was a prospect. CNY.

    `usual` is the probability of the stage, `probability` what somebody has put in its stead. `next_step` and
    `lost_reason` are sealed where they are kept.
    """

    id: UUID
    version: int
    prospect_id: UUID | None
    customer_id: UUID | None
    stage: str
    amount: Decimal
    usual: Decimal
    probability: Decimal | None
    owner_id: UUID
    next_step: str | None
    next_step_on: date | None
    closes_on: date | None
    outcome: OpportunityOutcome
    lost_reason: str | None
    closed_at: datetime | None
    entered_at: datetime
    entered_by: UUID

    @property
    def likely(self) -> Decimal:
        """How likely it is to be won: 1 once it is, 0 once it is lost."""
        if self.outcome != "open":
            return Decimal(self.outcome == "won")
        return self.usual if self.probability is None else self.probability

    @property
    def weighted(self) -> Decimal:
        """The amount times how likely it is, in cents."""
        return to_cents(self.amount * self.likely)


@dataclass(frozen=True, slots=True)
class Past:
    """How an opportunity stood from a moment on; what was said of it is not kept twice."""

    version: int
    stage: str
    amount: Decimal
    probability: Decimal | None
    owner_id: UUID
    next_step_on: date | None
    closes_on: date | None
    outcome: OpportunityOutcome
    at: datetime
    changed_by: UUID


@dataclass(frozen=True, slots=True)
class Group:
    """Opportunities put together: how many, what they come to, and what they are worth; `key` is null where there is
    no such thing (a customer who never was a prospect has no source)."""

    by: str
    key: str | None
    opportunities: int
    amount: Decimal
    weighted: Decimal


NOTHING: Final = Group("total", None, 0, ZERO, ZERO)


def changed(before: Opportunity, said: Mapping[str, Any], at: datetime) -> Opportunity:
    """The opportunity with what somebody says of it. Raises OpportunityClosed, LossWithoutReason.

    One that is won or lost is opened again before anything of it changes.
    """
    outcome: OpportunityOutcome = said.get("outcome", before.outcome)
    if before.outcome != "open" and outcome != "open":
        raise OpportunityClosed("open it again with outcome: open, or enter another one")
    after = replace(before, **said)
    if outcome != before.outcome:
        after = replace(after, closed_at=None if outcome == "open" else at)
    if outcome == "open" and "lost_reason" not in said:
        after = replace(after, lost_reason=None)
    if (after.lost_reason is not None) != (outcome == "lost"):
        raise LossWithoutReason("say lost_reason with outcome: lost, and with nothing else", pointer="#/lost_reason")
    return after
