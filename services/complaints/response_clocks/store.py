"""The chain of escalation, as the directory has it now."""

from collections.abc import Iterable
from uuid import UUID

from services.complaints.response_clocks.domain.chain import Chain, Colleague, chain_in, line_behind
from shared.statement import Reader, Statement

_AROUND = Statement(
    """
    WITH RECURSIVE head (id, role) AS (
        SELECT DISTINCT ON (role) id, role FROM directory_staff
        WHERE role IN ('cs_manager', 'general_manager') AND active ORDER BY role, id
    ), around (id) AS (
        (SELECT unnest(:responsible::uuid[]) UNION SELECT id FROM head)
        UNION
        SELECT next.id
        FROM around JOIN directory_staff s ON s.id = around.id
             LEFT JOIN directory_department d ON d.id = s.department_id,
             LATERAL (VALUES (s.supervisor_id), (d.manager_id), (s.successor_id)) AS next (id)
    )
    SELECT s.id, s.active, s.successor_id, s.supervisor_id, d.manager_id, head.role AS heads
    FROM around JOIN directory_staff s ON s.id = around.id
        LEFT JOIN directory_department d ON d.id = s.department_id LEFT JOIN head ON head.id = s.id
    """,
    Colleague,
)
"""By hand: it goes up and along the directory, from everybody to supervisor, manager and successor."""


async def people_around(reader: Reader, ids: Iterable[UUID | None]) -> dict[UUID, Colleague]:
    """These people, who supervises, manages and follows them, and the heads of the house."""
    return {each.id: each for each in await _AROUND.all(reader, responsible=list(ids))}


async def lines_of(reader: Reader, responsible: Iterable[UUID | None]) -> dict[UUID | None, Chain]:
    """Who stands behind each responsible person, level by level, some perhaps at several levels."""
    asked = set(responsible)
    people = await people_around(reader, asked)
    return {staff_id: line_behind(people, staff_id) for staff_id in asked}


async def chains_of(reader: Reader, responsible: Iterable[UUID | None]) -> dict[UUID | None, Chain]:
    """The chain of escalation behind each responsible person, of all levels, each person once."""
    return {staff_id: chain_in(line) for staff_id, line in (await lines_of(reader, responsible)).items()}
