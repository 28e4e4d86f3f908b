"""The colleagues around some people, and who stands in for roles, from the directory."""

from collections.abc import Collection
from itertools import chain
from uuid import UUID

from sqlalchemy import Uuid, or_, select

from services.care.staffing.domain import Colleague, Staffing
from shared.db import Connection
from shared.directory_schema import STAFF
from shared.statement import Scalar, Statement, any_given, given

_AROUND = Statement(
    """
    WITH RECURSIVE around (id) AS (
        SELECT unnest(:staff::uuid[])
        UNION
        SELECT next.id
        FROM around JOIN directory_staff s ON s.id = around.id,
             LATERAL (VALUES (s.supervisor_id), (CASE WHEN NOT s.active THEN s.successor_id END)) AS next (id)
        WHERE next.id IS NOT NULL
    )
    SELECT s.id, s.active, s.successor_id, s.supervisor_id
    FROM directory_staff s WHERE s.id IN (SELECT id FROM around)
    """
)
"""By hand: it goes along the directory from everybody to their supervisor, and from who left to the successor."""
_STAND_INS = Statement(
    """
    SELECT role, boss_id FROM (
        SELECT s.role, s.supervisor_id AS boss_id, count(*) AS people, 0 AS second
        FROM directory_staff s
        WHERE s.active AND s.role = ANY(:roles::text[]) AND s.supervisor_id IS NOT NULL GROUP BY s.role, boss_id
        UNION ALL
        SELECT s.role, d.manager_id, count(*), 1
        FROM directory_staff s JOIN directory_department d ON d.id = s.department_id
        WHERE s.active AND s.role = ANY(:roles::text[]) AND d.manager_id IS NOT NULL GROUP BY s.role, d.manager_id
    ) AS candidates
    ORDER BY role, second, people DESC, boss_id
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
    """The colleagues `staff` with their supervisors and whoever took over from them, and the stand-ins of `roles`.

    Those are the supervisors of those who have the role anywhere, the one of most of them first, then the managers of
    their departments.
    """
    stand_ins: dict[str, list[UUID]] = {}
    for row in await _STAND_INS.all(transaction, roles=list(roles)):
        stand_ins.setdefault(row["role"], []).append(row["boss_id"])
    people = {*staff, *chain.from_iterable(stand_ins.values())}
    found = await _AROUND.all(transaction, staff=list(people))
    colleagues = {row["id"]: Colleague(row["active"], row["successor_id"], row["supervisor_id"]) for row in found}
    return Staffing(colleagues, stand_ins)


async def first_in_role(transaction: Connection, role: str) -> UUID | None:
    """The active colleague who has had the role longest."""
    return await _FIRST_IN_ROLE.one(transaction, role=role)


async def roles_around(transaction: Connection, staff: Collection[UUID]) -> list[str]:
    """The roles for which these colleagues matter: their own and those of whom they supervise."""
    return await _ROLES_AROUND.all(transaction, staff=list(staff))
