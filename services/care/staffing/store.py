"""The colleagues around some people, and who stands in for roles, from the directory."""

from collections.abc import Collection
from uuid import UUID

from services.care.staffing.domain import Colleague, Staffing
from shared.db import Connection

_AROUND = """
WITH RECURSIVE chain (id, depth) AS (
    SELECT unnest($1::uuid[]), 0
    UNION
    SELECT s.successor_id, chain.depth + 1 FROM chain JOIN directory_staff s ON s.id = chain.id
    WHERE NOT s.active AND s.successor_id IS NOT NULL AND chain.depth < 10
)
SELECT s.id, s.active, s.successor_id, s.supervisor_id
FROM directory_staff s WHERE s.id IN (SELECT id FROM chain)
"""
_STAND_INS = """
SELECT DISTINCT ON (role) role, id FROM (
    SELECT s.role, boss.id, count(*) AS people, 0 AS second
    FROM directory_staff s JOIN directory_staff boss ON boss.id = s.supervisor_id AND boss.active
    WHERE s.active AND s.role = ANY($1::text[]) GROUP BY s.role, boss.id
    UNION ALL
    SELECT s.role, boss.id, count(*), 1
    FROM directory_staff s JOIN directory_department d ON d.id = s.department_id
        JOIN directory_staff boss ON boss.id = d.manager_id AND boss.active
    WHERE s.active AND s.role = ANY($1::text[]) GROUP BY s.role, boss.id
) AS candidates
ORDER BY role, second, people DESC, id
"""
_ROLES_AROUND = """
SELECT DISTINCT role FROM directory_staff WHERE active AND (id = ANY($1::uuid[]) OR supervisor_id = ANY($1::uuid[]))
"""
_FIRST_IN_ROLE = "SELECT id FROM directory_staff WHERE role = $1 AND active ORDER BY id LIMIT 1"


async def around(reader: Connection, staff: Collection[UUID], roles: Collection[str]) -> Staffing:
    """The colleagues `staff` with their chains of successors, and the stand-ins of `roles`.

    A stand-in is the supervisor of most of those who have the role anywhere, else their department's manager.
    """
    people = await reader.fetch(_AROUND, list(staff))
    colleagues = {row["id"]: Colleague(row["active"], row["successor_id"], row["supervisor_id"]) for row in people}
    stand_ins = {row["role"]: row["id"] for row in await reader.fetch(_STAND_INS, list(roles))}
    return Staffing(colleagues, stand_ins)


async def first_in_role(reader: Connection, role: str) -> UUID | None:
    """The active colleague who has had the role longest."""
    found: UUID | None = await reader.fetchval(_FIRST_IN_ROLE, role)
    return found


async def roles_around(reader: Connection, staff: Collection[UUID]) -> list[str]:
    """The roles for which these colleagues matter: their own and those of whom they supervise."""
    return [row["role"] for row in await reader.fetch(_ROLES_AROUND, list(staff))]
