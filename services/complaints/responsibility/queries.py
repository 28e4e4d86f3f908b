"""Reading penalties, what happened to them, and their policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain.bench import DECIDERS, Colleague
from services.complaints.responsibility.domain.deciding import (
    Entry,
    PenaltyNotFound,
    barred_from,
    deciders_of,
    with_proposal,
)
from services.complaints.responsibility.domain.penalties import Penalty, PenaltyState
from services.complaints.responsibility.domain.policies import PenaltyPolicy
from services.complaints.responsibility.domain.schemes import DepartmentScheme
from services.complaints.responsibility.domain.shares import Part, PayerShare
from services.complaints.responsibility.store import bench, entries, policies, schemes, shares
from services.complaints.responsibility.store.penalties import FIELDS, penalty_of
from shared import directory
from shared.auth.principal import ADMINISTRATION, Principal
from shared.auth.visibility import subordinates
from shared.months import Month
from shared.statement import Statement, with_parts

ABOVE_EVERY_VERSION: Final = 2**31 - 1
ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class ListedPenalty:
    """A penalty in a list, with the number of its case, if it rests on one, who pays it, and what people and
    departments of it are called."""

    penalty: Penalty
    number: str | None
    shares: Sequence[PayerShare] = ()
    names: Mapping[UUID | None, str] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.penalty.id


def _listed(number: str | None, **fields: Any) -> ListedPenalty:
    return ListedPenalty(penalty_of(**fields), number)


_COLUMNS = ", ".join(f"p.{name}" for name in FIELDS)
_READ = (
    "SELECT {columns}, c.number FROM penalty p LEFT JOIN complaint c ON c.id = p.complaint_id WHERE p.id = :id{seen}"
)
_PAGE = """
    SELECT {columns}, c.number
    FROM (SELECT * FROM penalty p WHERE {where} ORDER BY p.id DESC LIMIT {most}) p
    LEFT JOIN complaint c ON c.id = p.complaint_id
    ORDER BY p.id DESC
    """
_PAID = "p.id IN (SELECT penalty_id FROM penalty_share WHERE {who} UNION ALL SELECT id FROM penalty WHERE {whose})"
_NARROWED: Final[Mapping[str, str]] = {
    **{name: f"p.{name} = :{name}" for name in ("month", "state", "rule", "complaint_id", "task_id")},
    "person_id": with_parts(_PAID, who="staff_id = :person_id", whose="person_id = :person_id"),
    "department_id": with_parts(_PAID, who="department_id = :department_id", whose="department_id = :department_id"),
    "without_payer": """(p.person_id IS NULL AND NOT EXISTS (
        SELECT FROM penalty_share s WHERE s.penalty_id = p.id)) = :without_payer""",
    "viewer": with_parts(_PAID, who=f"staff_id IN ({subordinates()})", whose=f"person_id IN ({subordinates()})"),
}
"""Filter -> its condition; who pays a part counts like whom a penalty is against."""
_NAMES = Statement(
    """
    SELECT id, name FROM directory_staff WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, name FROM directory_department WHERE id = ANY(:ids::uuid[])
    """
)
"""By hand: of people and departments in one question."""
_UNDECIDED = Statement(
    """
    SELECT {columns}, c.number
    FROM penalty p LEFT JOIN complaint c ON c.id = p.complaint_id
    WHERE p.state IN ('proposed', 'appealed') AND (:all OR p.state = 'appealed' OR EXISTS (
        SELECT FROM penalty_share s JOIN directory_staff d ON d.id = s.staff_id
        WHERE s.penalty_id = p.id AND d.role = 'admin_dept'))
    ORDER BY p.id LIMIT :most
    """,
    _listed,
    columns=_COLUMNS,
)
"""By hand: others than administration decide appeals, and what somebody of administration is to pay."""
MOST_UNDECIDED: Final = 1_000
KEPT_STATEMENTS: Final = 512
_SEEN = """ AND (p.person_id IN ({people}) OR EXISTS (
            SELECT FROM penalty_share s WHERE s.penalty_id = p.id AND s.staff_id IN ({people})))"""
_ONE = Statement(_READ, _listed, columns=_COLUMNS, seen="")
_ONE_OF_ONES_OWN = Statement(_READ.replace("{seen}", _SEEN), _listed, columns=_COLUMNS, people=subordinates())
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""


@lru_cache(KEPT_STATEMENTS)
def page_of(filters: Sequence[str], most: int) -> Statement[ListedPenalty]:
    """The statement for just these filters: of one that may be left out no plan knows whether it is."""
    conditions = ("p.id < :before", *(_NARROWED[name] for name in filters))
    return Statement(_PAGE, _listed, columns=_COLUMNS, where=" AND ".join(conditions), most=f"{most:d}")


async def list_penalties(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ListedPenalty]:
    """Penalties, the latest first; a viewer sees those that they and their people pay.

    `filters` are month, person_id, department_id, state, rule, complaint_id, task_id and without_payer, each None for
    any.
    """
    month: Month | None = filters["month"]
    asked = {**filters, "month": month.ordinal if month else None, "viewer": viewer}
    given = {name: value for name, value in asked.items() if value is not None}
    page = page_of(tuple(sorted(given)), most)
    return await _with_shares(context, await page.all(context.database, **given, before=before or ABOVE_EVERY_ID))


@dataclass(frozen=True, slots=True)
class ReadPenalty:
    """A penalty with what happened to it, and who may decide it, or its appeal, now."""

    listed: ListedPenalty
    history: list[Entry]
    deciders: list[Colleague]


async def read_penalty(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadPenalty:
    """A penalty with what happened to it. Raises PenaltyNotFound, also where it is not the viewer's to see."""
    if viewer is None:
        found = await _ONE.one(context.database, id=id_)
    else:
        found = await _ONE_OF_ONES_OWN.one(context.database, id=id_, viewer=viewer)
    if found is None:
        raise PenaltyNotFound("no penalty has this id")
    return await _whole(context, found)


async def as_proposed(context: Context, penalty: Penalty) -> ReadPenalty:
    """A penalty that was entered just now, with what happened to it."""
    return await _whole(context, ListedPenalty(penalty, None))


async def _whole(context: Context, found: ListedPenalty) -> ReadPenalty:
    [listed] = await _with_shares(context, [found])
    history = await entries.of_penalty(context.database, context.words, found.id)
    return ReadPenalty(listed, with_proposal(found.penalty, history), await _deciders(context, listed))


async def awaiting(context: Context, caller: Principal, most: int) -> list[ListedPenalty]:
    """What awaits a decision of the caller, the longest first: proposals and appeals of which they pay nothing and that
    their role decides now. They are looked for among the oldest thousand."""
    if not caller.has(*DECIDERS):
        return []
    rows = await _UNDECIDED.all(context.database, most=MOST_UNDECIDED, all=caller.has(ADMINISTRATION))
    found = await _with_shares(context, rows)
    everybody = {share.staff_id for each in found for share in each.shares}
    people = await shares.belonging(context.database, everybody)
    seated = await bench.read(context.database)
    theirs = []
    for each in found:
        payers = {share.staff_id for share in each.shares}
        roles = deciders_of(each.penalty, payers, {people[id_].role for id_ in payers if id_ in people}, seated)
        if caller.has(*roles) and caller.id not in barred_from(each.penalty, payers):
            theirs.append(each)
    return theirs[:most]


async def _deciders(context: Context, listed: ListedPenalty) -> list[Colleague]:
    """Who may decide it, or its appeal; nobody where there is nothing to decide."""
    penalty = listed.penalty
    if penalty.state not in (PenaltyState.PROPOSED, PenaltyState.APPEALED):
        return []
    payers = {share.staff_id for share in listed.shares}
    people = await shares.belonging(context.database, payers)
    seated = await bench.read(context.database)
    roles = deciders_of(penalty, payers, {people[id_].role for id_ in payers if id_ in people}, seated)
    return seated.people(roles, without=barred_from(penalty, payers))


async def _with_shares(context: Context, found: Sequence[ListedPenalty]) -> list[ListedPenalty]:
    if not found:
        return []
    paid = await shares.of_penalties(context.database, [each.id for each in found])
    payers = {share.staff_id for of_one in paid.values() for share in of_one}
    against = {id_ for each in found for id_ in (each.penalty.person_id, each.penalty.department_id) if id_ is not None}
    rows = await _NAMES.all(context.database, ids=list(payers | against))
    names: dict[UUID | None, str] = {row["id"]: row["name"] for row in rows}
    return [ListedPenalty(each.penalty, each.number, paid[each.id], names) for each in found]


async def shares_of_case(context: Context, id_: UUID, *, viewer: UUID | None) -> list[Part]:
    """The shares that were set for a case; none: whom it is against, with their supervisor. A viewer sees them where
    they or their people pay a part."""
    found = (await shares.of_cases(context.database, [id_])).get(id_, [])
    if viewer is None or not found:
        return found
    people = await directory.subordinates(context.database, viewer)
    return found if any(part.staff_id in people for part in found) else []


async def list_schemes(
    context: Context, department_id: UUID | None, before: UUID | None, most: int
) -> list[DepartmentScheme]:
    """Versions of departments' own schemes, the latest written first; of one department, if it is given."""
    return await schemes.list_before(context.database, department_id, before or ABOVE_EVERY_ID, most)


async def list_policies(context: Context, below: int | None, most: int) -> list[PenaltyPolicy]:
    """Versions, the latest first; those below one, if it is given."""
    return await policies.below(context.database, ABOVE_EVERY_VERSION if below is None else below, most)
