"""What one case costs (domain 3.7, examples 14): what may be lost with its customer, and what was given in it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.complaints.cost.domain.figures import COUNTED
from services.complaints.cost.domain.model import CostModel
from services.complaints.cost.domain.returning import Learnt
from services.complaints.cost.domain.speed import Speed, chance, speed_of
from shared.contracts.complaints import CaseKind
from shared.money import ZERO, to_cents

MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class CostedCase:
    """What of a case its cost follows from; `given` in CNY."""

    id: UUID
    customer_id: UUID | None
    kind: CaseKind
    recorded_at: datetime
    answered_at: datetime | None
    resolved_at: datetime | None
    valid: bool | None
    good_faith: bool | None
    given: Decimal

    @property
    def counts(self) -> bool:
        """Whether it is a complaint that holds, as far as anybody has judged."""
        return self.kind in COUNTED and self.valid is not False and self.good_faith is not False

    def seconds(self, until: datetime) -> int:
        """How long it had taken by then, on the wall's clock; any part of a second is one."""
        lasted = until - self.recorded_at
        return max(0, lasted.days * 86_400 + lasted.seconds + (lasted.microseconds > 0))


@dataclass(frozen=True, slots=True)
class CaseCost:
    """What a case costs: amounts in CNY, shares from 0 to 1, times in whole minutes from its recording.

    `minutes` is how long it took until it was solved, or has taken so far; `returns` is the chance that the customer
    comes back then. What is at risk is None where nobody knows what the customer buys, and where the case counts not.
    """

    complaint_id: UUID
    policy_version: int
    counts: bool
    cost: Decimal
    given: Decimal
    yearly_purchases: Decimal | None
    margin: Decimal
    returns: Decimal
    learnt: Learnt
    value_at_risk: Decimal | None
    speed: Speed
    minutes: int
    minutes_to_answer: int | None


def case_cost(case: CostedCase, model: CostModel, learnt: Learnt, yearly: Decimal | None, now: datetime) -> CaseCost:
    """Value at risk = yearly purchases × margin × (1 − the chance to return); of more returns than purchases none."""
    seconds = case.seconds(case.resolved_at or now)
    returns = chance(model.curve, seconds)
    at_risk = None if yearly is None or not case.counts else to_cents(max(yearly, ZERO) * model.margin * (1 - returns))
    return CaseCost(
        complaint_id=case.id,
        policy_version=model.version,
        counts=case.counts,
        cost=model.of_a_complaint if case.counts else ZERO,
        given=case.given,
        yearly_purchases=yearly,
        margin=model.margin,
        returns=returns,
        learnt=learnt,
        value_at_risk=at_risk,
        speed="unsolved" if case.resolved_at is None else speed_of(seconds),
        minutes=seconds // MINUTE,
        minutes_to_answer=None if case.answered_at is None else case.seconds(case.answered_at) // MINUTE,
    )
