"""Reading how completely archives are kept: a page of people or departments, then what these keep.

Who sits in a customer's team keeps the archive; before a first team is seated, who registered the customer does.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.customers.completeness.domain import Keeping, KeptBy
from services.customers.context import Context
from shared.auth.visibility import subordinates
from shared.statement import Statement, with_parts

_PEOPLE: Final = subordinates(staff="staff", departments="department")
_SEEN: Final = f"(CAST(:viewer AS uuid) IS NULL OR w.id IN ({_PEOPLE}))"
_KEPT_BY: Final = """
    LEFT JOIN LATERAL (
        SELECT count(*) AS customers, round(avg(s.basic), 1) AS basic, round(avg(s.traits), 1) AS traits,
            round(avg(s.relations), 1) AS relations, round(avg(s.finance), 1) AS finance,
            round(avg(s.total), 1) AS total, count(*) FILTER (WHERE s.total < :below) AS below
        FROM (
            SELECT t.customer_id FROM account_team t WHERE t.staff_id {whose}
            UNION
            SELECT r.customer_id FROM archive r JOIN customer n ON n.id = r.customer_id
            WHERE r.registered_by {whose} AND n.team_version IS NULL
        ) AS kept JOIN archive_standing s ON s.customer_id = kept.customer_id
        JOIN archive a ON a.customer_id = kept.customer_id AND a.erased_at IS NULL
    ) AS figures ON true
    """
_OF_DEPARTMENT: Final = "IN (SELECT w.id FROM staff w WHERE w.department_id = d.id AND {seen})"
_BY_PERSON: Final = Statement(
    """
    SELECT w.id, w.name, w.department_id, figures.*
    FROM (SELECT w.id, w.name, w.department_id FROM staff w
          WHERE w.active AND w.id > :after AND {seen} ORDER BY w.id LIMIT :most) AS w {kept}
    ORDER BY w.id
    """,
    Keeping,
    seen=_SEEN,
    kept=with_parts(_KEPT_BY, whose="= w.id"),
)
"""By hand: the figures of a page alone."""
_BY_DEPARTMENT: Final = Statement(
    """
    SELECT d.id, d.name, d.id AS department_id, figures.*
    FROM (SELECT d.id, d.name FROM department d WHERE d.id > :after AND (CAST(:viewer AS uuid) IS NULL
              OR EXISTS (SELECT FROM staff w WHERE w.department_id = d.id AND {seen}))
          ORDER BY d.id LIMIT :most) AS d {kept}
    ORDER BY d.id
    """,
    Keeping,
    seen=_SEEN,
    kept=with_parts(_KEPT_BY, whose=with_parts(_OF_DEPARTMENT, seen=_SEEN)),
)
"""By hand: a customer counts once in a department, however many of it serve them."""
_STATEMENTS: Final[Mapping[KeptBy, Statement[Keeping]]] = {"person": _BY_PERSON, "department": _BY_DEPARTMENT}
NOBODY: Final = UUID(int=0)


async def page(
    context: Context, by: KeptBy, below: int, after: UUID | None, most: int, *, viewer: UUID | None
) -> list[Keeping]:
    """How people at work, or departments, keep their archives; a viewer sees their own and their people's."""
    return await _STATEMENTS[by].all(context.database, after=after or NOBODY, most=most, below=below, viewer=viewer)
