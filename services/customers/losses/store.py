"""Losses in the database: those of many customers by a statement each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.visibility import sees
from services.customers.losses.domain import ChurnCause, Gone, Left, Loss
from services.customers.losses.tables import ChurnCauseRow, LossRow
from services.customers.tiers.store.judging import counted_of, tier_of
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, by_column, given, insert_one, upsert_many

FIELDS: Final = tuple(field.name for field in fields(Loss))
COLUMNS: Final = ", ".join(f"l.{name}" for name in FIELDS)
MARGIN: Final = "(SELECT (definition ->> 'margin')::numeric FROM winback_policy ORDER BY version DESC LIMIT 1)"
"""What is left of a purchase whose cost nobody knows, as a part of it: the one value of the policy of winning back,
which stands a room above."""
_LEFT: Final = Statement(
    """
    SELECT c.id AS customer_id, y.bought AS yearly,
        least(c.tier, {earned}, (
            SELECT min(least(t.from_tier, t.to_tier)) FROM tier_change t
            WHERE t.customer_id = c.id AND t.at >= i.last_purchase_at - interval '1 year'
        )) AS tier,
        {margin} AS margin,
        w.kind, w.cause
    FROM unnest(:ids::uuid[], :until::integer[]) AS gone (id, until) JOIN customer c ON c.id = gone.id
    CROSS JOIN tier_policy p
    LEFT JOIN listing i ON i.customer_id = c.id
    LEFT JOIN winback w ON w.customer_id = c.id AND w.outcome IS NULL
    CROSS JOIN LATERAL (
        SELECT max(month) AS month FROM month_total
        WHERE customer_id = c.id AND amount > 0 AND (gone.until IS NULL OR month <= gone.until)
    ) last
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(t.amount), 0) AS bought, coalesce(sum({counted}), 0) AS counted FROM month_total t
        WHERE t.customer_id = c.id AND t.month > last.month - 12 AND t.month <= last.month
    ) y
    WHERE p.version = :policy::integer
    """,
    Left,
    margin=MARGIN,
    counted=counted_of("p"),
    earned=tier_of("y.counted", "12", "p"),
)
"""By hand: sums of months and the history of tiers together; win-back cases are a room above. The year is the twelve
months up to the last in which something was bought. The tier is the best of what stands, what stood in that year, and
what its average month earns: a close after it has lowered the tier of who left, and of a takeover no close was told."""
_HELD: Final = Statement(
    """
    SELECT {columns} FROM unnest(:ids::uuid[], :days::date[]) AS lost (customer_id, lost_on)
    JOIN loss l ON l.customer_id = lost.customer_id
        AND (l.returned_on IS NULL AND l.withdrawn_at IS NULL OR l.lost_on = lost.lost_on)
    ORDER BY l.customer_id, l.id FOR UPDATE OF l
    """,
    Loss,
    columns=COLUMNS,
)
_SAVE: Final = Statement(upsert_many(LossRow, *FIELDS))
_BACK: Final = Statement(
    """
    UPDATE loss AS l SET lost_on = coalesce(b.lost_on, l.lost_on), returned_on = b.returned_on,
        withdrawn_at = CASE WHEN b.returned_on IS NULL THEN :at::timestamptz END,
        version = l.version + CASE WHEN b.returned_on IS NULL THEN 1 ELSE 0 END
    FROM unnest(:ids::uuid[], :lost_on::date[], :returned_on::date[]) AS b (customer_id, lost_on, returned_on)
    WHERE l.customer_id = b.customer_id AND l.returned_on IS NULL AND l.withdrawn_at IS NULL
    RETURNING {columns}
    """,
    Loss,
    columns=COLUMNS,
)
"""By hand: of each the loss that stands, and what is known of it today."""
_OVER: Final = Statement(
    """
    SELECT {columns} FROM loss l
    WHERE l.customer_id = ANY (:ids::uuid[]) AND (l.returned_on IS NOT NULL OR l.withdrawn_at IS NOT NULL)
    ORDER BY l.customer_id, l.id FOR UPDATE
    """,
    Loss,
    columns=COLUMNS,
)
_WITHOUT: Final = Scalar(
    """
    SELECT lost.id FROM unnest(:ids::uuid[]) AS lost (id) WHERE NOT EXISTS (
        SELECT FROM loss l WHERE l.customer_id = lost.id AND l.returned_on IS NULL AND l.withdrawn_at IS NULL)
    """,
    UUID,
)
_LOCKED: Final = Statement(
    """
    SELECT {columns} FROM loss l JOIN customer c ON c.id = l.customer_id WHERE l.id = :id AND {seen}
    FOR NO KEY UPDATE OF c, l
    """,
    Loss,
    columns=COLUMNS,
    seen=sees("l.customer_id"),
)
"""By hand: the customer is held before the loss."""
_STANDING: Final = Statement(
    """
    SELECT {columns} FROM loss l
    WHERE l.customer_id = :customer_id AND l.returned_on IS NULL AND l.withdrawn_at IS NULL FOR NO KEY UPDATE
    """,
    Loss,
    columns=COLUMNS,
)
_CAUSE: Final = Scalar(
    select(col(ChurnCauseRow.code)).where(col(ChurnCauseRow.code) == given("code"), col(ChurnCauseRow.active)), str
)

_ADD_CAUSE: Final = Scalar(
    insert_one(ChurnCauseRow, "code", "name_en", "name_zh", "of", "active")
    .on_conflict_do_nothing()
    .returning(col(ChurnCauseRow.code)),
    str,
)


async def left(reader: Reader, ids: Sequence[UUID], policy: int, until: Sequence[Month] = ()) -> list[Left]:
    """What customers were worth before they left, `policy` being that of the tiers whose factors count; of who has
    bought again by what each had bought `until` a month."""
    months: Sequence[int | None] = [month.ordinal for month in until] or [None] * len(ids)
    return await _LEFT.all(reader, ids=ids, policy=policy, until=months)


async def held(transaction: Connection, lost: Mapping[UUID, date]) -> list[Loss]:
    """The losses that stand of customers who are lost since these days, or that were taken for over, held."""
    return await _HELD.all(transaction, ids=list(lost), days=list(lost.values()))


async def save(transaction: Connection, losses: Sequence[Loss]) -> None:
    """Writes losses as they stand: new ones, and held ones."""
    await _SAVE.execute(transaction, **by_column([asdict(each) for each in losses]))


async def without(reader: Reader, ids: Sequence[UUID]) -> list[UUID]:
    """Those of whom no loss stands."""
    return await _WITHOUT.all(reader, ids=ids)


async def are_back(transaction: Connection, back: Mapping[UUID, Gone | None], at: datetime) -> list[Loss]:
    """The losses of customers that stand are over: they bought again, or (None) they never were lost. Those losses, as
    they are now."""
    return await _BACK.all(
        transaction,
        ids=list(back),
        lost_on=[gone and gone.lost_on for gone in back.values()],
        returned_on=[gone and gone.returned_on for gone in back.values()],
        at=at,
    )


async def over(transaction: Connection, ids: Sequence[UUID]) -> list[Loss]:
    """The losses of customers that do not stand, held: they have come back, or never were lost."""
    return await _OVER.all(transaction, ids=ids)


async def locked(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Loss | None:
    """A loss, held with its customer until the transaction ends; None also for one whose customer the viewer does not
    see."""
    return await _LOCKED.one(transaction, id=id_, viewer=viewer)


async def standing(transaction: Connection, customer_id: UUID) -> Loss | None:
    """The loss of a held customer who is lost, held; None of who is not."""
    return await _STANDING.one(transaction, customer_id=customer_id)


async def has_cause(reader: Reader, code: str) -> bool:
    return await _CAUSE.one(reader, code=code) is not None


async def add_cause(transaction: Connection, cause: ChurnCause) -> bool:
    """False where one has its code."""
    return await _ADD_CAUSE.one(transaction, **asdict(cause), active=True) is not None
