"""The chain of escalation, as the directory has it now."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from services.complaints.response_clocks.domain.chain import Chain, Colleague, chain_in, line_behind
from shared.statement import Reader, Statement

_AROUND = Statement(
    """
    WITH RECURSIVE head (id, role) AS (
        SELECT DISTINCT ON (role) id, role FROM directory_staff
        WHERE role IN ('cs_manager', 'general_manager', 'admin_dept') AND active
        ORDER BY role, id
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
_OF_TEAMS = Statement(
    """
    SELECT DISTINCT ON (c.id) c.id AS customer_id, s.id AS staff_id
    FROM customer_ref c JOIN directory_staff s ON s.id = ANY(c.team)
    WHERE c.id = ANY(:customers::uuid[]) AND s.role = 'cs_manager' AND s.active
    ORDER BY c.id, s.id
    """
)
"""By hand, for DISTINCT ON."""


class Concern(NamedTuple):
    """Whom something concerns, and of which customer it is."""

    staff_id: UUID | None
    customer_id: UUID | None = None
    of_administration: bool = False
    """Whether administration sees to it where it concerns nobody yet, as with internal cases that nobody has taken."""
    accused_id: UUID | None = None
    """Whom that is against: the general manager sees to it where that is the first of administration."""


async def people_around(reader: Reader, ids: Iterable[UUID | None]) -> dict[UUID, Colleague]:
    """These people, who supervises, manages and follows them, and the heads of the house."""
    return {each.id: each for each in await _AROUND.all(reader, responsible=list(ids))}


async def lines_of(reader: Reader, concerns: Iterable[Concern]) -> dict[Concern, Chain]:
    """Who stands behind each responsible person, level by level, some perhaps at several levels.

    The customer-service manager is the one of the customer's team, where it names one.
    """
    asked = set(concerns)
    managers = await managers_of_teams(reader, {each.customer_id for each in asked} - {None})
    people = await people_around(reader, {each.staff_id for each in asked} | {*managers.values()})
    return {
        each: line_behind(
            people,
            each.staff_id,
            managers.get(each.customer_id),
            of_administration=each.of_administration,
            accused_id=each.accused_id,
        )
        for each in asked
    }


async def chains_of(reader: Reader, concerns: Iterable[Concern]) -> dict[Concern, Chain]:
    """The chain of escalation behind each responsible person, of all levels, each person once."""
    return {each: chain_in(line) for each, line in (await lines_of(reader, concerns)).items()}


async def managers_of_teams(reader: Reader, customers: Collection[UUID | None]) -> dict[UUID | None, UUID]:
    """The customer-service manager whom each customer's team names; of the others none."""
    found = await _OF_TEAMS.all(reader, customers=list(customers)) if customers else []
    return {row["customer_id"]: row["staff_id"] for row in found}
