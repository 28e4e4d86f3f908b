"""What concerns somebody who does not see every customer."""

from typing import Final

from shared.auth.visibility import subordinates
from shared.statement import with_parts

CONCERNS: Final = (
    ("person", "responsible_id = person.id"),
    ("person", "accountable_id = person.id"),
    ("person", "recorded_by = person.id AND customer_id IS NULL"),
    ("served", "customer_id = served.id"),
)
"""By what a case concerns somebody who does not see every customer: they or one of their people handle it, are
accountable for it, recorded it for nobody's customer (what is recorded for a customer concerns the customer's team), or
serve its customer."""
OF_PEOPLE: Final = with_parts(
    """
WITH person (id) AS MATERIALIZED ({people}),
    served (id) AS MATERIALIZED (SELECT r.id FROM customer_ref r WHERE r.team && ARRAY(SELECT p.id FROM person p))
""",
    people=subordinates(),
)
