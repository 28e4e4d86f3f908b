"""Reading penalties, what happened to them, and their policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain.deciding import Entry, PenaltyNotFound
from services.complaints.responsibility.domain.penalties import Penalty
from services.complaints.responsibility.domain.policies import PenaltyPolicy
from services.complaints.responsibility.domain.shares import Part, PayerShare
from services.complaints.responsibility.store import entries, policies, shares
from services.complaints.responsibility.store.penalties import FIELDS, penalty_of
from shared.auth.visibility import subordinates
from shared.months import Month
from shared.statement import Statement

ABOVE_EVERY_VERSION: Final = 2**31 - 1
ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class ListedPenalty:
    """A penalty in a list, with the number of its case, if it rests on one, and who pays it."""

    penalty: Penalty
    number: str | None
    shares: Sequence[PayerShare] = ()

    @property
    def id(self) -> UUID:
        return self.penalty.id


def _listed(number: str | None, **fields: Any) -> ListedPenalty:
    return ListedPenalty(penalty_of(**fields), number)


_COLUMNS = ", ".join(f"p.{name}" for name in FIELDS)
_READ = (
    "SELECT {columns}, c.number FROM penalty p LEFT JOIN complaint c ON c.id = p.complaint_id WHERE p.id = :id{seen}"
)
_LIST = """
    SELECT {columns}, c.number FROM penalty p LEFT JOIN complaint c ON c.id = p.complaint_id
    WHERE p.id < :before AND p.month = coalesce(:month::integer, p.month) AND p.rule = coalesce(:rule::text, p.rule)
        AND p.state = coalesce(:state::text, p.state)
        AND (:complaint_id::uuid IS NULL OR p.complaint_id = :complaint_id)
        AND (:task_id::uuid IS NULL OR p.task_id = :task_id)
        AND (:person_id::uuid IS NULL OR p.person_id = :person_id OR EXISTS (
            SELECT FROM penalty_share s WHERE s.penalty_id = p.id AND s.staff_id = :person_id))
        AND (:department_id::uuid IS NULL OR p.department_id = :department_id OR EXISTS (
            SELECT FROM penalty_share s WHERE s.penalty_id = p.id AND s.department_id = :department_id)){seen}
    ORDER BY p.id DESC
    """
_SEEN = """ AND (p.person_id IN ({people}) OR EXISTS (
            SELECT FROM penalty_share s WHERE s.penalty_id = p.id AND s.staff_id IN ({people})))"""
_EVERY = Statement(_LIST, _listed, columns=_COLUMNS, seen="")
_OF_ONES_OWN = Statement(_LIST.replace("{seen}", _SEEN), _listed, columns=_COLUMNS, people=subordinates())
_ONE = Statement(_READ, _listed, columns=_COLUMNS, seen="")
_ONE_OF_ONES_OWN = Statement(_READ.replace("{seen}", _SEEN), _listed, columns=_COLUMNS, people=subordinates())
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""


async def list_penalties(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ListedPenalty]:
    """Penalties, the latest first; a viewer sees those that they and their people pay.

    `filters` are month, person_id, department_id, state, rule, complaint_id and task_id, each None for any.
    """
    month: Month | None = filters["month"]
    given = {**filters, "month": month.ordinal if month else None, "before": before or ABOVE_EVERY_ID}
    if viewer is None:
        found = await _EVERY.limited(most).all(context.database, **given)
    else:
        found = await _OF_ONES_OWN.limited(most).all(context.database, **given, viewer=viewer)
    return await _with_shares(context, found)


async def read_penalty(context: Context, id_: UUID, *, viewer: UUID | None) -> tuple[ListedPenalty, list[Entry]]:
    """A penalty with what happened to it. Raises PenaltyNotFound, also where it is not the viewer's to see."""
    if viewer is None:
        found = await _ONE.one(context.database, id=id_)
    else:
        found = await _ONE_OF_ONES_OWN.one(context.database, id=id_, viewer=viewer)
    if found is None:
        raise PenaltyNotFound("no penalty has this id")
    [listed] = await _with_shares(context, [found])
    return listed, await entries.of_penalty(context.database, context.words, id_)


async def _with_shares(context: Context, found: Sequence[ListedPenalty]) -> list[ListedPenalty]:
    paid = await shares.of_penalties(context.database, [each.id for each in found]) if found else {}
    return [ListedPenalty(each.penalty, each.number, paid[each.id]) for each in found]


async def shares_of_case(context: Context, id_: UUID) -> list[Part]:
    """The shares that were set for a case; none: whom it is against, with their supervisor."""
    return (await shares.of_cases(context.database, [id_])).get(id_, [])


async def list_policies(context: Context, below: int | None, most: int) -> list[PenaltyPolicy]:
    """Versions, the latest first; those below one, if it is given."""
    return await policies.below(context.database, ABOVE_EVERY_VERSION if below is None else below, most)
