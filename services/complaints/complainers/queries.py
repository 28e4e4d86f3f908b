"""Reading who complains much."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from services.complaints.complainers.domain import Complainer
from services.complaints.contacts.queries import names_of
from services.complaints.context import Context
from shared.statement import Statement

Place: TypeAlias = tuple[int, UUID]
HEAD: Final[Place] = (2**31 - 1, UUID(int=0))
_LIST = Statement(
    """
    SELECT coalesce(a.kept_id, c.customer_id) AS customer_id, count(*)::integer AS cases,
           count(DISTINCT date_trunc('month', recorded_at, :zone))::integer AS months,
           count(DISTINCT (subject, against_type, against_id))::integer AS parties,
           (count(*) FILTER (WHERE repeat_count > 1))::integer AS repeats,
           (count(*) FILTER (WHERE valid IS FALSE))::integer AS not_valid,
           (count(*) FILTER (WHERE good_faith IS FALSE))::integer AS malicious, max(recorded_at) AS last_at
    FROM complaint c LEFT JOIN customer_alias a ON a.id = c.customer_id AND a.into_id IS NOT NULL
    WHERE recorded_at >= :since AND customer_id IS NOT NULL AND kind NOT IN ('suggestion', 'enquiry', 'internal')
    GROUP BY 1
    HAVING count(*) >= :least AND (count(*) < :cases OR count(*) = :cases
        AND coalesce(a.kept_id, c.customer_id) > :customer_id)
    ORDER BY cases DESC, 1
    """,
    Complainer,
)
"""By hand: months are those of the company's zone."""


async def list_complainers(context: Context, days: int, least: int, after: Place | None, most: int) -> list[Complainer]:
    """Customers with at least so many complaints in the last so many days, who has most of them first."""
    cases, customer_id = after or HEAD
    since: datetime = context.clock.now() - timedelta(days=days)
    given = {"zone": context.zone.key, "since": since, "least": least, "cases": cases, "customer_id": customer_id}
    found = await _LIST.limited(most).all(context.database, **given)
    names = await names_of(context, [each.customer_id for each in found])
    return [replace(each, customer_name=names.get(each.customer_id)) for each in found]
