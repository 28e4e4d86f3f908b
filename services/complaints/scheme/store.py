"""The versions of every policy of complaints, as parts of the scheme."""

from typing import Final

from sqlmodel import col

from services.complaints.scheme.tables import PolicyToldRow
from shared.contracts.complaints import FACTS
from shared.scheme import Announcer, Version
from shared.statement import Statement, insert_many

_UNTOLD = Statement(
    """
    SELECT v.policy_id, v.part, v.version,
           CASE WHEN isfinite(v.starts_at) THEN v.starts_at ELSE '1970-01-01T00:00:00Z' END AS starts_at,
           v.at, v.tier, v.subject, v.department_id, v.withdrawn
    FROM (
        SELECT id AS policy_id, policy AS part, version, starts_at, created_at AS at, NULL::text AS tier,
               NULL::text AS subject, NULL::uuid AS department_id, false AS withdrawn
        FROM case_policy
        UNION ALL
        SELECT id, 'clock_' || kind, version, starts_at, created_at, tier, subject, NULL, false FROM clock_policy
        UNION ALL
        SELECT id, 'clock_' || kind, version, starts_at, withdrawn_at, tier, subject, NULL, true
        FROM clock_policy WHERE withdrawn_at IS NOT NULL
        UNION ALL
        SELECT id, 'penalties', version, starts_at, created_at, NULL, NULL, NULL, false FROM penalty_policy
        UNION ALL
        SELECT id, 'department_scheme', version, starts_at, created_at, NULL, NULL, department_id, false
        FROM department_scheme
        UNION ALL
        SELECT md5('assignment ' || version)::uuid, 'assignment', version, created_at, created_at, NULL, NULL, NULL,
               false
        FROM (SELECT version, created_at FROM assignment_policy UNION ALL SELECT 1, '1970-01-01T00:00:00Z') a
    ) v
    WHERE NOT EXISTS (
        SELECT FROM policy_told t WHERE t.policy_id = v.policy_id AND t.change = CASE WHEN v.withdrawn THEN 2 ELSE 1 END
    )
    ORDER BY v.at, v.part, v.version
    """,
    Version,
)
"""By hand: every policy has a table of its own, and is told of in the same words. A part that comes is a line here."""
ANNOUNCER: Final = Announcer(
    FACTS,
    _UNTOLD,
    Statement(
        insert_many(PolicyToldRow, "policy_id", "change", ordered_by=("policy_id", "change"))
        .on_conflict_do_nothing()
        .returning(col(PolicyToldRow.policy_id), col(PolicyToldRow.change))
    ),
)
