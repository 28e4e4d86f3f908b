"""The chain of escalation, as the directory has it now."""

from collections.abc import Iterable
from uuid import UUID

from services.complaints.response_clocks.domain.chain import Chain, chain_of
from shared.statement import Reader, Statement


def _chain(asked: UUID | None, **persons: UUID | None) -> tuple[UUID | None, Chain]:
    """`persons` are those of levels 1 to 5, in this order."""
    return asked, chain_of([*persons.values()])


_CHAINS = Statement(
    """
    WITH head AS (
        SELECT (SELECT id FROM directory_staff WHERE role = 'cs_manager' AND active ORDER BY id LIMIT 1) AS cs_manager,
               (SELECT id FROM directory_staff WHERE role = 'general_manager' AND active ORDER BY id LIMIT 1) AS general
    ), responsible AS (
        SELECT asked,
               coalesce(CASE WHEN s.id IS NULL OR s.active THEN asked ELSE s.successor_id END, head.cs_manager) AS id
        FROM unnest(:responsible::uuid[]) AS t(asked) LEFT JOIN directory_staff s ON s.id = t.asked CROSS JOIN head
    )
    SELECT r.asked, r.id AS responsible,
           CASE WHEN boss.id IS NULL OR boss.active THEN s.supervisor_id ELSE boss.successor_id END AS supervisor,
           CASE WHEN chief.id IS NULL OR chief.active THEN d.manager_id ELSE chief.successor_id END AS manager,
           head.cs_manager, head.general
    FROM responsible r CROSS JOIN head
    LEFT JOIN directory_staff s ON s.id = r.id
    LEFT JOIN directory_staff boss ON boss.id = s.supervisor_id
    LEFT JOIN directory_department d ON d.id = s.department_id
    LEFT JOIN directory_staff chief ON chief.id = d.manager_id
    """,
    _chain,
)
"""By hand: each level is another join of the directory with itself, and who has left is replaced on the way."""


async def chains_of(reader: Reader, responsible: Iterable[UUID | None]) -> dict[UUID | None, Chain]:
    """The chain of escalation behind each responsible person; who has left is replaced by the successor, if any."""
    return dict(await _CHAINS.all(reader, responsible=list(set(responsible))))
