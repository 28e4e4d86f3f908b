"""Reading penalties and their policies."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain.penalties import PenaltyState
from services.complaints.responsibility.domain.policies import PenaltyPolicy
from services.complaints.responsibility.store import policies
from shared.auth.visibility import subordinates
from shared.contracts.responsibility import PenaltyReason, PenaltyRule
from shared.months import Month
from shared.statement import Statement

ABOVE_EVERY_VERSION: Final = 2**31 - 1
ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)


class ListedPenalty(NamedTuple):
    """A penalty in a list, with the number of its case."""

    id: UUID
    rule: PenaltyRule
    state: PenaltyState
    amount: Decimal
    rule_amount: Decimal
    person_id: UUID | None
    department_id: UUID | None
    complaint_id: UUID
    number: str
    round: int
    policy_version: int
    month: int
    at: datetime
    proposed_at: datetime
    ended_at: datetime | None
    reason: PenaltyReason | None


_LIST = """
    SELECT p.id, p.rule, p.state, p.amount, p.rule_amount, p.person_id, p.department_id, p.complaint_id, c.number,
           p.round, p.policy_version, p.month, p.at, p.proposed_at, p.ended_at, p.reason
    FROM penalty p JOIN complaint c ON c.id = p.complaint_id
    WHERE p.id < :before AND p.month = coalesce(:month::integer, p.month) AND p.rule = coalesce(:rule::text, p.rule)
        AND p.state = coalesce(:state::text, p.state) AND (:person_id::uuid IS NULL OR p.person_id = :person_id)
        AND (:department_id::uuid IS NULL OR p.department_id = :department_id){seen}
    ORDER BY p.id DESC
    """
_EVERY = Statement(_LIST, ListedPenalty, seen="")
_OF_ONES_OWN = Statement(
    _LIST.replace("{seen}", " AND p.person_id IN ({people})"), ListedPenalty, people=subordinates()
)
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""


async def list_penalties(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ListedPenalty]:
    """Penalties, the latest first; a viewer sees those against themselves and their people.

    `filters` are month, person_id, department_id, state and rule, each None for any.
    """
    month: Month | None = filters["month"]
    given = {**filters, "month": month.ordinal if month else None, "before": before or ABOVE_EVERY_ID}
    if viewer is None:
        return await _EVERY.limited(most).all(context.database, **given)
    return await _OF_ONES_OWN.limited(most).all(context.database, **given, viewer=viewer)


async def list_policies(context: Context, below: int | None, most: int) -> list[PenaltyPolicy]:
    """Versions, the latest first; those below one, if it is given."""
    return await policies.below(context.database, ABOVE_EVERY_VERSION if below is None else below, most)
