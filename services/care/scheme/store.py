"""The versions of the policies of care, as parts of the scheme."""

from typing import Final

from sqlmodel import col

from services.care.scheme.tables import PolicyToldRow
from shared.contracts.care import FACTS
from shared.scheme import Announcer, Version
from shared.statement import Statement, insert_many

_UNTOLD = Statement(
    """
    SELECT v.policy_id, v.part, v.version, v.at AS starts_at, v.at, NULL::text AS tier, NULL::text AS subject,
           NULL::uuid AS department_id, false AS withdrawn
    FROM (
        SELECT md5('obligation_matrix ' || version)::uuid AS policy_id, 'obligation_matrix' AS part, version,
               coalesce(set_at, '1970-01-01T00:00:00Z') AS at
        FROM obligation_matrix
        UNION ALL
        SELECT md5('at_risk ' || version)::uuid, 'at_risk', version, coalesce(set_at, '1970-01-01T00:00:00Z')
        FROM at_risk_policy
        UNION ALL
        SELECT md5('aftercare ' || version)::uuid, 'aftercare', version, coalesce(set_at, '1970-01-01T00:00:00Z')
        FROM aftercare_policy
    ) v
    WHERE NOT EXISTS (SELECT FROM policy_told t WHERE t.policy_id = v.policy_id AND t.change = 1)
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
