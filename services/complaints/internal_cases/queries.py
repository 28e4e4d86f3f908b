"""Reading internal cases, each with the case that it is."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.internal_cases.domain import InternalNotFound
from services.complaints.lists.queries.clauses import LISTED, named
from shared import aliases
from shared.auth.visibility import subordinates
from shared.statement import Statement, with_parts

ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)
_SAME: Final = """ARRAY(
            SELECT unnest(r.id || ARRAY(
                SELECT a.id FROM customer_alias a WHERE a.kept_id = r.id AND a.into_id IS NOT NULL
            )) FROM (SELECT coalesce((
                SELECT m.kept_id FROM customer_alias m WHERE m.id = c.customer_id AND m.into_id IS NOT NULL
            ), c.customer_id) AS id) r)"""
"""Every id under which cases of the case's customer stand."""
_COLUMNS = with_parts(
    """
{listed}, i.type, i.department_id::text AS department_id,
(SELECT d.name FROM directory_department d WHERE d.id = i.department_id) AS department_name,
i.found_in, i.region_id::text AS region_id,
(SELECT n.name FROM directory_name n WHERE n.id = i.region_id AND n.kind = 'region') AS region_name,
i.commitment_id::text AS commitment_id, accepted_at, accepted_by::text AS accepted_by, valid, good_faith,
CASE
    WHEN i.type NOT IN ('diversion', 'price_breaking') THEN NULL
    WHEN valid IS FALSE OR good_faith IS FALSE THEN 0
    ELSE (
        SELECT count(*)::integer FROM complaint o JOIN internal_case x ON x.complaint_id = o.id
        WHERE o.customer_id = ANY({same}) AND x.type = i.type AND o.id <= c.id
            AND o.valid IS NOT FALSE AND o.good_faith IS NOT FALSE
    )
END AS occurrence,
ARRAY(
    SELECT m.code FROM contract_measure m WHERE m.internal_id = c.id AND m.withdrawn_at IS NULL ORDER BY m.id
) AS measures
""",
    listed=LISTED,
    same=_SAME,
)
_SEEN = """
    AND (ARRAY[c.recorded_by, c.responsible_id, c.accountable_id] && ARRAY({people})
         OR EXISTS (SELECT 1 FROM customer_ref r WHERE r.id = c.customer_id AND r.team && ARRAY({people})))
    """
_LIST = """
    SELECT {columns} FROM internal_case i JOIN complaint c ON c.id = i.complaint_id
    WHERE i.complaint_id < :before
        AND (:type::text IS NULL OR i.type = :type)
        AND (:stores::uuid[] IS NULL OR c.customer_id = ANY(:stores))
        AND (:against::uuid[] IS NULL OR c.against_id = ANY(:against))
        AND (:accountable_id::uuid IS NULL OR c.accountable_id = :accountable_id)
        AND (:department_id::uuid IS NULL OR i.department_id = :department_id)
        AND (:state::text IS NULL OR c.state = :state){seen}
    ORDER BY i.complaint_id DESC
    """
_EVERY = Statement(_LIST, columns=_COLUMNS, seen="")
_OF_ONES_OWN = Statement(_LIST.replace("{seen}", _SEEN), columns=_COLUMNS, people=subordinates())
_READ = "SELECT {columns} FROM internal_case i JOIN complaint c ON c.id = i.complaint_id WHERE c.id = :id{seen}"
_ONE = Statement(_READ, columns=_COLUMNS, seen="")
_ONE_SEEN = Statement(_READ.replace("{seen}", _SEEN), columns=_COLUMNS, people=subordinates())
"""By hand, as the other reads of cases are (`lists/queries/clauses.py`)."""


async def list_internal(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Row]:
    """Internal cases, the latest first; a viewer sees those that they or their people recorded, handle or answer for,
    and those about customers whom they see.

    `filters` are type, store_id, against_id, accountable_id, department_id and state, None for any.
    """
    asked = dict(filters)
    stores = await aliases.asked_for(context.database, asked.pop("store_id"))
    against = await aliases.asked_for(context.database, asked.pop("against_id"))
    wanted = {
        **asked,
        "stores": stores,
        "against": against,
        "before": before or ABOVE_EVERY_ID,
        "now": context.clock.now(),
    }
    if viewer is None:
        rows = await _EVERY.limited(most).all(context.database, **wanted)
    else:
        rows = await _OF_ONES_OWN.limited(most).all(context.database, **wanted, viewer=viewer)
    return named(context, rows)


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> Row:
    """Raises InternalNotFound, also for what the viewer does not see."""
    now = context.clock.now()
    if viewer is None:
        row = await _ONE.one(context.database, id=id_, now=now)
    else:
        row = await _ONE_SEEN.one(context.database, id=id_, now=now, viewer=viewer)
    if row is None:
        raise InternalNotFound("no internal case has this id")
    return named(context, [row])[0]
