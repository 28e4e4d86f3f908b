"""The colleagues around some people, and who stands in for roles, from the directory."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Uuid, or_, select

from services.care.staffing.domain import Colleague, Staffing
from shared.db import Connection
from shared.directory_schema import STAFF
from shared.statement import Scalar, Statement, any_given, given

_AROUND = Statement(
    """
    WITH RECURSIVE chain (id, depth) AS (
        SELECT unnest(:staff::uuid[]), 0
        UNION
        SELECT s.successor_id, chain.depth + 1 FROM chain JOIN directory_staff s ON s.id = chain.id
        WHERE NOT s.active AND s.successor_id IS NOT NULL AND chain.depth < 10
    )
    SELECT s.id, s.active, s.successor_id, s.supervisor_id
    FROM directory_staff s WHERE s.id IN (SELECT id FROM chain)
    """
)
"""By hand: it follows the chain of successors."""
_STAND_INS = Statement(
    """
    SELECT DISTINCT ON (role) role, id FROM (
        SELECT s.role, boss.id, count(*) AS people, 0 AS second
        FROM directory_staff s JOIN directory_staff boss ON boss.id = s.supervisor_id AND boss.active
        WHERE s.active AND s.role = ANY(:roles::text[]) GROUP BY s.role, boss.id
        UNION ALL
        SELECT s.role, boss.id, count(*), 1
        FROM directory_staff s JOIN directory_department d ON d.id = s.department_id
            JOIN directory_staff boss ON boss.id = d.manager_id AND boss.active
        WHERE s.active AND s.role = ANY(:roles::text[]) GROUP BY s.role, boss.id
    ) AS candidates
    ORDER BY role, second, people DESC, id
    """
)
"""By hand: the candidates for each role, and which of them comes first."""
_ROLES_AROUND = Scalar(
    select(STAFF.c.role)
    .distinct()
    .where(
        STAFF.c.active,
        or_(STAFF.c.id == any_given("staff", Uuid), STAFF.c.supervisor_id == any_given("staff", Uuid)),
    ),
    str,
)
_FIRST_IN_ROLE = Scalar(
    select(STAFF.c.id).where(STAFF.c.role == given("role"), STAFF.c.active).order_by(STAFF.c.id).limit(1), UUID
)


async def around(transaction: Connection, staff: Collection[UUID], roles: Collection[str]) -> Staffing:
    """The colleagues `staff` with their chains of successors, and the stand-ins of `roles`.

    A stand-in is the supervisor of most of those who have the role anywhere, else their department's manager.
    """
    people = await _AROUND.all(transaction, staff=list(staff))
    colleagues = {row["id"]: Colleague(row["active"], row["successor_id"], row["supervisor_id"]) for row in people}
    stand_ins = {row["role"]: row["id"] for row in await _STAND_INS.all(transaction, roles=list(roles))}
    return Staffing(colleagues, stand_ins)


async def first_in_role(transaction: Connection, role: str) -> UUID | None:
    """The active colleague who has had the role longest."""
    return await _FIRST_IN_ROLE.one(transaction, role=role)


async def roles_around(transaction: Connection, staff: Collection[UUID]) -> list[str]:
    """The roles for which these colleagues matter: their own and those of whom they supervise."""
    return await _ROLES_AROUND.all(transaction, staff=list(staff))
