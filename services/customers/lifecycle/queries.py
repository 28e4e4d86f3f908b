"""Reads of a customer's life: its days and months in one statement, judged by the domain."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.lifecycle.domain import Life, OpenComplaints, live
from services.customers.lifecycle.store import DAYS
from services.customers.tiers.store.judging import counted_of
from services.customers.tiers.store.policies import version_on
from services.customers.worth_policies import store as policies
from services.customers.worth_policies.domain import WorthPolicy
from shared.months import Month
from shared.statement import Statement, with_parts

_LIFE: Final = Statement(
    """
    SELECT ARRAY({days}) AS days,
        ARRAY(
            SELECT ROW(t.month, sum({counted})) FROM month_total t CROSS JOIN tier_policy p
            WHERE t.customer_id = :id AND p.version = :policy::integer GROUP BY t.month
        ) AS sums
    """,
    days=with_parts(DAYS, customer=":id"),
    counted=counted_of("p"),
)
"""By hand: two lists beside each other."""
_COMPLAINTS: Final = Statement(
    """
    SELECT count(*)::integer AS number,
        (count(*) FILTER (WHERE k.state = 'open' AND coalesce(
            k.answer_due_at, CASE WHEN k.paused_until <= :now THEN k.due_after_pause END) <= :now))::integer AS overdue,
        min(k.recorded_at) AS since
    FROM customer_case k
    WHERE k.customer_id = :id AND k.state IN ('open', 'answered') AND k.kind IN ('complaint', 'grumble')
        AND NOT k.unfounded
    """,
    OpenComplaints,
)
"""By hand: a pause is over at its longest end, told of or not."""


async def of_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> tuple[Life, WorthPolicy]:
    """How far a customer has come, as of today, and by which policy. Raises CustomerNotFound, also for one whom the
    viewer does not see."""
    await rows.head(context.database, customer_id, viewer=viewer)
    today = context.today()
    policy = await version_on(context.database, today)
    [found] = await _LIFE.all(context.database, id=customer_id, zone=context.zone.key, policy=policy)
    by = await policies.present(context.database)
    return live(found["days"], {Month.at(month): sum_ for month, sum_ in found["sums"]}, today, by.rules.life), by


async def open_complaints(context: Context, customer_id: UUID) -> OpenComplaints:
    """What a customer complains of that is not solved: it stands beside the stage."""
    [found] = await _COMPLAINTS.all(context.database, id=customer_id, now=context.clock.now())
    return found
