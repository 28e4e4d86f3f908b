"""What customers bring and cost, and which relationship is aimed for, in the database."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from services.customers.key_accounts.domain.results import RelationshipPolicy, Served
from services.customers.key_accounts.tables import CompensationCostRow, RelationshipPolicyRow
from services.customers.worth_policies.store import versions_of
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, by_column, insert_many, insert_one, table, upsert_many

_COST: Final = ("compensation_id", "customer_id", "complaint_id", "kind", "cost", "at", "withdrawn")
_GRANTED: Final = Statement(insert_many(CompensationCostRow, *_COST).on_conflict_do_nothing())
_WITHDRAWN: Final = Statement(upsert_many(CompensationCostRow, *_COST, key=("compensation_id",)))
_OF_ANOTHER: Final = Statement(
    """
    UPDATE compensation_cost c SET customer_id = given.customer_id
    FROM unnest(:complaints::uuid[], :customers::uuid[]) AS given (complaint_id, customer_id)
    WHERE c.complaint_id = given.complaint_id
    """
)
_SERVED: Final = Statement(
    """
    WITH asked AS (
        SELECT month, since, until
        FROM unnest(:months::integer[], :since::timestamptz[], :until::timestamptz[]) AS a (month, since, until)
    ), bought AS (
        SELECT p.month, p.amount, l.amount AS covered, l.margin
        FROM purchase p CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.amount), 0) * CASE WHEN p.returns_id IS NULL THEN 1 ELSE -1 END AS amount,
                coalesce(sum(l.amount - l.cost), 0) * CASE WHEN p.returns_id IS NULL THEN 1 ELSE -1 END AS margin
            FROM purchase_line l WHERE l.entry_id = p.id AND l.amount IS NOT NULL AND l.cost IS NOT NULL
        ) l
        WHERE p.customer_id = :id AND p.reversed_at IS NULL AND p.month = ANY (:months::integer[])
            AND p.occurred_at >= :first
    )
    SELECT a.month, b.sales, b.known, b.estimated, t.touches, t.unknown_touches, t.minutes, c.gifts, c.compensation
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(b.amount), 0) AS sales, coalesce(sum(b.margin), 0) AS known,
            coalesce(sum(b.amount - b.covered), 0) AS estimated
        FROM bought b WHERE b.month = a.month
    ) b
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS touches, (count(*) FILTER (WHERE t.minutes IS NULL))::integer AS unknown_touches,
            coalesce(sum(t.minutes), 0)::integer AS minutes
        FROM last_touch t WHERE t.customer_id = :id AND t.at >= a.since AND t.at < a.until
    ) t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.cost) FILTER (WHERE c.kind = 'gift'), 0) AS gifts,
            coalesce(sum(c.cost) FILTER (WHERE c.kind <> 'gift'), 0) AS compensation
        FROM compensation_cost c
        WHERE c.customer_id = :id AND NOT c.withdrawn AND c.at >= a.since AND c.at < a.until
    ) c
    ORDER BY a.month
    """,
    Served,
)
"""By hand: what was bought and what it cost, month by month beside each other."""
_OF_TIER: Final = Scalar(
    "SELECT count(*)::integer FROM (SELECT FROM customer WHERE tier = :tier LIMIT :most) AS counted", int
)
"""By hand: nobody counts on beyond where they are many."""
_HOLD: Final = Statement("LOCK TABLE relationship_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_PRESENT: Final = Statement(
    select(*table(RelationshipPolicyRow).c).order_by(col(RelationshipPolicyRow.version).desc()).limit(1),
    RelationshipPolicy.kept,
)
POLICIES: Final = versions_of("relationship_policy", RelationshipPolicy.kept)
_ADD: Final = Statement(insert_one(RelationshipPolicyRow, "version", "id", "definition", "set_at", "set_by"))


async def grant(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps what was granted; at least one. What is withdrawn stays so, in whichever order it is told."""
    await _GRANTED.execute(transaction, **by_column(rows))


async def withdraw(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps what was withdrawn; at least one."""
    await _WITHDRAWN.execute(transaction, **by_column(rows))


async def of_another(transaction: Connection, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Gives what cases cost (complaint, customer) to the customers whose cases they are; at least one."""
    await _OF_ANOTHER.execute(
        transaction, complaints=[case for case, _ in pairs], customers=[whose for _, whose in pairs]
    )


async def served(reader: Reader, customer_id: UUID, months: Sequence[Month], zone: ZoneInfo) -> list[Served]:
    """What a customer brought and cost in each of these months, which follow each other; at least one."""
    return await _SERVED.all(
        reader,
        id=customer_id,
        months=[each.ordinal for each in months],
        since=[each.starts(zone) for each in months],
        until=[each.ends(zone) for each in months],
        first=months[0].starts(zone),
    )


async def of_tier(reader: Reader, tier: Tier, most: int) -> int:
    """How many customers of a tier there are, counted up to so many."""
    return await _OF_TIER.only(reader, tier=tier, most=most)


async def present(reader: Reader) -> RelationshipPolicy:
    """The version that holds now; the migration brings the first."""
    [found] = await _PRESENT.all(reader)
    return found


async def hold(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, policy: RelationshipPolicy) -> None:
    """Adds the next version."""
    await _ADD.execute(
        transaction,
        version=policy.version,
        id=policy.id,
        definition=policy.definition(),
        set_at=policy.set_at,
        set_by=policy.set_by,
    )
